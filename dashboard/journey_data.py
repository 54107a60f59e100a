"""What the page Journey reads: stages, scores and irritants of one period under the filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import journey_figures, journey_queries, words
from dashboard.format import DASH
from dashboard.page import Page, from_url, to_url
from dashboard.scores import shown
from insights.contracts import UNCLASSIFIED
from insights.journey import Journey, load_journey
from insights.metrics import METRICS, Metric

YEAR_DAYS = 364
Score = tuple[str, str, str]  # metric, survey, scale


@dataclass(frozen=True)
class Read:
    """One period under the filters; `score` is the questionnaire the stages are compared on, None without any."""

    page: Page
    kept: Mapping[str, list[str]]
    weeks: int
    journey: Journey
    score: Score | None = None

    @cached_property
    def asked(self) -> dict[str, Any]:
        """Parameters shared by the queries of texts."""
        codes = self.journey.codes
        names = {"said": list(codes), "codes": list(codes.values())}
        return {**self.page.window(7 * self.weeks), **self.kept, **names, "harsh": journey_figures.HARSH}

    def spots(self, stage: str | None = None) -> pd.DataFrame:
        """Stages in the customer's order; points of contact of one stage, those with most complaints first."""
        counted = self.page.rows(journey_queries.SPOTS, **self.asked, stage=stage)
        if stage is not None:
            return journey_figures.spots(counted, []).sort_values("n_hurt", ascending=False, kind="stable")
        known, others = self.journey.in_order(counted["name"].dropna())
        return journey_figures.spots(counted, [*known, *others])

    def named(self) -> pd.DataFrame:
        """Irritants by stage, most named first; without unclassified and hidden ones."""
        rows = self.page.rows(journey_queries.NAMED, **self.asked)
        left_out = [UNCLASSIFIED, *self.page.registry.hidden]
        return rows[~rows["irritant_id"].isin(left_out) & (rows["n_people"] > 0)]

    def daily(self, stage: str | None = None) -> pd.DataFrame:
        """Components of scores by stage over a year, those of the period marked."""
        page = self.page
        asked = {name: self.asked[name] for name in ("said", "codes", *self.kept)}
        days = max(YEAR_DAYS, 7 * self.weeks)
        since, middle = (page.today - timedelta(days=n - 1) for n in (days, 7 * self.weeks))
        return page.rows(journey_queries.SCORES, **asked, since=since, middle=middle, until=page.today, stage=stage)

    def scored(self, stage: str | None = None) -> pd.DataFrame:
        """The chosen score by stage, or by point of contact of one stage; empty without a score."""
        if self.score is None:
            return pd.DataFrame()
        return journey_figures.scored(self.daily(stage), *self.score, self.page.settings.min_answers)

    @property
    def metric(self) -> Metric | None:
        return METRICS[self.score[0]] if self.score else None

    def name(self, code: Any) -> str:
        """Name of a stage in the reader's language."""
        if pd.isna(code):
            return self.page._("Stage not said")
        return self.journey.stage_name(str(code), self.page.language)

    def touchpoint(self, code: Any) -> str:
        if pd.isna(code):
            return self.page._("Not said")
        return self.journey.touchpoint_name(str(code), self.page.language)

    def value(self, row: Mapping[str, Any] | None, name: str = "value") -> str:
        """A score as people read it, with a star where it is of the year; a dash where there is none."""
        if row is None or self.metric is None or pd.isna(row[name]):
            return DASH
        text = shown(self.page, self.metric, row[name])
        return text if row["recent"] else f"{text} *"


def read(page: Page, kept: Mapping[str, list[str]], weeks: int) -> Read:
    """The reader's period and filters; the score is still to be chosen."""
    return Read(page, kept, weeks, load_journey(page.settings.reference_dir))


def choose_score(page: Page, daily: pd.DataFrame) -> Score | None:
    """The questionnaire the stages are compared on, kept in the URL; None where no stage was asked."""
    _, offered = page._, {"/".join(one): one for one in journey_figures.offered_scores(daily)}
    if not offered:
        return None
    first = next(iter(offered))
    from_url("score", list(offered), first)
    st.selectbox(
        _("Score the stages are compared on"),
        list(offered),
        key="score",
        format_func=lambda one: _said(page, offered[one]),
    )
    return offered[str(to_url("score", first))]


def _said(page: Page, score: Score) -> str:
    metric, survey, _scale = score
    return f"{METRICS[metric].label(page.language)} · {words.survey(page._, survey)}"
