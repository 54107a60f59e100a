"""The first weeks of new customers, fortnight by fortnight, beside those who arrived before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard import charts, figures, journey_queries
from dashboard.format import DASH
from dashboard.guard import empty
from dashboard.journey_panel import irritant_link
from dashboard.page import Page, explained, headline, table
from dashboard.words import plain
from insights.digest.model import DOWN, UP
from insights.intervals import rate_ratio, wilson
from insights.segments.cohorts import LEAST, LEAST_NAMED

FORTNIGHTS = 6
HISTORY_DAYS, NEWLY_DAYS = 728, 273  # two years of arrivals; those of nine months are the new ones
FEWEST = 10  # customers in both groups, for a difference to be judged


def welcome(page: Page) -> None:
    """Contacts, complaints, scores and departures of the newly arrived, and the irritant they meet first."""
    _, asked = page._, _asked(page)
    rows = page.rows(journey_queries.WELCOME, **asked)
    if not rows["newly"].any() or rows["newly"].all():
        empty(
            _("No arrivals to compare: contracts carry no start date, or the data are too young."),
            _("Let the CRM file carry `contract_start_on` (docs/sources.md), then run `voc ingest` and `voc run`."),
        )
        return
    told = compared(rows)
    named = irritants_met(page.rows(journey_queries.WELCOME_IRRITANTS, **asked))
    _summary(page, told, named)
    _fortnights(page, told)
    _irritants(page, named)
    _detail(page)


def _asked(page: Page) -> dict[str, Any]:
    first = page.today - timedelta(days=HISTORY_DAYS)
    recent = page.today - timedelta(days=NEWLY_DAYS)
    since = page.day_start(first)
    return {"first": first, "recent": recent, "day": page.today, "since": since, "fortnights": FORTNIGHTS}


def compared(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a fortnight: counts of the newly arrived and of those before (`_before`), shares and verdicts.

    `rows`: journey_queries.WELCOME. contact_share and complaint_share with 95 % intervals; satisfied_share from 30
    answers on; contact_verdict and complaint_verdict: up where the newly arrived do it more often than chance explains.
    """
    wide = rows[rows["newly"]].merge(rows[~rows["newly"]], on="fortnight", suffixes=("", "_before"))
    wide = wide.sort_values("fortnight", ignore_index=True)
    for what, column in (("contact", "n_contacting"), ("complaint", "n_complaining")):
        for suffix in ("", "_before"):
            share = wilson(wide[f"{column}{suffix}"], wide[f"n_customers{suffix}"])
            names = {f"{what}_{part}{suffix}": getattr(share, end) for part, end in _PARTS}
            wide = wide.assign(**names)
        wide[f"{what}_verdict"] = _verdicts(wide, column)
    for suffix in ("", "_before"):
        answers = wide[f"n_answers{suffix}"]
        wide[f"satisfied_share{suffix}"] = (wide[f"n_satisfied{suffix}"] / answers).where(answers >= LEAST)
    return wide


_PARTS = (("share", "value"), ("low", "low"), ("high", "high"))


def _verdicts(wide: pd.DataFrame, column: str) -> list[str]:
    now, before = wide[column], wide[f"{column}_before"]
    ratio = rate_ratio(now, wide["n_customers"], before, wide["n_customers_before"])
    frame = wide[[]].assign(
        irritant_id=wide["fortnight"].astype(str), trend_ratio=ratio.value, trend_low=ratio.low, trend_high=ratio.high,
        weak_signal=now + before < FEWEST,
    )  # fmt: skip
    return list(figures.judged(frame)["verdict"])


def irritants_met(rows: pd.DataFrame) -> pd.DataFrame:
    """Irritants that enough new customers name, those met first on top: share, ratio to those before, verdict."""
    kept = rows[rows["n_newly"] + rows["n_before"] >= LEAST_NAMED].reset_index(drop=True)
    if kept.empty:
        return kept.assign(share=[], trend_ratio=[], verdict=[])
    ratio = rate_ratio(kept["n_newly"], kept["newly"], kept["n_before"], kept["before"])
    told = kept.assign(
        share=kept["n_newly"] / kept["newly"].where(kept["newly"] > 0),
        share_before=kept["n_before"] / kept["before"].where(kept["before"] > 0),
        trend_ratio=ratio.value, trend_low=ratio.low, trend_high=ratio.high,
        weak_signal=kept["n_newly"] + kept["n_before"] < FEWEST,
    )  # fmt: skip
    return figures.judged(told).sort_values(["median_day", "irritant_id"], ignore_index=True)


def _summary(page: Page, told: pd.DataFrame, named: pd.DataFrame) -> None:
    _, fmt = page._, page.fmt
    worst = told.iloc[int(np.argmax(told["contact_share"]))]
    sentence = _("New customers contact us most in weeks {weeks}: {share} of them, {compared}.").format(
        weeks=_weeks(page, worst["fortnight"]), share=fmt.percent(worst["contact_share"]), compared=_than_before(page, worst)
    )  # fmt: skip
    top = named.sort_values(["n_newly", "n_before"], ascending=False).head(1)
    if len(top):
        first = top.iloc[0]
        sentence += " " + _("What goes wrong most: **{irritant}**, on day {day} as a rule.").format(
            irritant=plain(page.label(first["irritant_id"])), day=fmt.number(first["median_day"])
        )
    n = int(worst["n_customers"])
    definition = _("Share of new customers who contacted us in their busiest fortnight.")
    interval = fmt.interval(worst["contact_low"], worst["contact_high"], fmt.percent)
    headline(
        _("Busiest fortnight of new customers"), fmt.percent(worst["contact_share"]), sentence,
        (lambda: irritant_link(page, str(top.iloc[0]["irritant_id"]))) if len(top) else None,
        help=explained(page, definition, n=n, interval=interval),
    )  # fmt: skip


