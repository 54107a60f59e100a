"""Priorities: which irritants to work on first, what rests on them, and how sure the order is."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import assumption_panel, figures, notes, priority_matrix, priority_panels
from dashboard.action_form import action_here
from dashboard.answer_panel import order_note
from dashboard.deciding import name_field
from dashboard.format import known
from dashboard.guard import empty
from dashboard.meanings import meaning
from dashboard.page import Page, from_url, headline, show, to_url
from dashboard.priority_parts import chosen_part, of_part
from dashboard.run_notes import ranking_follows
from dashboard.words import plain
from insights.digest.model import UP
from insights.priorities.words import rank_sentence

STAKES, EFFORT = "stakes", "effort"
NEEDED = {"tie", "trend_weeks", "effect_metric"}


def render(page: Page) -> None:
    _ = page._
    whole = figures.priorities(page)
    if whole.empty:
        empty(_("Irritants have not been ranked yet."), _("Run `voc run`: its last steps score and rank them."))
        return
    if not set(whole.columns) >= NEEDED:
        empty(
            _("The last ranking was made by an older version."),
            _("Run `voc run`: its last steps score and rank them."),
        )
        return
    ranking_follows(page)
    part = chosen_part(page)
    ranked = of_part(page, *part) if part else whole
    weak = ranked["weak_signal"].astype(bool)
    firm = ranked[~weak].reset_index(drop=True)
    in_euros = bool((ranked["basis"] == "eur").any())
    if firm.empty:
        empty(
            _("No irritant has enough mentions to be ranked."),
            _("Ten mentions in the window are needed. See the weak signals below, or wait for more feedback."),
        )
    else:
        _first(page, firm, in_euros)
        _picture(page, firm, in_euros)
        priority_panels.sentences(page, firm)
        priority_panels.ranking(page, firm, in_euros, of_part=part is not None)
        order_note(page, set(firm["irritant_id"]))
    priority_panels.weak_signals(page, ranked[weak])
    if not part:
        priority_panels.score_drivers(page)
    if not firm.empty:
        _decide(page, firm["irritant_id"].tolist(), with_assumptions=in_euros and not part)
    _meaning(page, firm, in_euros)


def _first(page: Page, firm: pd.DataFrame, in_euros: bool) -> None:
    _, fmt = page._, page.fmt
    first = firm.iloc[0]
    tied = int((firm["tie"] == first["tie"]).sum()) if known(first["tie"]) else 1
    sure = _("Start with **{label}**.").format(label=plain(page.label(first["irritant_id"])))
    sure += " " + plain(rank_sentence(_, fmt, first.to_dict(), tied))
    rising = firm[firm["verdict"] == UP]
    if not rising.empty:
        top = rising.sort_values("trend_ratio", ascending=False).iloc[0]
        grows = _("Growing: **{label}** ({ratio} in {weeks} weeks).")
        weeks = fmt.number(top["trend_weeks"] if known(top["trend_weeks"]) else 4)
        label = plain(page.label(top["irritant_id"]))
        sure += " " + grows.format(label=label, ratio=fmt.ratio(top["trend_ratio"]), weeks=weeks)
    if in_euros:
        ends = fmt.interval(first["value_at_risk_low_eur"], first["value_at_risk_high_eur"], fmt.euros)
        told = meaning(page, "at_stake", n=int(first["n_mentions"]), interval=ends)
        headline(_("Margin at stake, first irritant"), fmt.euros(first["value_at_risk_eur"]), sure, help=told)
        return
    number = fmt.number(first["n_mentions"])
    headline(_("Negative mentions, first irritant"), number, sure, help=meaning(page, "mentions", n=number))
    st.info(notes.no_euros(_))


def _decide(page: Page, irritants: list[str], *, with_assumptions: bool) -> None:
    """Who decides, then what can be decided here: what the priority supposes, and the next action."""
    with st.columns([8, 3])[1]:
        name_field(page)
    if with_assumptions:
        assumption_panel.panel(page, irritants)
    action_here(page, "priorities", irritants)


def _picture(page: Page, firm: pd.DataFrame, in_euros: bool) -> None:
    """The stakes with their intervals, or the stakes against the effort; quick wins in words above either."""
    if not in_euros:
        priority_panels.chart(page, firm, in_euros)
        return
    _, found = page._, priority_matrix.frame_of(page, firm)
    st.markdown(priority_matrix.quick_wins(page, found))
    names = {STAKES: _("Margin at stake"), EFFORT: _("Impact and effort")}
    from_url("picture", list(names), STAKES)
    st.segmented_control(_("Picture"), list(names), key="picture", format_func=names.__getitem__, required=True)
    if to_url("picture", STAKES) == EFFORT:
        priority_matrix.panel(page, found)
    else:
        priority_panels.chart(page, firm, in_euros)


def _meaning(page: Page, firm: pd.DataFrame, in_euros: bool) -> None:
    _ = page._
    with st.expander(_("Detail")):
        if in_euros:
            st.markdown(notes.value_at_risk(_))
            st.markdown(notes.priority_index(_))
        st.markdown(notes.score_effect(_))
        st.markdown(notes.rank_range(_))
        versions = sorted({str(version) for version in firm.get("model_version", []) if known(version)})
        if versions:
            st.caption(_("Model: {model}").format(model=plain(", ".join(versions))))


if __name__ == "__main__":
    show(render)
