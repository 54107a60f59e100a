"""Priorities of one insurer, product or region: the choice on the page, and the ranking computed for it."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from dashboard import queries
from dashboard.data import Store
from dashboard.deciding import company_only
from dashboard.figures import judged
from dashboard.page import Page, from_url, to_url
from insights.priorities import WINDOW_DAYS
from insights.steps.prioritize import DIMENSIONS, ranked
from insights.steps.resolved import seen

LEAST = 30  # feedback with words in the window
DRAWS = 400


def chosen_part(page: Page) -> tuple[str, str] | None:
    """(dimension, value) the reader chose; None for all. Nothing is shown where no dimension has two values."""
    _ = page._
    window = page.window(WINDOW_DAYS)
    asked = {"since": window["middle"], "until": window["until"], "least": LEAST}
    values = {one: page.rows(queries.PARTS, dimension=one, **asked)["value"].tolist() for one in DIMENSIONS}
    offered = [one for one in DIMENSIONS if len(values[one]) > 1]
    if not offered:
        return None
    if company_only(page, _("Priorities of one part")):
        return None
    names = {"": _("All"), "brand": _("Brand"), "product": _("Product"), "region": _("Region")}
    left, right = st.columns([2, 5])
    from_url("part_of", ["", *offered], "")
    left.selectbox(_("Priorities of"), ["", *offered], format_func=names.__getitem__, key="part_of")
    dimension = to_url("part_of", "")
    if not dimension:
        return None
    key, first = f"part_{dimension}", values[dimension][0]
    from_url(key, values[dimension], first)
    right.selectbox(names[dimension], values[dimension], key=key)
    return dimension, str(to_url(key, first))


def of_part(page: Page, dimension: str, value: str) -> pd.DataFrame:
    """Rows of `priority` for one value, with `verdict`."""
    store = page.store
    key = (store.place, store.snapshot, store.registry.version)
    found = _ranked(key, page.today, dimension, value, store)
    return judged(found.reset_index(drop=True))


@st.cache_data(show_spinner=False, max_entries=100)
def _ranked(key: tuple[str, int, int], day: date, dimension: str, value: str, _store: Store) -> pd.DataFrame:
    known = _store.registry
    reader = seen(_store.lake, _store.ledger, known)
    return ranked(_store.lake, reader, known, day, dimension, value, DRAWS)[1]
