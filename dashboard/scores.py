"""Scores now and before, and whether the difference is real. Questionnaires are never mixed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import queries, words
from dashboard.format import DASH
from dashboard.page import Page, explained
from insights.digest.scores import change_interval
from insights.metrics import METRICS, Metric, summarise

WEEKS = (4, 13)  # the second where the first has too few answers
HISTORY_DAYS = 800  # two waves of a yearly survey and the quiet time between them
WAVE_GAP_DAYS = 28
RELATIONAL, REVIEW = "relational", "review"
NO_SCALE = "(none)"


@dataclass(frozen=True)
class Figure:
    """A score over some days, raw and corrected for who answered, with 95 % intervals; NaN where there is none."""

    since: date
    until: date
    n: int
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    corrected: float = math.nan
    corrected_low: float = math.nan
    corrected_high: float = math.nan
    n_effective: float = math.nan

    @property
    def enough(self) -> bool:
        return not math.isnan(self.value)

    @property
    def is_corrected(self) -> bool:
        return not math.isnan(self.corrected)


@dataclass(frozen=True)
class Score:
    """One metric of one questionnaire and scale: now, before, the difference. `weeks` is 0 for the waves of a survey."""

    metric: Metric
    survey: str
    weeks: int
    now: Figure
    before: Figure

    @property
    def comparable(self) -> bool:
        return self.now.enough and self.before.enough

    @property
    def change(self) -> tuple[float, float, float]:
        """Difference and its 95 % interval, as in the digest. Only where `comparable`."""
        ends = (f for figure in (self.now, self.before) for f in (figure.value, figure.low, figure.high))
        change, low, high = (float(end) for end in change_interval(*ends) if end is not None)
        return change, low, high


def scores(page: Page) -> list[Score]:
    """Scores with answers in the last 13 weeks or in waves: relationship survey first, public reviews last."""
    store, settings = page.store, page.settings
    at = (store.place, store.catalog_id, store.changed(queries.SCORES), store.rights.key)
    return _scores(at, page.today, settings.min_answers, page)


@st.cache_data(show_spinner=False, max_entries=20)
def _scores(at: tuple[str, int, int, str], today: date, min_answers: int, _page: Page) -> list[Score]:
    page = _page
    since = page.today - timedelta(days=HISTORY_DAYS)
    daily = page.rows(queries.SCORES, since=since, until=page.today)
    daily = daily.assign(scale=daily["scale"].fillna(NO_SCALE))  # rows that a version without scales has left
    found = [
        _score(page, METRICS[name], survey, rows)
        for (survey, name, _), rows in daily.groupby(["survey", "metric", "scale"], sort=True)
        if name in METRICS
    ]
    most: dict[str, float] = {}
    for score in found:  # answers a week: a survey asked every day comes before one asked now and then
        most[score.survey] = max(most.get(score.survey, 0), score.now.n / max(1, score.weeks))
    places = {RELATIONAL: 0, REVIEW: 2}

    def order(score: Score) -> tuple[int, float, int]:
        return places.get(score.survey, 1), -most[score.survey], list(METRICS).index(score.metric.name)

    return sorted((score for score in found if score.now.n), key=order)


def _score(page: Page, metric: Metric, survey: str, rows: pd.DataFrame) -> Score:
    waves = _waves(page, rows) if survey == RELATIONAL else []
    if len(waves) > 1:
        return Score(metric, survey, 0, *(figure(page, metric, rows, *wave) for wave in (waves[-1], waves[-2])))
    found = []
    for weeks in WEEKS:
        start = page.today - timedelta(weeks=weeks) + timedelta(days=1)
        now = figure(page, metric, rows, start, page.today)
        before = figure(page, metric, rows, start - timedelta(weeks=weeks), start - timedelta(days=1))
        found.append(Score(metric, survey, weeks, now, before))
    best = [score for score in found if score.comparable] or [score for score in found if score.now.enough]
    return (best or found[-1:])[0]


def _waves(page: Page, rows: pd.DataFrame) -> list[tuple[date, date]]:
    """First and last day of each wave of a survey: answers with a quiet time of four weeks around them."""
    days = sorted(set(page.fmt.days(rows["day"])))
    waves: list[tuple[date, date]] = []
    for day in days:
        if waves and (day - waves[-1][1]).days <= WAVE_GAP_DAYS:
            waves[-1] = (waves[-1][0], day)
        else:
            waves.append((day, day))
    return waves


def figure(page: Page, metric: Metric, rows: pd.DataFrame, since: date, until: date) -> Figure:
    days = pd.Series(page.fmt.days(rows["day"]), index=rows.index, dtype=object)
    kept = rows[(days >= since) & (days <= until)]
    if kept.empty:
        return Figure(since, until, 0)
    row = summarise(kept, metric.name, min_n=page.settings.min_answers).iloc[0]
    names = ("value", "low", "high", "value_corrected", "low_corrected", "high_corrected", "n_effective")
    return Figure(since, until, int(row["n"]), *(float(row[name]) for name in names))


def shown(page: Page, metric: Metric, value: float) -> str:
    """`−8` for points, `71 %` for shares, `1,8 min` for times."""
    if metric.unit in ("min", "h"):
        return f"{page.fmt.number(value, 1)}\N{NO-BREAK SPACE}{metric.unit}"
    return page.fmt.percent(value / 100) if metric.unit == "%" else page.fmt.number(value)


def period_words(page: Page, score: Score) -> str:
    """The days meant, and the score corrected for who answered where it can be."""
    _ = page._
    wave = _("last wave ({month})").format(month=page.fmt.month(score.now.until))
    words = _("last {n} weeks").format(n=score.weeks) if score.weeks else wave
    if not score.now.is_corrected:
        return words
    corrected = _("corrected: {value}").format(value=shown(page, score.metric, score.now.corrected))
    return f"{words} · {corrected}"


def change_words(page: Page, score: Score) -> str:
    """Whether the score moved, in one sentence."""
    _, fmt = page._, page.fmt
    if not score.now.enough:
        return _("Not enough answers: {n} of the {least} needed.").format(
            n=score.now.n, least=page.settings.min_answers
        )
    if not score.before.enough:
        return _("Nothing earlier to compare with.")
    change, low, high = score.change
    earlier = (
        _("the {n} weeks before").format(n=score.weeks)
        if score.weeks
        else _("the wave before ({month})").format(month=fmt.month(score.before.until))
    )
    values = {
        "change": fmt.number(abs(change)),
        "earlier": earlier,
        "from": shown(page, score.metric, score.before.value),
    }
    if low > 0:
        return _("▲ **{change} points higher** than {earlier}, when it was {from}: the change is real.").format(
            **values
        )
    if high < 0:
        return _("▼ **{change} points lower** than {earlier}, when it was {from}: the change is real.").format(**values)
    return _("No real change since {earlier}, when it was {from}.").format(**values)


def score_rows(page: Page, found: Sequence[Score]) -> pd.DataFrame:
    """All scores with interval, n, difference, for « Détail »."""
    _, fmt = page._, page.fmt

    def points(score: Score) -> str:
        if not score.comparable:
            return DASH
        change, low, high = score.change
        return f"{fmt.points(change)} ({fmt.interval(low, high, fmt.points)})"

    def interval(score: Score, figure: Figure) -> str:
        if not figure.enough:
            return _("not enough answers")
        return fmt.interval(figure.low, figure.high, lambda value: shown(page, score.metric, value))

    rows: list[dict[str, Any]] = [
        {
            _("Score"): score.metric.label(page.language),
            _("Survey"): words.survey(_, score.survey),
            _("From"): fmt.day(score.now.since),
            _("To"): fmt.day(score.now.until),
            _("Value"): shown(page, score.metric, score.now.value),
            _("95 % interval"): interval(score, score.now),
            _("Answers"): score.now.n,
            _("Corrected"): shown(page, score.metric, score.now.corrected),
            _("Before"): shown(page, score.metric, score.before.value),
            _("Answers before"): score.before.n,
            _("Difference"): points(score),
        }
        for score in found
    ]
    return pd.DataFrame(rows)


def score_raw(page: Page, found: Sequence[Score]) -> pd.DataFrame:
    """The same rows typed, for a file: values, intervals and differences on the score's own scale."""
    _ = page._
    return pd.DataFrame(
        {
            _("Score"): score.metric.label(page.language),
            _("Survey"): words.survey(_, score.survey),
            _("From"): score.now.since,
            _("To"): score.now.until,
            _("Unit"): score.metric.unit,
            **figure_cells(page, score.now),
            _("Before"): score.before.value,
            _("Answers before"): score.before.n,
            **dict(zip(_difference(page), score.change if score.comparable else (math.nan,) * 3, strict=True)),
        }
        for score in found
    )


