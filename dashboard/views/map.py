"""Map of the irritants: near is alike in the customers' words, large is often named, colour and shape are the theme."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import figures, registry_words
from dashboard.filters import filters
from dashboard.guard import empty, safely
from dashboard.irritant_map import NEAR, irritant_map
from dashboard.map_charts import PICK, bubbles
from dashboard.meanings import meaning
from dashboard.page import Page, from_url, headline, picking, show, to_url
from dashboard.words import plain
from insights.steps.mapping import IrritantMap

CHART = "irritant_map"
ALIKE = 0.4  # likeness from which two irritants are proposed as one


def render(page: Page) -> None:
    _ = page._
    found = irritant_map(page)
    if found is None or len(found.ids) < 2:
        empty(
            _("There is no map yet: it needs two irritants at least."),
            _("`voc run` finds the irritants in what customers say, and lays them out."),
        )
        return
    kept, weeks = filters(page, "52")
    frame = _frame(page, found, figures.irritants(page, page.window(7 * weeks), kept))
    _summary(page, found, frame)
    options = frame["irritant_id"].tolist()
    from_url("irritant", options, options[0])
    chosen = str(st.session_state["irritant"])
    _chart(page, frame, chosen)
    st.selectbox(_("Look at"), options, key="irritant", format_func=page.label)
    _chosen(page, found, frame, str(to_url("irritant", None)))
    _twin(page, frame)
    _method(page, found)


def _frame(page: Page, found: IrritantMap, listed: pd.DataFrame) -> pd.DataFrame:
    """One row an irritant on the map, largest first."""
    sizes = dict(zip(listed["irritant_id"], listed["n_mentions"], strict=True))
    frame = pd.DataFrame(
        {
            "irritant_id": list(found.ids),
            "x": found.places[:, 0],
            "y": found.places[:, 1],
            "name": [page.label(one) for one in found.ids],
            "theme_id": [page.registry.irritants[one].parent or "~" for one in found.ids],
            "theme": [registry_words.theme_of(page, one) for one in found.ids],
            "n_mentions": [int(sizes.get(one, 0)) for one in found.ids],
            "near": [_near(page, found, one) for one in found.ids],
        }
    )
    return frame.sort_values(["n_mentions", "irritant_id"], ascending=[False, True], ignore_index=True)


def _near(page: Page, found: IrritantMap, irritant_id: str) -> str:
    """Names of the closest, nearest first; a dash where none is close."""
    close = [page.label(one) for one, cosine in found.near[irritant_id] if cosine >= NEAR]
    return ", ".join(close) or "–"


def _summary(page: Page, found: IrritantMap, frame: pd.DataFrame) -> None:
    """How many irritants, and the two that are most alike: the first question to answer."""
    _, fmt = page._, page.fmt
    own, other, cosine = max(
        ((own, other, near) for own, close in found.near.items() for other, near in close[:1]), key=lambda one: one[2]
    )
    one, two = (plain(registry_words.quoted(page, each)) for each in (own, other))
    told = meaning(page, "map", n=len(frame))
    if cosine < ALIKE:
        headline(
            _("Irritants"),
            fmt.number(len(frame)),
            _("No two irritants are so alike that they should be merged."),
            help=told,
        )
        return
    sentence = _("Most alike in the customers' words: **{one}** and **{two}**. Are they the same cause?")

    def link() -> None:
        st.page_link(
            "views/registry.py",
            label=_("See what merging them would change"),
            icon=":material/arrow_forward:",
            query_params={"irritant": own, "lang": page.language},
        )

    headline(_("Irritants"), fmt.number(len(frame)), sentence.format(one=one, two=two), link, help=told)


def _chart(page: Page, frame: pd.DataFrame, chosen: str) -> None:
    _ = page._
    spec = bubbles(
        frame,
        page.fmt,
        chosen=chosen,
        titles=(_("Irritant"), _("Theme"), _("Mentions")),
        near_title=_("Close to"),
    )
    largest = ", ".join(frame["name"].head(3))
    alt = _("Map of {n} irritants; near means alike. The largest: {names}. The table below says the same.").format(
        n=len(frame), names=largest
    )
    st.vega_lite_chart(spec=spec, theme=None, alt=alt, key=CHART, on_select=safely(_picked), selection_mode=PICK)


def _picked() -> None:
    """A click on a bubble chooses its irritant."""
    picked = st.session_state[CHART]["selection"].get(PICK) or []
    if picked:
        st.session_state["irritant"] = picked[0]["irritant_id"]


def _chosen(page: Page, found: IrritantMap, frame: pd.DataFrame, irritant_id: str) -> None:
    """The chosen irritant in words: how often, near what, and where to go on."""
    _, fmt = page._, page.fmt
    row = frame.set_index("irritant_id").loc[irritant_id]
    close = [registry_words.quoted(page, one) for one, cosine in found.near[irritant_id] if cosine >= NEAR]
    with st.container(border=True):
        told = _("**{irritant}** — {theme}, {n} negative mentions in the period.").format(
            irritant=plain(str(row["name"])), theme=plain(str(row["theme"])), n=fmt.number(row["n_mentions"])
        )
        near = (
            _("Close to: {irritants}.").format(irritants=", ".join(close))
            if close
            else _("Close to none of the others.")
        )
        st.markdown(f"{told} {plain(near)}")
        with st.container(horizontal=True):
            asked = {"irritant": irritant_id, "lang": page.language}
            st.page_link(
                "views/irritants.py",
                label=_("Its trend and its verbatims"),
                icon=":material/arrow_forward:",
                query_params=asked,
            )
            st.page_link(
                "views/registry.py",
                label=_("Rename, merge, split, move it"),
                icon=":material/arrow_forward:",
                query_params=asked,
            )


def _twin(page: Page, frame: pd.DataFrame) -> None:
    """The map as a table, for the keyboard and for those who do not see it; choosing a row chooses the irritant."""
    _ = page._
    st.header(_("The same as a table"))
    shown = pd.DataFrame(
        {
            _("Irritant"): frame["name"],
            _("Theme"): frame["theme"],
            _("Mentions"): frame["n_mentions"],
            _("Close to"): frame["near"],
        }
    )
    picking(shown, "map_table", "irritant", frame["irritant_id"].tolist(), wide=_("Close to"), wide_px=380)


def _method(page: Page, found: IrritantMap) -> None:
    _, fmt = page._, page.fmt
    with st.expander(_("Detail")):
        st.markdown(
            _(
                "Each irritant lies where its texts lie: distances on the map follow the likeness of the customers' words "
                "(rank correlation {truth}, 1 would be perfect: a page has two dimensions, words have hundreds). Axes mean "
                "nothing. An irritant keeps its place from week to week and moves only as far as its words do. One that "
                "was made by hand appears after the next run; what is hidden or unclassified is not drawn."
            ).format(truth=fmt.number(found.truth, 2))
        )


if __name__ == "__main__":
    show(render)
