"""What the digest says: the golden text of one week in both languages, and what it says when things are missing."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from insights.contracts import IRRITANT, IRRITANT_WEEKLY, PRIORITY
from insights.digest import render
from insights.digest.content import last_complete_day
from insights.digest.model import Callbacks
from insights.digest.sentences import decision, on_callbacks
from insights.digest.words import Words

GOLDEN = Path(__file__).parent / "golden"
LANGUAGES = ["fr", "en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_of_one_week(make_digest, language):
    text = render(make_digest(language, example=True)).text
    path = GOLDEN / f"week_{language}.txt"
    if os.environ.get("GOLDEN_WRITE"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_week_says_so(make_digest, priorities, weekly, verbatims, cases, registry, scores, language):
    empty = {
        **{"priorities": priorities.iloc[:0], "weekly": weekly.iloc[:0], "verbatims": verbatims.iloc[:0]},
        **{"cases": cases.iloc[:0], "registry": registry.iloc[:0], "scores": scores.iloc[:0]},
    }
    rendered = render(make_digest(language, **empty))
    path = GOLDEN / f"empty_{language}.txt"
    if os.environ.get("GOLDEN_WRITE"):
        path.write_text(rendered.text, encoding="utf-8")
    assert rendered.text == path.read_text(encoding="utf-8")
    assert rendered.images == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_churn_model_mentions_take_the_place_of_euros(make_digest, priorities, language):
    plain = priorities.assign(
        value_at_risk_eur=np.nan, value_at_risk_low_eur=np.nan, value_at_risk_high_eur=np.nan, basis="volume_severity"
    )
    digest = make_digest(language, priorities=plain)
    rendered = render(digest)
    assert digest.basis == "volume_severity"
    assert "€" not in rendered.text and "€" not in rendered.html
    first = {"fr": "124 mentions en 90 jours", "en": "124 mentions in 90 days"}[language]
    assert first in " ".join(rendered.text.split())
    assert first.split(" ", 2)[0] in rendered.html
    assert {"fr": "ni marge ni probabilité", "en": "no margin or chance"}[language] in rendered.text


def test_the_three_of_highest_rank_without_weak_signals(make_digest, priorities):
    assert [item.irritant_id for item in make_digest().items] == ["IR-0001", "IR-0022", "IR-0013"]
    weak_first = priorities.assign(rank=[2, 3, 4, 5, 1])
    assert [item.irritant_id for item in make_digest(priorities=weak_first).items] == ["IR-0001", "IR-0022", "IR-0013"]
    shuffled = priorities.sample(frac=1, random_state=3)
    assert make_digest(priorities=shuffled).items == make_digest().items


def test_what_moves_for_certain_is_told_wherever_it_ranks(make_digest, priorities):
    fourth = priorities.assign(
        trend_verdict=["steady", "steady", "steady", "up", None], trend_ratio=[1, 1, 1, 1.9, 2.4]
    )
    digest = make_digest("en", priorities=fourth)
    assert [item.irritant_id for item in digest.items] == ["IR-0001", "IR-0022", "IR-0013"]
    assert digest.headline[0].startswith("“Endless wait on the phone” is clearly rising: ×1.9 in four weeks")
    assert digest.headline[1] == "It ranks 4, behind those below."
    calm = make_digest("en", priorities=fourth.assign(trend_verdict="steady"))
    assert calm.headline[0].startswith("No irritant is moving for certain")


def test_quotes_that_say_nothing_or_the_same_are_not_the_first(make_digest, verbatims):
    own = verbatims[verbatims["irritant_id"] == "IR-0001"].head(1)

    def said(text, name, confidence):
        return own.assign(text=text, mention_id=name, feedback_id=name, confidence=confidence, channel="phone")

    more = [
        said("non ça je l'ai pas reçu ça moi", "thin", 0.99),
        said("je je suis choqué euh par le rattrapage énorme de cette année", "rough", 0.98),
        said("la facture de régularisation est tombée à 940 euros sans avertissement", "same", 0.97),
    ]
    digest = make_digest(verbatims=pd.concat([verbatims, *more]))
    ids = [quote.mention_id for quote in digest.items[0].quotes]
    assert "thin" not in ids and len({"m0", "same"} & set(ids)) == 1
    assert "rough" not in ids[:2]


def test_ties_are_those_of_the_page(make_digest, priorities):
    apart = priorities.assign(tie=[1, 2, 3, 4, None])
    assert [item.tied for item in make_digest(priorities=apart).items] == [False, False, False]
    some = priorities.assign(tie=[1, 2, 2, 3, None])
    assert [item.tied for item in make_digest(priorities=some).items] == [False, True, True]
    assert [item.tied for item in make_digest().items] == [True, True, True]
    older = priorities.drop(columns="tie")
    assert not any(item.tied for item in make_digest(priorities=older).items)
    unknown = priorities.assign(rank_low=np.nan, rank_high=np.nan, tie=None)
    assert [(item.rank_low, item.tied) for item in make_digest(priorities=unknown).items] == [
        *[(1, False), (2, False), (3, False)]
    ]


def test_a_clause_that_carries_two_irritants_is_quoted_once(make_digest, verbatims):
    shared = pd.concat([verbatims, verbatims[verbatims["irritant_id"] == "IR-0001"].assign(irritant_id="IR-0022")])
    ids = [quote.mention_id for quote in make_digest(verbatims=shared).quotes]
    assert len(ids) == len(set(ids)) == 6


def test_an_effect_on_the_score_is_told_only_when_its_range_excludes_zero(make_digest):
    assert [item.nps_effect for item in make_digest().items] == [-4.1, None, -5.6]


def test_an_effect_on_no_known_score_is_not_told(make_digest, priorities):
    older = make_digest(priorities=priorities.assign(effect_metric=None))
    assert [item.nps_effect for item in older.items] == [None, None, None]


SLOW = {
    "fr": ("×2,1 sur huit semaines", "En huit semaines : ×2,1"),
    "en": ("×2.1 over eight weeks", "In eight weeks: ×2.1"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_slow_change_says_over_how_many_weeks(make_digest, priorities, language):
    """In the sentence at the top and beside the irritant."""
    slow = render(make_digest(language, priorities=priorities.assign(trend_weeks=[4, 8, 4, 4, 4])))
    for page in (slow.text, slow.html):
        words = " ".join(unescape(page).split())
        assert [words.count(told) for told in SLOW[language]] == [1, 1]
    usual = render(make_digest(language, priorities=priorities)).html
    assert not [told for told in SLOW[language] if told[:8] in usual or told.split("×2,1 ")[-1] in usual]


def test_a_label_that_exists_only_in_the_other_language_is_marked(make_digest, registry):
    only_french = registry.assign(label_en=None)
    assert make_digest("en", registry=only_french).items[0].label == "Facture de régularisation trop élevée [fr]"
    nameless = registry[registry["irritant_id"] != "IR-0001"]
    assert make_digest("en", registry=nameless).items[0].label == "IR-0001"


def test_what_is_new_is_born_in_the_last_four_weeks_or_a_weak_signal_that_rises(make_digest, registry):
    assert [(new.label, new.since, new.weak) for new in make_digest().news] == [
        ("Coupure du suivi dans l'application", date(2026, 10, 12), False)
    ]
    old = registry.assign(born_on=date(2024, 11, 4))
    weak = make_digest(registry=old).news
    assert [(new.irritant_id, new.since, new.weak, new.n_mentions) for new in weak] == [("IR-0031", None, True, 7)]
    assert "Signal faible en hausse" in render(make_digest(registry=old)).text
    merged = registry.assign(status="merged")
    assert all(new.weak for new in make_digest(registry=merged).news)


def test_a_small_company_with_weak_signals_only_still_gets_to_know_them(make_digest, priorities, registry):
    old = {"priorities": priorities.assign(weak_signal=True, trend_low=0.5), "registry": registry.assign(born_on=None)}
    digest = make_digest(**old)
    assert digest.items == ()
    assert [(new.irritant_id, new.rising) for new in digest.news] == [("IR-0009", False), ("IR-0001", False)]
    text = " ".join(render(digest).text.split())
    assert "SIGNAUX FAIBLES - « Attente interminable au téléphone » (39 mentions" in text


def test_the_headline_speaks_of_what_really_moves(make_digest, priorities):
    assert make_digest("en").headline[0].startswith("“Off-peak hours moved” is clearly rising: ×2.1")
    falling = priorities.assign(
        trend_ratio=[0.5, 1, 1, 1, 1], trend_low=[0.4, 0.8, 0.8, 0.8, 0.8], trend_high=[0.6, 1.2, 1.2, 1.2, 1.2]
    )
    assert (
        make_digest("en", priorities=falling).headline[0].startswith("“Catch-up bill far too high” is clearly falling")
    )
    still = priorities.assign(trend_ratio=1.0, trend_low=0.8, trend_high=1.25)
    assert make_digest("en", priorities=still).headline[0] == (
        "No irritant is moving for certain; “Catch-up bill far too high” comes first."
    )


def test_a_score_that_chance_can_explain_is_said_to_be_so(make_digest, scores):
    assert "more than chance explains" in make_digest("en").headline[1]
    ease_only = scores[scores["metric"] == "ces"]
    assert make_digest("en", scores=ease_only).headline[1] == (
        "Ease (CES), after a call: 69% against 68% four weeks earlier, a gap that chance can explain."
    )
    alone = scores[scores["metric"] == "nps"]
    assert "nothing to compare" in make_digest("en", scores=alone).headline[1]
    assert make_digest("fr", scores=scores.iloc[:0]).headline[1].startswith("Trop peu de réponses")


def test_one_thing_to_decide_people_first(make_digest):
    words = Words("en")
    items = make_digest("en").items
    assert (
        decision(items, Callbacks(n_urgent_overdue=1), words)
        == "Who calls today? 1 urgent callback is past its due time."
    )
    assert "2 urgent callbacks are" in decision(items, Callbacks(n_urgent_overdue=2), words)
    assert decision(items, Callbacks(n_overdue=9), words).startswith("Do we act on “Off-peak hours moved” now?")
    still = [replace(item, trend="steady") for item in items]
    assert decision(still, Callbacks(), words).startswith("Do we act on “Catch-up bill far too high” now? €34,200")
    assert "no owner yet" in decision(still[2:], Callbacks(), words)
    assert decision([], Callbacks(n_overdue=4), words) == "4 callbacks are overdue: who takes them?"
    assert decision([], Callbacks(), words) == "Nothing this week."


@pytest.mark.parametrize(
    ("counts", "kept", "open_now"),
    [
        ({}, "No promise fell due in these seven days.", "No case is open."),
        ({"n_due": 1, "n_kept": 1, "n_open": 3}, "The promise that fell due", "Cases open: 3, none overdue."),
        ({"n_due": 4, "n_kept": 4}, "All 4 promises that fell due", "No case is open."),
        ({"n_due": 4, "n_kept": 3, "n_missed": 1, "n_open": 2, "n_overdue": 1}, "missed: 1.", "1 of them overdue."),
        (
            {"n_due": 4, "n_kept": 2, "n_missed": 2, "n_tried_in_time": 1},
            "2 of 4 in seven days (50%); missed: 2, 1 after a call in time.",
            "No case is open.",
        ),
    ],
)
def test_callbacks_in_a_sentence(counts, kept, open_now):
    found = on_callbacks(Callbacks(**counts), Words("en"))
    assert kept in found[0] and found[1].endswith(open_now)
    assert on_callbacks(Callbacks(**counts), Words("fr")) != found


@pytest.mark.parametrize(
    ("as_of", "day"),
    [
        (datetime(2026, 10, 31, 18, tzinfo=UTC), date(2026, 10, 31)),  # the pinned evening of the demo
        (datetime(2026, 11, 2, 7, tzinfo=UTC), date(2026, 11, 1)),  # Monday 8:00 in Paris
        (datetime(2026, 6, 30, 22, 30, tzinfo=UTC), date(2026, 6, 30)),  # half past midnight in Paris
    ],
)
def test_monday_morning_tells_of_the_week_to_sunday(as_of, day):
    assert last_complete_day(as_of, "Europe/Paris") == day


def test_the_frames_are_those_of_the_contracts(priorities, weekly, registry):
    assert list(priorities.columns) == list(PRIORITY.column_names)
    assert list(registry.columns) == list(IRRITANT.column_names)
    assert set(weekly.columns) == set(IRRITANT_WEEKLY.column_names)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_read_in_two_minutes(make_digest, language):
    words = [word for word in render(make_digest(language)).text.split() if any(char.isalnum() for char in word)]
    assert len(words) <= 600  # with its definitions; 300 words a minute
