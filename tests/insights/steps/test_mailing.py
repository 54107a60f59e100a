"""Who gets a digest, what came back, what answers change, and `voc mailing`: on a real ledger and the real owners.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from insights.actions import edit as action_edit
from insights.answers import Token
from insights.cli.main import app
from insights.errors import LedgerError, SettingsError
from insights.irritants import edit as irritant_edit
from insights.ledger import Ledger, open_ledger
from insights.outbox.smtp import Mail
from insights.settings import Settings
from insights.steps import actions, curate, mailing
from insights.steps import answers as steps
from insights.steps.resolved import registry

WEEK = date(2026, 10, 26)
REPORT = (
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
    "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nAction: failed\nStatus: {status}\n\n"
    "--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {id}\n\n--b--\n"
)


@pytest.fixture
def ledger(settings: Settings) -> Iterator[Ledger]:
    with open_ledger(settings) as found:
        for number, (french, owner) in enumerate(
            (("Facture de régularisation", "PO Facturation & mensualités"), ("Attente au téléphone", None)), start=1
        ):
            told = {"label_fr": french, "label_en": None, "owner": owner, "status": "active"}
            at = settings.business_now()
            found.append("irritant.born", f"IR-000{number}", told, actor="policy", at=at, key=f"born:{number}")
        yield found


@pytest.fixture
def at(settings: Settings) -> datetime:
    return settings.business_now()


def say(ledger: Ledger, settings: Settings, who: str, answer: str, irritant: str = "IR-0001", issue: str = "d") -> None:
    owner = next(one for one in mailing.owners_of(settings) if one.owner_id == who)
    at = settings.business_now()
    token = Token(f"{issue}-{who}", who, irritant, answer, at + timedelta(days=1))
    assert steps.take(ledger, token, owner, at=at).before is None


def accepted(ledger: Ledger, settings: Settings, who: str, week: date) -> str:
    """As if the relay had taken this week's mail; returns its Message-ID."""
    owner = next(one for one in mailing.owners_of(settings) if one.owner_id == who)
    mail = Mail(
        f"d-{week}-{who}", week, who, owner.email, "s", "h", "t", {}, mark=mailing.mark_of(ledger.keys, owner.email)
    )
    told = {"publication_id": mail.publication_id, "message_id": mail.message_id("voc@x"), "n": 1, "mark": mail.mark}
    at = datetime.combine(week, datetime.min.time(), settings.business_now().tzinfo)
    for kind in ("intent", "accepted"):
        key = f"{mail.subject_key}:{kind}"
        assert ledger.append(f"digest.{kind}", mail.subject_key, told, actor="outbox", at=at, key=key)
    return mail.message_id("voc@x")


def ids(found: list) -> set[str]:
    return {one.owner_id for one in found}


def test_wishes_stand_before_owners_yaml_and_weeks_are_kept_apart(ledger, settings, at):
    everybody = ids(mailing.owners_of(settings))
    assert ids(mailing.due_owners(ledger, settings, WEEK)) == everybody
    for who, wanted in (("billing", "never"), ("payment", "monthly"), ("offers", "fortnightly")):
        assert steps.wish(ledger, who, wanted, via="operator", actor="me", at=at)
        assert not steps.wish(ledger, who, wanted, via="operator", actor="me", at=at)
        accepted(ledger, settings, who, WEEK - timedelta(weeks=2))
    assert ids(mailing.due_owners(ledger, settings, WEEK)) == everybody - {"billing", "payment"}
    assert ids(mailing.due_owners(ledger, settings, WEEK - timedelta(weeks=1))) == everybody - {
        "billing",
        "payment",
        "offers",
    }
    assert ids(mailing.due_owners(ledger, settings, WEEK + timedelta(weeks=2))) == everybody - {"billing"}
    with pytest.raises(LedgerError, match="hourly"):
        steps.wish(ledger, "billing", "hourly", via="operator", actor="me", at=at)


