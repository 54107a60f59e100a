"""Notices: once each, to the right people, outside their quiet hours save for danger, without personal data."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from receivers import NOW, Receiver, receiver

from insights.calendar import load_teams
from insights.cases import events_for, fold_cases
from insights.cases.notices import SUBJECT_CODES, Notice
from insights.ledger import Ledger
from insights.outbox import Deliverer, Endpoint
from insights.outbox.control import dead_letters, folded, replay
from insights.outbox.endpoints import Directory, Recipient
from insights.outbox.fold import Route
from insights.outbox.messages import Told, quiet_until, tell
from insights.outbox.smtp import Relay
from insights.outbox.words import words_of

REFERENCE = Path(__file__).parents[3] / "data" / "reference"
CALENDARS = {name: team.calendar for name, team in load_teams(REFERENCE / "teams.yaml").items()}
NIGHT = datetime(2026, 10, 29, 22, 30, tzinfo=UTC)  # half past eleven in the evening in Paris
OPTIONS = {"dashboard_url": "https://voc.lumarelle.example", "language": "fr"}
TO_PEOPLE = Route(cases=False)


@pytest.fixture
def channel() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def chat(url: str, kind: str = "slack", **more: Any) -> Endpoint:
    options = {**OPTIONS, **more}
    return Endpoint(url, name=f"a_{kind}", kind=kind, allow_private=True, route=TO_PEOPLE, options=options)


def directory(*endpoints: Endpoint, **changes: Any) -> Directory:
    names = tuple(one.name for one in endpoints)
    return Directory({one.name: one for one in endpoints}, {"callbacks": Recipient("callbacks", names, **changes)})


def notice(code: str = "reminder", key: str = "k1:reminder:1", **changes: Any) -> Notice:
    facts = {"reason": "detractor", "due_at": "2026-10-31T10:00:00+00:00", "waited_hours": 12.0}
    return replace(Notice(key, "callbacks", None, code, "k1", NOW, facts), **changes)


@pytest.fixture
def say(ledger: Ledger, tmp_path: Path) -> Callable[..., Told]:
    def once(found: Directory, *notices: Notice, at: datetime = NOW, dry_run: bool = False) -> Told:
        return tell(ledger, notices or [notice()], found, CALENDARS, at, dry_run=dry_run, out_dir=tmp_path / "out")

    return once


@pytest.fixture
def send(ledger: Ledger, tmp_path: Path) -> Callable[..., Any]:
    def once(endpoint: Endpoint, at: datetime = NOW) -> Any:
        return Deliverer(ledger, endpoint).deliver_due(at, dry_run=False, out_dir=tmp_path / "out")

    return once


def test_a_notice_is_told_once_however_often_it_is_computed(
    channel: Receiver, open_case: Any, say: Any, send: Any
) -> None:
    open_case()
    slack = chat(channel.url)
    found = directory(slack)
    assert (say(found).n_queued, say(found).n_known) == (1, 1)
    assert send(slack).n_delivered == 1
    say(found)
    assert send(slack, NOW + timedelta(days=1)).n_delivered == 0
    (text,) = [json.loads(body)["text"] for _headers, body in channel.got]
    assert text.splitlines() == [
        "*Dossier k1 : l'échéance approche et personne n'a parlé au client.*",
        "Motif : détracteur",
        "Premier contact promis pour le 31/10/2026 11:00",
        "Le client attend depuis 12 h.",
        "<https://voc.lumarelle.example>",
    ]


def test_teams_gets_an_adaptive_card_in_the_team_s_language(
    channel: Receiver, open_case: Any, say: Any, send: Any
) -> None:
    open_case()
    teams = chat(channel.url, "teams")
    say(directory(teams, language="en"), notice("escalation"))
    send(teams)
    posted = json.loads(channel.got[0][1])
    (attachment,) = posted["attachments"]
    assert (posted["type"], attachment["contentType"]) == ("message", "application/vnd.microsoft.card.adaptive")
    card = attachment["content"]
    assert (card["type"], card["actions"][0]["url"]) == ("AdaptiveCard", "https://voc.lumarelle.example")
    assert card["body"][0]["text"] == "Case k1: the due time has passed and nobody has spoken to the customer."


def test_quiet_hours_hold_a_notice_back_until_they_end(channel: Receiver, open_case: Any, say: Any, send: Any) -> None:
    open_case()
    slack = chat(channel.url)
    say(directory(slack), at=NIGHT)
    assert send(slack, NIGHT).n_delivered == 0
    opens = CALENDARS["callbacks"].next_open(NIGHT)
    assert send(slack, opens - timedelta(minutes=1)).n_delivered == 0
    assert send(slack, opens).n_delivered == 1


@pytest.mark.parametrize("changes", [{"subject_code": "opened_urgent"}, {"facts": {"reason": "urgency"}}])
def test_danger_comes_at_once(channel: Receiver, open_case: Any, say: Any, send: Any, changes: Any) -> None:
    open_case()
    slack = chat(channel.url)
    say(directory(slack), notice(**changes), at=NIGHT)
    assert send(slack, NIGHT).n_delivered == 1


def test_a_notice_falls_away_when_its_case_ends_before(
    ledger: Ledger, channel: Receiver, open_case: Any, say: Any, send: Any
) -> None:
    open_case()
    slack = chat(channel.url)
    say(directory(slack), at=NIGHT)
    for action, details in (("take", {}), ("conclude", {"outcome": "solved"})):
        case = fold_cases(ledger.events(("case.",)))["k1"]
        for draft in events_for(case, action, actor="ada", at=NIGHT, **details):
            ledger.append(**draft.row())
    assert send(slack, NIGHT + timedelta(days=1)).n_pending == 0
    assert channel.got == []


def test_nobody_is_told_that_nobody_has_spoken_once_somebody_has(
    ledger: Ledger, channel: Receiver, open_case: Any, say: Any, send: Any
) -> None:
    open_case()
    slack = chat(channel.url)
    say(directory(slack), notice("escalation"), at=NIGHT)
    for action in ("take", "reach"):
        case = fold_cases(ledger.events(("case.",)))["k1"]
        for draft in events_for(case, action, actor="ada", at=NIGHT):
            ledger.append(**draft.row())
    assert send(slack, NIGHT + timedelta(days=1)).n_pending == 0
    assert channel.got == []


def test_own_quiet_hours_of_a_person_go_before_those_of_the_team() -> None:
    person = Recipient("ada", ("x",), quiet=((1200, 1440), (0, 480)))
    assert quiet_until(person, CALENDARS["callbacks"], NOW) == NOW
    assert quiet_until(person, None, NIGHT) == datetime(2026, 10, 30, 7, tzinfo=UTC)
    before_the_change = datetime(2026, 10, 24, 21, tzinfo=UTC)  # the clock goes back in that night
    assert quiet_until(person, None, before_the_change) == datetime(2026, 10, 25, 7, tzinfo=UTC)
    assert quiet_until(Recipient("bob", ("x",), quiet=()), None, NIGHT) == NIGHT


def test_a_person_is_told_where_listed_else_the_team_and_nobody_is_said(channel: Receiver, say: Any) -> None:
    slack, teams = chat(channel.url), chat(channel.url, "teams")
    found = Directory(
        {one.name: one for one in (slack, teams)},
        {"callbacks": Recipient("callbacks", ("a_slack",))},
        {"ada": Recipient("ada", ("a_teams",))},
    )
    assert say(found, notice(person="ada"), notice(person="bob", key="other")).n_queued == 2
    told = say(found, notice(team="nobody_s"))
    assert (told.n_queued, told.nobody) == (0, {"nobody_s"})


def test_a_person_whose_channels_are_off_leaves_the_word_to_the_team(channel: Receiver, say: Any) -> None:
    slack = chat(channel.url)
    people = {"ada": Recipient("ada", ("switched_off",))}
    found = Directory({slack.name: slack}, {"callbacks": Recipient("callbacks", (slack.name,))}, people)
    assert say(found, notice(person="ada")).n_queued == 1
    lonely = Directory({}, {"callbacks": Recipient("callbacks", ("switched_off",))}, people)
    assert say(lonely, notice(key="n2")).note() == {"nobody_to_tell": "callbacks"}


def test_the_ledger_and_the_message_hold_only_codes_and_times(
    ledger: Ledger, channel: Receiver, open_case: Any, say: Any, send: Any
) -> None:
    open_case()
    slack = chat(channel.url)
    slip = {"reason": "detractor", "verbatim": "je m'appelle Hubert", "customer_id": "C-k1"}
    say(directory(slack), notice(facts=slip))
    send(slack)
    held = json.dumps([dict(event.payload) for event in ledger.events(("message.", "delivery."))])
    for text in (held, channel.got[0][1].decode()):
        assert "Hubert" not in text and "C-k1" not in text
    assert channel.url not in held


def test_a_channel_that_is_gone_is_switched_off_and_a_dead_letter_can_be_sent_again(
    ledger: Ledger, channel: Receiver, open_case: Any, say: Any, send: Any
) -> None:
    open_case()
    slack = chat(channel.url)
    say(directory(slack))
    channel.script = [(400, {})]
    assert send(slack).n_dead == 1
    (dead,) = dead_letters(folded(ledger, slack))
    assert replay(ledger, slack, dead.message_id, actor="ada", at=NOW)
    assert send(slack, NOW + timedelta(seconds=1)).n_delivered == 1
    say(directory(slack), notice(key="second"))
    channel.script = [(410, {})]
    assert send(slack, NOW + timedelta(seconds=2)).disabled


class Box:
    """A relay's mailbox."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.refuse = ""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuse:
            return self.refuse
        self.got.append(envelope.content)
        return "250 taken"


