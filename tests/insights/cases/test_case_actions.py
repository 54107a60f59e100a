"""What an adviser does becomes events, each checked; two advisers who take one case: one gets it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from tests_cases_events import NOW, event, opening

from insights.cases import EventDraft, events_for, fold_cases, note_key, possible_actions, taken_by
from insights.errors import LedgerError
from insights.ledger import Ledger, open_ledger
from insights.settings import Settings

HOUR = timedelta(hours=1)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(Settings(data_dir=tmp_path / "data", keys_dir=tmp_path / "keys", _env_file=None)) as found:
        first = opening()
        found.append(first.kind, first.subject, first.payload, actor=first.actor, at=first.at, key="case:C01:opened:1")
        yield found


def case_in(ledger: Ledger):
    return fold_cases(ledger.events(("case.",)))["k1"]


def do(ledger: Ledger, action: str, actor: str = "ada", at=NOW + HOUR, **details) -> list[bool]:
    drafts = events_for(case_in(ledger), action, actor=actor, at=at, **details)
    return [ledger.append(**draft.row()) for draft in drafts]


def test_a_call_is_concluded_in_one_go(ledger):
    assert do(ledger, "take") == [True]
    assert do(ledger, "conclude", outcome="solved", outcomes=["solved"]) == [True, True, True]
    case = case_in(ledger)
    assert (case.state, case.outcome, case.loop_closed, case.kept_promise) == ("closed", "solved", True, True)


def test_concluding_after_a_noted_contact_does_not_count_it_twice(ledger):
    do(ledger, "take")
    do(ledger, "reach")
    assert do(ledger, "conclude", outcome="explained") == [True, True]
    assert case_in(ledger).n_attempts == 1


def test_calls_without_answer_then_given_up(ledger):
    do(ledger, "take")
    for hours in (1, 5, 9):
        assert do(ledger, "no_answer", at=NOW + hours * HOUR) == [True]
    assert do(ledger, "give_up") == [True, True]
    case = case_in(ledger)
    assert (case.state, case.outcome, case.n_attempts, case.loop_closed) == ("closed", "not_reached", 3, False)


def test_an_appointment_a_hand_over_and_a_second_round(ledger):
    do(ledger, "take")
    do(ledger, "schedule", scheduled_at=NOW + 20 * HOUR)
    assert case_in(ledger).scheduled_at == NOW + 20 * HOUR
    do(ledger, "hand_over", assignee="grace")
    assert case_in(ledger).assignee == "grace"
    do(ledger, "conclude", outcome="solved")
    do(ledger, "reopen", due_at=NOW + 90 * HOUR)
    case = case_in(ledger)
    assert (case.state, case.assignee, case.due_at) == ("reopened", None, NOW + 90 * HOUR)
    assert do(ledger, "take", actor="grace") == [True]


def test_two_advisers_take_the_same_case_at_once_and_one_gets_it(ledger):
    advisers = [f"adviser-{number}" for number in range(8)]
    seen_by_all = case_in(ledger)  # every screen shows the same open case

    def take(actor: str) -> bool:
        (draft,) = events_for(seen_by_all, "take", actor=actor, at=NOW + HOUR)
        return ledger.append(**draft.row())

    with ThreadPoolExecutor(max_workers=8) as pool:
        got = dict(zip(advisers, pool.map(take, advisers), strict=True))
    winners = [actor for actor, won in got.items() if won]
    assert len(winners) == 1
    case = case_in(ledger)
    assert case.assignee == winners[0]
    assert taken_by(case, "fr") == f"Le dossier k1 a été pris par {winners[0]} à 11:00."
    with pytest.raises(LedgerError, match=f"was taken by {winners[0]} at 11:00"):
        events_for(case, "take", actor="late", at=NOW + 2 * HOUR)


def test_a_double_click_records_once(ledger):
    do(ledger, "take")
    drafts = events_for(case_in(ledger), "no_answer", actor="ada", at=NOW + HOUR)
    assert [ledger.append(**draft.row()) for draft in [*drafts, *drafts]] == [True, False]
    assert case_in(ledger).n_attempts == 1


def test_a_note_is_kept_encrypted_and_apart(ledger):
    do(ledger, "take")
    (draft,) = events_for(case_in(ledger), "no_answer", actor="ada", at=NOW + HOUR)
    ledger.append(**draft.row())
    ledger.put_text(note_key(draft), "C01", "rappeler après 18 h")
    assert ledger.text(note_key(draft)) == "rappeler après 18 h"
    assert "18 h" not in str([one.payload for one in ledger.events()])


@pytest.mark.parametrize(
    ("action", "details", "sentence"),
    [
        ("hand_over", {}, "Indiquez à qui le dossier est transmis."),
        ("schedule", {}, "Indiquez l'heure choisie par le client."),
        ("conclude", {}, "Choisissez la suite donnée au contact."),
        ("conclude", {"outcome": "magic", "outcomes": ["solved"]}, "Choisissez la suite donnée au contact."),
        ("conclude", {"outcome": "solved"}, "prenez-le d'abord"),
        ("close", {}, "notez d'abord un contact et sa suite"),
    ],
)
def test_an_action_without_what_it_needs_is_refused_in_french(ledger, action, details, sentence):
    with pytest.raises(LedgerError, match=sentence):
        do(ledger, action, language="fr", **details)
    assert len(ledger.events(("case.",))) == 1


def test_an_unknown_action_names_the_known_ones(ledger):
    with pytest.raises(LedgerError, match="use one of take, hand_over"):
        do(ledger, "dance")


@pytest.mark.parametrize(
    ("kinds", "offered"),
    [
        ((), {"take", "schedule", "transfer"}),
        (("assigned",), {"hand_over", "schedule", "no_answer", "reach", "conclude", "transfer"}),
        (("assigned", "attempted"), {"hand_over", "schedule", "no_answer", "reach", "conclude", "give_up", "transfer"}),
        (("assigned", "reached"), {"hand_over", "wait", "transfer", "resolve", "conclude"}),
        (("assigned", "reached", "waiting"), {"hand_over", "reach", "wait", "transfer", "resolve", "conclude"}),
        (("assigned", "transferred"), {"take", "transfer"}),
        (("cancelled",), set()),
        (("assigned", "reached", "resolved", "closed"), {"reopen"}),
    ],
)
def test_the_page_offers_what_is_possible(kinds, offered):
    events = [opening(), *(event(f"case.{kind}", place, NOW) for place, kind in enumerate(kinds, 2))]
    assert set(possible_actions(fold_cases(events)["k1"])) == offered


def test_a_draft_gives_the_arguments_of_append():
    draft = EventDraft("case.assigned", "k1", {}, "ada", NOW, "key")
    assert draft.row() == {
        **{"kind": "case.assigned", "subject": "k1", "payload": {}},
        **{"actor": "ada", "at": NOW, "key": "key"},
    }
