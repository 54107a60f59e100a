"""Shares, trends and movers."""

from __future__ import annotations

import pandas as pd
import pytest

from dashboard.figures import NOTHING_KEPT, breakdown, irritants, judged, movers, trend_words, unclassified_share


def test_shares_add_up_and_the_unclassified_one_is_told(places, page_of):
    page = page_of(places("full"))
    listed = irritants(page, page.window(), NOTHING_KEPT)
    assert listed["share"].sum() == pytest.approx(1)
    assert unclassified_share(listed) == pytest.approx(16 / 164)
    assert listed["n_customers"].le(40).all()


def test_movers_leave_out_chance_and_weak_signals(places, page_of):
    moved, weeks = movers(page_of(places("full")))
    assert weeks == 4
    assert set(moved["irritant_id"]) == {"IR-0003", "IR-0005"}
    assert (moved.set_index("irritant_id").loc["IR-0003", "trend_low"]) > 1
    assert (moved.set_index("irritant_id").loc["IR-0005", "trend_high"]) < 1


def test_an_empty_lake_has_no_movers(places, page_of):
    assert movers(page_of(places("empty")))[0].empty


@pytest.mark.parametrize(
    ("verdict", "word"), [("up", "▲ rising"), ("down", "▼ falling"), ("steady", "stable"), ("unknown", "—")]
)
def test_a_trend_is_told_in_words(places, page_of, verdict, word):
    row = {"verdict": verdict, "trend_ratio": 1.4}
    assert trend_words(page_of(places("full"), "en"), row).startswith(word)


def test_among_many_irritants_chance_alone_moves_none():
    """Thirty irritants of which three stray out of their 90 % interval: none is called moving."""
    low, high = [0.8] * 27 + [1.01] * 3, [1.3] * 27 + [1.5] * 3
    ratio = [(a * b) ** 0.5 for a, b in zip(low, high, strict=True)]
    frame = pd.DataFrame({"irritant_id": [f"IR-{n}" for n in range(30)], "trend_ratio": ratio, "weak_signal": False})
    assert set(judged(frame.assign(trend_low=low, trend_high=high))["verdict"]) == {"steady"}


def test_brands_are_compared_on_their_own_feedback(places, page_of):
    page = page_of(places("reviews"))
    period = page.window()
    found = breakdown(page, "brand", "IR-0001", period, NOTHING_KEPT)
    assert set(found["label"]) == {"Assur Un", "Mutuelle Deux", "Banque Trois"}
    assert found["value"].sum() == 36
    assert all("%" in text for text in found["shown"])
    few = page_of(places("reviews").model_copy(update={"min_answers": 1000}))
    assert not any("%" in text for text in breakdown(few, "brand", "IR-0001", period, NOTHING_KEPT)["shown"])
