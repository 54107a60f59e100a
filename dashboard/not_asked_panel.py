"""Why customers were not asked: the reasons behind « never asked », on the page Scores."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboard import score_queries
from dashboard.page import Page, table
from insights.contactability import rule_name


def reason_rows(page: Page, survey: str, months: list[Any]) -> pd.DataFrame:
    """One row a reason, most frequent first; empty where nobody noted one."""
    _, fmt = page._, page.fmt
    found = page.rows(score_queries.NOT_ASKED, survey=survey, months=months) if page.store.has("not_asked") else None
    if found is None or found.empty or set(found["reason"]) == {"(none)"}:
        return pd.DataFrame()
    rows = found.assign(name=[rule_name(str(one), page.language) for one in found["reason"]])
    summed = rows.groupby("name", sort=True)[["n_weighed", "n_other"]].sum()
    ordered = summed.sort_values(["n_weighed", "n_other"], ascending=False, kind="stable")
    return pd.DataFrame(
        {
            _("Why they were not asked"): [str(name)[:1].upper() + str(name)[1:] for name in ordered.index],
            _("Customers, kept in the weighting"): [fmt.number(n) for n in ordered["n_weighed"]],
            _("Others"): [fmt.number(n) for n in ordered["n_other"]],
        }
    )


def not_asked_panel(page: Page, survey: str, months: list[Any]) -> None:
    """The reasons, folded away; nothing where none is known."""
    _ = page._
    rows = reason_rows(page, survey, months)
    if rows.empty:
        return
    with st.expander(_("Who was not asked, and why")):
        table(rows, rows=20)
        st.caption(
            _(
                "Customers of the quarantine, with an open case or who refuse surveys are never asked. They keep their share "
                "in the weighting, so that leaving them out does not flatter the score."
            )
        )