class AnyPort(Controller):
    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def test_a_mail_goes_out_once_and_a_refusal_is_told_apart(ledger: Ledger, open_case: Any, say: Any, send: Any) -> None:
    open_case()
    box = Box()
    controller = AnyPort(box, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        relay = Relay("localhost", controller.port, starttls=False, sender="VoC <voc@lumarelle.example>")
        mail = chat("mailto:x@lumarelle.example", "mail", relay=relay, address="x@lumarelle.example")
        say(directory(mail, language="en"))
        box.refuse = "451 later"
        assert send(mail).n_failed == 1
        box.refuse = ""
        assert send(mail, NOW + timedelta(minutes=1)).n_delivered == 1
        say(directory(mail), notice(key="second"))
        box.refuse = "554 no"
        assert send(mail, NOW + timedelta(minutes=2)).n_dead == 1
    finally:
        controller.stop()
    (got,) = box.got
    letter = message_from_bytes(got, policy=policy.default)
    assert letter["subject"].strip() == "Case k1: the due time comes near and nobody has spoken to the customer."
    assert letter["message-id"].strip().startswith("<ntc_") and letter["content-language"] == "en"
    unset = chat("mailto:x@lumarelle.example", "mail", relay=Relay(""), address="x@lumarelle.example")
    say(directory(unset), notice(key="third"))
    assert "VOC_SMTP_HOST" in send(unset, NOW + timedelta(minutes=3)).errors[0]


def test_a_dry_run_writes_what_would_be_said(ledger: Ledger, say: Any) -> None:
    told = say(directory(chat("https://hooks.example/x")), dry_run=True)
    assert json.loads(told.files[0].read_text())["text"].startswith("*Dossier k1")
    assert ledger.events(("message.",)) == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_code_has_words(language: str) -> None:
    titles = set()
    for code in SUBJECT_CODES:
        body = json.dumps({"subject_code": code, "case_id": "k1", "language": language, "facts": {}}).encode()
        titles.add(words_of(body, OPTIONS).title)
    assert len(titles) == len(SUBJECT_CODES)
    assert all("k1" in title for title in titles)
