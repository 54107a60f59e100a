"""Voice of advisers: the same irritants as customers', side by side, and never a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import adviser_figures, adviser_queries
from dashboard.adviser_figures import ALIKE, EARLY, LESS, MORE, UNKNOWN, may_show
from dashboard.adviser_panel import irritant_voice, unplaced
from dashboard.format import DASH
from dashboard.guard import empty
from dashboard.journey_panel import irritant_link
from dashboard.page import Page, explained, from_url, headline, picking, show, table, to_url
from dashboard.words import Translate, plain, plural
from insights.advisers import team_sizes

PERIODS = ("26", "52", "104")  # weeks
START = "104"


def render(page: Page) -> None:
    _ = page._
    weeks = _period(page)
    until = page.window()["until"]
    asked = {"since": page.day_start(page.today + timedelta(days=1, weeks=-weeks)), "until": until}
    both = page.rows(adviser_queries.BOTH, **asked)
    whole = both["irritant_id"].isna()
    heard = both[whole].iloc[0].to_dict()
    sizes, least = dict(team_sizes(page.settings.reference_dir)), page.settings.min_advisers
    if not may_show(int(heard["n_comments"]), _teams(heard["teams"]), sizes, least):
        _nothing(page, least)
        return
    sides = both.loc[~whole, list(adviser_figures.SIDES)]
    rows = adviser_figures.beside(sides, int(heard["n_placed"]), int(heard["n_naming"]), sizes, least)
    rows = rows[~rows["irritant_id"].isin(page.registry.hidden)]
    _summary(page, rows, heard)
    _sides(page, rows)
    _detail(page, rows, heard)
    _one(page, rows, asked, sizes)
    _rest(page, heard, asked, sizes)


def _period(page: Page) -> int:
    _ = page._
    from_url("weeks", PERIODS, START)
    left, _rest_of_line = st.columns([2, 6])
    left.selectbox(
        _("Period"), PERIODS, key="weeks", format_func=lambda n: _("Last {n} weeks").format(n=page.fmt.number(int(n)))
    )
    return int(to_url("weeks", START))


def _teams(found: Any) -> list[str]:
    return [] if found is None else [str(one) for one in found if one is not None]


def _nothing(page: Page, least: int) -> None:
    _ = page._
    empty(
        _("There are not enough comments of advisers to be shown without pointing at somebody."),
        _(
            "A figure needs {n} comments from teams of at least {n} advisers. Choose a longer period; drop files of "
            "comments into `employee_voice/` (docs/sources.md) and keep team sizes in data/reference/advisers.yaml."
        ).format(n=page.fmt.number(least)),
    )


def _summary(page: Page, rows: pd.DataFrame, heard: dict[Any, Any]) -> None:
    """How many irritants advisers see before customers say so, and which one to look at."""
    _, fmt = page._, page.fmt
    early, more = (rows[rows["verdict"] == one] for one in (EARLY, MORE))
    lead = early if len(early) else more
    one, many = _("Early warning"), _("Early warnings")
    label = plural(len(early), one, many, page.language)
    definition = _(
        "Irritants that advisers name beyond chance more often than customers, while few customers name them: under one in "
        "twenty of those who name any."
    )
    link = None
    if len(lead):
        first = lead.iloc[0].to_dict()
        link = lambda: irritant_link(page, str(first["irritant_id"]))  # noqa: E731
        sentence = _early(page, first) if len(early) else _more(page, first)
    else:
        sentence = _("Advisers name no irritant more often than customers do, beyond chance.")
        sentence += _shared(page, rows)
    help_ = explained(page, definition, n=_n(page, heard))
    headline(label, fmt.number(len(early)), sentence, link, help=help_)


def _n(page: Page, heard: dict[Any, Any]) -> str:
    said = page._(
        "{placed} of {comments} comments and {naming} of {feedback} feedback items of customers name an irritant"
    )
    names = {"placed": "n_placed", "comments": "n_comments", "naming": "n_naming", "feedback": "n_feedback"}
    return said.format(**{name: page.fmt.number(heard[column]) for name, column in names.items()})


def _early(page: Page, first: dict[Any, Any]) -> str:
    said = page._(
        "They see it, customers hardly say it yet: **{irritant}**, {ratio} as often. Ask the teams what is behind it."
    )
    return said.format(irritant=plain(page.label(first["irritant_id"])), ratio=plain(page.fmt.ratio(first["ratio"])))


def _more(page: Page, first: dict[Any, Any]) -> str:
    said = page._("Both say it, advisers more often: **{irritant}** ({ratio}). Ask the teams what they would change.")
    return said.format(irritant=plain(page.label(first["irritant_id"])), ratio=plain(page.fmt.ratio(first["ratio"])))


def _shared(page: Page, rows: pd.DataFrame) -> str:
    """The irritant that advisers name most, where one may be shown."""
    seen = rows[rows["shown"]].sort_values("n_comments", ascending=False)
    if seen.empty:
        return ""
    said = " " + page._("Both voices name **{irritant}** most among those that can be shown: start there.")
    return said.format(irritant=plain(page.label(seen.iloc[0]["irritant_id"])))


def verdict(_: Translate, code: str) -> str:
    """What the difference between the two voices means."""
    return {
        EARLY: _("▲ advisers see it, customers hardly yet"),
        MORE: _("▲ advisers more often"),
        ALIKE: _("no real difference"),
        LESS: _("▼ customers more often"),
        UNKNOWN: DASH,
    }[code]


def _sides(page: Page, rows: pd.DataFrame) -> None:
    """Irritant by irritant; choosing a row chooses the irritant."""
    _, fmt = page._, page.fmt
    if rows.empty:
        st.caption(_("No comment names a known irritant yet: put some of those below with one, or run `voc run`."))
        return
    few = _("fewer than {n}").format(n=fmt.number(page.settings.min_advisers))
    records = rows.to_dict("records")
    shown = pd.DataFrame(
        {
            _("Irritant"): [page.label_and_age(row["irritant_id"]) for row in records],
            _("Difference"): [verdict(_, row["verdict"]) for row in records],
            _("Advisers (comments)"): [_comments(page, row) if row["shown"] else few for row in records],
            _("Customers"): [fmt.number(row["n_customers"]) for row in records],
            _("Share of what they name"): [fmt.percent(row["customer_share"], 1) for row in records],
        }
    )  # fmt: skip
    ids = rows["irritant_id"].tolist()
    picking(
        shown,
        "adviser_table",
        "irritant",
        ids,
        wide=_("Irritant"),
        wide_px=240,
        raw=rows,
        name=_("Advisers beside customers"),
    )
    rule = _(
        "No name, no hour, no team of fewer than {n}: this page speaks of no person and must not judge anyone's work."
    )
    st.caption(rule.format(n=fmt.number(page.settings.min_advisers)))


def _comments(page: Page, row: dict[Any, Any]) -> str:
    return f"{page.fmt.number(row['n_comments'])} ({page.fmt.percent(row['adviser_share'], 1)})"


def _detail(page: Page, rows: pd.DataFrame, heard: dict[Any, Any]) -> None:
    _, fmt = page._, page.fmt
    with st.expander(_("Detail")):
        st.markdown(
            _(
                "A comment carries no author, so that comments are counted, not advisers: one adviser may write several. "
                "A comment is given an irritant only where at least four fifths of the nearest sentences of customers carry it, "
                "or where a person has placed it; the others wait below. Its tone is never read. **Difference**: share of "
                "the comments against share of the customers' feedback that name some irritant (Fisher's "
                "exact test); at most one announced difference in ten is chance. Customers who call speak of what they "
                "live, advisers of what they handle: a difference is a question to ask, not a fault."
            )
        )
        st.caption(plain(_n(page, heard)))
        records = rows[rows["shown"]].to_dict("records")
        if records:
            told = {
                _("Irritant"): [page.label(row["irritant_id"]) for row in records],
                _("Advisers, 95 % interval"): [_ends(page, row, "adviser_share") for row in records],
                _("Customers, 95 % interval"): [_ends(page, row, "customer_share") for row in records],
                _("Ratio"): [fmt.ratio(row["ratio"]) for row in records],
                _("90 % interval"): [
                    fmt.interval(row["ratio_low"], row["ratio_high"], lambda x: fmt.number(x, 1)) for row in records
                ],
            }
            table(pd.DataFrame(told), wide=_("Irritant"), export=False)


def _ends(page: Page, row: dict[Any, Any], name: str) -> str:
    return page.fmt.interval(row[f"{name}_low"], row[f"{name}_high"], lambda x: page.fmt.percent(x, 1))


def _one(page: Page, rows: pd.DataFrame, asked: dict[str, Any], sizes: dict[str, int]) -> None:
    """The irritant that is looked at, kept in the URL."""
    _ = page._
    options = rows["irritant_id"].tolist()
    if not options:
        return
    from_url("irritant", options, options[0])
    st.selectbox(_("Look at"), options, key="irritant", format_func=page.label)
    chosen = str(to_url("irritant", options[0]))
    irritant_link(page, chosen)
    if bool(rows.set_index("irritant_id").loc[chosen, "shown"]):
        irritant_voice(page, chosen, asked, sizes)
    else:
        least = page.fmt.number(page.settings.min_advisers)
        st.caption(_("Fewer than {n} comments name it: they are not shown.").format(n=least))


def _rest(page: Page, heard: dict[Any, Any], asked: dict[str, Any], sizes: dict[str, int]) -> None:
    """What advisers say that no irritant holds."""
    _, least = page._, page.settings.min_advisers
    n = int(heard["n_unplaced"])
    if not may_show(n, _teams(heard["teams_unplaced"]), sizes, least):
        return
    st.header(_("Not with any irritant yet"))
    st.markdown(
        _("{n} of {all} comments speak of something no irritant holds, or that only a person can place.").format(
            n=page.fmt.number(n), all=page.fmt.number(heard["n_comments"])
        )
    )
    unplaced(page, asked)


if __name__ == "__main__":
    show(render)
