"""One rule over all methods; euros only from what was shown; sentences in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from babel.messages.extract import extract_from_dir
from scipy.stats import norm
from statsmodels.stats.multitest import multipletests

from insights.digest.words import Words
from insights.errors import SettingsError
from insights.i18n import LANGUAGES, catalogue
from insights.proof import worth
from insights.proof.known import load_known
from insights.proof.verdict import (
    CHANCE,
    COMPARED,
    FEW,
    KNOWN,
    MIXED,
    NOT_SHOWN,
    PLACEBO,
    PRE_TREND,
    PROVEN,
    SERIES,
    SHARED,
    TOO_EARLY,
    TRANSIENT,
    WORSE,
    Reading,
    alpha_at,
    holm,
    judged,
    overall,
)  # fmt: skip
from insights.proof.words import detectable, sentence

ROOT = Path(__file__).parents[3]
GOOD = Reading("mentions", SERIES, "ratio", "lower", 0.6, 0.5, 0.72, 0.001, 0.99, 0.01, n_counts=300)
POINTS = Reading("csat", "randomised", "points", "higher", 6.0, 1.0, 11.0, 0.002, n_units=24)


def test_holm_is_that_of_statsmodels():
    values = [0.03, 0.001, 0.2, 0.04]
    assert holm(values) == pytest.approx(multipletests(values, method="holm")[1].tolist())


def test_the_way_that_is_good_depends_on_the_measure():
    assert judged([GOOD])[0].verdict == PROVEN
    assert judged([POINTS])[0].verdict == PROVEN
    assert judged([replace(POINTS, better="lower")])[0].verdict == WORSE
    raised = replace(GOOD, effect=1.5, low=1.2, high=1.9, beaten=0.01, beaten_worse=0.99)
    assert judged([raised])[0].verdict == WORSE


def test_each_guard_takes_a_proof_away():
    assert judged([replace(GOOD, high=1.01)])[0].reason == CHANCE
    assert judged([replace(GOOD, beaten=0.94)])[0].reason == PLACEBO
    assert judged([replace(GOOD, p=0.03)])[0].reason == CHANCE, "all weekly looks share .05"
    assert judged([replace(GOOD, method=COMPARED, beaten=0.94)])[0].reason == PLACEBO
    by_unit = replace(GOOD, measure="duration", method=COMPARED, beaten=float("nan"))
    assert judged([by_unit])[0].verdict == PROVEN, "units compared with each other have no placebo to beat"
    assert judged([replace(GOOD, beaten=float("nan"))])[0].reason == PLACEBO
    assert judged([replace(GOOD, holds=False)])[0].reason == TRANSIENT
    assert judged([replace(GOOD, reason=PRE_TREND)])[0].verdict == NOT_SHOWN
    assert judged([replace(GOOD, verdict=TOO_EARLY)])[0].verdict == TOO_EARLY


def test_the_chance_of_error_is_shared_over_the_measures():
    weak = replace(GOOD, measure="contacts", p=0.015)
    assert judged([weak])[0].verdict == PROVEN
    among = judged([weak, replace(GOOD, p=0.5, low=0.4, high=1.4)])[0]
    assert (among.verdict, among.reason) == (NOT_SHOWN, SHARED)


def test_one_reading_speaks_for_the_action():
    shown = judged([replace(GOOD, p=0.5, high=1.3), replace(GOOD, measure="contacts")])
    assert overall(shown).measure == "contacts"
    mixed = judged([GOOD, replace(GOOD, measure="contacts", effect=1.4, low=1.2, high=1.6, beaten_worse=1.0)])
    assert (overall(mixed).verdict, overall(mixed).reason) == (NOT_SHOWN, MIXED)
    row = {
        "verdict": NOT_SHOWN,
        "reason": MIXED,
        "method": SERIES,
        "unit": "ratio",
        "measure": "contacts",
        "effect": 1.4,
    }
    assert "another got worse" in sentence(Words("en", "Europe/Paris"), row)
    assert overall([]) is None


def test_euros_come_from_what_was_shown_only():
    proven = judged([GOOD])[0]
    kept = worth.margin_kept(proven, 1200.0)
    assert kept.value == pytest.approx(1200 * (1 / 0.6 - 1))
    assert kept.low == pytest.approx(1200 * (1 / 0.72 - 1)) and kept.high == pytest.approx(1200)
    avoided = worth.contacts_avoided(proven, 600, 5.0)
    assert avoided.value == pytest.approx(2000)
    fewer = replace(POINTS, measure="repeat", better="lower", effect=-10.0, low=-15.0, high=-5.0)
    assert worth.contacts_avoided(judged([fewer])[0], 1000, 6.0).value == pytest.approx(600)
    not_shown = judged([replace(GOOD, p=0.5)])[0]
    assert worth.margin_kept(not_shown, 1200.0) is None and worth.contacts_avoided(not_shown, 600, 5.0) is None
    assert worth.total(None, None) is None and worth.total(kept, None, avoided).value == pytest.approx(
        kept.value + 2000
    )


def test_costs_are_weighted_by_channel(tmp_path):
    costs = worth.unit_costs(ROOT / "data" / "reference" / "unit_costs.yaml")
    assert (costs["phone"], costs["email"], costs["chat"], costs["letter"]) == (6.2, 4.8, 3.4, 38)
    assert worth.mean_cost({"phone": 3, "email": 1}, costs) == pytest.approx(5.85)
    assert worth.mean_cost({"pigeon": 1}, costs) == costs["other"]
    (tmp_path / "costs.yaml").write_text("contact_eur: {phone: -1}")
    with pytest.raises(SettingsError, match="costs.yaml"):
        worth.unit_costs(tmp_path / "costs.yaml")


def row(one: Reading, **told: object) -> dict[str, object]:
    return {
        "measure": one.measure, "method": one.method, "unit": one.unit, "verdict": one.verdict, "reason": one.reason,
        "effect": one.effect, "effect_low": one.low, "effect_high": one.high, "n_units": one.n_units, "n_placebos": 180,
        "placebos_beaten_share": one.beaten, "ready_on": date(2026, 12, 1), "known_event": "Loi", **told,
    }  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_has_its_sentence(language):
    words = Words(language)
    said = {
        reason: sentence(words, row(replace(GOOD, verdict=NOT_SHOWN, reason=reason)), "Law")
        for reason in (CHANCE, SHARED, FEW, PLACEBO, TRANSIENT, KNOWN, PRE_TREND)
    }
    assert len(set(said.values())) == 7 and "Law" in said[KNOWN]
    early = sentence(words, row(replace(GOOD, verdict=TOO_EARLY)))
    assert ("1er décembre 2026" if language == "fr" else "1 December 2026") in early
    for found in (judged([GOOD])[0], judged([POINTS])[0], judged([replace(POINTS, better="lower")])[0]):
        assert sentence(words, row(found)) not in said.values()


def test_the_sentence_of_a_proof_says_how_much_and_how_sure():
    proven = judged([GOOD])[0]
    assert sentence(Words("en"), row(proven)) == (
        "Proven. Complaints about it: \N{MINUS SIGN}40% against what it would have been without the action (between "
        "\N{MINUS SIGN}50% and \N{MINUS SIGN}28%). It beats 99% of 180 dates and irritants where nothing was done."
    )
    assert "équipes ou sites ont été tirés au sort" in sentence(Words("fr"), row(judged([POINTS])[0]))


def test_a_change_for_the_worse_never_takes_the_share_of_the_good_way():
    worse = row(replace(GOOD, verdict="worse", effect=1.5, low=1.3, high=1.8, beaten=0.02))
    for language in LANGUAGES:
        said = sentence(Words(language), worse)
        assert "2%" not in said and "2\N{NO-BREAK SPACE}%" not in said and "180" in said


def test_groups_are_said_to_have_moved_alike_only_where_it_was_looked_at():
    chosen = row(replace(GOOD, method="groups", verdict="proven"))
    assert "moved alike before, and" in sentence(Words("en"), chosen)
    assert "was not checked" in sentence(Words("en"), {**chosen, "measure": "csat"})


def test_what_could_have_been_seen_is_told_beside_what_was_not():
    unsure = row(replace(GOOD, verdict=NOT_SHOWN, reason=CHANCE, low=0.4, high=1.5))
    assert 0.5 < detectable(unsure) < 0.7
    assert "quatre fois sur cinq" in sentence(Words("fr"), unsure) and "sûr" not in sentence(Words("fr"), unsure)
    assert detectable(row(POINTS)) is None


def test_every_sentence_of_the_proof_has_a_french_entry():
    french = catalogue("fr")
    found = {
        m
        for *_, m, _c, _x in extract_from_dir(ROOT / "insights" / "proof", [("**.py", "python")], keywords={"_": None})
    }
    assert len(found) > 20 and [one for one in found if one not in french or not french[one].string] == []


def test_known_events_are_read_and_a_bad_file_is_named(tmp_path):
    events = load_known(ROOT / "data" / "reference" / "demo" / "events.yaml")
    assert any(one.start_on == date(2026, 8, 11) and one.end_on is None for one in events)
    assert load_known(tmp_path / "absent.yaml") == []
    assert load_known(ROOT / "data" / "reference" / "events.yaml") == [], "yours to write"
    (tmp_path / "mine.yaml").write_text(
        "events: [{fr: Loi démarchage, en: Law, start_on: 2026-08-11, words: [Démarchage]}]"
    )
    assert load_known(tmp_path / "mine.yaml")[0].words == ("demarchage",), "folded as the labels are"
    (tmp_path / "bad.yaml").write_text("events: [{fr: Loi}]")
    with pytest.raises(SettingsError, match="bad.yaml"):
        load_known(tmp_path / "bad.yaml")


def test_who_looks_every_week_errs_once_in_twenty() -> None:
    weeks = np.arange(8, 53)
    steps = np.random.default_rng(7).standard_normal((40_000, 52)) / np.sqrt(52)
    z = steps.cumsum(axis=1)[:, weeks - 1] / np.sqrt(weeks / 52)
    bar = norm.isf(np.array([alpha_at(int(week)) for week in weeks]) / 2)
    assert 0.046 < (np.abs(z) > bar).any(axis=1).mean() < 0.054
    assert (np.abs(z) > norm.isf(0.025)).any(axis=1).mean() > 0.15, "a fixed level errs three times as often"
    assert (np.diff(bar) < 0).all()
