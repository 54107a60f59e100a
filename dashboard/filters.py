"""Period and dimension filters, kept in the URL so that a view can be sent to a colleague."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard import queries, words
from dashboard.page import Page, from_url, to_url

PERIODS = ("4", "13", "26", "52")  # weeks
DIMENSIONS = ("segments", "brands", "products", "channels")


def filters(page: Page, start: str = PERIODS[0]) -> tuple[dict[str, list[str]], int]:
    """What is kept by dimension (empty: all) and the length of the period in weeks, `start` weeks at first.

    A dimension is offered when the data of two years hold at least two values of it.
    """
    _ = page._
    choices = _offered(page)
    names: dict[str, tuple[str, Callable[[str], str]]] = {
        "segments": (_("Segment"), lambda code: words.segment(_, code)),
        "brands": (_("Brand"), str),
        "products": (_("Product"), str),
        "channels": (_("Channel"), lambda code: words.channel(_, code)),
    }
    kept: dict[str, list[str]] = {name: [] for name in DIMENSIONS}
    columns = st.columns(1 + len(choices))
    from_url("weeks", PERIODS, start)
    columns[0].selectbox(
        _("Period"), PERIODS, key="weeks", format_func=lambda n: _("Last {n} weeks").format(n=page.fmt.number(n))
    )
    for column, name in zip(columns[1:], choices, strict=True):
        from_url(name, choices[name], [])
        title, say = names[name]
        column.multiselect(title, choices[name], key=name, format_func=say, placeholder=_("All"))
        kept[name] = to_url(name, [])
    return kept, int(to_url("weeks", start))


def _offered(page: Page) -> dict[str, list[str]]:
    period = page.window(364)
    found = page.rows(queries.DIMENSIONS, since=period["since"], until=period["until"]).iloc[0]
    choices = {name: [str(value) for value in found[name]] for name in DIMENSIONS if found[name] is not None}
    return {name: values for name, values in choices.items() if len(values) > 1}
