"""One irritant as advisers speak of it, and the comments that no irritant holds yet."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboard import adviser_figures, adviser_queries, charts, registry_words
from dashboard.deciding import change, name_field, named, notice
from dashboard.event_marks import event_marks, spoken
from dashboard.guard import safely
from dashboard.page import Page
from dashboard.words import plain
from insights.contracts import UNCLASSIFIED
from insights.irritants import edit

VIEW = "advisers"
QUOTES, UNPLACED = 6, 12


def irritant_voice(page: Page, irritant_id: str, asked: dict[str, Any], sizes: dict[str, int]) -> None:
    """Course by quarter beside customers, and what advisers say, month only."""
    _ = page._
    _course(page, irritant_id, asked, sizes)
    found = page.rows(adviser_queries.QUOTES, **asked, irritant=irritant_id, size=QUOTES)
    st.markdown("**" + _("What advisers say") + "**")
    columns = st.columns(2, gap="small")
    for place, row in enumerate(found.to_dict("records")):
        with columns[place % 2], st.container(border=True, gap="xsmall"):
            st.caption(plain(page.fmt.month(row["occurred_at"])))
            st.text(row["text"])


def _course(page: Page, irritant_id: str, asked: dict[str, Any], sizes: dict[str, int]) -> None:
    _, fmt = page._, page.fmt
    rows = page.rows(adviser_queries.QUARTERS, **asked, irritant=irritant_id, zone=page.settings.timezone)
    found = adviser_figures.quarters(rows, sizes, page.settings.min_advisers)
    if found.empty:
        return
    names = {"customers": _("Customers"), "advisers": _("Advisers")}
    ordered = found.sort_values(["voice", "quarter"], ascending=[False, True])
    frame = pd.DataFrame(
        {
            "month": fmt.days(ordered["quarter"]),
            "reading": [names[one] for one in ordered["voice"]],
            **{name: ordered[name].tolist() for name in ("value", "low", "high")},
            "closed": True,
            "shown": [f"{fmt.number(value, 1)} % (n = {fmt.number(n)})" for value, n in _pairs(ordered)],
            "state_text": _("quarter"),
        }
    )
    marks = event_marks(page, fmt.local_day(asked["since"]), page.today, irritant=irritant_id)
    title = _("Share that names it, by quarter (%)")
    spec = charts.months(frame, fmt, title=title, reading=title, state=_("Period"), number=",.1f", marks=marks)
    charts.draw(spec, " ".join(filter(None, [f"{title}: {page.label(irritant_id)}.", spoken(page, marks)])))
    if "advisers" not in set(found["voice"]):
        least = fmt.number(page.settings.min_advisers)
        st.caption(_("Advisers have no point in a quarter with fewer than {n} comments on it.").format(n=least))


def _pairs(rows: pd.DataFrame) -> list[tuple[float, int]]:
    return list(zip(rows["value"], rows["n"], strict=True))


def unplaced(page: Page, asked: dict[str, Any]) -> None:
    """Comments that no irritant holds; who may curate puts them where they belong."""
    _ = page._
    found = page.rows(adviser_queries.QUOTES, **asked, irritant=UNCLASSIFIED, size=UNPLACED)
    notice(page, VIEW)
    if page.may("curate"):
        name_field(page)
    may = named(page)
    columns = st.columns(2, gap="small")
    for place, row in enumerate(found.to_dict("records")):
        with columns[place % 2], st.container(border=True, gap="xsmall"):
            st.caption(plain(page.fmt.month(row["occurred_at"])))
            st.text(row["text"])
            _place(page, str(row["text_sha"]), may)


def _place(page: Page, sha: str, may: bool) -> None:
    _, key = page._, f"adviser_{sha[:16]}"
    with st.popover(_("Put it with an irritant"), icon=":material/move_item:", type="tertiary", disabled=not may):
        others = sorted((one.irritant_id for one in page.registry.living()), key=page.label)
        to = st.selectbox(
            _("It belongs to"), others, None, key=f"to_{key}", placeholder=_("Choose an irritant"),
            format_func=lambda one: registry_words.place(page, one),
        )  # fmt: skip
        st.button(
            _("Put it there"), key=f"put_{key}", type="primary", disabled=to is None or not may,
            on_click=safely(_placed), args=(page, sha, to),
        )  # fmt: skip


def _placed(page: Page, sha: str, to: str) -> None:
    sentence = page._("Counts with {irritant} now.").format(irritant=registry_words.quoted(page, to))
    change(page, VIEW, sentence, lambda known: edit.correct(known, [sha], UNCLASSIFIED, to))
