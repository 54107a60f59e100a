"""Conditions of a rule: each given one must hold, ends are included, what is not known does not hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from insights.cases import Rules, Signal, open_cases
from insights.cases.config import Rule
from insights.cases.when import When

NOW = datetime(2026, 10, 29, 10, tzinfo=UTC)
ONE = Signal(
    "C01",
    "detractor",
    "f1",
    NOW,
    score=3.0,
    segment="household",
    irritant_id="IR-0007",
    source="typeform",
    said_in="survey",
    channel="email",
    intent=True,
    risk=0.2,
)


@pytest.mark.parametrize(
    ("given", "other"),
    [
        ({"score": {"max": 3}}, {"score": 3.5}),
        ({"score": {"min": 3}}, {"score": 2.9}),
        ({"risk": {"min": 0.2}}, {"risk": 0.19}),
        ({"risk": {"min": 0.2}}, {"risk": None}),
        ({"intent": True}, {"intent": False}),
        ({"irritants": ["IR-0007", "IR-0008"]}, {"irritant_id": "IR-0001"}),
        ({"irritants": ["IR-0007"]}, {"irritant_id": None}),
        ({"segments": ["household"]}, {"segment": "small_business"}),
        ({"sources": ["typeform"]}, {"source": "qualtrics"}),
        ({"channels": ["email"]}, {"channel": None}),
        ({"kinds": ["survey"]}, {"said_in": "call"}),
    ],
)
def test_a_condition_holds_or_does_not(given: dict[str, Any], other: dict[str, Any]) -> None:
    when = When.model_validate(given)
    assert when.holds(ONE, 62.0)
    assert not when.holds(replace(ONE, **other), 62.0)


def test_value_and_all_conditions_together() -> None:
    when = When.model_validate({"value_eur": {"min": 50, "max": 100}, "intent": True})
    assert [when.holds(ONE, value) for value in (49.9, 50.0, 100.0, 100.1)] == [False, True, True, False]
    assert not when.holds(replace(ONE, intent=False), 62.0)


def test_the_first_rule_that_fits_takes_the_signal(
    make_rules: Callable[..., Rules], customers: pd.DataFrame, calendars
) -> None:
    rules = make_rules()
    risky = Rule(
        "at_risk", "detractor", "solidarity", "high_value", 2, when=When.model_validate({"risk": {"min": 0.2}})
    )
    rules = replace(rules, rules=(*rules.rules[:2], risky, *rules.rules[2:]))
    assert rules.asks_risk
    said = [replace(ONE, customer_id=f"C0{n}", feedback_id=f"f{n}", risk=None) for n in (1, 2, 3)]
    risks = {"C01": 0.5, "C02": 0.1}
    opened = open_cases(said, {}, customers, rules=rules, calendars=calendars, now=NOW, risks=risks)
    assert {case.customer_id: case.reason for case in opened.cases} == {
        **{"C01": "at_risk", "C02": "detractor", "C03": "detractor"},
    }
