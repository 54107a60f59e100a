"""Secrets come from the environment or from files only their owner can read, and no output ever holds one."""

from __future__ import annotations

import base64
import json
import logging
import traceback
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml
from chain import environment
from doors import served
from pydantic import SecretStr
from typer.testing import CliRunner

from insights.cli.doctor import doctor
from insights.cli.main import app
from insights.errors import SettingsError
from insights.intake.app import create_app
from insights.outbox.endpoints import load_directory
from insights.settings import Settings, load_settings, secret_names

MARK = "Zq7Recognisable"
WHSEC = "whsec_" + base64.b64encode(f"{MARK}-of-thirty-two-bytes".encode()).decode()
DICTS = {
    "hook_secrets": {"typeform": f"{MARK}hook"},
    "pull_tokens": {"mastodon": f"{MARK}pull", "crm": f"postgresql://voc:{MARK}@127.0.0.1:1/x"},
    "outbox_secrets": {
        "tours_slack": f"https://127.0.0.1:9/services/{MARK}", "crm_hubspot": f"{MARK}hub", "jira": f"{MARK}jira",
    },
}  # fmt: skip
TEXTS = {"webhook_secret": WHSEC, "case_event_secret": WHSEC}


def every_secret() -> dict[str, object]:
    """A recognisable value for every setting that is a secret; a new one is found by its type."""
    return {name: DICTS.get(name, TEXTS.get(name, f"{MARK}{name}")) for name in secret_names()}


def leaks(said: str) -> list[str]:
    """Lines in which a secret stands, plain or as base64."""
    forms = (MARK, WHSEC.removeprefix("whsec_")[:16])
    return [line for line in said.splitlines() if any(form in line for form in forms)]


@pytest.fixture
def secretive(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Settings:
    """Every secret set in the environment."""
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    for name, found in every_secret().items():
        monkeypatch.setenv(f"VOC_{name.upper()}", json.dumps(found) if isinstance(found, dict) else str(found))
    monkeypatch.setenv("VOC_S3_KEY_ID", "id")
    monkeypatch.setenv("VOC_WEBHOOK_URL", "https://127.0.0.1:9/voc")
    return load_settings()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VOC_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("file", "text"),
    [(".env", f"VOC_SMTP_PASSWORD={MARK}\n"), (".env", f"voc_smtp_password={MARK}\n"),
     ("voc.toml", f'smtp_password = "{MARK}"\n'), ("voc.toml", f'[hook_secrets]\ntypeform = "{MARK}"\n')],
)  # fmt: skip
def test_a_file_with_a_secret_is_its_owners_alone(home: Path, file: str, text: str) -> None:
    path = home / file
    path.write_text(text, encoding="utf-8")
    for mode in (0o644, 0o640, 0o604, 0o660):
        path.chmod(mode)
        with pytest.raises(SettingsError, match="chmod 600") as refused:
            load_settings()
        assert leaks(str(refused.value)) == []
    path.chmod(0o600)
    found = load_settings()
    assert found.smtp_password or found.hook_secrets


def test_a_file_without_a_secret_may_be_read_by_all(home: Path) -> None:
    (home / "voc.toml").write_text('company = "Boréval"\n', encoding="utf-8")
    (home / "voc.toml").chmod(0o644)
    assert load_settings().company == "Boréval"


@pytest.mark.parametrize(
    ("name", "value"),
    [("VOC_HOOK_SECRETS", f'{{"a": {MARK}'), ("VOC_HOOK_SECRETS", f'{{"a": ["{MARK}"]}}'),
     ("VOC_HOOK_SECRETS", f'["{MARK}"]'), ("VOC_PULL_TOKENS", MARK)],
)  # fmt: skip
def test_a_secret_that_cannot_be_read_is_a_sentence_without_it(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match="cannot be used") as refused:
        load_settings()
    assert leaks("".join(traceback.format_exception(refused.value))) == []


