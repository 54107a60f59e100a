"""Priorities: which irritants to work on first, what rests on them, and how sure the order is."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import charts, figures, notes
from dashboard.format import known
from dashboard.guard import empty
from dashboard.page import Page, headline, show, table
from dashboard.run_notes import ranking_follows
from dashboard.words import plain, plural
from insights.digest.model import UP

SHOWN = 8


def render(page: Page) -> None:
    _ = page._
    ranked = figures.priorities(page)
    if ranked.empty:
        empty(_("Irritants have not been ranked yet."), _("Run `voc run`: its last steps score and rank them."))
        return
    ranking_follows(page)
    firm = ranked[~ranked["weak_signal"].astype(bool)].reset_index(drop=True)
    in_euros = bool((ranked["basis"] == "eur").any())
    if firm.empty:
        empty(
            _("No irritant has enough mentions to be ranked."),
            _("Ten mentions in the window are needed. See the weak signals below, or wait for more feedback."),
        )
    else:
        _first(page, firm, in_euros)
        _chart(page, firm, in_euros)
        _table(page, firm, in_euros)
    _weak(page, ranked[ranked["weak_signal"].astype(bool)])
    _meaning(page, firm, in_euros)


def _first(page: Page, firm: pd.DataFrame, in_euros: bool) -> None:
    _, fmt = page._, page.fmt
    first = firm.iloc[0]
    sure = _("Start with **{label}**: it is among the first three in {share} of the draws.").format(
        label=plain(page.label(first["irritant_id"])), share=fmt.percent(first["top3_probability"])
    )
    rising = firm[firm["verdict"] == UP]
    if not rising.empty:
        top = rising.sort_values("trend_ratio", ascending=False).iloc[0]
        sure += " " + _("Growing: **{label}** ({ratio} in four weeks).").format(
            label=plain(page.label(top["irritant_id"])), ratio=fmt.ratio(top["trend_ratio"])
        )
    if in_euros:
        headline(_("Margin at stake, first irritant"), fmt.euros(first["value_at_risk_eur"]), sure)
        return
    number = fmt.number(first["n_mentions"])
    headline(_("Negative mentions, first irritant"), number, sure)
    st.info(notes.no_euros(_))


def _chart(page: Page, firm: pd.DataFrame, in_euros: bool) -> None:
    """Euros with their intervals; without euros, the effect on the score."""
    _, fmt = page._, page.fmt
    name, show_value = ("value_at_risk", fmt.euros) if in_euros else ("nps_effect", fmt.points)
    column = f"{name}_eur" if in_euros else name
    low, high = (f"{name}_low_eur", f"{name}_high_eur") if in_euros else (f"{name}_low", f"{name}_high")
    frame = firm.head(SHOWN).dropna(subset=[column, low, high])
    if frame.empty:
        return
    data = pd.DataFrame(
        {
            "label": [page.label(key) for key in frame["irritant_id"]],
            "value": frame[column],
            "low": frame[low],
            "high": frame[high],
            "shown": [
                f"{show_value(row[column])} ({fmt.interval(row[low], row[high], show_value)})"
                for row in frame.to_dict("records")
            ],
        }
    )
    title = (
        _("Margin at stake, with its 90 % interval") if in_euros else _("Effect on the score, with its 90 % interval")
    )
    chart = charts.intervals(data, fmt, title=title, reading=title, number="$,.0f" if in_euros else ",.1f")
    charts.draw(chart, title)


def _table(page: Page, firm: pd.DataFrame, in_euros: bool) -> None:
    _, fmt = page._, page.fmt
    rows = firm.to_dict("records")
    columns = {
        _("Rank (range)"): [
            f"{fmt.number(row['rank'])} ({fmt.interval(row['rank_low'], row['rank_high'])})" for row in rows
        ],
        _("Irritant"): [page.label(row["irritant_id"]) for row in rows],
        _("Margin at stake"): [fmt.euros(row["value_at_risk_eur"]) for row in rows],
        _("Interval"): [
            fmt.interval(row["value_at_risk_low_eur"], row["value_at_risk_high_eur"], fmt.euros) for row in rows
        ],
        _("Score effect"): [fmt.points(row["nps_effect"]) for row in rows],
        _("Mentions"): firm["n_mentions"].astype(int),
        _("Trend"): [figures.trend_words(page, row) for row in rows],
        _("In the top 3"): [fmt.percent(row["top3_probability"]) for row in rows],
        _("Owner"): [page.owner(row["irritant_id"]) or _("to be named") for row in rows],
    }
    if not in_euros:
        del columns[_("Margin at stake")], columns[_("Interval")]
    table(pd.DataFrame(columns), wide=_("Irritant"), wide_px=270, rows=15)


def _weak(page: Page, weak: pd.DataFrame) -> None:
    """Under ten mentions: worth an eye, never in the list."""
    if weak.empty:
        return
    _, fmt = page._, page.fmt
    st.subheader(_("Weak signals"))
    st.caption(_("Fewer than ten mentions: too few to rank, enough to keep an eye on."))
    for row in weak.sort_values("n_mentions", ascending=False).head(5).to_dict("records"):
        n = int(row["n_mentions"])
        count = plural(n, _("{n} mention"), _("{n} mentions"), page.language).format(n=fmt.number(n))
        st.markdown(f"- {plain(page.label(row['irritant_id']))} — {plain(count)}")


def _meaning(page: Page, firm: pd.DataFrame, in_euros: bool) -> None:
    _ = page._
    with st.expander(_("Detail")):
        if in_euros:
            st.markdown(notes.value_at_risk(_))
        st.markdown(notes.score_effect(_))
        st.markdown(notes.rank_range(_))
        versions = sorted({str(version) for version in firm.get("model_version", []) if known(version)})
        if versions:
            st.caption(_("Model: {model}").format(model=plain(", ".join(versions))))


if __name__ == "__main__":
    show(render)
