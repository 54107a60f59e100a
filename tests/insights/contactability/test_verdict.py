"""The verdict never allows what one rule forbids, and its earliest instant is allowed and the first one."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from law_tools import CLEAR, THURSDAY, at

from insights.calendar import Calendar
from insights.contactability import (
    CHANNELS,
    PURPOSES,
    Ask,
    ContactRules,
    Facts,
    Request,
    earliest,
    judge,
    may_contact,
    purpose_of,
)
from insights.contactability.law import LAWS

START = datetime(2026, 3, 20, tzinfo=UTC)  # a year with both clock changes, Easter and the year's end
MINUTES = 400 * 24 * 60
INSTANTS = st.integers(0, MINUTES).map(lambda n: START + timedelta(minutes=n))
MAYBE = st.none() | INSTANTS
OFFICE = Calendar("Europe/Paris", {day: ((8 * 60, 20 * 60),) for day in range(6)})
KINDS = st.sampled_from(["relational", "transactional", "call"])
FACTS = st.builds(
    Facts,
    customer_id=st.just("C1"),
    business=st.booleans(),
    current=st.booleans(),
    leaving=st.sampled_from([False, False, True]),
    objection=st.sampled_from([False, False, True]),
    region=st.sampled_from([None, "Bretagne", "Moselle", "La Réunion", "Guadeloupe", "Tahiti", "nowhere"]),
    preferred_channel=st.sampled_from([None, None, "email"]),
    recontact_no_at=st.none() | MAYBE,
    do_not_at=st.none() | MAYBE,
    survey_no_at=st.none() | MAYBE,
    consent_at=MAYBE,
    consent_source=st.sampled_from([None, "", "form:1"]),
    withdrawn_at=st.none() | MAYBE,
    refused_at=st.none() | MAYBE,
    calls=st.lists(INSTANTS, max_size=8).map(lambda found: tuple(sorted(found))),
    asks=st.lists(st.builds(Ask, at=INSTANTS, kind=KINDS), max_size=4).map(tuple),
    case_since=st.none() | MAYBE,
    complaint_at=MAYBE,
)
REQUESTS = st.builds(
    Request,
    purpose=st.sampled_from(PURPOSES),
    channel=st.sampled_from(CHANNELS),
    at=INSTANTS,
    offer=st.sampled_from([None, "add_on", "new_contract", "energy_works", "unheard_of"]),
    survey=st.sampled_from([None, "relational", "post_call", "post_complaint"]),
    said_at=MAYBE,
    said_no=st.booleans(),
    anonymous=st.sampled_from([False, False, False, True]),
    urgent=st.booleans(),
    owed=st.booleans(),
    hours=st.sampled_from([None, OFFICE]),
    appointment_at=MAYBE,
)


def forbidden_alone(rules: ContactRules, request: Request, facts: Facts) -> dict[str, bool]:
    """Rules that forbid a contact, each asked by itself, and whether they only warn."""
    zone = rules.place(facts.region).timezone
    found = {}
    for entry in rules.rules:
        if entry.binds(request, facts, zone):
            said = LAWS[entry.id].ask(request, facts, rules, rules.parameters[entry.id])
            if said is not None and not said.step:
                found[entry.id] = said.warns or request.purpose in entry.warns
    return found


@given(request_=REQUESTS, facts=FACTS)
def test_the_verdict_allows_nothing_that_a_single_rule_forbids(
    rules: ContactRules, request_: Request, facts: Facts
) -> None:
    verdict, alone = judge(request_, facts, rules), forbidden_alone(rules, request_, facts)
    assert verdict.allowed == (not alone)
    assert verdict.blocks == any(not warns for warns in alone.values())
    assert {one.rule_id for one in verdict.findings} == set(alone)
    assert verdict.allowed or verdict.rule_id in alone
    assert verdict.until is None or verdict.until > request_.at
    if verdict.until is not None:
        later = judge(replace(request_, at=verdict.until), facts, rules)
        assert not later.blocks and all(one.warns and one.until is None for one in later.findings)


def test_a_seeded_sweep_meets_every_rule_and_keeps_the_same_law(rules: ContactRules) -> None:
    rng = random.Random(7)
    met: Counter[str] = Counter()
    for _ in range(1500):
        request, facts = drawn_request(rng), drawn_facts(rng)
        verdict, alone = judge(request, facts, rules), forbidden_alone(rules, request, facts)
        met.update(alone)
        met.update(one.rule_id for one in verdict.steps)
        assert (verdict.allowed, verdict.blocks) == (not alone, any(not warns for warns in alone.values()))
    assert set(met) == set(LAWS)


def drawn_instant(rng: random.Random, share: float) -> datetime | None:
    return START + timedelta(minutes=rng.randrange(MINUTES)) if rng.random() < share else None


def drawn_facts(rng: random.Random) -> Facts:
    def sure() -> datetime:
        return START + timedelta(minutes=rng.randrange(MINUTES))

    return Facts(
        "C1",
        business=rng.random() < 0.2,
        current=rng.random() < 0.8,
        leaving=rng.random() < 0.1,
        objection=rng.random() < 0.1,
        region=rng.choice([None, "Moselle", "La Réunion", "Tahiti"]),
        preferred_channel=rng.choice([None, "email"]),
        recontact_no_at=drawn_instant(rng, 0.1),
        do_not_at=drawn_instant(rng, 0.1),
        survey_no_at=drawn_instant(rng, 0.1),
        consent_at=rng.choice([None, START - timedelta(days=200), sure()]),
        consent_source="form:1",
        withdrawn_at=drawn_instant(rng, 0.2),
        refused_at=drawn_instant(rng, 0.3),
        calls=tuple(sorted(sure() for _ in range(rng.choice([0, 4, 60])))),
        asks=tuple(Ask(sure(), rng.choice(["relational", "transactional", "call"])) for _ in range(rng.randrange(4))),
        case_since=drawn_instant(rng, 0.2),
        complaint_at=drawn_instant(rng, 0.5),
    )


def drawn_request(rng: random.Random) -> Request:
    at = START + timedelta(minutes=rng.randrange(MINUTES))
    return Request(
        rng.choice(PURPOSES),
        rng.choice(["phone", "phone", "phone", *CHANNELS]),
        at,
        offer=rng.choice([None, "add_on", "new_contract", "energy_works"]),
        survey=rng.choice(["relational", "post_call", "post_complaint"]),
        said_at=drawn_instant(rng, 0.5),
        said_no=rng.random() < 0.1,
        anonymous=rng.random() < 0.05,
        urgent=rng.random() < 0.2,
        owed=rng.random() < 0.2,
        hours=rng.choice([None, OFFICE]),
        appointment_at=drawn_instant(rng, 0.3),
    )


@given(request_=REQUESTS, facts=FACTS, minutes=st.lists(st.integers(1, 100_000), max_size=12))
def test_no_instant_before_the_earliest_is_allowed(
    rules: ContactRules, request_: Request, facts: Facts, minutes: list[int]
) -> None:
    verdict = judge(request_, facts, rules)
    if not verdict.blocks:
        return
    for n in minutes:
        between = request_.at + timedelta(minutes=n)
        if verdict.until is None or between < verdict.until:
            later = judge(replace(request_, at=between), facts, rules)
            awaited = verdict.until is None or later.blocks or any(one.until is not None for one in later.findings)
            assert awaited, (between, later)


def test_the_earliest_instant_passes_over_night_weekend_holiday_and_cap(rules: ContactRules) -> None:
    calls = tuple(at(f"2026-10-{day:02d}T12:00") for day in (12, 13, 14, 15))
    verdict = may_contact(
        replace(CLEAR, calls=calls), "service", "phone", at("2026-10-30T21:00"), rules=rules, offer="add_on"
    )
    assert (verdict.request.purpose, verdict.rule_id) == ("prospecting", "attempts")
    assert verdict.until == at("2026-11-12T10:00")  # 11 November frees a call and is a holiday
    assert judge(replace(verdict.request, at=verdict.until), verdict.facts, rules).allowed


def test_what_blocks_is_named_before_what_warns_and_lasting_before_passing(rules: ContactRules) -> None:
    facts = replace(CLEAR, preferred_channel="email", objection=True)
    verdict = may_contact(facts, "prospecting", "phone", at("2026-11-01T11:00"), rules=rules, offer="add_on")
    assert [one.rule_id for one in verdict.findings] == ["objection", "hours", "preferred_channel"]
    assert verdict.until is None
    free = may_contact(replace(facts, objection=False), "prospecting", "phone", at("2026-11-01T11:00"), rules=rules,
                       offer="add_on")  # fmt: skip
    assert (free.rule_id, free.until) == ("hours", at("2026-11-02T10:00"))


def test_a_cap_that_never_frees_ends_without_an_instant(rules: ContactRules) -> None:
    assert earliest(Request("survey", "email", THURSDAY, survey="relational"),
                    replace(CLEAR, case_since=THURSDAY), rules) is None  # fmt: skip


def test_an_offer_makes_any_contact_prospecting(rules: ContactRules) -> None:
    assert purpose_of(rules, offer="add_on", survey=True) == "prospecting"
    assert purpose_of(rules, survey=True) == "survey"
    assert purpose_of(rules) == "service"
    assert purpose_of(rules, proactive=True) == "prospecting"
    verdict = may_contact(Facts("C1"), "service", "phone", THURSDAY, rules=rules, offer="new_contract")
    assert (verdict.blocks, verdict.rule_id) == (True, "consent")
