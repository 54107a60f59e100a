"""What came of the cases: planted waits, promises, closings and scores come back, and too few say nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from tests_cases_events import Recorded

from insights.cases import fold_cases
from insights.cases.loop import (
    AFTER,
    ALL,
    BEFORE,
    CHANGE,
    CLOSED_SHARE,
    CONTACTED,
    EXPERIMENT,
    HOURS,
    KEPT,
    MEASURES,
    REOPENED,
    TEAM,
    Reading,
    loop_rows,
    readings,
)

NOW = datetime(2026, 10, 31, 18, tzinfo=UTC)
HOW = Reading(NOW, date(2026, 10, 31), least=10, seed=3)
NOBODY = pd.DataFrame({"customer_id": [], "at": pd.to_datetime([], utc=True), "value": []})


def history(
    n: int, *, contact_hours: float | None, team="callbacks", days_ago=20, ends="closed", reopened=False, **more
):
    """Events of case n: opened `days_ago`, spoken to after some hours, closed; or given up without a contact."""
    opened = NOW - timedelta(days=days_ago)
    payload = {"customer_id": f"C{n}", "reason": "detractor", "owner_team": team, "promise": "standard",
               "due_at": (opened + timedelta(hours=48)).isoformat(), "waiting_since": opened.isoformat(),
               "irritant_id": "IR-1"} | more  # fmt: skip
    steps = [("opened", 0.0, payload)]
    if ends != "open":
        steps.append(("assigned", 0.5, {}))
    if ends == "cancelled":
        steps = [steps[0], ("cancelled", 1.0, {"why": "deleted_at_source"})]
    elif contact_hours is not None:
        steps += [("reached", contact_hours, {}), ("resolved", contact_hours, {"outcome": "solved"})]
        steps += [("closed", contact_hours, {})]
    elif ends == "given_up":
        steps += [("attempted", 5.0, {}), ("not_reached", 60.0, {}), ("closed", 60.0, {})]
    if reopened:
        steps.append(("reopened", (contact_hours or 0) + 24, {}))
    return [
        Recorded(100 * n + place, f"case.{kind}", f"k{n}", opened + timedelta(hours=hours), "Nadia", said)
        for place, (kind, hours, said) in enumerate(steps)
    ]


def read(*histories, scores=NOBODY, entered=None, how=HOW):
    cases = fold_cases([event for one in histories for event in one])
    found = readings(loop_rows(cases, NOW), scores, how, entered or {})
    return {(row["unit"], row["unit_id"], row["measure"]): row for row in found.to_dict("records")}


def everybody(found, measure):
    return found[ALL, "(all)", measure]


def test_the_median_counts_those_never_reached_and_those_still_waiting():
    reached = [history(n, contact_hours=float(n + 1)) for n in range(12)]  # 1 .. 12 hours
    found = everybody(read(*reached), HOURS)
    assert (found["n"], found["value"]) == (12, 6.0)
    assert found["low"] <= 6.0 <= found["high"]
    never = [history(20 + n, contact_hours=None, ends="given_up") for n in range(7)]
    assert everybody(read(*reached, *never), HOURS)["value"] == 10.0
    mostly = [history(40 + n, contact_hours=None, ends="given_up") for n in range(20)]
    assert np.isnan(everybody(read(*reached, *mostly), HOURS)["value"])  # half of them were never reached
    waiting = [history(60 + n, contact_hours=None, ends="open", days_ago=0.1) for n in range(8)]
    assert everybody(read(*reached, *waiting), HOURS)["value"] < 10.0  # two hours of waiting are no bad news yet


def test_shares_of_promises_closings_and_reopenings():
    found = read(
        *(history(n, contact_hours=4) for n in range(8)),
        *(history(10 + n, contact_hours=70) for n in range(4)),
        *(history(20 + n, contact_hours=None, ends="given_up") for n in range(3)),
        *(history(30 + n, contact_hours=4, reopened=True) for n in range(2)),
        *(history(40 + n, contact_hours=None, ends="cancelled") for n in range(5)),
    )
    shown = {one: (everybody(found, one)["n_hits"], everybody(found, one)["n"]) for one in
             (CONTACTED, KEPT, CLOSED_SHARE, REOPENED)}  # fmt: skip
    assert shown == {CONTACTED: (14, 17), KEPT: (10, 17), CLOSED_SHARE: (14, 17), REOPENED: (2, 17)}
    kept = everybody(found, KEPT)
    assert kept["low"] < kept["value"] == 10 / 17 < kept["high"]


def test_a_case_whose_time_has_not_come_is_in_no_share():
    found = read(*(history(n, contact_hours=4) for n in range(12)),
                 *(history(20 + n, contact_hours=None, ends="open", days_ago=0.5) for n in range(9)))  # fmt: skip
    assert everybody(found, CONTACTED)["n"] == 12
    assert everybody(found, KEPT)["n"] == 12


def test_too_few_say_nothing_and_their_number_is_told():
    found = read(*(history(n, contact_hours=4) for n in range(9)), history(50, contact_hours=3, team="solidarity"))
    assert everybody(found, KEPT)["value"] == 1.0
    for measure in MEASURES:
        row = found[TEAM, "solidarity", measure]
        assert np.isnan(row["value"])
        assert np.isnan(row["low"])
    assert found[TEAM, "solidarity", KEPT]["n"] == 1


def scores(rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "at", "value"])
    return frame.assign(at=pd.to_datetime(frame["at"], utc=True))


def test_the_score_after_is_the_first_within_ninety_days_of_the_closing():
    opened = NOW - timedelta(days=200)
    cases = [history(n, contact_hours=24, days_ago=200) for n in range(12)]
    said = []
    for n in range(12):
        said += [(f"C{n}", opened - timedelta(days=300), 9.0), (f"C{n}", opened - timedelta(days=1), 3.0)]
        said += [(f"C{n}", opened + timedelta(days=30), 6.0 + n % 2), (f"C{n}", opened + timedelta(days=60), 0.0)]
    said += [
        ("C99", NOW, 10.0),
        ("C0", opened + timedelta(hours=2), 10.0),
    ]  # before the closing: neither before nor after
    found = read(*cases, scores=scores(said))
    assert (everybody(found, BEFORE)["value"], everybody(found, AFTER)["value"]) == (3.0, 6.5)
    change = everybody(found, CHANGE)
    assert change["n"] == 12
    assert 3.0 < change["low"] < change["value"] == 3.5 < change["high"] < 4.0
    late = [(customer, at + timedelta(days=120) if at > opened else at, value) for customer, at, value in said]
    assert everybody(read(*cases, scores=scores(late)), CHANGE)["n"] == 0


def test_a_customer_with_two_cases_counts_once():
    opened = NOW - timedelta(days=200)
    first = [history(n, contact_hours=24, days_ago=200) for n in range(12)]
    again = [history(50 + n, contact_hours=24, days_ago=190, customer_id=f"C{n}") for n in range(12)]
    said = [(f"C{n}", opened + timedelta(days=day), value) for n in range(12) for day, value in ((-1, 2.0), (40, 5.0))]
    assert everybody(read(*first, *again, scores=scores(said)), CHANGE)["n"] == 12


def test_an_experiment_sets_those_on_the_list_beside_those_held_out():
    drawn = NOW - timedelta(days=150)
    people = pd.DataFrame({"customer_id": [f"P{n}" for n in range(60)], "arm": ["call", "hold"] * 30,
                           "entered_at": drawn})  # fmt: skip
    said = [(f"P{n}", drawn + timedelta(days=day), value) for n in range(60)
            for day, value in ((-5, 4.0), (50, 7.0 if n % 2 == 0 else 5.0))]  # fmt: skip
    found = read(history(1, contact_hours=1), scores=scores(said), entered={"x1": people})
    row = found[EXPERIMENT, "x1", CHANGE]
    assert (row["value"], row["held_value"], row["n"], row["n_held"]) == (3.0, 1.0, 30, 30)


def test_the_order_of_cases_and_scores_does_not_matter():
    cases = [history(n, contact_hours=float(n % 7 + 1), days_ago=100) for n in range(30)]
    said = [(f"C{n}", NOW - timedelta(days=day), float((n * day) % 11)) for n in range(30) for day in (130, 80, 60)]
    one = readings(loop_rows(fold_cases(sum(cases, [])), NOW), scores(said), HOW, {})
    other = readings(loop_rows(fold_cases(sum(cases[::-1], [])), NOW), scores(said[::-1]), HOW, {})
    pd.testing.assert_frame_equal(one, other)


def test_the_bootstrap_holds_the_truth_about_as_often_as_it_says():
    from insights.cases.loop import _mean

    draw = np.random.default_rng(11)
    held = []
    for _ in range(200):
        told = _mean(draw.normal(1.0, 2.5, 60).round(), HOW)
        held.append(told["low"] <= 1.0 <= told["high"])
    assert 0.89 <= np.mean(held) <= 0.99


@pytest.mark.parametrize("irritant", ["IR-1", None])
def test_merged_irritants_are_read_together(irritant):
    cases = fold_cases([*history(1, contact_hours=1, irritant_id=irritant), *history(2, contact_hours=1)])
    rows = loop_rows(cases, NOW, lambda one: "IR-9")
    assert rows["irritant_id"].dropna().tolist() == ["IR-9"] * (2 if irritant else 1)
