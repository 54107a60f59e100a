"""Two who write at once, and a case that is opened again: keys that stay free, rounds with times and verdicts of their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from tests_cases_events import NOW, event, opening

from insights.calendar import Calendar
from insights.cases import Rules, events_for, fold_cases
from insights.cases.actions import came_too_late
from insights.cases.frame import promise_rows
from insights.cases.model import Case
from insights.cases.times import times_again
from insights.ledger import Ledger

HOUR = timedelta(hours=1)
ROUND_ONE = ("assigned", "reached", "resolved", "closed")


def walked(*kinds: str, **more: Any) -> Case:
    events = [opening(**more)]
    events += [event(f"case.{kind}", place, NOW + place * HOUR) for place, kind in enumerate(kinds, 2)]
    return fold_cases(events)["k1"]


def write(ledger: Ledger, case: Case, action: str, actor: str, at: datetime, **details: Any) -> list[str]:
    drafts = events_for(case, action, actor=actor, at=at, **details)
    assert all(ledger.append(**draft.row()) for draft in drafts)
    return [draft.key for draft in drafts]


def test_a_step_that_came_too_late_is_known_and_does_not_use_up_its_key(ledger: Ledger):
    first = opening()
    ledger.append(first.kind, "k1", first.payload, actor="rules", at=NOW, key="case:C01:opened:1")

    def now() -> Case:
        return fold_cases(ledger.events(("case.",)))["k1"]

    write(ledger, now(), "take", "ann", NOW)
    before = now()  # what Ann sees
    write(ledger, before, "transfer", "lead", NOW + HOUR, team="solidarity")
    keys = write(ledger, before, "conclude", "ann", NOW + HOUR, outcome="solved")
    assert came_too_late(ledger.events(("case.",)), keys)
    assert (now().state, len(now().refused)) == ("transferred", 3)
    write(ledger, now(), "take", "bob", NOW + 2 * HOUR)
    keys = write(ledger, now(), "conclude", "bob", NOW + 3 * HOUR, outcome="explained")
    assert not came_too_late(ledger.events(("case.",)), keys)
    assert (now().state, now().outcome) == ("closed", "explained")


def test_each_round_is_judged_by_its_own_time():
    case = walked(*ROUND_ONE, "reopened", "assigned")
    assert (case.kept_promise, case.n_attempts, case.first_attempt_at) == (None, 0, None)
    assert [(one.number, one.kept, one.due_at) for one in case.rounds] == [(1, True, NOW + 48 * HOUR)]
    rows = promise_rows({"k1": case}, NOW + 200 * HOUR)
    assert rows[["round", "due_at", "kept"]].to_numpy().tolist() == [
        [1, pd.Timestamp(NOW + 48 * HOUR), True],
        [2, pd.Timestamp(NOW + 54 * HOUR), False],
    ]
    assert rows["waited_hours"].tolist()[0] == 6.0
    assert pd.isna(rows["waited_hours"].tolist()[1])


def test_a_second_round_kept_counts_from_its_reopening():
    case = walked(*ROUND_ONE, "reopened", "assigned", "reached")
    rows = promise_rows({"k1": case}, NOW + 200 * HOUR)
    assert rows["kept"].tolist() == [True, True]
    assert rows["waited_hours"].tolist() == [6.0, 2.0]
    assert rows["opened_at"].tolist()[1] == pd.Timestamp(NOW + 6 * HOUR)


def test_nobody_gives_up_a_second_round_without_a_call():
    assert (
        walked("assigned", "attempted", "not_reached", "closed", "reopened", "scheduled", "not_reached").refused != ()
    )


def test_a_new_round_has_both_times_from_its_promise(
    make_rules: Callable[..., Rules], calendars: dict[str, Calendar], now: datetime
):
    case = walked(*ROUND_ONE)
    times = times_again(case, make_rules(), calendars, now)
    assert times == {
        "due_at": now + 48 * HOUR,
        "resolve_by": make_rules().promises["standard"].resolve_by(now, calendars["callbacks"]),
    }
    again = fold_cases([opening(), *(event(f"case.{kind}", n, NOW) for n, kind in enumerate(ROUND_ONE, 2))])["k1"]
    [draft] = events_for(again, "reopen", actor="ann", at=now, **times)
    assert set(draft.payload) == {"due_at", "resolve_by"}
    assert times_again(walked(*ROUND_ONE, owner_team="gone"), make_rules(), calendars, now) == {}


def test_the_laws_day_is_not_moved_by_a_reopening(
    make_rules: Callable[..., Rules], calendars: dict[str, Calendar], now: datetime
):
    limit = now + 30 * HOUR
    case = walked(*ROUND_ONE, legal={"answer_by": limit.isoformat()})
    assert times_again(case, make_rules(), calendars, now)["resolve_by"] == limit
