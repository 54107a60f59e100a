"""The irritants by theme, and the choice of one."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import registry_queries, registry_words
from dashboard.page import MONTH, Page, from_url, picking, to_url
from insights.irritants.registry import Irritant

YEAR = 364  # days: whole weeks


def counts(page: Page) -> pd.DataFrame:
    """By irritant_id: n_year, n_month (mentions of the last 52 and 4 weeks) and last_at, as irritants stand today."""
    until = page.window()["until"]
    asked = {"since": page.window(YEAR)["middle"], "recent": page.window(MONTH)["middle"], "until": until}
    return pd.DataFrame(page.rows(registry_queries.COUNTS, **asked)).set_index("irritant_id")


def listed(page: Page, counted: pd.DataFrame) -> list[Irritant]:
    """Living irritants by theme (those without one last), the most named of each first."""

    def place(one: Irritant) -> tuple[bool, str, int, str]:
        theme = page.registry.theme_of(one.irritant_id)
        return theme is None, registry_words.theme_name(page, theme), -n_year(counted, one.irritant_id), one.irritant_id

    return sorted(page.registry.living(), key=place)


def n_year(counted: pd.DataFrame, irritant_id: str) -> int:
    return int(counted["n_year"].get(irritant_id, 0))


def irritant_table(page: Page, irritants: list[Irritant], counted: pd.DataFrame) -> None:
    """One row an irritant; choosing a row chooses the irritant."""
    _ = page._
    themed = any(page.registry.theme_of(one.irritant_id) for one in irritants)
    shown = pd.DataFrame(
        {
            _("Theme"): [registry_words.theme_of(page, one.irritant_id) for one in irritants],
            _("Irritant"): [page.label(one.irritant_id) for one in irritants],
            _("Status"): [registry_words.standing(page, one) for one in irritants],
            _("Mentions a year"): [n_year(counted, one.irritant_id) for one in irritants],
            _("Owner"): [page.owner(one.irritant_id) or _("to be named") for one in irritants],
            _("Born on"): [page.fmt.day(one.born_on) for one in irritants],
            _("Comes from"): [registry_words.lineage(page, one) for one in irritants],
        }
    )
    if not themed:
        del shown[_("Theme")]
    ids = [one.irritant_id for one in irritants]
    widths = {_("Theme"): 140, _("Irritant"): 240, _("Owner"): 150, _("Comes from"): 190}
    config = {name: st.column_config.TextColumn(width=px) for name, px in widths.items()}
    picking(shown, "registry_table", "irritant", ids, rows=12, column_config=config)


def choice(page: Page, irritants: list[Irritant]) -> Irritant:
    """One irritant: of the table, of the list, or of a link (where a merged one leads to what it is today)."""
    options = [one.irritant_id for one in irritants]
    wanted = st.session_state.get("irritant", st.query_params.get("irritant", ""))
    st.session_state["irritant"] = page.registry.resolve(str(wanted))
    from_url("irritant", options, options[0])
    st.selectbox(page._("Look at"), options, key="irritant", format_func=page.label)
    return page.registry.irritants[str(to_url("irritant", None))]
