"""`voc dashboard`: nobody else's machine without sign-in; the secrets of sign-in for their owner alone."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest

from insights.cli.dashboard import serve_command
from insights.cli.reference_check import reference_checks
from insights.errors import SettingsError
from insights.settings import Settings

ROOT = Path(__file__).parents[3]
PROVIDER = "https://login.example/.well-known/openid-configuration"


def settings(tmp_path: Path, **told: object) -> Settings:
    return Settings(
        data_dir=tmp_path / "data", keys_dir=tmp_path / "keys", reference_dir=ROOT / "data" / "reference", **told
    )


def signing_in(tmp_path: Path, **told: object) -> Settings:
    given = {
        "oidc_metadata_url": PROVIDER, "oidc_client_id": "voc", "oidc_client_secret": 'sec"ret\\é',
        "dashboard_url": "https://voc.example/", "dashboard_address": "0.0.0.0",
    }  # fmt: skip
    return settings(tmp_path, **{**given, **told})


def test_on_loopback_nobody_signs_in(tmp_path):
    command = serve_command(settings(tmp_path), 8501)
    assert command[command.index("--server.address") + 1] == "127.0.0.1"
    assert "--secrets.files" not in command
    assert not (tmp_path / "keys" / "sign-in.toml").exists()


@pytest.mark.parametrize("address", ["0.0.0.0", "10.0.0.4", "::", ""])
def test_another_address_is_refused_without_sign_in(tmp_path, address):
    with pytest.raises(SettingsError, match=r"VOC_DASHBOARD_ADDRESS is .*VOC_OIDC_METADATA_URL"):
        serve_command(settings(tmp_path, dashboard_address=address), 8501)


def test_sign_in_is_written_for_its_owner_alone_and_keeps_its_cookie_secret(tmp_path):
    mine = signing_in(tmp_path)
    command = serve_command(mine, 8600)
    path = Path(command[command.index("--secrets.files") + 1])
    assert path.parent == mine.keys_dir
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    told = tomllib.loads(path.read_text(encoding="utf-8"))["auth"]
    assert told.pop("cookie_secret") == (path.parent / "cookie-secret").read_text(encoding="utf-8")
    assert told == {
        "redirect_uri": "https://voc.example/oauth2callback",
        "client_id": "voc",
        "client_secret": 'sec"ret\\é',
        "server_metadata_url": PROVIDER,
    }
    before = path.read_bytes()
    serve_command(mine, 8600)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"oidc_client_id": ""}, "VOC_OIDC_CLIENT_ID is not"),
        ({"oidc_client_secret": None}, "VOC_OIDC_CLIENT_SECRET is not"),
        ({"dashboard_url": "http://voc.example"}, "VOC_DASHBOARD_URL is http://voc.example: .* https"),
        ({"oidc_metadata_url": "http://login.example/x"}, "VOC_OIDC_METADATA_URL is .* https"),
    ],
)
def test_a_sign_in_that_lacks_a_part_is_refused(tmp_path, told, said):
    with pytest.raises(SettingsError, match=said):
        serve_command(signing_in(tmp_path, **told), 8501)


def seen_by_doctor(mine: Settings) -> tuple[bool, str]:
    return next((passed, seen) for name, passed, seen in reference_checks(mine) if name == "access.yaml")


def test_the_doctor_says_whether_people_sign_in(tmp_path):
    assert seen_by_doctor(settings(tmp_path))[1].endswith("nobody signs in: the dashboard is for this machine alone")
    passed, seen = seen_by_doctor(signing_in(tmp_path))
    assert passed
    assert seen.endswith(f"people sign in at {PROVIDER}")
    (tmp_path / "reference").mkdir()
    nobody = signing_in(tmp_path).model_copy(update={"reference_dir": tmp_path / "reference"})
    assert seen_by_doctor(nobody) == (
        False,
        f"{tmp_path / 'reference' / 'access.yaml'} gives nobody a role: everybody who signs in would be refused.",
    )