@pytest.mark.parametrize(
    ("file", "content"),
    [("voc.toml", f"smtp_password = {MARK}".encode()), ("voc.toml", b"\xff\xfe"), (".env", b"VOC_X=\xff\xfe")],
)
def test_a_file_that_cannot_be_read_is_a_sentence(home: Path, file: str, content: bytes) -> None:
    (home / file).write_bytes(content)
    with pytest.raises(SettingsError, match="cannot be read") as refused:
        load_settings()
    assert leaks("".join(traceback.format_exception(refused.value))) == []


def test_settings_tell_no_secret(secretive: Settings) -> None:
    assert len(secret_names()) >= 9
    told = [repr(secretive), str(secretive), secretive.model_dump_json(), repr(secretive.model_dump())]
    try:
        _failing(secretive)
    except ZeroDivisionError as error:
        told.append("".join(traceback.TracebackException.from_exception(error, capture_locals=True).format()))
    assert leaks("\n".join(told)) == []


def test_endpoints_tell_no_secret(secretive: Settings, tmp_path: Path) -> None:
    reference = tmp_path / "reference"
    reference.mkdir()
    source = yaml.safe_load((secretive.reference_dir / "endpoints.yaml").read_text(encoding="utf-8"))
    for name, entry in source["endpoints"].items():
        entry["enabled"] = name in DICTS["outbox_secrets"] or entry["kind"] == "mail"
    del source["told"]
    (reference / "endpoints.yaml").write_text(yaml.safe_dump(source), encoding="utf-8")
    found = load_directory(secretive.model_copy(update={"reference_dir": reference}))
    assert {"tours_slack", "crm_hubspot", "jira", "tours_mail"} <= set(found.endpoints)
    assert leaks(repr(found) + repr([one.endpoint_id for one in found.endpoints.values()])) == []


def _failing(settings: Settings) -> float:
    held = settings.smtp_password
    return 1 / (0 if held else 0)


def test_doctor_and_a_failing_command_tell_no_secret(secretive: Settings) -> None:
    assert secretive.smtp_password is not None
    said = CliRunner().invoke(app, ["doctor"])
    assert "**********" in said.output and "VOC_SMTP_PASSWORD" in said.output
    failed = CliRunner().invoke(app, ["ingest", "/nowhere/at-all.csv"])
    told = said.output + failed.output + "".join(traceback.format_exception(failed.exception))
    assert doctor.__doc__ and leaks(told) == []


@pytest.fixture
def door(secretive: Settings) -> Iterator[str]:
    with served(create_app(secretive)) as url:
        yield url


def test_the_intake_tells_no_secret(door: str, secretive: Settings, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    posts = [
        ("/hooks/typeform", {"typeform-signature": "sha256=AAAA"}), ("/hooks/typeform", {}), ("/hooks/nobody", {}),
        ("/hooks/formbricks", {}), ("/hooks/trustpilot", {"authorization": "Basic AAAA"}),
        ("/cases/C-1/events", {"webhook-id": "1", "webhook-timestamp": "x", "webhook-signature": "v1,AAAA"}),
    ]  # fmt: skip
    told = []
    with httpx.Client(base_url=door) as client:
        for path, headers in posts:
            answer = client.post(path, content=b"{}", headers=headers)
            assert answer.status_code in (401, 404, 503)
            told += [answer.text, repr(answer.headers)]
        told += [client.get(path).text for path in ("/healthz", "/metrics", "/hooks/typeform", "/nowhere")]
    assert leaks("\n".join(told) + caplog.text) == []


def test_a_secret_of_another_shape_is_told_by_its_place(settings: Settings) -> None:
    broken = settings.model_copy(update={"hook_secrets": {"formbricks": SecretStr(f"whsec_{MARK}!")}})
    signed = {"webhook-id": "1", "webhook-timestamp": "1793437200", "webhook-signature": "v1,AAAA"}
    with served(create_app(broken)) as url:
        answer = httpx.post(f"{url}/hooks/formbricks", content=b"{}", headers=signed)
    assert answer.status_code in (401, 503) and leaks(answer.text) == []
