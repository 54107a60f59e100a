"""The week at a glance: what moved, whether it is real, which promises were kept, and what to do next."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import streamlit as st

from dashboard import charts, figures, notes, queries, words
from dashboard.alarm_now import alarm_banner
from dashboard.for_you import for_you
from dashboard.guard import empty
from dashboard.next_step import WAITING, next_step
from dashboard.page import MONTH, Page, figure, show, table
from dashboard.run_notes import ranking_follows
from dashboard.scores import Score, change_words, period_words, score_help, score_raw, score_rows, scores, shown
from dashboard.words import plain

MOVERS = 3
FEWEST_COLUMNS = 3
CARDS = 4  # the others are in « Détail »
CHANNELS = 5  # the smaller ones together


def render(page: Page) -> None:
    _ = page._
    found = scores(page)
    volumes = page.rows(queries.VOLUMES, **page.window())
    if not found and volumes.empty:
        empty(_("No feedback in the last weeks."), _("Ingest new files with `voc ingest`, then `voc run`."))
        return
    cases = page.store.case_table(page.now)
    moving, weeks = figures.movers(page)
    alarm_banner(page)
    next_step(page, cases, moving)
    for_you(page)
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
    with st.container(key="score_cards"):
        columns = st.columns(max(FEWEST_COLUMNS, len(shown_first)))
    for column, score in zip(columns, shown_first, strict=False):
        with column.container(border=True, height="stretch", gap="xsmall"):
            label = score.metric.label(page.language)
            st.metric(label, shown(page, score.metric, score.now.value), help=score_help(page, score.metric, score.now))
            st.caption(plain(f"{words.survey(page._, score.survey)} · {period_words(page, score)}"))
            st.markdown(f":small[{change_words(page, score)}]")


def _movers(page: Page, moving: pd.DataFrame, weeks: int) -> None:
    _, fmt = page._, page.fmt
    st.header(_("Irritants that move most"))
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
    st.header(_("Feedback by channel"))
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
    named = kept.assign(label=[words.channel(_, code) for code in kept["channel"]])
    data = _few(named.sort_values("n_now", ascending=False), _("Others"))
    data = data.assign(
        value=data["n_now"],
        shown=[f"{fmt.number(n)} ({fmt.number(m)})" for n, m in zip(data["n_now"], data["n_before"], strict=True)],
    )
    charts.draw(charts.columns(data, fmt, title=_("Feedback items")), _("Feedback by channel"))


def _few(volumes: pd.DataFrame, others: str) -> pd.DataFrame:
    """label, n_now, n_before of the CHANNELS largest; the smaller ones summed under `others`."""
    volumes = volumes[["label", "n_now", "n_before"]].reset_index(drop=True)
    if len(volumes) <= CHANNELS + 1:
        return volumes
    small = volumes.iloc[CHANNELS:]
    rest = pd.DataFrame({"label": [others], "n_now": [small["n_now"].sum()], "n_before": [small["n_before"].sum()]})
    return pd.concat([volumes.head(CHANNELS), rest], ignore_index=True)


def _promises(page: Page, cases: pd.DataFrame) -> None:
    """Share of the promises due in the last four weeks that were kept."""
    _, fmt = page._, page.fmt
    st.header(_("Promises kept"))
    due = cases[(cases["due_at"] > page.now - timedelta(days=MONTH)) & cases["kept_promise"].notna()]
    opened = int(cases["state"].isin(WAITING).sum())
    if due.empty:
        st.markdown(_("No callback promise came due in the last four weeks."))
        st.caption(_("Waiting for a call: {n}").format(n=fmt.number(opened)))
        return
    kept = int(due["kept_promise"].sum())
    definition = _("Promises that came due in the last four weeks and whose customer was spoken to in time.")
    figure(page, _("Called back in time"), fmt.percent(kept / len(due)), definition=definition, n=len(due))
    st.caption(plain(_("{n} of {all} in four weeks").format(n=fmt.number(kept), all=fmt.number(len(due)))))


def _detail(page: Page, found: list[Score]) -> None:
    with st.expander(page._("Detail")):
        table(score_rows(page, found), name=page._("Scores"), raw=score_raw(page, found))
        st.markdown(notes.scores(page._, page.settings.min_answers))


if __name__ == "__main__":
    show(render)
