"""Journey: the stages as a customer lives them, where it hurts most, and the first weeks of new customers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.filters import filters
from dashboard.guard import empty
from dashboard.journey_data import Read, choose_score, read
from dashboard.journey_panel import irritant_link, stage_panel
from dashboard.journey_table import detail, no_order, stage_charts, stage_table, star
from dashboard.journey_welcome import welcome
from dashboard.page import Page, explained, from_url, headline, show, to_url
from dashboard.words import plain

STAGES, WELCOME = "stages", "welcome"
START_WEEKS = "13"


def render(page: Page) -> None:
    _ = page._
    names = {STAGES: _("Stages of the journey"), WELCOME: _("First weeks of new customers")}
    from_url("part", list(names), STAGES)
    st.segmented_control(
        _("Look at"),
        list(names),
        key="part",
        format_func=names.__getitem__,
        required=True,
        label_visibility="collapsed",
    )
    if to_url("part", STAGES) == WELCOME:
        welcome(page)
    else:
        _stages(page)


def _stages(page: Page) -> None:
    _ = page._
    kept, weeks = filters(page, START_WEEKS)
    found = read(page, kept, weeks)
    spots = found.spots()
    placed = spots[spots["name"].notna()]
    if placed.empty:
        empty(
            _("No feedback names a stage of the journey in this period, under these filters."),
            _("Choose a longer period, or let your sources carry `journey_stage` (docs/sources.md)."),
        )
        return
    named = found.named()
    head = st.container()
    found = replace(found, score=choose_score(page, found.daily()))
    scores = found.scored()
    with head:
        _summary(found, placed, scores, named)
    stage_charts(found, spots, scores)
    stage_table(found, spots, scores, named)
    star(found, scores)
    if no_order(found.journey):
        st.caption(_("Write your stages, in their order, into data/reference/journey.yaml."))
    detail(found, spots, scores)
    stage = _choice(found, placed)
    row = placed[placed["name"] == stage].iloc[0].to_dict()
    stage_panel(found, stage, row, scores, named)


def _summary(found: Read, placed: pd.DataFrame, scores: pd.DataFrame, named: pd.DataFrame) -> None:
    """Where most customers complain, of what first, and where the score is lowest."""
    page, _, fmt = found.page, found.page._, found.page.fmt
    worst = placed.sort_values("rank").iloc[0].to_dict()
    if not worst["n_hurt"]:
        headline(_("Customers who complain"), fmt.number(0), _("Nobody complains at any stage in this period."))
        return
    top = named[named["stage"] == worst["name"]].head(1)
    sentence = _sentence(found, worst, top)
    lowest = _lowest(found, placed, scores)
    definition = _("Customers who said something against us at the stage where most of them did, each once.")
    interval = fmt.interval(worst["low"], worst["high"], fmt.percent)
    headline(
        _("Complain: {stage}").format(stage=found.name(worst["name"])), fmt.number(worst["n_hurt"]), sentence + lowest,
        (lambda: _next(page, str(top.iloc[0]["irritant_id"]))) if len(top) else None,
        help=explained(page, definition, n=int(worst["n_people"]), interval=interval),
    )  # fmt: skip


def _sentence(found: Read, worst: dict[Any, Any], top: pd.DataFrame) -> str:
    page, _, fmt = found.page, found.page._, found.page.fmt
    values = {
        "stage": plain(found.name(worst["name"])),
        "share": fmt.percent(worst["share"]),
        "heard": fmt.number(worst["n_people"]),
    }
    said = _("**{stage}** hurts most: {share} of the {heard} customers heard there complain.").format(**values)
    if len(top):
        said += " " + _("First of **{irritant}** ({n} customers).").format(
            irritant=plain(page.label(top.iloc[0]["irritant_id"])), n=fmt.number(top.iloc[0]["n_people"])
        )
    return said


def _lowest(found: Read, placed: pd.DataFrame, scores: pd.DataFrame) -> str:
    """The stage with the lowest score, where its interval lies below the score of all others taken together."""
    known = scores[scores["value"].notna() & scores.index.isin(placed["name"])] if len(scores) else scores
    if len(known) < 2 or found.metric is None:
        return ""
    low = known["value"].idxmin()
    others = known.drop(low)
    mean = float((others["value"] * others["n"]).sum() / others["n"].sum())
    if known.loc[low, "high"] >= mean:
        return ""
    row, _ = known.loc[low].to_dict(), found.page._
    said = (
        _("Lowest score: **{stage}**, {value}.")
        if row["recent"]
        else _("Lowest score of 12 months: **{stage}**, {value}.")
    )
    value = found.value({**row, "recent": True})
    return " " + said.format(stage=plain(found.name(low)), value=plain(value))


def _next(page: Page, irritant_id: str) -> None:
    with st.container(horizontal=True):
        irritant_link(page, irritant_id)
        st.page_link(
            "views/priorities.py", label=page._("Where it stands among the priorities"),
            icon=":material/arrow_forward:", query_params={"irritant": irritant_id, "lang": page.language},
        )  # fmt: skip


def _choice(found: Read, placed: pd.DataFrame) -> str:
    """The stage that is looked at: chosen here or in the table, kept in the URL; at first the one that hurts most."""
    options = placed["name"].tolist()
    worst = placed.sort_values("rank")["name"].iloc[0]
    from_url("stage", options, worst)
    st.selectbox(found.page._("Look at the stage"), options, key="stage", format_func=found.name)
    return str(to_url("stage", worst))


if __name__ == "__main__":
    show(render)
