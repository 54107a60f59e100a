"""Ties by their rule, weeks that outlive their words, sentences a person reads."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.format import Format
from insights.contracts import DRIVER, IRRITANT_WEEKLY
from insights.digest.trends import real_trends
from insights.digest.words import Words
from insights.i18n import translator
from insights.priorities import rank
from insights.priorities.order import Drawn, before, ranks, ties
from insights.priorities.words import effect_sentence, rank_sentence, sentence, trend_sentence, weak_sentence
from insights.weekly import with_purged

FR, EN = Format("fr", "Europe/Paris"), Words("en")
ROW = {
    **{"value_at_risk_eur": 310_000.0, "value_at_risk_low_eur": 120_000.0, "value_at_risk_high_eur": 480_000.0},
    **{"nps_effect": -2.1, "nps_effect_low": -2.8, "nps_effect_high": -1.5},
    **{"effect_metric": "nps", "effect_survey": "relational", "effect_scale": "0-10", "n_mentions": 4},
    **{"trend_verdict": "up", "trend_weeks": 4, "trend_ratio": 1.8, "trend_low": 1.2, "trend_high": 2.7},
    **{"rank_low": 1, "rank_high": 4, "top3_probability": 0.72},
}


def plain(text: str) -> str:
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")


def test_ties_are_taken_from_the_front() -> None:
    rng = np.random.default_rng(1)
    centre = np.array([10.0, 9.9, 5.0, 4.9, 1.0])
    amount = Drawn(centre, centre + rng.normal(0, 0.5, (500, 5)))
    assert ties(np.zeros(5, dtype=bool), amount).tolist() == [1, 1, 2, 2, 3]
    weak = np.array([False, False, False, True, False])
    assert ties(weak, amount).tolist() == [1, 1, 2, 0, 3]
    assert ties(np.ones(5, dtype=bool), amount).tolist() == [0] * 5


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_before_is_symmetrical_and_ties_do_not_hang_on_the_order_of_columns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    point = rng.permutation(6) * 1.0
    amount = Drawn(point, np.round(point + rng.normal(0, 1, (60, 6))))
    assert before(amount, 0, 1) + before(amount, 1, 0) == pytest.approx(1.0)
    order = rng.permutation(6)
    turned = Drawn(point[order], amount.draws[:, order])
    none = np.zeros(6, dtype=bool)
    assert ties(none, amount)[order].tolist() == ties(none, turned).tolist()


def test_what_nothing_tells_apart_has_a_wide_range() -> None:
    none, nothing = np.zeros(5, dtype=bool), Drawn(np.zeros(5), np.zeros((400, 5)))
    placed = ranks(none, nothing, seed=3)
    assert placed.point.tolist() == [1, 2, 3, 4, 5], "the point keeps the order of the columns"
    assert (np.quantile(placed.draws, 0.05, axis=0) == 1).all() and (np.quantile(placed.draws, 0.95, axis=0) == 5).all()
    assert (placed.draws <= 3).mean(axis=0) == pytest.approx(0.6, abs=0.1)
    np.testing.assert_array_equal(placed.draws, ranks(none, nothing, seed=3).draws)
    weak = np.array([False, False, False, True, True])
    assert ranks(weak, nothing, seed=3).draws[:, 3:].min() == 4
    amount = Drawn(np.array([1.0, 3.0, 2.0]), np.array([[1.0, 3.0, 2.0]] * 9))
    assert (ranks(none[:3], amount, seed=3).draws == [3, 1, 2]).all()


def test_a_rank_lies_in_its_range_where_all_are_equal() -> None:
    ids = [f"{k:02d}-{n}" for k in range(40) for n in range(10)]
    said = {"mention_id": ids, "feedback_id": ids, "customer_id": ids, "irritant_id": [f"IR-{one[:2]}" for one in ids]}
    mentions = pd.DataFrame(said).assign(polarity=-0.5, occurred_at=pd.Timestamp("2026-10-20", tz="UTC"))
    driver, weekly = (pd.DataFrame(columns=list(one.column_names)) for one in (DRIVER, IRRITANT_WEEKLY))
    found = rank(None, None, mentions, driver, weekly, date(2026, 10, 31), seed=1, draws=200)
    assert (found["rank_low"] <= found["rank"]).all() and (found["rank"] <= found["rank_high"]).all()
    assert found["rank"].tolist() == list(range(1, 41)) and set(found["tie"]) == {1}


def test_the_sentence_is_the_one_a_person_reads() -> None:
    french = plain(sentence(translator("fr"), FR, "Attente", ROW))
    assert "« Attente » : 310 000 € de marge en jeu, entre 120 000 € et 480 000 €." in french
    assert (
        "Les clients qui citent « Attente » donnent en moyenne 2,1 points de moins à la note de recommandation sur 10 "
        "(entre 1,5 et 2,8) ; c'est une association, pas une preuve." in french
    )
    assert "Il monte sur 4 semaines : cité 1,8 fois autant que dans les semaines d'avant (1,2 à 2,7)." in french
    english = plain(sentence(translator("en"), EN, "Waiting", ROW))
    assert "“Waiting”: €310,000 of margin at stake, between €120,000 and €480,000." in english
    assert "give on average 2.1 points less" in english and "an association, not a proof" in english


def test_what_is_not_known_is_said_so() -> None:
    _ = translator("en")
    assert "Too few answers" in effect_sentence(_, EN, "X", ROW | {"nps_effect": None})
    maybe = effect_sentence(_, EN, "X", ROW | {"nps_effect_high": 0.3})
    assert "chance can explain it" in maybe and "less" not in maybe
    assert trend_sentence(_, EN, ROW | {"trend_verdict": "unknown"}) == ""
    assert "Too few answers" in effect_sentence(_, EN, "X", ROW | {"effect_metric": None}), "of no known score"
    certain = rank_sentence(_, EN, ROW | {"rank_low": 1, "rank_high": 1, "top3_probability": 1.0}, 1)
    assert certain == "It almost surely has rank 1."
    assert "anything from nothing to" in sentence(_, EN, "X", ROW | {"value_at_risk_low_eur": -5.0})
    assert "tied" in rank_sentence(_, EN, ROW, 3) and "tied" not in rank_sentence(_, EN, ROW, 1)
    assert plain(weak_sentence(translator("fr"), FR, "X", ROW)).startswith("X : 4 mentions en 90 jours ; 1,8 fois")


def test_no_sentence_says_what_its_interval_does_not() -> None:
    french = translator("fr")
    steady = ROW | {"trend_verdict": "steady", "trend_low": 0.8, "trend_high": 1.4}
    assert plain(trend_sentence(french, FR, steady)) == (
        "Pas de changement en 4 semaines que le hasard ne suffise à expliquer (0,8 à 1,4 fois les semaines d'avant)."
    )
    outside = trend_sentence(translator("en"), EN, ROW | {"trend_verdict": "steady"})
    assert outside.startswith("Perhaps a change over 4 weeks (1.2 to 2.7") and "No change" not in outside
    assert plain(trend_sentence(french, FR, ROW | {"trend_verdict": "steady"})).startswith("Peut-être un changement")
    near = trend_sentence(translator("en"), EN, ROW | {"trend_low": 1.03})
    assert "1.80 times as often" in near and "(1.03 to 2.70)" in near


def counted(n_heard: int, n: int, irritant: str = "IR-0001", week: date = date(2026, 1, 5)) -> pd.DataFrame:
    rows = [(irritant, n), ("unclassified", 0)]
    return pd.DataFrame(
        [
            {
                **{"week": week, "irritant_id": one, "segment": "household", "brand": "(none)"},
                **{"channel_group": "phone", "n_mentions": k, "n_customers": k, "n_feedback": k},
                **{"polarity_sum": -0.5 * k, "n_heard": n_heard, "n_contacts": 500, "n_active": 1000},
            }
            for one, k in rows
        ]
    )[list(IRRITANT_WEEKLY.column_names)]


def n_of(frame: pd.DataFrame) -> dict[str, int]:
    return frame.groupby("irritant_id")["n_mentions"].sum().to_dict()


def test_weeks_whose_calls_were_purged_stay_as_they_were_counted() -> None:
    old, purged = counted(40, 9), counted(3, 1)
    closed = date(2026, 5, 1)
    assert n_of(with_purged(purged, old, closed, {}))["IR-0001"] == 9
    assert n_of(with_purged(purged.head(0), old, closed, {}))["IR-0001"] == 9, "nothing is left of the week"
    assert n_of(with_purged(purged, old, date(2026, 1, 11), {}))["IR-0001"] == 9, "purging has begun in the week"
    assert n_of(with_purged(purged, old, date(2026, 1, 4), {}))["IR-0001"] == 1, "a week that is whole is recounted"
    assert n_of(with_purged(counted(50, 12), old, closed, {}))["IR-0001"] == 12, "late rows count"
    assert n_of(with_purged(purged, old.head(0), closed, {}))["IR-0001"] == 1


@pytest.mark.parametrize("hours_before", [0, 2], ids=["at midnight in Paris", "at midnight in UTC"])
def test_purging_day_by_day_over_a_fortnight_erodes_no_week(hours_before: int) -> None:
    """A call an hour; each night the oldest day goes and the weeks are counted anew."""
    mondays = [date(2026, 1, 5), date(2026, 1, 12)]
    said = {monday: pd.date_range(monday, periods=7 * 24, freq="h") for monday in mondays}

    def held(closed: date) -> pd.DataFrame:
        first = pd.Timestamp(closed) + pd.Timedelta(hours=hours_before)
        left = {monday: int((hours >= first).sum()) for monday, hours in said.items()}
        return pd.concat([counted(n, n // 2, week=monday) for monday, n in left.items() if n])

    kept = held(date(2026, 1, 1))
    whole = with_purged(kept, kept, date(2026, 1, 1), {})
    for closed in pd.date_range("2026-01-02", "2026-01-18").date:
        kept = with_purged(held(closed), kept, closed, {})
        pd.testing.assert_frame_equal(kept, whole)


def test_kept_weeks_follow_merges_and_a_second_run_changes_nothing() -> None:
    old = pd.concat([counted(40, 9), counted(40, 4, "IR-0002").head(1)])
    kept = with_purged(counted(3, 1), old, date(2026, 5, 1), {"IR-0002": "IR-0001"})
    assert n_of(kept) == {"IR-0001": 13, "unclassified": 0}
    again = with_purged(counted(0, 0).head(0), kept, date(2026, 5, 1), {"IR-0002": "IR-0001"})
    pd.testing.assert_frame_equal(kept, again)
    written_before = old.drop(columns="channel_group").assign(channel_group=None)
    assert n_of(with_purged(counted(3, 1), written_before, date(2026, 5, 1), {}))["IR-0001"] == 1


def test_the_digest_keeps_the_verdict_of_the_ranking() -> None:
    ratios = {"trend_ratio": [9.0, 1.0], "trend_low": [8.0, 0.9], "trend_high": [10.0, 1.1], "weak_signal": False}
    frame = pd.DataFrame({"irritant_id": ["IR-0001", "IR-0002"], **ratios, "trend_verdict": ["steady", "up"]})
    assert real_trends(frame) == {"IR-0001": "steady", "IR-0002": "up"}
    assert real_trends(frame.assign(trend_verdict=None))["IR-0001"] == "up"
