"""What moved and whether it is real."""

from __future__ import annotations

from dashboard_app import words_of


def test_scores_say_whether_they_moved(app, places):
    page = app(places("full"), "week", "en")
    told = words_of(page)
    metrics = {metric.label: metric.value for metric in page.metric}
    assert metrics["NPS"] == "−7"  # 18 promoters, 22 detractors of 60
    assert "last wave (October 2026)" in told
    assert "No real change since the wave before (April 2026), when it was 17." in told
    assert metrics["Satisfaction (CSAT)"] == "48%"
    assert "points lower** than the 4 weeks before, when it was 75%: the change is real." in told


def test_under_the_least_number_of_answers_there_is_no_number(app, places, monkeypatch):
    monkeypatch.setenv("VOC_MIN_ANSWERS", "5000")
    page = app(places("full"), "week", "fr")
    assert "Pas assez de réponses : 60 sur les 5000 nécessaires." in words_of(page)
    scores = {metric.label: metric.value for metric in page.metric}
    assert [scores[label] for label in ("NPS", "Satisfaction (CSAT)", "Facilité (CES)")] == ["—", "—", "—"]


def test_what_moves_is_named_and_what_does_not_is_not(app, places):
    page = app(places("full"), "week", "fr")
    moved = [caption.value for caption in page.caption if "mentions en 4 semaines" in caption.value]
    assert len(moved) == 2  # the energy voucher, named four times, is a weak signal
    assert moved[0].startswith("▼ en baisse")
    assert moved[1].startswith("▲ en hausse") and "36 mentions en 4 semaines, 8 les 4 d'avant" in moved[1]


def test_the_most_pressing_thing_comes_first(app, places, own_ledger):
    late = app(places("full"), "week", "fr")
    assert late.metric[0].label == "Rappels en retard"
    assert late.metric[0].value == "1"
    quiet = app(places("reviews"), "week", "fr")
    assert quiet.metric[0].label == "Irritant en hausse"
    assert "**Heures creuses déplacées** est en hausse" in words_of(quiet)


def test_promises_kept_are_counted_on_those_that_came_due(app, places):
    page = app(places("full"), "week", "en")
    assert {metric.label: metric.value for metric in page.metric}["Called back in time"] == "50%"
    assert "1 of 2 in four weeks" in words_of(page)


def test_reviews_stand_apart_from_surveys(app, places):
    told = words_of(app(places("reviews"), "week", "en"))
    assert "Public reviews · last 4 weeks" in told
    assert "Relationship survey" not in told
