"""Cases whose ground has gone: feedback deleted at its source, a later "do not contact", an objection."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from tests_cases_events import NOW, event, opening

from insights.cases import Case, cases_frame, fold_cases
from insights.cases.endings import endings
from insights.cases.model import EventDraft

LATER = NOW + timedelta(days=1)
EARLIER = NOW - timedelta(days=1)


def case_of(*kinds: str, **more: Any) -> tuple[list[Any], Case]:
    events = [opening(**more), *(event(f"case.{kind}", place, NOW) for place, kind in enumerate(kinds, 2))]
    return events, fold_cases(events)["k1"]


def ended(case: Case, **ground: Any) -> list[EventDraft]:
    told: dict[str, Any] = {"deleted": (), "refused": {}, "objected": (), **ground}
    return endings([case], is_proactive=lambda reason: reason == "risk", now=LATER, **told)


def after(events: list[Any], drafts: list[EventDraft], record) -> Case:
    numbered = record(drafts)
    return fold_cases([*events, *numbered])["k1"]


def test_a_case_whose_only_feedback_was_deleted_is_cancelled_and_judged_on_nothing(record) -> None:
    events, case = case_of("assigned")
    drafts = ended(case, deleted={"f1"})
    gone = after(events, drafts, record)
    assert (gone.state, gone.cancelled_why, gone.is_open, gone.outcome) == (
        "cancelled",
        "deleted_at_source",
        False,
        None,
    )
    frame = cases_frame({"k1": gone}, NOW + timedelta(days=99)).iloc[0]
    assert pd.isna(frame["kept_promise"])
    assert not frame["overdue"]
    assert ended(gone, deleted={"f1"}) == []


def test_a_case_with_another_ground_only_loses_the_signal(record) -> None:
    events, case = case_of(signals=["detractor:f1", "leave_intent:f2"])
    smaller = after(events, ended(case, deleted={"f1"}), record)
    assert (smaller.state, smaller.signals) == ("open", ("leave_intent:f2",))
    assert ended(smaller, deleted={"f1"}) == []


def test_once_somebody_has_spoken_the_case_is_only_marked(record) -> None:
    events, case = case_of("assigned", "reached")
    marked = after(events, ended(case, deleted={"f1"}), record)
    assert (marked.state, marked.marks) == ("reached", ("deleted_at_source",))
    assert ended(marked, deleted={"f1"}) == []


def test_a_risk_stands_on_no_feedback() -> None:
    _, case = case_of(reason="risk", signals=["risk:C01:2026-10-26"])
    assert ended(case, deleted={"C01:2026-10-26"}) == []


@pytest.mark.parametrize(
    ("more", "ground", "state", "why"),
    [
        ({"reason": "risk"}, {"refused": {"C01": LATER}}, "cancelled", "do_not_contact"),
        ({"reason": "risk"}, {"refused": {"C01": EARLIER}}, "cancelled", "do_not_contact"),
        ({"reason": "risk"}, {"objected": {"C01"}}, "cancelled", "objection"),
        ({"reason": "moment", "family": "moment"}, {"refused": {"C01": LATER}}, "cancelled", "do_not_contact"),
        ({"reason": "moment", "family": "moment"}, {"objected": {"C01"}}, "cancelled", "objection"),
        ({"reason": "detractor"}, {"objected": {"C01"}}, "open", None),
        ({"reason": "risk"}, {"refused": {"C02": LATER}, "objected": {"C02"}}, "open", None),
    ],
)
def test_calls_of_our_own_initiative_end(
    more: dict[str, Any], ground: dict[str, Any], state: str, why: str | None, record
) -> None:
    events, case = case_of(**{"signals": ["risk:C01:2026-10-26"], **more})
    found = after(events, ended(case, **ground), record)
    assert (found.state, found.cancelled_why) == (state, why)


@pytest.mark.parametrize(("said_at", "marks"), [(LATER, ("do_not_contact",)), (EARLIER, ())])
def test_an_answer_the_customer_is_owed_is_marked_when_they_refuse_later(
    said_at: datetime, marks: tuple[str, ...], record
) -> None:
    events, case = case_of("assigned")
    found = after(events, ended(case, refused={"C01": said_at}), record)
    assert (found.state, found.marks) == ("assigned", marks)
    assert cases_frame({"k1": found}, NOW).loc[0, "do_not_contact"] == bool(marks)
    assert ended(found, refused={"C01": said_at}) == []


def test_a_proactive_call_that_was_reached_is_marked_not_ended(record) -> None:
    events, case = case_of("assigned", "reached", reason="risk", signals=["risk:C01:2026-10-26"])
    found = after(events, ended(case, refused={"C01": LATER}), record)
    assert (found.state, found.marks) == ("reached", ("do_not_contact",))
