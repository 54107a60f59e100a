"""Which customers name an irritant more than the others: segments of the last run, each with its interval."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboard import registry_queries
from dashboard.format import DASH
from dashboard.page import Page, table
from dashboard.segment_words import Terms, segment_name
from dashboard.words import plain


def segments_panel(page: Page, irritant_id: str) -> None:
    """One sentence on who names it most; rates and intervals behind « Detail »."""
    _, rows = page._, _found(page, irritant_id)
    st.header(_("Who names it more"))
    more = [row for row in rows if row["difference"] > 0]
    if not rows:
        st.markdown(_("No group of customers names it more or less than the others, beyond chance."))
        return
    if more:
        st.markdown(_sentence(page, more[0]))
    else:
        st.markdown(_("No group names it more than the others; some name it less."))
    with st.expander(_("Detail of the segments ({n})").format(n=page.fmt.number(len(rows)))):
        _table(page, rows)
        st.caption(
            _(
                "Customers who name it, for a hundred customers a year, the last 12 months; 90 % intervals of the "
                "difference, false discoveries controlled. A difference is no cause."
            )
        )


def _found(page: Page, irritant_id: str) -> list[dict[Any, Any]]:
    if not page.store.has("segment_difference"):
        return []
    known = page.registry
    measures = [f"irritant:{one}" for one in known.irritants if known.resolve(one) == irritant_id]
    return list(page.rows(registry_queries.SEGMENTS_OF, measures=measures).to_dict("records"))


def _terms(row: dict[Any, Any]) -> Terms:
    more = [(row["dimension_2"], row["value_2"])] if pd.notna(row["dimension_2"]) else []
    return [(row["dimension"], row["value"]), *more]


def _sentence(page: Page, row: dict[Any, Any]) -> str:
    _, fmt = page._, page.fmt
    told = {
        "segment": plain(segment_name(_, _terms(row))),
        "ratio": fmt.number(row["inside"] / row["outside"], 1) if row["outside"] > 0 else DASH,
        "n": fmt.number(row["n_customers"]),
    }
    if row["outside"] <= 0:
        return _("**{segment}**: only they name it ({n} customers in the group).").format(**told)
    return _("**{segment}**: named **{ratio} times** as often as by the others ({n} customers in the group).").format(
        **told
    )


def _table(page: Page, rows: list[dict[Any, Any]]) -> None:
    _, fmt = page._, page.fmt

    def rate(value: float) -> str:
        return fmt.number(100 * value, 1)

    shown = pd.DataFrame(
        {
            _("Segment"): [segment_name(_, _terms(row)) for row in rows],
            _("They"): [rate(row["inside"]) for row in rows],
            _("The others"): [rate(row["outside"]) for row in rows],
            _("Difference (90 % interval)"): [
                f"{fmt.number(100 * row['difference'], 1, signed=True)} ({fmt.interval(row['low'], row['high'], rate)})"
                for row in rows
            ],
            _("Verdict"): [_("more") if row["difference"] > 0 else _("less") for row in rows],
            _("Customers"): [int(row["n_customers"]) for row in rows],
        }
    )
    table(shown, wide=_("Segment"), name=_("Who names it more"))