def test_two_hard_bounces_silence_an_address_until_it_changes_or_somebody_resumes(ledger, settings, at, tmp_path):
    box = tmp_path / "bounces"
    box.mkdir()
    for number in range(4):
        message_id = accepted(ledger, settings, "billing", WEEK - timedelta(weeks=number))
        status = "5.2.2" if number == 3 else "5.1.1"
        (box / f"{number}.eml").write_text(REPORT.format(status=status, id=message_id))
        if number == 0:
            (box / "foreign.eml").write_text(REPORT.format(status="5.1.1", id="<other@x>"))
            assert mailing.take_bounces(ledger, box, at) == {"mails": 2, "hard": 1, "soft": 0, "known": 0, "foreign": 1}
            assert mailing.suppressed(ledger, settings) == []
    assert mailing.take_bounces(ledger, box, at) == {"mails": 5, "hard": 2, "soft": 1, "known": 1, "foreign": 1}
    assert mailing.take_bounces(ledger, box, at)["known"] == 4
    assert ids(mailing.suppressed(ledger, settings)) == {"billing"}
    assert "billing" not in ids(mailing.due_owners(ledger, settings, WEEK + timedelta(weeks=1)))
    moved = Path(tmp_path / "reference")
    moved.mkdir()
    text = (settings.reference_dir / "owners.yaml").read_text(encoding="utf-8")
    (moved / "owners.yaml").write_text(text.replace("po.facturation@", "po.facturation2@"), encoding="utf-8")
    assert mailing.suppressed(ledger, settings.model_copy(update={"reference_dir": moved})) == []
    mailing.resume(ledger, settings, "billing", actor="me", at=at)
    assert mailing.suppressed(ledger, settings) == []
    with pytest.raises(LedgerError, match="not suppressed"):
        mailing.resume(ledger, settings, "billing", actor="me", at=at)
    assert "lumarelle.example" not in str([one.payload for one in ledger.events()]).replace("lumarelle.example>", "")


def test_links_are_made_only_for_an_encrypted_address(ledger, settings):
    owner = mailing.owners_of(settings)[0]

    def made(url):
        mine = settings.model_copy(update={"public_url": url})
        return mailing.links_of(mine, ledger.keys, "p", WEEK, owner, ["IR-0001"])

    assert made("") is None
    assert made("https://voc.example") == made("https://voc.example")
    assert made("http://127.0.0.1:8600") is not None
    for url in ("http://voc.example", "voc.example", "ftp://voc.example", "https://"):
        with pytest.raises(SettingsError, match="https"):
            made(url)


def test_a_dry_run_writes_files_with_their_headers_and_records_nothing(ledger, settings):
    mail = Mail(
        "p", WEEK, "billing", "po@x.example", "s", "<p>h</p>", "t", {}, unsubscribe="https://voc.example/unsubscribe/a"
    )
    assert mailing.send_mails(ledger, settings, [mail], True) == {
        "mail": "1 mails written to files, none sent (dry run)"
    }
    (path,) = (settings.out_dir / "mails").glob("*.eml")
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in path.read_bytes()
    assert ledger.events(("digest.",)) == []
    assert "VOC_SMTP_HOST" in mailing.send_mails(ledger, settings, [mail], False)["mail"]


def test_not_mine_proposes_another_owner_until_somebody_decides(ledger, settings, at):
    owners = mailing.owners_of(settings)
    say(ledger, settings, "contact_centre", "not_mine", "IR-0002")
    say(ledger, settings, "billing", "not_mine", "IR-0001")
    found = steps.rerouted(ledger, registry(ledger), owners, at)
    assert "contact_centre" not in found.values()
    best = steps.next_owner(owners, registry(ledger), "IR-0001", steps.effects_now(ledger, registry(ledger), at))
    assert found.get("IR-0001") == (best.owner_id if best else None)
    curate.record(ledger, [irritant_edit.own(registry(ledger), "IR-0001", "PO Offres & prix")], actor="me", at=at)
    assert "IR-0001" not in steps.rerouted(ledger, registry(ledger), owners, at)


def test_an_action_that_was_worked_on_outlives_the_answer(ledger, settings, at):
    say(ledger, settings, "billing", "accept")
    (one,) = steps.answers(ledger).standing
    day = settings.business_day()
    actions.record(ledger, lambda book: action_edit.set_state(book, "ACT-0001", "running", day), actor="me", at=at)
    steps.undo(ledger, one.event_id, actor="me", at=at)
    assert list(actions.book(ledger).actions) == ["ACT-0001"] and steps.answers(ledger).standing == ()
    for event_id in (one.event_id, 1):
        with pytest.raises(LedgerError):
            steps.undo(ledger, event_id, actor="me", at=at)


