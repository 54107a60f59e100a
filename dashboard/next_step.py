"""The one thing to do next: late callbacks, then those due soon, an irritant that grows, the first priority."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pandas as pd
import streamlit as st

from dashboard import figures
from dashboard.meanings import meaning
from dashboard.page import Page, headline
from dashboard.words import plain, plural
from insights.digest.model import UP

SOON = timedelta(hours=24)
WAITING = ("open", "assigned", "scheduled", "attempted", "transferred", "reopened")


@dataclass(frozen=True)
class Step:
    """One figure, one sentence, one link to the page where it is done."""

    label: str
    figure: str
    sentence: str
    view: str
    link: str
    meaning: str
    asked: dict[str, str] = field(default_factory=dict)


def next_step(page: Page, cases: pd.DataFrame, moving: pd.DataFrame) -> None:
    """Show the most pressing thing; nothing when there is none."""
    looks: tuple[Callable[[], Step | None], ...] = (
        lambda: _late(page, cases),
        lambda: _soon(page, cases),
        lambda: _rising(page, moving),
        lambda: _first(page),
    )
    step = next((found for look in looks if (found := look())), None)
    if step is None:
        return
    now, asked = page._("What to do next."), {"lang": page.language} | step.asked
    headline(
        step.label,
        step.figure,
        f"**{now}** {step.sentence}",
        lambda: st.page_link(
            f"views/{step.view}.py", label=step.link, icon=":material/arrow_forward:", query_params=asked
        ),
        help=meaning(page, step.meaning),
    )


def _late(page: Page, cases: pd.DataFrame) -> Step | None:
    _, n = page._, int(cases["overdue"].sum())
    one = _("Call back the customer whose promise has passed its time.")
    many = _("Call back the customers whose promise has passed its time, from the top of the list.")
    sentence = plural(n, one, many, page.language)
    if not n:
        return None
    return Step(_("Late callbacks"), page.fmt.number(n), sentence, "callbacks", _("Open the callbacks"), "late")


def _soon(page: Page, cases: pd.DataFrame) -> Step | None:
    _ = page._
    waiting = cases[cases["state"].isin(WAITING)]
    n = int((waiting["due_at"] <= page.now + SOON).sum())
    urgent = bool((waiting["reason"] == "urgency").any())
    sentence = (
        _("Call the urgent one first: somebody is in danger or cannot wait.")
        if urgent
        else _("Call them before their promise passes its time.")
    )
    label = _("Callbacks due within 24 hours")
    return Step(label, page.fmt.number(n), sentence, "callbacks", _("Open the callbacks"), "soon") if n else None


def _rising(page: Page, moving: pd.DataFrame) -> Step | None:
    _, rising = page._, moving[moving["verdict"] == UP]
    if rising.empty:
        return None
    top = rising.iloc[0]
    sentence = _("**{label}** is growing, and not by chance: read what customers say.").format(
        label=plain(page.label(top["irritant_id"]))
    )
    asked = {"irritant": str(top["irritant_id"])}
    figure = page.fmt.ratio(top["trend_ratio"])
    return Step(_("Growing irritant"), figure, sentence, "irritants", _("Read the verbatims"), "rising", asked)


def _first(page: Page) -> Step | None:
    _, fmt = page._, page.fmt
    ranked = figures.priorities(page)
    if ranked.empty:
        return None
    top = ranked.iloc[0]
    in_euros = top["basis"] == "eur"
    label = _("Margin at stake, first irritant") if in_euros else _("Negative mentions, first irritant")
    figure = fmt.euros(top["value_at_risk_eur"]) if in_euros else fmt.number(top["n_mentions"])
    sentence = _(
        "Nothing is late and nothing grows beyond chance. Work on **{label}**, first of the priorities."
    ).format(label=plain(page.label(top["irritant_id"])))
    return Step(label, figure, sentence, "priorities", _("Open the priorities"), "at_stake" if in_euros else "mentions")