def figure_cells(page: Page, figure: Figure) -> dict[str, float]:
    """Column title -> number, of one figure: as answered and corrected, with 95 % intervals and n."""
    _ = page._
    return {
        _("Value"): figure.value,
        _("Value, low end"): figure.low,
        _("Value, high end"): figure.high,
        _("Answers"): figure.n,
        _("Corrected"): figure.corrected,
        _("Corrected, low end"): figure.corrected_low,
        _("Corrected, high end"): figure.corrected_high,
        _("Effective n"): figure.n_effective,
    }


def _difference(page: Page) -> tuple[str, str, str]:
    return page._("Difference"), page._("Difference, low end"), page._("Difference, high end")


def score_help(page: Page, metric: Metric, figure: Figure, *, corrected: bool = False) -> str:
    """What stands behind a score, for its tooltip: definition, n, interval, last day."""
    ends = (figure.corrected_low, figure.corrected_high) if corrected else (figure.low, figure.high)
    interval = page.fmt.interval(*ends, lambda value: shown(page, metric, value))
    said = definition(page, metric)
    if corrected:
        said += " " + page._("Each answer is weighted, so that those who answer resemble those who are concerned.")
    n = figure.n_effective if corrected else figure.n
    return explained(page, said, n=page.fmt.number(n), interval=interval, as_of=figure.until)


def definition(page: Page, metric: Metric) -> str:
    """What a score counts, for the tooltip."""
    _ = page._
    known = {
        "nps": _("Share of 9 and 10 minus share of 0 to 6, of the question from 0 to 10: −100 to +100."),
        "csat": _("Share of satisfied answers: 4 and 5 of 5, or the boxes declared for the questionnaire."),
        "ces": _("Share of answers that found it easy: 5 to 7 of 7, or the boxes declared for the questionnaire."),
        "fcr_7d": _(
            "Contacts after which the customer did not come back within 7 days, whatever the reason or channel."
        ),
        "fcr_7d_irritant": _("Contacts after which the customer did not come back within 7 days on the same irritant."),
        "first_human": _("Mean time in the queue until an adviser answered; abandoned contacts are left out."),
        "response_rate": _("Answers among the questionnaires sent at least 7 days ago."),
        "promise_kept": _("Cases whose customer was spoken to by the promised time, counted on the day it fell due."),
        "time_to_contact": _("Mean clock time from the customer's words to the first human contact; nights count."),
    }
    return known.get(metric.name, "")
