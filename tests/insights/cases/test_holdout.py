"""The draw of the hold-out: lasting, the same everywhere, exact in its strata, by account, and only when signed."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest
from tests_cases_events import Recorded

from insights.cases.holdout import (
    CALL,
    FEWEST,
    HOLD,
    OFF,
    ON,
    Arms,
    Experiment,
    band_edges,
    draw,
    entered_arms,
    entries,
    fold_holdout,
    in_holdout,
    signed_text,
    strata,
    thresholds,
    units,
)

AT = datetime(2026, 10, 31, 18, tzinfo=UTC)
IDS = [f"C{number:07d}" for number in range(20_000)]


def company(n=2000, **columns):
    ids = IDS[:n]
    segment = ["small_business" if k % 10 == 0 else "household" for k in range(n)]
    return pd.DataFrame({"customer_id": ids, "segment": segment}).assign(**columns)


def chances(customers, seed=1):
    return pd.Series(np.random.default_rng(seed).beta(1, 20, len(customers)), index=customers["customer_id"])


def experiment(**fields):
    told = {"experiment_id": "HO-0001", "at": AT, "actor": "ada", "share": 0.1, "salt": "2026-q4",
            "read_on": date(2027, 3, 1), "edges": (0.03, 0.08), "thresholds": {"household/0": 0.1}}  # fmt: skip
    return Experiment(**(told | fields))


@pytest.mark.parametrize(
    ("unit", "salt", "number"),
    [
        ("C0000001", "2026-q4", 0.4092192810917017),
        ("C0000002", "2026-q4", 0.25606958904523547),
        ("account:A-17", "2026-q4:2026-10-31:1", 0.002220522457624073),
    ],
)
def test_the_number_of_a_unit_is_the_same_on_every_machine(unit, salt, number):
    assert draw(unit, salt) == number


def test_the_draw_is_a_lasting_share_that_a_new_salt_redraws():
    first = {one for one in IDS if in_holdout(one, "2026-q4", 0.1)}
    assert abs(len(first) / len(IDS) - 0.1) < 0.01
    assert first == {one for one in reversed(IDS) if in_holdout(one, "2026-q4", 0.1)}
    assert first < {one for one in IDS if in_holdout(one, "2026-q4", 0.2)}
    both = first & {one for one in IDS if in_holdout(one, "2027-q1", 0.1)}
    assert abs(len(both) / len(IDS) - 0.01) < 0.005


def test_each_stratum_is_held_out_in_exactly_the_share_whatever_the_order():
    customers = company()
    score = chances(customers)
    edges = band_edges(score)
    placed = strata(customers, score, edges)
    limits = thresholds(placed, "s", 0.1)
    one = experiment(salt="s", edges=edges, thresholds=limits)
    arms = [one.arm(unit, stratum) for unit, stratum in zip(placed["unit"], placed["stratum"], strict=True)]
    counted = placed.assign(held=[arm == HOLD for arm in arms]).groupby("stratum")["held"].agg(["sum", "count"])
    assert len(counted) == 8  # two segments, four bands
    counted = counted[counted["count"] >= FEWEST]
    assert len(counted) >= 6
    assert (counted["sum"] == (counted["count"] * 0.1).round()).all()
    shuffled = customers.sample(frac=1, random_state=3)
    assert thresholds(strata(shuffled, score, edges), "s", 0.1) == limits


def test_nobody_moves_when_new_customers_come():
    customers = company(1500)
    score = chances(company(3000))
    edges = band_edges(score[customers["customer_id"]])
    before = strata(customers, score, edges)
    one = experiment(salt="s", edges=edges, thresholds=thresholds(before, "s", 0.1))
    after = strata(company(3000), score, edges)
    arm_of = lambda placed: {key: one.arm(row.unit, row.stratum) for key, row in placed.iterrows()}  # noqa: E731
    old, new = arm_of(before), arm_of(after)
    assert {key: new[key] for key in old} == old
    late = [arm for key, arm in new.items() if key not in old]
    assert 0.06 < late.count(HOLD) / len(late) < 0.14
    assert one.arm("somebody", "market/3") == (HOLD if draw("somebody", "s") < 0.1 else CALL)


def test_the_customers_of_an_account_share_their_arm_and_their_stratum():
    accounts = [f"A-{k // 40}" if k % 10 == 0 else None for k in range(2000)]  # four businesses an account
    customers = company(account_id=accounts)
    score = chances(customers)
    placed = strata(customers, score, band_edges(score))
    business = placed[placed["unit"].str.startswith("account:")]
    assert business["unit"].nunique() == 50
    assert (business.groupby("unit")["stratum"].nunique() == 1).all()
    assert (units(customers)[customers["customer_id"][1]]) == customers["customer_id"][1]
    assert units(company()).equals(units(company().assign(account_id=None)))


def test_without_an_experiment_nobody_is_in_any_arm():
    assert Arms().of("C0000001") is None


def test_a_protected_or_unscored_customer_is_in_no_arm():
    customers = company(50)
    placed = strata(customers, chances(customers), (0.03, 0.08))
    arms = Arms(experiment(), placed, protected=frozenset({"C0000003"}))
    assert arms.of("C0000003") is None
    assert arms.of("C0009999") is None
    assert arms.of("C0000004")[0] in (CALL, HOLD)


def event(number, kind, payload, actor="ada", at=AT):
    return Recorded(number, kind, "proactive_calls", at, actor, payload)


def genuine(one):
    return one.payload.get("signature") == signed_text(one.kind, one.actor, one.at, one.payload)


def signed(number, kind, payload, **fields):
    bare = event(number, kind, payload, **fields)
    return event(number, kind, {**payload, "signature": signed_text(kind, bare.actor, bare.at, payload)}, **fields)


def test_only_signed_events_switch_it_and_an_altered_one_counts_for_nothing():
    one = experiment()
    on = signed(1, ON, one.payload())
    assert fold_holdout([on], genuine) == [one]
    off = signed(2, OFF, {"experiment_id": "HO-0001"})
    assert fold_holdout([on, off], genuine)[0].off_at == AT
    forged = event(2, OFF, {"experiment_id": "HO-0001", "signature": "x"})
    assert fold_holdout([on, forged], genuine)[0].off_at is None
    for change in ({"share": 0.5}, {"read_on": "2026-11-01"}, {"thresholds": {"household/0": 1.0}}):
        assert fold_holdout([event(1, ON, {**on.payload, **change})], genuine) == []
    assert fold_holdout([event(1, ON, dict(on.payload), actor="eve")], genuine) == []


def test_a_second_switch_on_changes_nothing_while_one_runs():
    on = signed(1, ON, experiment().payload())
    second = signed(2, ON, experiment(experiment_id="HO-0002", salt="mine").payload())
    assert [one.experiment_id for one in fold_holdout([on, second], genuine)] == ["HO-0001"]


def plan(**fields):
    return {"experiment": "HO-0001", "stratum": "household/2", "probability": 0.2, "explored": False, **fields}


def opened(number, customer, **fields):
    return Recorded(
        number, "case.opened", f"case{number}", AT, "rules", {"customer_id": customer, "plan": plan(**fields)}
    )


def withheld(number, customer, **fields):
    return Recorded(number, "holdout.withheld", customer, AT, "rules", {"plan": plan(**fields)})


def test_a_customer_enters_once_with_their_first_list():
    found = entries(
        [
            opened(1, "A"),
            withheld(2, "B", explored=True),
            withheld(3, "A"),
            opened(4, "B"),
            opened(5, "C", experiment="HO-0002"),
            Recorded(6, "case.opened", "case6", AT, "rules", {"customer_id": "D"}),
        ],
        "HO-0001",
    )
    assert list(zip(found["customer_id"], found["arm"], found["explored"], strict=True)) == [
        ("A", CALL, False), ("B", HOLD, True)
    ]  # fmt: skip
    assert found["segment"].tolist() == ["household", "household"]
    assert entries([], "HO-0001").empty


def test_an_account_keeps_the_arm_of_its_first_customer():
    found = entries([withheld(1, "A"), opened(2, "B"), opened(3, "C")], "HO-0001")
    unit_of = pd.Series({"A": "account:1", "B": "account:1"})
    assert entered_arms(found, unit_of) == {"account:1": HOLD, "C": CALL}
    assert entered_arms(entries([], "HO-0001"), unit_of) == {}


def test_the_draw_does_not_depend_on_the_session():
    numbers = [draw(one, "s") for one in IDS[:100]]
    shuffled = IDS[:100].copy()
    random.Random(1).shuffle(shuffled)
    assert sorted(draw(one, "s") for one in shuffled) == sorted(numbers)
