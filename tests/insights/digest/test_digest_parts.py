"""The parts of a digest: trends that are real, scores compared, quotes chosen, promises counted, words formatted."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.digest import callbacks, compare
from insights.digest.model import Callbacks
from insights.digest.owners import load_owners, owner_of
from insights.digest.quotes import LONGEST, choose, shorten
from insights.digest.scores import change_interval, main_score, to_scores
from insights.digest.trends import counts, real_trends, recent_mentions, weekly_points
from insights.digest.words import Words, french_spaces, three_figures
from insights.errors import SettingsError

FR, EN = Words("fr"), Words("en")
LAST = date(2026, 10, 31)


# --- trends


def trends_of(logs: np.ndarray, spread: float = 0.2, weak: bool = False) -> pd.DataFrame:
    ratio = np.exp(logs)
    half = 1.6448536 * spread
    return pd.DataFrame(
        {
            "irritant_id": [f"IR-{place:04d}" for place in range(len(logs))],
            **{"trend_ratio": ratio, "trend_low": ratio * np.exp(-half), "trend_high": ratio * np.exp(half)},
            "weak_signal": weak,
        }
    )


def test_among_thirty_irritants_that_do_not_move_chance_announces_few():
    generator = np.random.default_rng(7)
    weeks = [trends_of(generator.normal(0, 0.2, 30)) for _ in range(200)]
    alone = np.mean([((week["trend_low"] > 1) | (week["trend_high"] < 1)).sum() for week in weeks])
    announced = np.mean([any(v in ("up", "down") for v in real_trends(week).values()) for week in weeks])
    assert 2.5 < alone < 3.5  # intervals taken one by one announce three a week
    assert announced < 0.16  # here one week in ten announces anything


def test_a_real_change_is_found_among_the_others():
    logs = np.random.default_rng(1).normal(0, 0.2, 30)
    logs[4], logs[9] = 1.0, -1.0
    found = real_trends(trends_of(logs))
    assert found["IR-0004"] == "up" and found["IR-0009"] == "down"
    assert sum(verdict == "steady" for verdict in found.values()) >= 26


def test_weak_signals_and_unknown_trends_are_never_announced():
    assert set(real_trends(trends_of(np.array([2.0]), weak=True)).values()) == {"steady"}
    unknown = trends_of(np.array([1.0, 1.0])).assign(trend_low=[np.nan, 0.0])
    assert set(real_trends(unknown).values()) == {"unknown"}
    assert real_trends(trends_of(np.array([]))) == {}


def test_the_order_of_rows_does_not_matter():
    table = trends_of(np.random.default_rng(2).normal(0, 0.5, 20))
    assert real_trends(table) == real_trends(table.sample(frac=1, random_state=1))


def test_weekly_points_count_segments_together_and_leave_blind_weeks_open(weekly):
    points = weekly_points(counts(weekly), "IR-0001", LAST)
    assert [point.week for point in points][:: len(points) - 1] == [date(2026, 8, 10), date(2026, 10, 26)]
    assert points[-1].rate == pytest.approx(100 * (7 + 1) / 76, abs=0.01)
    assert [point.week for point in points if point.rate is None] == [date(2026, 8, 24)]
    silent = weekly_points(counts(weekly[weekly["irritant_id"] != "IR-0013"]), "IR-0013", LAST)
    assert {point.rate for point in silent} == {0.0, None}  # collected, and nobody spoke of it


def test_a_week_that_has_just_begun_is_not_drawn(weekly):
    assert weekly_points(counts(weekly), "IR-0001", date(2026, 10, 28))[-1].week == date(2026, 10, 19)
    assert weekly_points(counts(weekly), "IR-0001", date(2026, 10, 30))[-1].week == date(2026, 10, 26)


def test_recent_mentions_cover_four_weeks(weekly):
    assert recent_mentions(counts(weekly), "IR-0022", LAST) == (5 + 7 + 8 + 9) + (1 + 1 + 2 + 2)


# --- scores


def daily(rows) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["day", "metric", "survey", "n_positive", "n_negative", "denominator"])
    return table.assign(numerator=table["n_positive"] - table["n_negative"], segment="household")


def test_four_weeks_are_compared_with_the_four_before():
    first_now, last_before = LAST - timedelta(days=27), LAST - timedelta(days=28)
    table = daily(
        [
            (LAST, "nps", "relational", 30, 40, 100),
            (first_now, "nps", "relational", 20, 30, 50),
            (last_before, "nps", "relational", 60, 20, 100),
            (LAST - timedelta(days=55), "nps", "relational", 10, 10, 20),
            (LAST - timedelta(days=56), "nps", "relational", 500, 0, 500),
            (LAST + timedelta(days=1), "nps", "relational", 500, 0, 500),
            (LAST, "csat", "post_call", 20, 0, 29),
            (LAST, "csat", "welcome", 40, 0, 60),
        ]
    )
    found = compare(table, LAST, min_n=30)
    nps = found[found["metric"] == "nps"].iloc[0]
    assert (nps["n"], nps["n_before"]) == (150, 120)
    assert nps["value"] == pytest.approx(100 * (50 - 70) / 150)
    assert nps["value_before"] == pytest.approx(100 * (70 - 30) / 120)
    assert nps["low"] < nps["value"] < nps["high"]
    assert found[found["metric"] == "csat"]["survey"].tolist() == ["welcome"]  # 29 answers are too few to show
    welcome = found[found["survey"] == "welcome"].iloc[0]
    assert (welcome["n_before"], math.isnan(welcome["value_before"])) == (0, True)
    score = to_scores(found)[0]
    assert (score.verdict, score.n, score.unit) == ("down", 150, "points")


def test_no_answers_give_no_score():
    assert compare(daily([]), LAST, min_n=30).empty
    assert to_scores(compare(daily([]), LAST, min_n=30)) == ()


def test_the_interval_of_a_change_keeps_unequal_arms():
    change, low, high = change_interval(10.0, 7.0, 14.0, 5.0, 1.0, 8.0)
    assert change == 5.0
    assert low == pytest.approx(5 - math.hypot(3, 3))
    assert high == pytest.approx(5 + math.hypot(4, 4))
    assert change_interval(10.0, 7.0, 14.0, None, None, None) == (None, None, None)


@settings(deadline=None)
@given(st.lists(st.floats(0, 50), min_size=4, max_size=4), st.floats(-50, 50), st.floats(-50, 50))
def test_the_change_lies_in_its_interval_and_turns_with_its_sides(arms, one, two):
    ends = (one, one - arms[0], one + arms[1], two, two - arms[2], two + arms[3])
    change, low, high = change_interval(*ends)
    assert low <= change <= high
    back, back_low, back_high = change_interval(*ends[3:], *ends[:3])
    assert (back, back_low, back_high) == pytest.approx((-change, -high, -low))


def test_per_metric_the_questionnaire_with_most_answers_and_the_headline_takes_what_moved(scores):
    found = to_scores(scores)
    assert [(score.metric, score.survey) for score in found] == [
        *[("nps", "relational"), ("csat", "post_call"), ("ces", "post_call")]
    ]
    assert [score.verdict for score in found] == ["unknown", "down", "steady"]
    assert main_score(found).metric == "csat"
    assert main_score([found[0], found[2]]).metric == "nps"
    assert main_score([]) is None


# --- quotes


def test_quotes_are_readable_from_two_channels_and_free_of_redaction_marks(verbatims):
    found = choose(verbatims, "IR-0001", LAST, "Europe/Paris")
    assert [quote.mention_id for quote in found] == ["m0", "m1"]
    assert [quote.channel for quote in found] == ["phone", "email"]
    marked_only = verbatims[verbatims["mention_id"] == "m2"]
    assert [quote.mention_id for quote in choose(marked_only, "IR-0001", LAST, "Europe/Paris")] == ["m2"]


def test_one_quote_per_feedback_and_never_the_same_words_twice(verbatims):
    said = verbatims[verbatims["irritant_id"] == "IR-0013"]
    assert len(choose(said.assign(feedback_id="f"), "IR-0013", LAST, "Europe/Paris")) == 1
    copied = said.assign(text=["Personne ne me rappelle jamais.", "personne ne me rappelle jamais !"])
    assert len(choose(copied, "IR-0013", LAST, "Europe/Paris")) == 1
    assert choose(said.assign(polarity=0.4), "IR-0013", LAST, "Europe/Paris") == ()
    assert choose(verbatims, "IR-9999", LAST, "Europe/Paris") == ()


def test_the_day_of_a_quote_is_the_customers_day(verbatims):
    late = verbatims.assign(occurred_at=pd.Timestamp("2026-10-30T23:30:00Z"))
    assert choose(late, "IR-0022", LAST, "Europe/Paris")[0].said_on == date(2026, 10, 31)


def test_words_of_the_last_four_weeks_come_before_more_typical_older_ones(verbatims):
    said = verbatims[verbatims["irritant_id"] == "IR-0022"]
    older = said.assign(
        **{"mention_id": ["x1", "x2"], "feedback_id": ["y1", "y2"], "confidence": 1.0, "channel": ["app", "letter"]},
        **{"text": said["text"] + " encore", "occurred_at": pd.Timestamp("2026-09-30T12:00:00Z")},
    )
    both = pd.concat([older, said])
    assert {quote.mention_id for quote in choose(both, "IR-0022", LAST, "Europe/Paris")} == {"m4", "m5"}
    assert len(choose(older, "IR-0022", LAST, "Europe/Paris")) == 2


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=400), st.integers(10, 200))
def test_a_shortened_quote_is_an_exact_piece_and_never_longer(text, longest):
    short, cut = shorten(text, longest)
    assert short in text
    assert len(short) <= longest
    assert cut == (len(text) > longest)


def test_a_long_quote_is_cut_at_a_word():
    text, cut = shorten("mot " * 80)
    assert cut and text.endswith("mot") and len(text) <= LONGEST


# --- callbacks


def test_promises_are_counted_in_the_week_they_fell_due(cases):
    as_of = datetime(2026, 10, 31, 18, tzinfo=UTC)
    assert callbacks.count(cases, as_of) == Callbacks(
        **{"n_due": 15, "n_kept": 12, "n_missed": 3, "n_tried_in_time": 1},
        **{"n_opened": 20, "n_open": 8, "n_overdue": 3, "n_urgent_overdue": 0},
    )
    urgent = cases.assign(reason="urgency")
    assert callbacks.count(urgent, as_of).n_urgent_overdue == 3
    assert callbacks.count(cases, as_of + timedelta(days=60)).n_due == 0
    assert callbacks.count(cases.iloc[:0], as_of) == Callbacks()


# --- words


def test_numbers_and_euros_as_each_language_writes_them():
    assert (FR.euros(34217), EN.euros(34217)) == ("34\u00a0200\u00a0€", "€34,200")
    assert (FR.number(-1234.5, 1), EN.number(-1234.5, 1)) == ("\u22121\u00a0234,5", "\u22121,234.5")
    assert (FR.ratio(2.13), EN.ratio(2.13)) == ("×2,1", "×2.1")
    assert (FR.share(12, 15), EN.share(12, 15)) == ("80\u00a0%", "80%")
    assert (FR.change(-11.2), EN.change(4)) == ("\u221211\u00a0pts", "+4\u00a0pts")
    assert (FR.score(63, "%"), FR.score(-8, "points")) == ("63\u00a0%", "\u22128")
    assert (FR.euro_range(21050, 52380), EN.euro_range(21050, 52380)) == (
        *("21\u00a0000 à 52\u00a0400\u00a0€", "€21,000 to €52,400"),
    )


@pytest.mark.parametrize(("value", "shown"), [(0, 0), (87, 87), (987, 987), (34217, 34200), (-52380, -52400), (0.4, 0)])
def test_euros_are_never_more_precise_than_the_estimate(value, shown):
    assert three_figures(value) == shown


def test_days_and_periods():
    day = date(2026, 10, 31)
    assert (FR.day(day), EN.day(day)) == ("31\u00a0oct.", "31\u00a0Oct")
    assert FR.long_day(date(2026, 11, 1)) == "1er novembre 2026"
    assert FR.period(date(2026, 10, 25), day) == "du 25 au 31 octobre 2026"
    assert FR.period(date(2026, 11, 1), date(2026, 11, 7)) == "du 1er au 7 novembre 2026"
    assert EN.period(date(2026, 10, 26), date(2026, 11, 1)) == "26 October to 1 November 2026"
    assert EN.period(date(2026, 12, 28), date(2027, 1, 3)) == "28 December 2026 to 3 January 2027"
    assert FR.instant(datetime(2026, 10, 31, 18, tzinfo=UTC)) == "31 octobre 2026 à 19:00"


def test_french_signs_hold_their_words():
    assert french_spaces("« mot » : non ? si !") == "«\u00a0mot\u00a0»\u00a0: non\u00a0? si\u00a0!"
    assert FR._("To decide") == "À décider"
    assert "\u00a0:" in FR._("Owner: {owner}.") and EN._("Owner: {owner}.") == "Owner: {owner}."


def test_plural_as_each_language_counts():
    assert [FR.plural(n, "un", "des") for n in (0, 1, 2)] == ["un", "un", "des"]
    assert [EN.plural(n, "one", "some") for n in (0, 1, 2)] == ["some", "one", "some"]


def test_codes_have_names_and_unknown_ones_stay():
    assert FR.channel("review_site") == "sur un site d'avis"
    assert FR.channel("pigeon") == "pigeon"
    assert EN.score_name("ces", "post_digital") == "Ease (CES), after an online task"
    assert EN.score_name("trust", "(none)") == "TRUST"


# --- owners


def test_the_reference_owners_fit_irritants_in_both_languages():
    owners = load_owners(Path("data/reference/owners.yaml"))
    expected = {
        "Facture de régularisation trop élevée": "billing",
        "Annual catch-up bill far too high": "billing",
        "Heures creuses déplacées": "offers",
        "Rappel promis jamais reçu": "contact_centre",
        "Remboursement du trop-perçu qui n'arrive pas": "payment",
        "Espace client ou application inaccessible": "account",
        "Contrat pro : reconduction et frais de sortie": "small_business",
    }
    assert {label: owner_of(owners, label).owner_id for label in expected} == expected
    assert owner_of(owners, "le chat noir", None) is None
    assert {owner.language for owner in owners} == {"fr", "en"}


def test_an_owner_may_read_in_a_chat_and_have_a_slice(tmp_path):
    path = tmp_path / "owners.yaml"
    entry = "{name: A, by: slack, endpoint: here, products: ['Offre É+'], journey_stages: [Déménagement], irritants: [IR-0007]}"
    path.write_text(f"owners: {{a: {entry}}}", encoding="utf-8")
    (one,) = load_owners(path)
    assert (one.by, one.endpoint, one.email) == ("slack", "here", "")
    assert (one.products, one.journey_stages, one.irritants) == (("offre e",), ("demenagement",), ("IR-0007",))
    assert one.has_slice and not one.sees_all


@pytest.mark.parametrize("owner_id", ["all", "A b", "../x"])
def test_an_owner_id_can_stand_in_a_file_name(tmp_path, owner_id):
    path = tmp_path / "owners.yaml"
    path.write_text(f"owners: {{'{owner_id}': {{name: A, email: a@b.example}}}}", encoding="utf-8")
    with pytest.raises(SettingsError, match="file name"):
        load_owners(path)


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ("{name: A, email: nobody}", "'nobody' as e-mail"),
        ("{name: A, email: 'a@b.example, c@d.example'}", "give one address"),
        ("{name: A, email: a@b.example, language: de}", "language"),
        ("{email: a@b.example}", "name"),
        ("{name: A, by: teams}", "no `endpoint`"),
        ("{name: A, email: a@b.example, irritants: [facture]}", "'facture' as irritant"),
        ("{name: A, email: a@b.example, by: pigeon}", "by"),
    ],
)
def test_a_bad_owner_is_refused_with_the_file(tmp_path, entry, found):
    path = tmp_path / "owners.yaml"
    path.write_text(f"owners: {{a: {entry}}}", encoding="utf-8")
    with pytest.raises(SettingsError, match=found) as refusal:
        load_owners(path)
    assert str(path) in str(refusal.value)
