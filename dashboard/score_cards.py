"""Three cards at the top of the page Scores: as answered, corrected for who answered, asked or not."""

from __future__ import annotations

import streamlit as st

from dashboard.page import Page
from dashboard.scores import REVIEW, Figure, score_help, shown
from dashboard.who_answered import Answered
from dashboard.words import plain
from insights.metrics import ANSWERS, CASES, CONTACTS, Metric


def cards(page: Page, metric: Metric, now: Figure, found: Answered) -> None:
    """The score as answered, corrected, and who was asked: three cards side by side."""
    _, fmt = page._, page.fmt
    raw, corrected, states = st.columns(3)
    with raw.container(border=True, height="stretch"):
        name = _("As answered") if metric.source == ANSWERS else _("As counted")
        st.metric(name, shown(page, metric, now.value), help=score_help(page, metric, now))
        st.caption(plain(_interval(page, metric, now.low, now.high) if now.enough else _("not enough answers")))
        st.caption(plain(_counted(page, metric).format(n=fmt.number(now.n))))
    with corrected.container(border=True, height="stretch"):
        told = score_help(page, metric, now, corrected=True) if now.is_corrected else _why_not(page, metric, now, found)
        st.metric(_("Corrected for who answered"), shown(page, metric, now.corrected), help=told)
        if now.is_corrected:
            st.caption(plain(_interval(page, metric, now.corrected_low, now.corrected_high)))
            st.caption(plain(_("as sure as {n} answers drawn at random").format(n=fmt.number(now.n_effective))))
        else:
            st.caption(_why_not(page, metric, now, found))
    with states.container(border=True, height="stretch"):
        _states(page, found)


def _interval(page: Page, metric: Metric, low: float, high: float) -> str:
    ends = {"low": shown(page, metric, low), "high": shown(page, metric, high)}
    return page._("between {low} and {high}, 19 times in 20").format(**ends)


def _counted(page: Page, metric: Metric) -> str:
    _ = page._
    if metric.source == CONTACTS:
        return _("{n} contacts counted")
    if metric.source == CASES:
        return _("{n} cases counted")
    return _("{n} answers counted") if metric.source == ANSWERS else _("{n} questionnaires counted")


def _why_not(page: Page, metric: Metric, now: Figure, found: Answered) -> str:
    _ = page._
    if found.survey == REVIEW:
        return _("Cannot be corrected: reviews are not a sample, nobody knows whom they stand for.")
    if metric.source != ANSWERS:
        return _("Nothing to correct: all contacts, cases or questionnaires count, not a sample that chose to answer.")
    if not now.enough:
        return _("not enough answers")
    return _(
        "Cannot be corrected: some months have too few answers, or nobody knows who was asked. Try another period."
    )


def _states(page: Page, found: Answered) -> None:
    _, fmt = page._, page.fmt
    st.markdown(f"**{_('Asked or not')}**")
    if not found.known:
        st.caption(_("No list of who was asked goes with this score."))
        return
    rows = (
        (_("Asked, answered: **{n}**"), found.n_answered),
        (_("Asked, silent: **{n}**"), found.n_silent),
        (_("Never asked: **{n}**"), found.n_never_asked),
    )
    for label, n in rows:
        st.markdown(label.format(n=plain(fmt.number(n))))
    if found.n_months > 1:
        st.caption(_("Customers a month, added up over {n} months.").format(n=fmt.number(found.n_months)))
