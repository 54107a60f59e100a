"""Keys are made once, closed to others, listed without their values, and changed while things are open, without loss."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from intake_tools import NAME, SOURCES, body, now
from pydantic import SecretStr
from standardwebhooks import Webhook, WebhookVerificationError

from insights.answers.token import LinkError, Token, read, sign
from insights.cli.checks import all_checks
from insights.cli.keys import Which, rotate_keys, write
from insights.errors import LedgerError, SettingsError
from insights.intake.cases import CaseDesk
from insights.intake.pulse import Heart
from insights.intake.refused import Refused
from insights.intake.worker import Worker
from insights.key_book import PLACES, first_start, key_lines, sealed_by_version
from insights.keys import CASE_EVENTS, LINK_DAYS, WEBHOOK, KeyRing
from insights.lake import Lake
from insights.ledger import Ledger
from insights.ledger.inbox import Posted, put
from insights.ledger.schema import INBOX
from insights.outbox.endpoints import load_directory
from insights.outbox.webhook import sign as signed
from insights.settings import Settings
from insights.steps.drain import drain

ADDRESS = "ana@lumarelle.example"


@pytest.fixture
def here(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of the test, for commands too."""
    monkeypatch.setattr("insights.cli.keys.load_settings", lambda: settings)
    return settings


def values(folder: Path) -> list[str]:
    """Every key as it lies in its file, and as Standard Webhooks writes it."""
    keys = KeyRing(folder)
    found = [(folder / file).read_text(encoding="utf-8") for file in PLACES.values()]
    return [*found, *keys.signature_secrets(WEBHOOK), *keys.signature_secrets(CASE_EVENTS)]


def test_the_first_start_makes_every_key_once_and_for_its_owner_alone(settings: Settings) -> None:
    assert all(line.version == 0 for line in key_lines(settings))
    (said,) = first_start(settings)
    assert "inbox" in said and "case-events" in said
    modes = {path.stat().st_mode & 0o777 for path in settings.keys_dir.rglob("*") if path.is_file()}
    assert (settings.keys_dir.stat().st_mode & 0o777, modes) == (0o700, {0o600})
    before = values(settings.keys_dir)
    assert (first_start(settings), values(settings.keys_dir)) == ([], before)


def test_what_others_could_read_is_closed_with_a_sentence(settings: Settings) -> None:
    first_start(settings)
    settings.keys_dir.chmod(0o755)
    (settings.keys_dir / "inbox.key").chmod(0o644)
    told = KeyRing(settings.keys_dir).problems()
    assert [one.rsplit(" ", 1)[1] for one in told] == ["700", "600"]
    assert [("0700 now" in one, "0600 now" in one) for one in first_start(settings)] == [(True, False), (False, True)]
    assert KeyRing(settings.keys_dir).problems() == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
def test_a_key_of_another_user_is_refused_and_not_used(settings: Settings) -> None:
    first_start(settings)
    path = settings.keys_dir / "links.json"
    path.chmod(0o640)
    os.chown(path, 12345, -1)
    with pytest.raises(SettingsError, match=r"links\.json .*another user.*chmod 600"):
        first_start(settings)


def test_doctor_lists_every_key_and_no_value(settings: Settings) -> None:
    first_start(settings)
    KeyRing(settings.keys_dir).rotate_inbox()
    given = settings.model_copy(update={"webhook_secret": SecretStr("whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0")})
    found = {name: (ok, seen) for name, ok, seen in all_checks(given) if name.startswith("key")}
    assert set(found) >= {"keys", *(f"key {name}" for name in PLACES)}
    assert all(ok for ok, _ in found.values())
    assert found["key inbox"][1].startswith("version 2 and 1 older, 0 days old, mode 0600: posted bodies")
    assert "given by VOC_WEBHOOK_SECRET" in found["key webhook"][1]
    shown = json.dumps(found)
    for value in values(settings.keys_dir):
        assert value not in shown
    (settings.keys_dir / "names.key").chmod(0o604)
    assert dict((name, ok) for name, ok, _ in all_checks(given) if name == "key names") == {"key names": False}


def post(ledger: Ledger, key: str, text: str) -> None:
    sealed = ledger.keys.seal(body(key, {"id": key, "said": text, "nps": 3}).decode())
    put(ledger, [Posted(NAME, ledger.keys.row_hash(key), now(), sealed)])


