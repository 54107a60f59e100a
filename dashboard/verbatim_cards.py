"""The verbatims of a search on cards: what matched, who, where and when, the irritants they carry, the score given."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import verbatim_queries as queries
from dashboard import words
from dashboard.format import known
from dashboard.guard import safely
from dashboard.marking import around, painted
from dashboard.page import Page
from dashboard.words import plain
from insights.contracts import UNCLASSIFIED
from insights.search import Query, Ranked, marks

SHOWN = 360  # characters of a verbatim on its card
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Found:
    """Verbatims in the order of their rank, with their clauses and scores."""

    rows: pd.DataFrame
    clauses: pd.DataFrame
    marks: pd.DataFrame
    nearest: dict[int, int]  # key of a verbatim -> key of its text that is nearest by meaning

    def irritants(self, feedback_id: str) -> list[str]:
        """Irritants a verbatim carries today, in reading order."""
        own = self.clauses[self.clauses["feedback_id"] == feedback_id]["irritant_id"].dropna()
        return [one for one in dict.fromkeys(own) if one != UNCLASSIFIED]

    def most(self) -> tuple[str, int] | None:
        """The irritant that most of these verbatims carry, and how many do."""
        counted = Counter(one for feedback_id in self.rows["feedback_id"] for one in self.irritants(feedback_id))
        return counted.most_common(1)[0] if counted else None


def fetch(page: Page, ranked: Ranked) -> Found:
    """The verbatims of a ranking within the reader's rights, with what is said of them."""
    rows = rows_of(page, ranked)
    bounds = _bounds(ranked) | {"ids": sorted(rows["feedback_id"])}
    nearest = {int(key): int(text) for key, text in zip(ranked.keys, ranked.texts, strict=True) if text}
    marked = page.rows(queries.MARKS, ids=bounds["ids"])
    return Found(rows, page.store.today(page.rows(queries.CLAUSES, **bounds)), marked, nearest)


def rows_of(page: Page, ranked: Ranked) -> pd.DataFrame:
    """Rows of `feedback` in the order of a ranking; what left the lake since is not there."""
    keys = [int(key) for key in ranked.keys]
    found = page.rows(queries.FOUND, keys=sorted(keys), **_bounds(ranked))
    place = {key: n for n, key in enumerate(keys)}
    return found.assign(rank=[place[int(key)] for key in found["key"]]).sort_values("rank", ignore_index=True)


def _bounds(ranked: Ranked) -> dict[str, datetime]:
    """The days in which the verbatims lie: the rest of the lake is not read."""
    days = [int(day) for day in ranked.days] or [0]
    first, last = (EPOCH + timedelta(days=day) for day in (min(days), max(days) + 1))
    return {
        name: datetime(day.year, day.month, day.day, tzinfo=UTC) for name, day in (("first", first), ("last", last))
    }


def cards(page: Page, found: Found, query: Query) -> None:
    """One card a verbatim."""
    for row in found.rows.to_dict("records"):
        with st.container(border=True, gap="xsmall"):
            _card(page, found, row, query)


def _card(page: Page, found: Found, row: dict[str, Any], query: Query) -> None:
    _, feedback_id = page._, row["feedback_id"]
    told = " · ".join([*facts(page, row), *scores(page, found.marks, feedback_id)])
    st.caption(plain(told))
    st.markdown(_words(found, row, query))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            _("Read it whole"),
            key=f"open_{feedback_id}",
            icon=":material/open_in_full:",
            type="tertiary",
            on_click=safely(_open),
            args=(feedback_id,),
        )
        for irritant_id in found.irritants(feedback_id)[:4]:
            irritant_link(page, irritant_id)
        if known(row["customer_id"]) and not row["anonymous"]:
            customer_link(page, row["customer_id"])


def _open(feedback_id: str) -> None:
    st.query_params["feedback"] = feedback_id


def _words(found: Found, row: dict[str, Any], query: Query) -> str:
    """What matched: the searched words where they stand, else the clause that is nearest by meaning."""
    text, wanted = str(row["verbatim"]).replace("\n", " "), query.wanted
    spans = marks(text, wanted) if wanted else []
    near = found.nearest.get(int(row["key"]))
    if not spans and near:
        same = found.clauses[(found.clauses["feedback_id"] == row["feedback_id"]) & (found.clauses["text_key"] == near)]
        clause = str(same["text"].iloc[0]).replace("\n", " ") if len(same) else ""
        at = text.find(clause) if clause else -1
        spans = [(at, at + len(clause))] if at >= 0 else []
    shown, inside = around(text, spans, SHOWN)
    return painted(shown, inside)


def facts(page: Page, row: dict[str, Any]) -> list[str]:
    """When, what, where, about what."""
    _ = page._
    told = [page.fmt.day(row["occurred_at"]), words.kind(_, row["kind"]), words.channel(_, row["channel"])]
    told += [str(row[name]) for name in ("brand", "product", "region") if known(row[name])]
    told += [words.segment(_, row["segment"])] if known(row["segment"]) else []
    return list(dict.fromkeys(told))


def scores(page: Page, marked: pd.DataFrame, feedback_id: str) -> list[str]:
    """`Recommendation: 3 on the scale 0-10`."""
    _ = page._
    names = {"nps": _("Recommendation"), "csat": _("Satisfaction"), "ces": _("Ease")}
    own = marked[marked["feedback_id"] == feedback_id]
    return [
        _("{score}: {value} on the scale {scale}").format(
            score=names.get(one["metric"], one["metric"]),
            value=page.fmt.number(one["value"]),
            scale=str(one["scale"]).split(" ")[0],
        )
        for one in own.to_dict("records")
    ]


def irritant_link(page: Page, irritant_id: str) -> None:
    st.page_link(
        "views/irritants.py",
        label=plain(page.label(irritant_id)),
        icon=":material/label:",
        query_params={"irritant": irritant_id, "lang": page.language},
    )


def customer_link(page: Page, customer_id: str, label: str | None = None) -> None:
    """The way to the customer's page, for readers who may open it."""
    if page.may("customers"):
        st.page_link(
            "views/customer.py",
            label=plain(label or customer_id),
            icon=":material/person_search:",
            query_params={"customer": customer_id, "lang": page.language},
        )
