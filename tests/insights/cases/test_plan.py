"""The day's list: promises first, then random calls, then by value, in each team's own calls, hold-out drawn along."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from insights.cases import Planning, Signal, fold_cases, open_cases
from insights.cases.capacity import TeamCapacity
from insights.cases.holdout import HOLD, Arms, Experiment, draw, strata

HOUR = timedelta(hours=1)
CAPACITY = {
    "callbacks": TeamCapacity(serves=("household", "small_business"), slots={"fr": 4, "en": 1}, total=4),
    "small_business": TeamCapacity(serves=("small_business",), slots={"fr": 2}),
}


def risk(customer, now, score=0.4, **fields):
    return Signal(
        customer_id=customer, kind="risk", feedback_id=f"{customer}:{now.date()}", at=now, score=score, **fields
    )


def people(n, **columns):
    shared = {
        "segment": "household",
        "preferred_language": "fr",
        "margin_eur_year": 62.0,
        "objection": False,
        "leaving": False,
        "recontact": "yes",
    }
    return pd.DataFrame({"customer_id": [f"P{k:03d}" for k in range(n)]}).assign(**(shared | columns))


@pytest.fixture
def decide(make_rules, calendars, now):
    def run(signals, customers, known=None, planning=None, at=None, random_share=0.0, **settings):
        rules = make_rules(**settings)
        rules = replace(rules, proactive=replace(rules.proactive, random_share=random_share))
        return open_cases(
            signals, known or {}, customers, rules=rules, calendars=calendars, now=at or now,
            planning=planning or Planning(CAPACITY),
        )  # fmt: skip

    return run


def called(opened):
    return Counter((case.owner_team, case.language) for case in opened.cases if case.plan)


def test_each_team_calls_within_its_own_languages_and_total(decide, now):
    customers = people(20, preferred_language=["en", "fr"] * 10)
    opened = decide([risk(one, now) for one in customers["customer_id"]], customers)
    assert called(opened) == {("callbacks", "fr"): 3, ("callbacks", "en"): 1}
    assert opened.refusals() == {"capacity": 16}


def test_a_business_is_called_by_another_team_when_its_own_is_full(decide, now, calendars):
    customers = people(5, segment="small_business", margin_eur_year=240.0)
    opened = decide([risk(one, now, 0.5 - k / 100) for k, one in enumerate(customers["customer_id"])], customers)
    assert called(opened) == {("small_business", "fr"): 2, ("callbacks", "fr"): 3}
    saturday = datetime(2026, 10, 31, 9, tzinfo=UTC)
    weekend = decide([risk(one, saturday) for one in customers["customer_id"]], customers, at=saturday)
    due = {case.owner_team: case.plan["on"] for case in weekend.cases}
    assert due == {"callbacks": "2026-10-31", "small_business": "2026-11-02"}
    assert all(calendars[case.owner_team].is_open(case.due_at - timedelta(minutes=1)) for case in weekend.cases)


def test_promised_answers_take_their_calls_first(decide, now):
    customers = people(12)
    ids = list(customers["customer_id"])
    promised = [
        Signal(customer_id=one, kind="detractor", feedback_id=f"f-{one}", at=now - HOUR, score=2.0, language="fr")
        for one in ids[:3]
    ]
    opened = decide([*promised, *(risk(one, now) for one in ids[3:])], customers)
    assert Counter(case.reason for case in opened.cases) == {"detractor": 3, "risk": 1}


def test_a_promise_that_waits_from_before_takes_a_call_until_somebody_has_spoken(decide, now, record):
    customers = people(12)
    ids = list(customers["customer_id"])
    words = [
        Signal(customer_id=one, kind="detractor", feedback_id=f"f-{one}", at=now - HOUR, score=2.0) for one in ids[:3]
    ]
    first = decide(words, customers)
    known = fold_cases(record(first.events()))
    tomorrow = now + 24 * HOUR
    risks = [risk(one, tomorrow) for one in ids[3:]]
    assert sum(called(decide(risks, customers, known, at=tomorrow)).values()) == 1
    spoken = {key: replace(case, state="reached", assignee="ada") for key, case in known.items()}
    assert sum(called(decide(risks, customers, spoken, at=tomorrow)).values()) == 4
    agreed = {key: replace(case, state="scheduled", scheduled_at=now + 96 * HOUR) for key, case in known.items()}
    assert sum(called(decide(risks, customers, agreed, at=tomorrow)).values()) == 4
    forgotten = {key: replace(case, due_at=now - timedelta(days=15)) for key, case in known.items()}
    assert sum(called(decide(risks, customers, forgotten, at=tomorrow)).values()) == 4


def test_the_worthiest_are_called_and_no_call_is_made_at_a_loss(decide, now):
    """62 EUR x 3 years x 20 % x p - 6.20 EUR: nothing to gain below p = 1/6."""
    customers = people(6)
    chances = [0.16, 0.17, 0.9, 0.1, 0.5, 0.3]
    opened = decide([risk(f"P{k:03d}", now, p) for k, p in enumerate(chances)], customers)
    assert sorted(case.customer_id for case in opened.cases) == ["P001", "P002", "P004", "P005"]
    assert opened.refusals() == {"not_worth": 2}
    assert next(case.plan["net_eur"] for case in opened.cases if case.customer_id == "P004") == pytest.approx(12.4)


def test_the_measured_effect_takes_the_place_of_the_supposed_one(decide, now):
    customers = people(1)
    assert len(decide([risk("P000", now, 0.3)], customers).cases) == 1
    weaker = decide([risk("P000", now, 0.3)], customers, planning=Planning(CAPACITY, relative_cut=0.1))
    harmful = decide([risk("P000", now, 0.9)], customers, planning=Planning(CAPACITY, relative_cut=-0.5))
    assert (weaker.refusals(), harmful.refusals()) == ({"not_worth": 1}, {"not_worth": 1})


def test_a_card_orders_without_pretending_to_know_euros(decide, now):
    customers = people(6, margin_eur_year=[1.0, 9.0, 2.0, 3.0, 4.0, 5.0])
    opened = decide([risk(one, now, 0.5, is_probability=False) for one in customers["customer_id"]], customers)
    assert {case.customer_id for case in opened.cases} == {"P001", "P003", "P004", "P005"}
    assert {case.plan["net_eur"] for case in opened.cases} == {None}


def test_random_calls_are_marked_repeatable_and_leave_the_rest_by_value(decide, now):
    customers = people(60)
    signals = [risk(one, now, 0.9 - k / 100, explored=k % 2 == 1) for k, one in enumerate(customers["customer_id"])]
    planning = Planning({"callbacks": TeamCapacity(serves=("household",), slots={"fr": 20})}, seed=4)
    opened = decide(signals, customers, planning=planning, random_share=0.25, daily_calls=50)
    at_random = {case.customer_id for case in opened.cases if case.plan["explored"]}
    assert (len(at_random), len(opened.cases)) == (5, 20)
    by_value = [case.customer_id for case in opened.cases if not case.plan["explored"]]
    left = [one for one in customers["customer_id"] if one not in at_random]
    assert sorted(by_value) == left[:15]
    again = decide(signals[::-1], customers, planning=planning, random_share=0.25, daily_calls=50)
    assert {case.customer_id for case in again.cases if case.plan["explored"]} == at_random
    other = decide(signals, customers, planning=replace(planning, seed=5), random_share=0.25, daily_calls=50)
    assert {case.customer_id for case in other.cases if case.plan["explored"]} != at_random


def test_the_random_share_holds_over_days_though_a_day_has_few_calls(decide, now):
    """Six calls a day in two teams, one in twenty at random: three days in ten have one."""
    customers = people(8)
    n = 0
    for day in range(60):
        at = now + timedelta(days=7 * day)
        opened = decide([risk(one, at, explored=True) for one in customers["customer_id"]], customers, at=at,
                        random_share=0.05)  # fmt: skip
        n += sum(case.plan["explored"] for case in opened.cases)
    assert 7 <= n <= 29  # 18 expected


def test_a_second_run_of_the_day_adds_nothing_and_the_next_day_has_its_own(decide, now, record):
    customers = people(30)
    risks = [risk(one, now) for one in customers["customer_id"]]
    first = decide(risks, customers)
    known = fold_cases(record(first.events()))
    assert decide(risks, customers, known, at=now + 2 * HOUR).cases == []
    tomorrow = [risk(one, now + 24 * HOUR) for one in customers["customer_id"]]
    assert len(decide(tomorrow, customers, known, at=now + 24 * HOUR).cases) == 4


def experiment(share=0.3, **fields):
    told = {"experiment_id": "HO-0001", "at": datetime(2026, 10, 1, tzinfo=UTC), "actor": "ada", "share": share,
            "salt": "t", "read_on": datetime(2027, 3, 1, tzinfo=UTC).date(), "edges": (0.5,), "thresholds": {}}  # fmt: skip
    return Experiment(**(told | fields))


def arms_of(customers, one, **fields):
    score = pd.Series(0.4, index=customers["customer_id"])
    return Arms(one, strata(customers, score, one.edges), **fields)


def test_who_is_held_out_is_withheld_only_when_they_would_have_had_a_call(decide, now, record):
    customers = people(30)
    ids = list(customers["customer_id"])
    one = experiment()
    planning = Planning(CAPACITY, arms_of(customers, one))
    opened = decide([risk(key, now, 0.9 - k / 100) for k, key in enumerate(ids)], customers, planning=planning)
    held = [key for key in ids if draw(key, "t") < 0.3]
    first_four = [key for key in ids if key not in held][:4]
    assert sorted(case.customer_id for case in opened.cases) == first_four
    on_the_way = [key for key in held if key < first_four[-1]]
    assert on_the_way
    withheld = [event for event in opened.events() if event.kind == "holdout.withheld"]
    assert sorted(event.subject for event in withheld) == on_the_way
    assert opened.refusals() == {"capacity": 26 - len(on_the_way), "holdout": len(on_the_way)}
    assert {event.payload["plan"]["experiment"] for event in withheld} == {"HO-0001"}
    assert {case.plan["stratum"] for case in opened.cases} == {"household/0"}
    again = decide([risk(key, now, 0.9 - k / 100) for k, key in enumerate(ids)], customers, planning=planning)
    assert len(record(opened.events(), again.events())) == len(opened.events())


@pytest.mark.parametrize("kind", ["detractor", "leave_intent", "urgency"])
def test_an_answer_is_never_held_out(decide, now, kind):
    customers = people(12)
    planning = Planning(CAPACITY, arms_of(customers, experiment(share=0.5, thresholds={"household/0": 1.0})))
    signals = [
        Signal(customer_id=one, kind=kind, feedback_id=f"f-{one}", at=now - HOUR, score=0.0)
        for one in customers["customer_id"]
    ]
    assert len(decide(signals, customers, planning=planning).cases) == 12
    both = [*signals, *(risk(one, now) for one in customers["customer_id"])]
    assert len(decide(both, customers, planning=planning).cases) == 12


def test_the_protected_are_called_and_stand_in_neither_arm(decide, now):
    customers = people(4)
    everybody = experiment(thresholds={"household/0": 1.0})
    planning = Planning(CAPACITY, arms_of(customers, everybody, protected=frozenset({"P002"})))
    opened = decide([risk(one, now) for one in customers["customer_id"]], customers, planning=planning)
    assert [case.customer_id for case in opened.cases] == ["P002"]
    assert "experiment" not in opened.cases[0].plan


def test_random_calls_are_held_out_too(decide, now):
    customers = people(8)
    planning = Planning(CAPACITY, arms_of(customers, experiment(thresholds={"household/0": 1.0})))
    signals = [risk(one, now, 0.01, explored=True) for one in customers["customer_id"]]
    opened = decide(signals, customers, planning=planning, random_share=0.5)
    assert opened.cases == []
    withheld = [event.payload["plan"] for event in opened.events()]
    assert withheld
    assert all(plan["explored"] for plan in withheld)


def test_the_arm_of_the_first_list_stays(decide, now):
    customers = people(2)
    one = experiment(thresholds={"household/0": 0.0})
    planning = Planning(CAPACITY, arms_of(customers, one, entered={"P001": HOLD}))
    opened = decide([risk(key, now) for key in customers["customer_id"]], customers, planning=planning)
    assert [case.customer_id for case in opened.cases] == ["P000"]
    assert opened.refusals() == {"holdout": 1}