@pytest.mark.faults  # the worker loads its models
def test_posts_that_wait_survive_the_rotation_of_the_inbox_key(
    lake: Lake, ledger: Ledger, here: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    post(ledger, "one", "La facture est fausse.")
    quarantined = ledger.keys.seal('{"texte": "bien"}')
    rotate_keys(Which.INBOX)
    assert "sealed before, by version: 1: 1" in capsys.readouterr().out
    post(ledger, "two", "Le conseiller a été parfait.")
    assert sealed_by_version(lake, ledger) == {1: 1, 2: 1}
    Worker(lake, ledger, SOURCES, Heart(tmp_path / "pulse.json")).round()
    drain(lake, ledger)
    assert set(lake.read("SELECT verbatim FROM feedback")["verbatim"]) == {
        "La facture est fausse.",
        "Le conseiller a été parfait.",
    }
    assert ledger.keys.unseal(quarantined) == '{"texte": "bien"}'


def test_a_version_of_the_inbox_key_goes_once_it_closes_nothing(
    lake: Lake, ledger: Ledger, here: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    post(ledger, "one", "Bien.")
    for _ in range(3):
        rotate_keys(Which.INBOX)
    assert sorted(ledger.keys.inbox_versions()) == [1, 3, 4]  # 1 is needed; 2 closed nothing; 3 may be in use elsewhere
    with ledger.engine.begin() as connection:
        connection.execute(INBOX.delete())
    rotate_keys(Which.INBOX)
    assert "version 1, 3" in capsys.readouterr().out
    assert sorted(ledger.keys.inbox_versions()) == [4, 5]


def test_no_version_goes_while_a_text_opens_with_none(ledger: Ledger, here: Settings) -> None:
    post(ledger, "one", "Bien.")
    (here.keys_dir / "inbox.key").unlink()
    with pytest.raises(LedgerError, match="1 sealed texts open with no version"):
        rotate_keys(Which.INBOX)
    assert sorted(ledger.keys.inbox_versions()) == [1]


def test_links_already_mailed_work_until_they_expire(settings: Settings) -> None:
    keys, at = KeyRing(settings.keys_dir), datetime.now(UTC)
    token = Token("2026-W44", "ana", "IR-0001", "accept", at + timedelta(days=35))
    mailed = sign(token, ADDRESS, keys.link_versions())
    for _ in range(4):
        keys.rotate_links()
    assert read(mailed, lambda _: ADDRESS, keys.link_versions(), at).irritant_id == "IR-0001"
    keys.rotate_links(now=at + timedelta(days=LINK_DAYS + 1))  # every link of before has expired by then
    assert sorted(keys.link_versions()) == [6]


def test_a_stolen_link_key_signs_nothing_any_more(here: Settings) -> None:
    keys, at = KeyRing(here.keys_dir), datetime.now(UTC)
    token = Token("2026-W44", "ana", "IR-0001", "accept", at + timedelta(days=35))
    mailed = sign(token, ADDRESS, keys.link_versions())
    rotate_keys(Which.LINKS, revoke=True)
    with pytest.raises(LinkError):
        read(mailed, lambda _: ADDRESS, keys.link_versions(), at)


def test_a_delivery_carries_both_signatures_during_the_change(here: Settings, tmp_path: Path) -> None:
    first_start(here)
    given = here.model_copy(update={"webhook_url": "https://tool.example/hook", "dry_run": False})
    (old,) = KeyRing(here.keys_dir).signature_secrets(WEBHOOK)
    rotate_keys(Which.SIGNATURES)
    write("webhook", tmp_path / "new")
    new = (tmp_path / "new").read_text(encoding="ascii").strip()
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600
    at, content = datetime.now(UTC), b'{"case": 1}'

    def headers() -> dict[str, str]:
        (endpoint,) = load_directory(given).endpoints.values()
        stamp = int(at.timestamp())
        return {
            "webhook-id": "m1",
            "webhook-timestamp": str(stamp),
            "webhook-signature": signed("m1", stamp, content, endpoint.keys),
        }

    during = headers()
    assert len(during["webhook-signature"].split()) == 2
    for secret in (old, new):
        assert Webhook(secret).verify(content, during) == {"case": 1}
    rotate_keys(Which.SIGNATURES, finish=True)
    after = headers()
    assert Webhook(new).verify(content, after) == {"case": 1}
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(content, after)


def test_what_other_systems_post_is_accepted_under_both_keys_during_the_change(here: Settings) -> None:
    desk, at = CaseDesk(here), datetime.now(UTC)
    with pytest.raises(Refused):
        desk.secrets()  # before the first start
    first_start(here)
    (old,) = desk.secrets()
    rotate_keys(Which.SIGNATURES)
    new = desk.secrets()[0]
    content = b'{"event": "reached", "by": "adviser-7"}'

    def posted(secret: str) -> str:
        told = {"webhook-id": "m1", "webhook-timestamp": str(int(at.timestamp()))}
        told["webhook-signature"] = Webhook(secret).sign("m1", at, content.decode())
        return desk.checked("k1", told, content, at)[0].event

    assert {posted(old), posted(new)} == {"reached"}
    rotate_keys(Which.SIGNATURES, finish=True)
    assert posted(new) == "reached"
    with pytest.raises(Refused):
        posted(old)


def test_a_secret_in_the_settings_rules_and_is_told(here: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    first_start(here)
    object.__setattr__(here, "webhook_secret", SecretStr("whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"))
    rotate_keys(Which.SIGNATURES)
    said = capsys.readouterr().out
    assert 'VOC_WEBHOOK_SECRET is set and rules: write "new,old"' in said and "case-events key version 2" in said
    assert sorted(KeyRing(here.keys_dir).signature_versions(WEBHOOK)) == [1]


def test_all_keys_rotate_together_and_identities_stay_known(
    lake: Lake, ledger: Ledger, here: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    first_start(here)
    ledger.remember_identities([("email", "ana@exemple.fr", "C1")])
    rotate_keys(Which.ALL)
    said = capsys.readouterr().out
    for told in ("Identity key version 2", "Inbox key version 2", "Links key version 2", "webhook key version 2"):
        assert told in said
    assert ledger.customers_of(["ana@exemple.fr"]) == {"ana@exemple.fr": "C1"}


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda: rotate_keys(Which.INBOX, revoke=True), "--revoke is for links"),
        (lambda: rotate_keys(Which.ALL, finish=True), "--finish ends a change of signatures"),
        (lambda: write("inbox", Path("x")), "no signing key"),
        (lambda: write("webhook", Path("x")), "voc keys make"),
    ],
)
def test_what_makes_no_sense_is_a_sentence(here: Settings, ask: Callable[[], None], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        ask()


def test_the_age_of_a_version_is_that_of_its_making_and_not_of_its_file(settings: Settings) -> None:
    keys = KeyRing(settings.keys_dir)
    keys.make_all()
    keys.rotate_inbox()
    os.utime(settings.keys_dir / "inbox.key", (0, 0))
    assert [at.date() >= date(2020, 1, 1) for at in keys.made("inbox").values()] == [True, True]
