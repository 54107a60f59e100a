"""The irritant registry: what there is, what waits for a decision, what grows outside it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.create_panel import create_panel
from dashboard.deciding import name_field, named, notice, reader
from dashboard.guard import empty
from dashboard.irritant_panel import VIEW, irritant_panel
from dashboard.meanings import meaning
from dashboard.page import Page, from_url, headline, show, to_url
from dashboard.proposals import proposals, refused
from dashboard.registry_list import choice, counts, irritant_table, listed, n_year
from dashboard.signals import open_signals, signals
from dashboard.themes_panel import themes_panel
from dashboard.words import plural
from insights.steps import curate
from insights.steps.curate import Proposed

ALL, WAITING, GROWING = "all", "waiting", "growing"


def render(page: Page) -> None:
    _ = page._
    if not page.registry.living():
        empty(
            _("There is no irritant yet."),
            _("`voc run` finds them in what customers say; `voc irritants import` starts from your own code frame."),
        )
        return
    with st.container():
        notice(page, VIEW)
    waiting, growing = curate.open_proposals(page.store.ledger), open_signals(page)
    _summary(page, waiting, growing)
    part = _part(page, len(waiting), len(growing))
    if part == WAITING:
        may = named(page)
        proposals(page, waiting, may)
        refused(page, may)
    elif part == GROWING:
        signals(page, growing, named(page))
    else:
        _irritants(page)


def _summary(page: Page, waiting: Sequence[Proposed], growing: pd.DataFrame) -> None:
    """How many irritants, and what to do next."""
    _, fmt, n, m = page._, page.fmt, len(waiting), len(growing)
    said = []
    if n:
        one = _("**{n} proposal waits for you**: read it, then take or refuse it.")
        many = _("**{n} proposals wait for you**: read them, then take or refuse them.")
        said.append(plural(n, one, many, page.language).format(n=fmt.number(n)))
    if m:
        one = _("**{n} group grows outside the irritants**: is it worth a name?")
        many = _("**{n} groups grow outside the irritants**: are they worth a name?")
        said.append(plural(m, one, many, page.language).format(n=fmt.number(m)))
    nameless = sum(not one.owner for one in page.registry.living())
    if not said and nameless:
        one = _("Nothing waits for a decision. **{n} irritant has no owner**: choose it below and name one.")
        many = _("Nothing waits for a decision. **{n} irritants have no owner**: choose one below and name somebody.")
        said.append(plural(nameless, one, many, page.language).format(n=fmt.number(nameless)))
    headline(
        _("Irritants"),
        fmt.number(len(page.registry.living())),
        " ".join(said) or _("Nothing waits for a decision."),
        help=meaning(page, "registry"),
    )


def _part(page: Page, n_waiting: int, n_growing: int) -> str:
    _, fmt = page._, page.fmt
    parts = {
        ALL: _("The irritants"),
        WAITING: _("To decide ({n})").format(n=fmt.number(n_waiting)),
        GROWING: _("Growing ({n})").format(n=fmt.number(n_growing)),
    }
    left, right = st.columns([7, 3])
    from_url("part", list(parts), ALL)
    left.segmented_control(_("Show"), list(parts), key="part", format_func=parts.__getitem__, required=True)
    with right:
        name_field(page)
    return str(to_url("part", ALL))


def _irritants(page: Page) -> None:
    counted = counts(page)
    irritants = listed(page, counted)
    irritant_table(page, irritants, counted)
    chosen = choice(page, irritants)
    irritant_panel(page, chosen, n_year(counted, chosen.irritant_id))
    may = bool(reader()) and page.may("curate")
    create_panel(page, may)
    themes_panel(page, may)


if __name__ == "__main__":
    show(render)
