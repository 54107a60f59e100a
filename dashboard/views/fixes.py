"""Proofs: what every action was shown to do, the failures too."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from dashboard.acting import book, notice
from dashboard.action_queries import FIXES
from dashboard.action_words import words
from dashboard.deciding import name_field
from dashboard.falls_panel import falls_panel
from dashboard.fix_panel import fix_panel
from dashboard.guard import empty
from dashboard.meanings import meaning
from dashboard.page import Page, from_url, headline, picking, show, to_url
from dashboard.words import plain
from insights.actions import Action
from insights.proof import words as told
from insights.proof.verdict import PROVEN, TOO_EARLY, WORSE

VIEW = "fixes"
RANK = {PROVEN: 0, WORSE: 1}


def render(page: Page) -> None:
    _ = page._
    with st.container():
        notice(page, VIEW)
    actions = book(page).actions
    fixes = page.rows(FIXES) if page.store.has("fix") else pd.DataFrame()
    if not fixes.empty:
        fixes = fixes[fixes["action_id"].isin(list(actions))]
    if fixes.empty:
        empty(
            _("Nothing has been proven or refuted yet."),
            _("Declare an action on the page Actions; `voc actions prove` reads it once its time has come."),
        )
        return
    spoken = fixes[fixes["speaks"].astype(bool)].reset_index(drop=True)
    _summary(page, spoken, actions)
    chosen = _ledger(page, spoken, actions)
    rows = fixes[fixes["action_id"] == chosen].sort_values(["speaks", "measure_no"], ascending=[False, True])
    fix_panel(page, actions[chosen], rows)
    falls_panel(page, actions)
    _meaning(page)


def _summary(page: Page, spoken: pd.DataFrame, actions: Mapping[str, Action]) -> None:
    _, fmt = page._, page.fmt
    judged = spoken[spoken["verdict"] != TOO_EARLY]
    proven = judged[judged["verdict"] == PROVEN]
    figure = _("{n} of {all}").format(n=fmt.number(len(proven)), all=fmt.number(len(judged)))
    if proven.empty:
        said = _("No action has been shown to work so far. **That is said as it is.**")
    else:
        names = ", ".join(plain(actions[one].title) for one in proven["action_id"])
        said = _("Shown to work: **{names}**.").format(names=names)
    rest = judged[judged["verdict"] != PROVEN]
    if not rest.empty:
        names = ", ".join(plain(actions[one].title) for one in rest["action_id"])
        said += " " + _("Not shown, or worse: {names}.").format(names=names)
    headline(_("Actions proven"), figure, said, help=meaning(page, "fixes", n=len(judged)))


def _ledger(page: Page, spoken: pd.DataFrame, actions: Mapping[str, Action]) -> str:
    """The ledger of fixes; returns the action chosen in it."""
    _, fmt, speak = page._, page.fmt, words(page)
    order = spoken.assign(place=spoken["verdict"].map(RANK).fillna(2)).sort_values(["place", "action_id"])
    rows = order.to_dict("records")
    columns = {
        _("Action"): [actions[row["action_id"]].title for row in rows],
        _("Irritant"): [page.label(row["irritant_id"]) for row in rows],
        _("Verdict"): [told.verdict_word(speak, row["verdict"]) for row in rows],
        _("Judged on"): [told.measure_name(speak, row["measure"]) for row in rows],
        _("Effect"): [told.change(speak, row) or "—" for row in rows],
        _("Interval"): [told.interval(speak, row) or "—" for row in rows],
        _("How"): [told.method_name(speak, row["method"]) for row in rows],
        _("Cost"): [fmt.euros(actions[row["action_id"]].cost_eur) for row in rows],
    }
    left, right = st.columns([7, 3], vertical_alignment="bottom")
    left.header(_("Ledger of fixes"))
    with right:
        name_field(page)
    ids = [row["action_id"] for row in rows]
    from_url("action", ids, ids[0])
    picking(pd.DataFrame(columns), "fixes_table", "action", ids, wide=_("Action"), wide_px=300, rows=12)
    titles = {one: actions[one].title for one in ids}
    st.selectbox(_("Action"), ids, key="action", format_func=titles.__getitem__)
    return str(to_url("action", ids[0]))


def _meaning(page: Page) -> None:
    _ = page._
    with st.expander(_("How it is read")):
        st.markdown(
            _(
                "An action is compared in the strongest way that was prepared: teams drawn at random, else comparison "
                "groups, else the weeks before and after. Then the weeks that led to the decision are left out, because a "
                "bad patch ends by itself; season, known events and all other irritants are taken out; and the change must "
                "beat 95 % of the dates and irritants where nothing was done."
            )
        )
        st.markdown(
            _(
                "A verdict may be read every week from the eighth to the fifty-second after the expected effect: the bar is "
                "high at first and falls, so that all looks together err in one case of twenty. Intervals are as wide as that "
                "asks: 97.8 % after a year, wider before. Weeks before and after, without groups, are read after 8, 26 and 52 "
                "weeks only, because such series wander by themselves."
            )
        )
        st.markdown(
            _(
                "**Not shown** does not mean useless: it says that what was seen may be chance, or has another cause. The "
                "interval says what is still possible."
            )
        )


if __name__ == "__main__":
    show(render)
