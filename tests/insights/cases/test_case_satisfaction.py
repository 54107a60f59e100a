"""Low answers on satisfaction and effort open a case, whatever the scale and its direction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from insights.calendar import Calendar
from insights.cases import Rules, feedback_signals, load_rules, open_cases
from insights.cases.satisfaction import lowest_places
from insights.errors import SettingsError
from insights.settings import Settings

RULES = Path(__file__).parents[3] / "data" / "reference" / "case_rules.yaml"
DOWN = {("post_call", "ces", (1.0, 5.0)): True, ("post_call", "ces", (1.0, 9.0)): False}


def surveys(*answers: tuple[str, str, str, float], at: datetime) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(feedback_id, metric, scale, value) as FEEDBACK and ANSWER rows of the survey post_call."""
    keys = list(dict.fromkeys(key for key, *_ in answers))
    feedback = pd.DataFrame(
        {
            "feedback_id": keys,
            "kind": "survey",
            "survey": "post_call",
            "customer_id": [f"C0{place}" for place, _ in enumerate(keys, 1)],
            "occurred_at": pd.Timestamp(at).tz_convert("UTC") - timedelta(hours=3),
            "segment": "household",
            "language": "fr",
            "recontact": "yes",
            "anonymous": False,
            "source": "s",
            "channel": "email",
            "verbatim": None,
        }
    )
    return feedback, pd.DataFrame(answers, columns=["feedback_id", "metric", "scale", "value"])


def empty(*names: str) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=object) for name in names})


MENTIONS = empty("mention_id", "feedback_id", "unit_no", "voice", "leave_intent", "urgency", "polarity", "text")
ASSIGNED = empty("mention_id", "irritant_id")


@pytest.mark.parametrize(
    ("metric", "scale", "value", "place"),
    [
        ("csat", "1-5", 1, 0.0),
        ("csat", "1-5", 2, 0.25),
        ("csat", "1-10", 10, 1.0),
        ("ces", "1-7", 2, 1 / 6),
        ("ces", "1-5", 4, 0.25),  # declared: low is good
        ("ces", "1-7 (low is good)", 7, 0.0),  # said by the source
        ("ces", "1-9 (low is good)", 9, 1.0),  # declared otherwise
    ],
)
def test_the_best_box_is_always_at_the_top(now, metric, scale, value, place):
    found = lowest_places(*surveys(("a", metric, scale, value), at=now), DOWN)
    assert list(found["_score"]) == [pytest.approx(place)]


def test_the_lowest_of_several_answers_counts_and_an_unreadable_scale_gives_none(now):
    rows = surveys(("a", "csat", "1-5", 4), ("a", "ces", "1-7", 1), ("b", "csat", "smiley", 1), at=now)
    found = lowest_places(*rows, DOWN)
    assert found.to_dict("records") == [{"feedback_id": "a", "_score": 0.0}]


@pytest.mark.parametrize(("scale", "value"), [("1-5", 0), ("1-5", 6), ("1-7 (low is good)", 9), ("5-1", 3)])
def test_an_answer_outside_its_scale_is_no_low_answer(now, scale, value):
    assert lowest_places(*surveys(("a", "csat", scale, value), at=now), DOWN).empty


def test_nps_and_reviews_are_not_satisfaction_after_a_contact(now):
    feedback, answers = surveys(("a", "nps", "0-10", 0), ("b", "csat", "1-5", 1), at=now)
    feedback.loc[1, "kind"] = "review"
    assert lowest_places(feedback, answers, DOWN).empty


def test_a_low_answer_opens_a_case_and_a_middling_one_does_not(
    make_rules: Callable[..., Rules], customers: pd.DataFrame, calendars: dict[str, Calendar], now: datetime
):
    rules = make_rules()
    frames = surveys(("a", "csat", "1-5", 2), ("b", "csat", "1-5", 3), ("c", "ces", "1-7", 1), at=now)
    signals = feedback_signals(*frames, MENTIONS, ASSIGNED, rules=rules, now=now)
    assert [(one.feedback_id, one.kind) for one in signals] == [("a", "dissatisfied"), ("c", "dissatisfied")]
    opened = open_cases(signals, {}, customers, rules=rules, calendars=calendars, now=now)
    assert {case.reason for case in opened.cases} == {"dissatisfied"}
    assert [case.customer_id for case in opened.cases] == ["C01", "C03"]


def test_without_the_rule_no_such_signal_is_made(make_rules: Callable[..., Rules], now: datetime):
    rules = make_rules()
    rules = replace(rules, rules=tuple(rule for rule in rules.rules if rule.signal != "dissatisfied"))
    assert feedback_signals(*surveys(("a", "csat", "1-5", 1), at=now), MENTIONS, ASSIGNED, rules=rules, now=now) == []


@pytest.mark.parametrize("when", ["", "    when: {score: {min: 0.1}}", "    when: {score: {max: 1.0}}"])
def test_a_rule_must_say_how_low(tmp_path: Path, calendars: dict[str, Calendar], when: str):
    text = RULES.read_text(encoding="utf-8")
    path = tmp_path / "case_rules.yaml"
    path.write_text(text.replace("    when: {score: {max: 0.25}}", when), encoding="utf-8")
    with pytest.raises(SettingsError, match="how low"):
        load_rules(path, Settings(), calendars)