def _than_before(page: Page, row: pd.Series) -> str:
    _ = page._
    words = {
        UP: _("more than those who came before ({share})"),
        DOWN: _("less than those who came before ({share})"),
    }
    usual = _("no more and no less than those who came before ({share})")
    return words.get(row["contact_verdict"], usual).format(share=page.fmt.percent(row["contact_share_before"]))


def _weeks(page: Page, fortnight: Any) -> str:
    return f"{2 * int(fortnight) + 1}–{2 * int(fortnight) + 2}"


def _fortnights(page: Page, told: pd.DataFrame) -> None:
    _, fmt = page._, page.fmt
    rows = told.to_dict("records")

    def both(row: dict[Any, Any], what: str) -> str:
        signs = {UP: "▲ ", DOWN: "▼ "}
        now, before = (fmt.percent(row[f"{what}_share{suffix}"], 1) for suffix in ("", "_before"))
        return f"{signs.get(row[f'{what}_verdict'], '')}{now} ({before})"

    def satisfied(row: dict[Any, Any], suffix: str) -> str:
        share = row[f"satisfied_share{suffix}"]
        return DASH if pd.isna(share) else fmt.percent(share)

    def left(row: dict[Any, Any], suffix: str) -> str:
        return fmt.percent(row[f"n_left{suffix}"] / row[f"n_customers{suffix}"], 1)

    shown = {
        _("Weeks since the start"): [_weeks(page, row["fortnight"]) for row in rows],
        _("New customers"): told["n_customers"].astype(int),
        _("Contact us (before)"): [both(row, "contact") for row in rows],
        _("Complain (before)"): [both(row, "complaint") for row in rows],
        _("Satisfied (before)"): [f"{satisfied(row, '')} ({satisfied(row, '_before')})" for row in rows],
        _("Chose to leave (before)"): [f"{left(row, '')} ({left(row, '_before')})" for row in rows],
    }
    st.markdown("**" + _("Fortnight by fortnight") + "**")
    _chart(page, told)
    table(pd.DataFrame(shown), raw=told, name=_("First weeks of new customers"))


def _chart(page: Page, told: pd.DataFrame) -> None:
    _, fmt = page._, page.fmt
    frame = pd.DataFrame(
        {
            "label": [_("Weeks {weeks}").format(weeks=_weeks(page, one)) for one in told["fortnight"]],
            **{name: 100 * told[f"contact_{part}"] for name, part in (("value", "share"), ("low", "low"), ("high", "high"))},
            "shown": [
                fmt.interval(low, high, lambda x: fmt.percent(x, 1))
                for low, high in zip(told["contact_low"], told["contact_high"], strict=True)
            ],
        }
    )  # fmt: skip
    title = _("New customers who contact us (%)")
    charts.draw(charts.intervals(frame, fmt, title=title, reading=_("95 % interval"), number=",.1f"), title)


def _irritants(page: Page, named: pd.DataFrame) -> None:
    _, fmt = page._, page.fmt
    st.markdown("**" + _("What goes wrong first") + "**")
    if named.empty:
        st.caption(_("No irritant was named by {n} new customers.").format(n=LEAST_NAMED))
        return
    rows = named.to_dict("records")
    shown = {
        _("Irritant"): [page.label_and_age(row["irritant_id"]) for row in rows],
        _("Met on day"): [fmt.number(row["median_day"]) for row in rows],
        _("New customers"): [f"{fmt.number(row['n_newly'])} ({fmt.percent(row['share'], 1)})" for row in rows],
        _("Those before"): [f"{fmt.number(row['n_before'])} ({fmt.percent(row['share_before'], 1)})" for row in rows],
        _("Beside those before"): [figures.trend_words(page, row) for row in rows],
    }
    table(pd.DataFrame(shown), wide=_("Irritant"), raw=named, name=_("Irritants of the first weeks"))


def _detail(page: Page) -> None:
    _ = page._
    with st.expander(_("Detail")):
        st.markdown(
            _(
                "**New**: contracts that began in the last 9 months; **before**: in the 15 months before those. A customer "
                "counts in a fortnight that they have lived to its end. ▲ and ▼: the difference is more than chance "
                "explains, all fortnights looked at together. Satisfied: the questionnaires answered in that "
                "fortnight, from {n} answers on. An irritant is told from {named} customers on; its day is the median of "
                "the day on which they first named it. The filters of the stages do not apply here."
            ).format(n=LEAST, named=LEAST_NAMED)
        )
        st.page_link(
            "views/segments.py", label=_("The same by quarter of arrival, and the groups that fare worse"),
            icon=":material/arrow_forward:", query_params={"lang": page.language},
        )  # fmt: skip
