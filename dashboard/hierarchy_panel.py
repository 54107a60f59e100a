"""The irritants by theme: what each theme holds, largest first, its irritants one click away."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import figures, registry_words
from dashboard.page import Page, picking
from dashboard.words import plain, plural


def hierarchy(page: Page, known: pd.DataFrame) -> None:
    """One fold a theme; choosing an irritant in one chooses it for the page. `known`: as of `figures.irritants`."""
    themes = [registry_words.theme_of(page, one) for one in known["irritant_id"]]
    sizes = known.groupby(pd.Series(themes, index=known.index))["n_mentions"].sum()
    chosen = st.session_state.get("irritant")
    for name in sorted(sizes.index, key=lambda one: (-sizes[one], one)):
        rows = known[[one == name for one in themes]]
        with st.expander(_title(page, str(name), rows), expanded=chosen in set(rows["irritant_id"])):
            _irritants(page, str(name), rows)


def _title(page: Page, name: str, rows: pd.DataFrame) -> str:
    _, fmt, n = page._, page.fmt, len(rows)
    told = plural(
        n,
        _("{theme} — **{mentions} mentions**, {share}, {n} irritant"),
        _("{theme} — **{mentions} mentions**, {share}, {n} irritants"),
        page.language,
    )
    return told.format(
        theme=plain(name),
        mentions=fmt.number(rows["n_mentions"].sum()),
        share=fmt.percent(rows["share"].sum()),
        n=fmt.number(n),
    )


def _irritants(page: Page, name: str, rows: pd.DataFrame) -> None:
    _, fmt = page._, page.fmt
    told = rows.to_dict("records")
    shown = pd.DataFrame(
        {
            _("Irritant"): [page.label_and_age(row["irritant_id"]) for row in told],
            _("Mentions"): rows["n_mentions"].astype(int).tolist(),
            _("Share of the theme"): [fmt.percent(row["n_mentions"] / rows["n_mentions"].sum()) for row in told],
            _("Customers"): rows["n_customers"].astype(int).tolist(),
            _("Trend"): [figures.trend_words(page, row) for row in told],
        }
    )
    ids = rows["irritant_id"].tolist()
    picking(shown, f"theme_table_{name}", "irritant", ids, wide=_("Irritant"), wide_px=260, name=name)