def test_an_action_that_two_acceptances_rest_on_goes_with_the_last(ledger, settings, at):
    say(ledger, settings, "billing", "accept")
    say(ledger, settings, "billing", "accept", issue="next")
    first, second = steps.answers(ledger).standing
    assert first.action_id == second.action_id == "ACT-0001"
    steps.undo(ledger, first.event_id, actor="me", at=at)
    assert list(actions.book(ledger).actions) == ["ACT-0001"]
    steps.undo(ledger, second.event_id, actor="me", at=at)
    assert actions.book(ledger).actions == {}


def test_a_doubt_asks_for_a_check_until_enough_texts_were_checked(ledger, settings, at):
    say(ledger, settings, "billing", "wrong")
    assert steps.doubted(ledger, registry(ledger), at) == ["IR-0001"]
    for number in range(steps.CHECKS):
        assert steps.doubted(ledger, registry(ledger), at) == ["IR-0001"]
        draft = irritant_edit.correct(registry(ledger), [f"{number:064x}"], "IR-0001", "IR-0001")
        curate.record(ledger, [draft], actor="me", at=at)
    assert steps.doubted(ledger, registry(ledger), at) == []


@pytest.fixture
def voc(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("insights.cli.mailing.default_settings", lambda: settings)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["mailing", *arguments], catch_exceptions=True)

    return run


def test_the_commands_show_and_change_what_the_ledger_holds(voc, ledger, settings, at, tmp_path):
    assert "No digest was handed" in voc("sent").output and "No answer yet" in voc("answers").output
    ids_ = [accepted(ledger, settings, "billing", WEEK - timedelta(weeks=number)) for number in range(2)]
    say(ledger, settings, "billing", "accept", issue=f"d-{WEEK}")
    for number, message_id in enumerate(ids_):
        (tmp_path / f"{number}.eml").write_text(REPORT.format(status="5.1.1", id=message_id))
    assert "2 dead addresses" in voc("bounces", str(tmp_path)).output
    told = voc("sent").output
    assert f"{WEEK}  1 digests: 1 bounced" in told
    assert "billing gets no more" in told and "voc mailing resume billing" in told
    assert voc("resume", "billing").exit_code == 0 and "gets no more" not in voc("sent").output
    assert "billing  weekly  (owners.yaml)" in voc("preferences").output
    assert voc("preferences", "billing", "monthly").output.strip() == "billing  monthly  (asked for)"
    assert isinstance(voc("preferences", "nobody").exception, SettingsError)
    assert "useful 100% (21% to 100%), 1 answers" in voc("answers").output
    event_id = steps.answers(ledger).standing[0].event_id
    assert "taken back" in voc("undo", str(event_id)).output
    assert "(taken back)" in voc("answers", "--all").output
    assert "Links key version 2 signs from now on" in voc("rotate-links").output
    held = {name for event in ledger.events(("digest.",)) for name in event.payload}
    assert held <= {  # ids of staff, issues and irritants: nothing of a customer, no address, no words
        *("publication_id", "recipient_id", "irritant_id", "answer", "action_id", "event_id", "frequency", "via"),
        *("message_id", "n", "mark", "status", "hard"),
    }


def test_each_owner_who_accepts_has_an_action_of_their_own(ledger, settings, at):

    owner = next(one for one in mailing.owners_of(settings) if one.owner_id == "billing")
    actions.record(
        ledger,
        lambda book: action_edit.declare(book, {"title": "Autre chose", "irritant_id": "IR-0002"}),
        actor="me",
        at=at,
    )
    taken = steps.take(ledger, Token("p", "billing", "IR-0001", "accept", at + timedelta(days=1)), owner, at=at)
    assert taken.action_id == "ACT-0002"
    other = replace(owner, owner_id="payment", name="PO Paiement & recouvrement")
    again = steps.take(ledger, Token("p", "payment", "IR-0001", "accept", at + timedelta(days=1)), other, at=at)
    assert again.action_id == "ACT-0003"
