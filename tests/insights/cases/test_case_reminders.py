"""Reminders before and escalations after a due time: each once, on the team's hours, whole in the ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests_cases_events import NOW, Recorded, event, opening

from insights.calendar import Team, load_teams
from insights.cases import Case, Rules, fold_cases, load_rules
from insights.cases.notices import SUBJECT_CODES
from insights.cases.reminders import notices_from, reminders
from insights.settings import Settings

PARIS = ZoneInfo("Europe/Paris")
DUE = NOW + timedelta(hours=48)  # Wednesday 28 October, 10:00 in Paris
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def teams() -> dict[str, Team]:
    return load_teams(Path("data/reference/teams.yaml"))


@pytest.fixture
def run(make_rules: Callable[..., Rules], teams: dict[str, Team], record) -> Callable[..., list[Any]]:
    """Run the reminders at each instant in turn; what is told at the end, as (code, team, hours after the opening)."""
    rules = make_rules()

    def told(events: list[Any], instants: list[datetime]) -> list[Any]:
        made: list[Any] = []
        for at in instants:
            case = fold_cases([*events, *record(made)])
            made += reminders(case.values(), rules=rules, teams=teams, now=at)
        notices = notices_from(record(made))
        assert len({one.key for one in notices}) == len(notices)
        return [(one.subject_code, one.team, (one.at - NOW) / HOUR) for one in notices]

    return told


def test_a_reminder_before_and_escalations_after_each_once(run) -> None:
    hours = range(0, 120)
    found = run([opening()], [NOW + n * HOUR for n in hours])
    assert found == [
        ("reminder", "callbacks", 32.0),  # four opening hours before 10:00: 18:00 the day before
        ("escalation", "callbacks", 48.0),
        ("escalation", "callbacks", 96.0),  # 24 opening hours after: 10 + 12 + 2
    ]


def test_a_late_run_tells_only_what_is_true_now(run) -> None:
    assert run([opening()], [DUE + 50 * HOUR]) == [("escalation", "callbacks", 98.0)]


def test_nothing_is_told_of_a_customer_who_was_reached(run) -> None:
    reached = [opening(), event("case.assigned", 2, NOW), event("case.reached", 3, NOW + HOUR)]
    assert run(reached, [DUE - HOUR, DUE + HOUR]) == []


def test_the_end_has_reminders_of_its_own(run) -> None:
    end = datetime(2026, 11, 6, 15, tzinfo=PARIS)
    reached = [
        opening(resolve_by=end.isoformat()),
        event("case.assigned", 2, NOW),
        event("case.reached", 3, NOW + HOUR),
    ]
    codes = [code for code, _, _ in run(reached, [end - 40 * HOUR, end - 3 * HOUR, end, end + HOUR])]
    assert codes == ["resolution_soon", "resolution_late"]


def test_a_new_round_is_reminded_anew(run) -> None:
    kinds = ("assigned", "reached", "resolved", "closed", "reopened")
    events = [opening(), *(event(f"case.{kind}", place, NOW + HOUR) for place, kind in enumerate(kinds, 2))]
    again = NOW + 49 * HOUR
    assert [code for code, _, _ in run(events, [again + HOUR])] == ["escalation"]


def test_a_danger_is_told_at_once_and_a_transfer_to_the_new_team(run) -> None:
    danger = {"reason": "urgency", "family": "danger", "owner_team": "solidarity", "promise": "urgent"}
    found = run([opening(**danger, due_at=(NOW + HOUR).isoformat())], [NOW, NOW + HOUR / 2, NOW + HOUR])
    assert [code for code, _, _ in found] == ["opened_urgent", "reminder", "escalation"]
    moved = [opening(), event("case.assigned", 2, NOW), event("case.transferred", 3, NOW)]
    assert run(moved, [NOW, NOW + HOUR])[:1] == [("transferred_to_you", "solidarity", 0.0)]


def test_a_complaint_is_acknowledged_and_the_ombudsmans_step_told_to_the_team_above(run) -> None:
    legal = {
        "reason": "general",
        "acknowledge_by": (NOW + 240 * HOUR).isoformat(),
        "answer_by": (NOW + 1440 * HOUR).isoformat(),
        "ombudsman_at": (NOW + 1440 * HOUR).isoformat(),
    }
    shared = {"family": "complaint", "promise": "complaint", "owner_team": "social", "legal": legal}
    reached = [opening(**shared, due_at=(NOW + 2000 * HOUR).isoformat())]
    instants = [NOW, NOW + 167 * HOUR, NOW + 168 * HOUR, NOW + 1440 * HOUR, NOW + 1441 * HOUR]
    assert [(code, team) for code, team, _ in run(reached, instants)] == [
        ("acknowledge", "social"),
        ("ombudsman", "complaints"),  # social escalates to the complaints desk
    ]
    done = [*reached, event("case.acknowledged", 2, NOW + HOUR)]
    assert [code for code, _, _ in run(done, instants)] == ["ombudsman"]


def test_a_notice_holds_codes_and_no_customer(make_rules, teams, record) -> None:
    cases = fold_cases([opening(), event("case.assigned", 2, NOW)])
    drafts = reminders(cases.values(), rules=make_rules(), teams=teams, now=DUE)
    notice = notices_from(record(drafts))[0]
    assert (notice.case_id, notice.person) == ("k1", "ada")
    assert notice.facts["waited_hours"] == 51.0
    assert "C01" not in str([draft.payload for draft in drafts])
    assert notice.subject_code in SUBJECT_CODES


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(-60, 24 * 12 * 4), max_size=30))
def test_whenever_the_runs_come_no_threshold_is_told_twice_and_none_goes_back(quarters: list[int]) -> None:
    teams = load_teams(Path("data/reference/teams.yaml"))
    rules = load_rules(Path("data/reference/case_rules.yaml"), Settings(_env_file=None), teams)
    made: list[Any] = []
    for n in sorted(quarters):
        rows = [
            Recorded(place, one.kind, one.subject, one.at, one.actor, one.payload) for place, one in enumerate(made, 2)
        ]
        events = [opening(), *rows]
        case: Case = fold_cases(events)["k1"]
        made += reminders([case], rules=rules, teams=teams, now=NOW + timedelta(minutes=15 * n))
    keys = [draft.key for draft in made]
    assert len(keys) == len(set(keys))
    steps = [float(draft.payload["threshold"].split(":")[1]) for draft in made]
    assert steps == sorted(steps)
