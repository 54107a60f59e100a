"""Signals from the lake's tables: the quantile of risk, scores, words, and the irritant they are about."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from insights.cases import feedback_signals, risk_signals
from insights.cases.signals import Reach


def feedback(now, **rows):
    defaults = {"segment": "household", "language": "fr", "recontact": "not_asked", "anonymous": False}
    table = [
        {"feedback_id": key, "customer_id": f"C-{key}", "occurred_at": now - timedelta(hours=3), **defaults, **row}
        for key, row in rows.items()
    ]
    frame = pd.DataFrame(table)
    return frame.assign(occurred_at=pd.to_datetime(frame["occurred_at"], utc=True))


def mention(key, n=1, **fields):
    defaults = {"polarity": -0.5, "leave_intent": False, "urgency": None, "voice": "customer"}
    return {"mention_id": f"{key}-{n}", "feedback_id": key, "unit_no": n, **defaults, **fields}


ANSWERS = pd.DataFrame(
    {
        "feedback_id": ["a", "a", "b", "c"],
        "metric": ["nps", "csat", "nps", "csat"],
        "value": [6.0, 1.0, 7.0, 1.0],
    }
)
ASSIGNED = pd.DataFrame(
    {"mention_id": ["a-1", "a-2", "d-1"], "irritant_id": ["IR-0002", "IR-0001", "unclassified"]}, dtype="str"
)


def test_detractors_come_from_the_question_of_recommendation_only(make_rules, now):
    table = feedback(now, a={}, b={}, c={})
    mentions = pd.DataFrame([mention("a", 1, polarity=-0.2), mention("a", 2, polarity=-0.9), mention("b")])
    signals = feedback_signals(table, ANSWERS, mentions, ASSIGNED, rules=make_rules(), now=now)
    assert [(one.customer_id, one.kind, one.score) for one in signals] == [("C-a", "detractor", 6.0)]
    assert (signals[0].irritant_id, signals[0].segment, signals[0].language) == ("IR-0001", "household", "fr")


def test_words_of_leaving_and_danger_come_from_customers_only(make_rules, now):
    table = feedback(now, d={"recontact": "yes"}, e={"language": "und"}, f={})
    mentions = pd.DataFrame(
        [
            mention("d", 1, leave_intent=True),
            mention("d", 2, leave_intent=True, urgency="infant"),
            mention("e", 1, urgency="safety"),
            mention("f", 1, leave_intent=True, voice="employee"),
        ]
    )
    signals = feedback_signals(table, ANSWERS.iloc[:0], mentions, ASSIGNED, rules=make_rules(), now=now)
    found = {(one.feedback_id, one.kind, one.urgent_about, one.recontact, one.language) for one in signals}
    assert found == {
        ("d", "leave_intent", None, "yes", "fr"),
        ("d", "urgency", "infant", "yes", "fr"),
        ("e", "urgency", "safety", "not_asked", None),
    }
    assert all(one.irritant_id is None for one in signals)


def test_unknown_customers_and_old_words_give_no_signal(make_rules, now):
    table = feedback(now, a={"customer_id": None}, d={"occurred_at": now - timedelta(days=8)})
    mentions = pd.DataFrame([mention("a", leave_intent=True), mention("d", leave_intent=True)])
    assert feedback_signals(table, ANSWERS, mentions, ASSIGNED, rules=make_rules(), now=now) == []


def scores(values, column="probability"):
    frame = pd.DataFrame({"customer_id": [f"C{n:03d}" for n in range(len(values))], "scored_on": date(2026, 10, 28)})
    frame = frame.assign(probability=None, index=0.0)
    return frame.assign(**{column: values})


def pictures(n, **columns):
    shared = {"segment": "household", "margin_eur_year": 62.0, "objection": False, "leaving": False, "recontact": "yes"}
    return pd.DataFrame({"customer_id": [f"C{k:03d}" for k in range(n)]}).assign(**(shared | columns))


def test_a_card_takes_the_top_of_the_newest_scoring(make_rules, now):
    old = scores([100.0] * 1000, "index").assign(scored_on=date(2026, 10, 27))
    values = [n / 10 for n in range(1000)]
    signals = risk_signals(pd.concat([old, scores(values, "index")]), make_rules(), now)
    assert [one.customer_id for one in signals] == [f"C{n}" for n in range(999, 989, -1)]
    assert [one.score for one in signals] == pytest.approx([n / 1000 for n in range(999, 989, -1)])
    assert (signals[0].feedback_id, signals[0].is_probability) == ("C999:2026-10-28", False)


def test_a_probability_takes_those_worth_more_than_a_call_costs_and_may_be_called(make_rules, now):
    """40 EUR a year, three years, a fifth of departures avoided: a call at 6.20 EUR pays above 0.2583."""
    people = pictures(6, margin_eur_year=40.0).assign(
        objection=[False, False, True, False, False, False],
        leaving=[False, False, False, True, False, False],
        recontact=["yes", "not_asked", "yes", "yes", "no", "not_asked"],
    )
    chances = [0.26, 0.25, 0.9, 0.9, 0.9, 0.5]
    signals = risk_signals(scores(chances), make_rules(), now, people)
    assert [(one.customer_id, one.score, one.is_probability) for one in signals] == [
        ("C005", 0.5, True), ("C000", 0.26, True)
    ]  # fmt: skip
    measured = risk_signals(scores(chances), make_rules(), now, people, Reach(relative_cut=0.10))
    assert [one.customer_id for one in measured] == []
    assert risk_signals(scores([0.9]), make_rules(), now, people, Reach(relative_cut=-0.2)) == []


def test_the_random_ones_are_drawn_among_all_and_do_not_depend_on_the_order(make_rules, now):
    people, chances = pictures(500), [0.001] * 490 + [0.9] * 10
    reach = Reach(n_best=5, n_random=40, seed=3)
    signals = risk_signals(scores(chances), make_rules(), now, people, reach)
    drawn = {one.customer_id for one in signals if one.explored}
    assert len(drawn) == 40
    assert len([one for one in signals if not one.explored]) <= 5
    shuffled = scores(chances).sample(frac=1, random_state=1)
    again = risk_signals(shuffled, make_rules(), now, people, reach)
    assert [(one.customer_id, one.explored) for one in again] == [(one.customer_id, one.explored) for one in signals]
    other = risk_signals(scores(chances), make_rules(), now, people, Reach(5, 40, seed=4))
    assert {one.customer_id for one in other if one.explored} != drawn


def test_a_card_of_few_values_does_not_open_a_case_for_everybody(make_rules, now):
    assert risk_signals(scores([30.0] * 500, "index"), make_rules(), now) == []
    assert risk_signals(scores([]), make_rules(), now) == []
