"""Which score the page Scores shows: chosen by the reader, kept in the URL."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import streamlit as st

from dashboard import score_months, score_queries
from dashboard.page import Page, from_url, to_url
from dashboard.scores import HISTORY_DAYS, RELATIONAL, REVIEW
from insights.metrics import ANSWERS, METRICS

PERIODS = ("4", "13", "26", "52", "104")  # weeks
FIRST_PERIOD = "13"
Choice = tuple[str, str, str]  # metric, survey, scale


def choices(page: Page) -> dict[Choice, str]:
    """Every score and its words for the reader: surveys in the order of the week, then contacts and response rates."""
    since = page.today - timedelta(days=HISTORY_DAYS)
    rows = page.rows(score_queries.CHOICES, since=since, until=page.today)
    known = rows[rows["metric"].isin(list(METRICS))].to_dict("records")
    several = {(row["metric"], row["survey"]): 0 for row in known}
    for row in known:
        several[row["metric"], row["survey"]] += 1
    places = {RELATIONAL: 0, REVIEW: 2}

    def order(row: dict[Any, Any]) -> tuple[int, int, int, str, str]:
        source = METRICS[row["metric"]].source
        return (
            source != ANSWERS,
            places.get(row["survey"], 1),
            list(METRICS).index(row["metric"]),
            row["survey"],
            row["scale"],
        )

    found: dict[Choice, str] = {}
    for row in sorted(known, key=order):
        label = f"{METRICS[row['metric']].label(page.language)} · {score_months.survey_name(page, row['survey'])}"
        if several[row["metric"], row["survey"]] > 1:
            label += f" · {row['scale']}"
        found[row["metric"], row["survey"], row["scale"]] = label
    return found


def asked(page: Page, offered: dict[Choice, str]) -> tuple[str, str, str, int]:
    """The score and the period that are chosen, kept in the URL."""
    _ = page._
    ids = {"/".join(choice): choice for choice in offered}
    first = next(iter(ids))
    left, right = st.columns([3, 2])
    from_url("score", list(ids), first)
    left.selectbox(_("Score and questionnaire"), list(ids), key="score", format_func=lambda one: offered[ids[one]])
    from_url("period", PERIODS, FIRST_PERIOD)
    right.selectbox(
        _("Period"), PERIODS, key="period", format_func=lambda n: _("Last {n} weeks").format(n=page.fmt.number(int(n)))
    )
    chosen = ids[str(to_url("score", first))]
    return *chosen, int(to_url("period", FIRST_PERIOD))
