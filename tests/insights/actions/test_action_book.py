"""Actions are a fold of events: each can be undone, and what an action is judged on cannot move once it has begun."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from insights.actions import edit
from insights.actions.book import Book, fold
from insights.actions.draw import draw
from insights.actions.edit import Draft
from insights.actions.model import DONE, DROPPED, PLANNED, RANDOM, RUNNING, Action, Comparison
from insights.actions.picture import action_frame
from insights.errors import LedgerError

TODAY = date(2026, 10, 31)
AT = datetime(2026, 10, 31, 9, tzinfo=UTC)


@dataclass
class Event:
    event_id: int
    kind: str
    subject: str
    payload: dict[str, Any]
    at: datetime = AT
    actor: str = "Nadia"
    idempotency_key: str = ""


@dataclass
class Events:
    """A ledger in a list."""

    rows: list[Event] = field(default_factory=list)

    @property
    def book(self) -> Book:
        return fold(self.rows)

    def add(self, draft: Draft) -> str:
        edit.check(self.rows, draft)
        self.rows.append(Event(len(self.rows) + 1, draft.kind, draft.subject, dict(draft.payload)))
        return draft.subject

    def undo(self, event_id: int) -> None:
        self.add(edit.undo(self.rows, event_id))


def declared(**told: Any) -> tuple[Events, str]:
    events = Events()
    whole = {"title": "Rembourser sous 5 jours", "irritant_id": "IR-0001", "start_on": date(2026, 11, 16), **told}
    return events, events.add(edit.declare(events.book, whole))


def test_a_declaration_comes_back_as_it_was_told():
    events, one = declared(
        owner="PO", expected_share=0.4, effort_days=20, cost_eur=5000, planned_on=date(2026, 12, 1), delay_weeks=2,
        scope={"site": ("Tours",)}, reasons=("remboursement",), measures=("contacts", "mentions"),
    )  # fmt: skip
    found = events.book.actions[one]
    assert (one, found.state, found.owner, found.expected_share) == ("ACT-0001", PLANNED, "PO", 0.4)
    assert found.scope == {"site": ("Tours",)} and found.measures == ("contacts", "mentions")
    assert found.plan.effect_on == date(2026, 11, 30) and found.declared_by == "Nadia"


def test_an_undone_declaration_is_gone_and_its_number_never_comes_back():
    events, _ = declared()
    events.undo(1)
    assert events.book.actions == {} and events.book.next_id() == "ACT-0002"
    events.undo(2)  # undoing the undo
    assert list(events.book.actions) == ["ACT-0001"]


def test_an_event_others_rest_on_is_not_undone():
    events, one = declared()
    events.add(edit.set_state(events.book, one, RUNNING, TODAY))
    with pytest.raises(LedgerError, match="ACT-0001"):
        events.undo(1)
    events.undo(2)
    events.undo(1)
    assert events.book.actions == {}


def test_the_goal_cannot_be_moved_once_the_action_has_begun():
    events, one = declared(start_on=date(2026, 10, 5))
    events.add(edit.change(events.book, one, {"start_on": date(2026, 10, 12)}, TODAY))  # planned, not begun: it slips
    events.add(edit.set_state(events.book, one, RUNNING, date(2026, 10, 5)))
    for told in ({"measures": ("contacts",), "reasons": ("x",)}, {"delay_weeks": 9}, {"start_on": date(2026, 11, 1)}):
        with pytest.raises(LedgerError, match="started on 2026-10-05"):
            edit.change(events.book, one, told, TODAY)
    events.add(edit.change(events.book, one, {"owner": "PO Paiement", "cost_eur": 10}, TODAY))
    assert (events.book.actions[one].owner, events.book.actions[one].cost_eur) == ("PO Paiement", 10)


def test_states_follow_each_other_and_keep_their_days():
    events, one = declared(start_on=None)
    events.add(edit.set_state(events.book, one, RUNNING, date(2026, 9, 1)))
    events.add(edit.set_state(events.book, one, DONE, date(2026, 10, 1)))
    found = events.book.actions[one]
    assert (found.state, found.start_on, found.done_on) == (DONE, date(2026, 9, 1), date(2026, 10, 1))
    with pytest.raises(LedgerError, match="cannot be done"):
        edit.set_state(events.book, one, DONE, date(2026, 8, 1))
    with pytest.raises(LedgerError, match="no state"):
        edit.set_state(events.book, one, "finished", TODAY)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"title": "x"}, "characters"),
        ({"expected_share": 1.2}, "share"),
        ({"cost_eur": -1}, "negative"),
        ({"kind": "wish"}, "kind"),
        ({"measures": ("smiles",)}, "smiles"),
        ({"measures": ("contacts",)}, "reasons"),
        ({"measures": ("csat",), "reasons": ("x",)}, "comparison"),
        ({"planned_on": date(2026, 11, 1)}, "before it starts"),
        ({"delay_weeks": 99}, "delay_weeks"),
        ({"colour": "red"}, "colour"),
        ({"irritant_id": ""}, "irritant"),
        ({"comparison": {"kind": "groups", "dimension": "team", "treated": ["a"], "others": ["a"]}}, "both sides"),
        ({"comparison": {"kind": "groups", "dimension": "moon", "treated": ["a"], "others": ["b"]}}, "moon"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(told: dict[str, Any], said: str):
    with pytest.raises(LedgerError, match=said):
        declared(**told)


def test_half_of_the_teams_is_drawn_by_site_and_the_same_seed_draws_the_same():
    strata = {f"T{n:02d}": "Tours" if n < 9 else "Amiens" for n in range(24)}
    one = draw(strata, "team", 7)
    assert one == draw(dict(reversed(strata.items())), "team", 7) and one != draw(strata, "team", 8)
    assert len(one.treated) == 12 and set(one.treated) | set(one.others) == set(strata)
    in_tours = sum(strata[team] == "Tours" for team in one.treated)
    assert in_tours in (4, 5)
    with pytest.raises(LedgerError, match="9 or more"):
        draw({"a": "", "b": ""}, "team", 1)


def test_units_are_drawn_once_and_before_the_start():
    events, one = declared(kind="training")
    drawn = draw({f"T{n}": "" for n in range(10)}, "team", 1)
    events.add(edit.drawn(events.book, one, drawn, TODAY))
    assert events.book.actions[one].comparison == drawn
    with pytest.raises(LedgerError, match="drawn its units already"):
        edit.drawn(events.book, one, drawn, TODAY)
    late, other = declared(start_on=date(2026, 10, 1))
    with pytest.raises(LedgerError, match="before the start"):
        edit.drawn(late.book, other, drawn, TODAY)


def test_a_message_is_approved_once_for_one_text():
    events, one = declared()
    events.add(edit.approve(events.book, one, "abc", 12))
    assert events.book.approvals[one].n_customers == 12
    with pytest.raises(LedgerError, match="approved by Nadia"):
        edit.approve(events.book, one, "abc", 12)
    events.add(edit.approve(events.book, one, "abd", 12))


def test_the_latest_comes_first_then_running_planned_done_dropped():
    def action(number: int, state: str, due: date | None) -> Action:
        return Action(
            f"ACT-{number:04d}", "t", "IR-0001", state=state, planned_on=due, expected_share=0.5, effort_days=3
        )

    actions = [
        action(1, DONE, date(2026, 1, 1)), action(2, PLANNED, date(2026, 12, 1)), action(3, RUNNING, date(2026, 10, 1)),
        action(4, PLANNED, date(2026, 9, 1)), action(5, DROPPED, None), action(6, RUNNING, None),
    ]  # fmt: skip
    frame = action_frame(actions, {"IR-0001": 1000.0}, TODAY)
    assert frame["action_id"].tolist() == [f"ACT-{n:04d}" for n in (4, 3, 6, 2, 1, 5)]
    assert frame["days_late"].tolist() == [60, 30, 0, 0, 0, 0]
    assert frame["impact_eur"].iloc[0] == 500 and frame["impact_eur"].isna().tolist()[-1]
    assert action_frame([], {}, TODAY).empty


def test_a_comparison_survives_its_way_through_the_ledger():
    told = draw({f"T{n}": "x" for n in range(12)}, "team", 7)
    events, one = declared(comparison=told, reasons=("r",), measures=("csat", "repeat"))
    assert events.book.actions[one].comparison == told


def test_an_orphan_is_kept_aside_and_never_locks_the_book():
    events, one = declared()
    state = edit.set_state(events.book, one, RUNNING, TODAY)
    events.undo(1)
    events.rows.append(Event(3, state.kind, one, dict(state.payload)))  # somebody else, at the same moment
    assert events.book.actions == {} and [number for number, _ in events.book.refused] == [3]
    assert events.add(edit.declare(events.book, {"title": "Une autre", "irritant_id": "IR-0001"})) == "ACT-0002"
    events.undo(3)
    assert events.book.refused == ()


def test_a_start_cannot_be_chosen_again_after_the_fact():
    events, one = declared(start_on=None)
    events.add(edit.set_state(events.book, one, RUNNING, date(2026, 3, 2)))
    tomorrow = TODAY + timedelta(days=1)
    with pytest.raises(LedgerError):
        edit.undo(events.rows, 1, tomorrow)
    assert edit.undo(events.rows, 2, TODAY), "a slip of today is taken back"
    with pytest.raises(LedgerError, match="move the goal"):
        edit.undo(events.rows, 2, tomorrow)
    events.add(edit.set_state(events.book, one, DONE, TODAY))
    assert edit.undo(events.rows, 3, tomorrow), "a slip that moves no goal is taken back"
    assert edit.undo(declared()[0].rows, 1, TODAY), "before the start all may be undone"


def test_an_undone_draw_is_not_drawn_again():
    events, one = declared(kind="training")
    units = {f"T{n}": "" for n in range(12)}
    events.add(edit.drawn(events.book, one, draw(units, "team", 1), TODAY))
    events.undo(2)
    with pytest.raises(LedgerError, match="second draw"):
        edit.drawn(events.book, one, draw(units, "team", 2), TODAY)


def test_only_what_its_seed_draws_is_called_random():
    chosen = Comparison(RANDOM, "team", ("T0", "T1", "T2", "T3"), ("T4", "T5", "T6", "T7"), 3, {})
    with pytest.raises(LedgerError, match="not random"):
        declared(comparison=chosen, reasons=("r",), measures=("csat",))
