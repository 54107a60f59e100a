"""The week at a glance: what moved, whether it is real, which promises were kept, and what to do next."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import streamlit as st

from dashboard import charts, figures, notes, queries, words
from dashboard.alarm_now import alarm_banner
from dashboard.guard import empty
from dashboard.next_step import WAITING, next_step
from dashboard.page import MONTH, Page, show, table
from dashboard.run_notes import ranking_follows
from dashboard.scores import Score, change_words, definition, period_words, score_rows, scores, shown
from dashboard.words import plain
from insights.cases import cases_frame

MOVERS = 3
FEWEST_COLUMNS = 3
CARDS = 4  # the others are in « Détail »


def render(page: Page) -> None:
    _ = page._
    found = scores(page)
    volumes = page.rows(queries.VOLUMES, **page.window())
    if not found and volumes.empty:
        empty(_("No feedback in the last weeks."), _("Ingest new files with `voc ingest`, then `voc run`."))
        return
    cases = cases_frame(page.store.cases, page.now)
    moving, weeks = figures.movers(page)
    alarm_banner(page)
    next_step(page, cases, moving)
    ranking_follows(page)
    _score_cards(page, found)
    left, middle, right = st.columns([5, 4, 3], gap="medium")
    with left:
        _movers(page, moving, weeks)
    with middle:
        _volume(page, volumes)
    with right:
        _promises(page, cases)
    _detail(page, found)


def _score_cards(page: Page, found: list[Score]) -> None:
    if not found:
        st.info(page._("No survey has been answered in the last months: there is no score to show."))
        return
    shown_first = found[:CARDS]
    for column, score in zip(st.columns(max(FEWEST_COLUMNS, len(shown_first))), shown_first, strict=False):
        with column.container(border=True, height="stretch"):
            label = score.metric.label(page.language)
            st.metric(label, shown(page, score.metric, score.now.value), help=definition(page, score.metric))
            st.caption(plain(f"{words.survey(page._, score.survey)} · {period_words(page, score)}"))
            st.markdown(change_words(page, score))


def _movers(page: Page, moving: pd.DataFrame, weeks: int) -> None:
    _, fmt = page._, page.fmt
    st.subheader(_("Irritants that move most"))
    if moving.empty:
        st.markdown(_("None moved beyond chance, neither in four weeks nor in thirteen."))
    for row in moving.head(MOVERS).to_dict("records"):
        with st.container(border=True, gap="xsmall"):
            st.page_link(
                "views/irritants.py",
                label=plain(page.label(row["irritant_id"])),
                icon=":material/arrow_forward:",
                query_params={"irritant": row["irritant_id"], "weeks": str(weeks), "lang": page.language},
            )
            moved = _("{trend}: {n} mentions in {weeks} weeks, {before} in the {weeks} before").format(
                trend=figures.trend_words(page, row),
                n=fmt.number(row["n_mentions"]),
                before=fmt.number(row["n_before"]),
                weeks=weeks,
            )
            st.caption(plain(moved))


def _volume(page: Page, volumes: pd.DataFrame) -> None:
    _, fmt = page._, page.fmt
    st.subheader(_("Feedback by channel"))
    now, before = int(volumes["n_now"].sum()), int(volumes["n_before"].sum())
    st.caption(
        plain(
            _("{n} in four weeks; in brackets the four before: {before}").format(
                n=fmt.number(now), before=fmt.number(before)
            )
        )
    )
    kept = volumes[volumes["n_now"] > 0]
    if kept.empty:
        return
    data = pd.DataFrame(
        {
            "label": [words.channel(_, code) for code in kept["channel"]],
            "value": kept["n_now"],
            "shown": [
                f"{fmt.number(n)} ({fmt.number(m)})" for n, m in zip(kept["n_now"], kept["n_before"], strict=True)
            ],
        }
    )
    charts.draw(charts.columns(data, fmt, title=_("Feedback items")), _("Feedback by channel"))


def _promises(page: Page, cases: pd.DataFrame) -> None:
    """Share of the promises due in the last four weeks that were kept."""
    _, fmt = page._, page.fmt
    st.subheader(_("Promises kept"))
    due = cases[(cases["due_at"] > page.now - timedelta(days=MONTH)) & cases["kept_promise"].notna()]
    opened = int(cases["state"].isin(WAITING).sum())
    if due.empty:
        st.markdown(_("No callback promise came due in the last four weeks."))
        st.caption(_("Waiting for a call: {n}").format(n=fmt.number(opened)))
        return
    kept = int(due["kept_promise"].sum())
    st.metric(_("Called back in time"), fmt.percent(kept / len(due)))
    st.caption(plain(_("{n} of {all} in four weeks").format(n=fmt.number(kept), all=fmt.number(len(due)))))


def _detail(page: Page, found: list[Score]) -> None:
    with st.expander(page._("Detail")):
        table(score_rows(page, found))
        st.markdown(notes.scores(page._, page.settings.min_answers))


if __name__ == "__main__":
    show(render)
