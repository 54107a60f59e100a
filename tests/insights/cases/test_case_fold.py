"""The state machine: no order of events leads to an impossible state; the frame tells what was promised and kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests_cases_events import NOW, event, opening

from insights.cases import cases_frame, check, fold_cases
from insights.cases.fold import POSSIBLE, apply, refusal
from insights.cases.frame import FRAME_TYPES
from insights.cases.labels import LABELS, REFUSAL_LABELS, label, refusal_label
from insights.cases.model import KINDS, OPENED, STATES
from insights.errors import LedgerError
from insights.i18n import catalogue

HOUR = timedelta(hours=1)


@st.composite
def histories(draw: st.DrawFn) -> list:
    kinds = draw(st.lists(st.sampled_from([*KINDS, "case.unknown", "delivery.requested"]), max_size=25))
    new = {"family": "complaint", "resolve_by": (NOW + 90 * HOUR).isoformat()} if draw(st.booleans()) else {}
    events = [opening(**new)] if draw(st.booleans()) else []
    for place, kind in enumerate(kinds, 2):
        at = NOW + timedelta(hours=draw(st.integers(0, 200)))
        events.append(opening(event_id=place) if kind == OPENED else event(kind, place, at))
    return events


@settings(deadline=None, max_examples=300)
@given(histories())
def test_no_order_of_events_leads_to_an_impossible_state(events):
    for case in fold_cases(events).values():
        assert case.state in STATES
        kinds = [kind for _at, kind, _actor in case.history]
        assert kinds.count(OPENED) == 1
        if case.state in ("waiting", "reached", "resolved"):
            assert case.first_reached_at is not None
        if case.state in ("open", "transferred", "reopened"):
            assert case.assignee is None
        if case.state == "cancelled":
            assert case.reached_at is None
            assert kinds[-1] == "case.cancelled"
            assert pd.isna(cases_frame({"k1": case}, NOW + 9999 * HOUR).loc[0, "kept_promise"]) or case.n_reopened
        if case.waiting_on is not None:
            assert case.state in ("waiting", "transferred")
        if case.acknowledged_at is not None:
            assert case.family == "complaint"
        if case.state == "closed":
            assert case.outcome
            assert case.n_attempts >= 1
            assert case.closed_at is not None
        if case.state in ("resolved", "reached"):
            assert case.reached_at is not None
        if case.outcome not in (None, "not_reached"):
            assert "case.reached" in kinds
        if case.state in ("assigned", "attempted", "reached", "waiting"):
            assert case.assignee is not None
        assert case.loop_closed == (case.state == "closed" and case.reached_at is not None)
        accepted = len(case.history) + len(case.refused)
        assert accepted <= len([one for one in events if one.kind.startswith("case.")])


@settings(deadline=None, max_examples=100)
@given(histories())
def test_folding_in_two_parts_gives_the_whole(events):
    whole = fold_cases(events)
    half = fold_cases(events[: len(events) // 2])
    case = half.get("k1")
    for one in events[len(events) // 2 :]:
        if one.kind.startswith("case."):
            case = apply(case, one)
    assert case == whole.get("k1")


@settings(deadline=None, max_examples=100)
@given(histories(), st.sampled_from(KINDS))
def test_check_refuses_exactly_what_folding_ignores(events, kind):
    case = fold_cases(events).get("k1")
    one = opening(event_id=99) if kind == OPENED else event(kind, 99, NOW)
    after = apply(case, one)
    ignored = after is None or 99 in after.refused
    assert ignored == (refusal(case, kind) is not None)


def walk(*kinds: str, hours: float = 1.0):
    events = [
        opening(),
        *(event(f"case.{kind}", place, NOW + timedelta(hours=hours)) for place, kind in enumerate(kinds, 2)),
    ]
    return fold_cases(events)["k1"]


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        ((), "open"),
        (("assigned",), "assigned"),
        (("scheduled",), "scheduled"),
        (("assigned", "attempted"), "attempted"),
        (("assigned", "attempted", "not_reached", "closed"), "closed"),
        (("assigned", "attempted", "not_reached", "assigned"), "assigned"),
        (("assigned", "reached"), "reached"),
        (("assigned", "reached", "assigned"), "reached"),
        (("assigned", "reached", "resolved", "closed"), "closed"),
        (("assigned", "reached", "resolved", "closed", "reopened"), "reopened"),
        (("assigned", "closed"), "assigned"),
        (("attempted",), "open"),
        (("assigned", "resolved"), "assigned"),
        (("assigned", "not_reached"), "assigned"),
        (("assigned", "waiting"), "assigned"),
        (("assigned", "reached", "waiting"), "waiting"),
        (("assigned", "reached", "waiting", "reached"), "reached"),
        (("assigned", "reached", "waiting", "resolved", "closed"), "closed"),
        (("assigned", "transferred"), "transferred"),
        (("assigned", "transferred", "attempted"), "transferred"),
        (("assigned", "transferred", "assigned"), "assigned"),
        (("assigned", "reached", "transferred", "assigned"), "reached"),
        (("assigned", "cancelled"), "cancelled"),
        (("assigned", "cancelled", "reopened"), "cancelled"),
        (("assigned", "reached", "transferred", "cancelled"), "transferred"),
        (("assigned", "reached", "resolved", "cancelled"), "resolved"),
    ],
)
def test_the_states_a_case_goes_through(kinds, state):
    assert walk(*kinds).state == state


def test_events_from_before_families_fold_as_they_were():
    danger = fold_cases([opening(reason="urgency", owner_team="solidarity", promise="urgent")])["k1"]
    assert (danger.family, danger.opened_as, danger.resolve_by, danger.matter) == ("danger", "answer", None, "")
    raised = event("case.signal_added", 2, NOW)
    raised.payload.update(reason="urgency", owner_team="solidarity", due_at=NOW.isoformat())
    assert fold_cases([opening(), raised])["k1"].family == "danger"
    assert walk("assigned", "reached", "resolved").kept_resolution is None


def test_the_end_is_judged_at_the_first_outcome():
    def kept(hours: float) -> bool | None:
        events = [opening(resolve_by=(NOW + 50 * HOUR).isoformat()), event("case.assigned", 2, NOW)]
        events += [event("case.reached", 3, NOW), event("case.resolved", 4, NOW + hours * HOUR)]
        return fold_cases(events)["k1"].kept_resolution

    assert (kept(50), kept(51)) == (True, False)
    late = fold_cases([opening(resolve_by=(NOW + 50 * HOUR).isoformat())])
    frames = [cases_frame(late, NOW + hours * HOUR).iloc[0] for hours in (50, 51)]
    assert [frame["resolution_overdue"] for frame in frames] == [False, True]
    assert [pd.isna(frames[0]["kept_resolution"]), bool(frames[1]["kept_resolution"])] == [True, False]
    assert [frame["waited_hours"] for frame in frames] == [53.0, 54.0]


def test_a_reopened_case_starts_a_new_round_and_keeps_how_the_first_promise_went():
    case = walk("assigned", "reached", "resolved", "closed", "reopened")
    assert (case.assignee, case.outcome, case.reached_at, case.closed_at) == (None, None, None, None)
    assert [one.kept for one in case.rounds] == [True]
    assert case.loop_closed is False


def test_the_promise_is_judged_at_the_first_human_contact():
    assert walk("assigned", "reached", hours=47).kept_promise is True
    assert walk("assigned", "reached", hours=49).kept_promise is False
    assert walk("assigned", "attempted", hours=1).kept_promise is None


@pytest.mark.parametrize(
    ("kinds", "kind", "french"),
    [
        (("assigned",), "closed", "notez d'abord un contact et sa suite"),
        ((), "reached", "prenez-le d'abord"),
        (("assigned",), "resolved", "notez le contact avant la suite donnée"),
        (("assigned", "scheduled"), "not_reached", "aucun appel n'est noté"),
        (("assigned", "reached", "resolved", "closed"), "attempted", "cette étape n'est pas possible"),
        ((), "opened", "déjà ouvert"),
        ((), "vanished", "n'est pas un événement"),
    ],
)
def test_an_impossible_event_is_refused_with_a_sentence_in_the_readers_language(kinds, kind, french):
    case = walk(*kinds)
    with pytest.raises(LedgerError, match=french):
        check(case, f"case.{kind}", "fr")
    with pytest.raises(LedgerError) as english:
        check(case, f"case.{kind}")
    assert french not in str(english.value)


def test_an_event_of_an_unknown_case_is_refused():
    with pytest.raises(LedgerError, match="no such case"):
        check(None, "case.assigned")
    assert fold_cases([event("case.assigned", 1, NOW)]) == {}


def test_the_frame_tells_what_is_overdue_and_what_was_kept():
    cases = {
        "waits": walk(),
        "tried": walk("assigned", "attempted"),
        "kept": walk("assigned", "reached", "resolved", "closed"),
        "late": walk("assigned", "reached", "resolved", hours=60),
        "given_up": walk("assigned", "attempted", "not_reached", "closed"),
    }
    before, after = cases_frame(cases, NOW + 47 * HOUR), cases_frame(cases, NOW + 49 * HOUR)
    assert list(before.columns) == list(FRAME_TYPES)
    assert before["overdue"].tolist() == [False] * 5
    open_now = after[after["state"].isin(["open", "attempted"])]
    assert open_now["overdue"].tolist() == [True, True]
    assert open_now.index.tolist() == [0, 1]
    by_state = after.groupby(["state", "n_attempts"])["kept_promise"].agg(list).to_dict()
    assert by_state[("open", 0)] == [False]
    assert by_state[("closed", 1)].count(True) == 1
    assert by_state[("resolved", 1)] == [False]
    assert before.loc[before["state"] == "open", "kept_promise"].isna().all()
    assert after["loop_closed"].sum() == 1


def test_an_empty_frame_has_all_columns_and_types():
    frame = cases_frame({}, NOW)
    assert frame.empty
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == FRAME_TYPES


def test_frame_instants_are_utc():
    frame = cases_frame({"k1": walk()}, NOW)
    assert frame.loc[0, "due_at"] == pd.Timestamp(NOW + 48 * HOUR)
    assert frame.loc[0, "due_at"].tzinfo == UTC
    assert isinstance(frame.loc[0, "due_at"].to_pydatetime(), datetime)


def test_every_code_has_a_name_in_both_languages():
    french = catalogue("fr")
    for code in LABELS:
        assert french[LABELS[code]].string, code
        assert label(code, "fr") and label(code, "en") == LABELS[code]
    assert set(STATES) <= set(LABELS)
    assert refusal_label("leaving", "fr") == "départ déjà en cours" != label("leaving", "fr")
    assert all(french[text].string for text in REFUSAL_LABELS.values())
    assert label("something_new", "fr") == "something_new"


def test_every_event_kind_has_its_rule():
    assert {OPENED, *POSSIBLE} == set(KINDS)
