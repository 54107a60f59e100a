"""How far the assignment agrees with people: on answers held back, beside likeness alone and beside people themselves."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboard import charts
from dashboard.page import Page
from dashboard.words import plural
from insights.irritants.learn_quality import FEWEST, SAME_CODER, TWO_CODERS


def agreement_panel(page: Page, held: dict[str, Any] | None, answers: int) -> None:
    """`held`: `HeldBack.payload()` of the last discovery; None while there are too few answers."""
    _, fmt = page._, page.fmt
    st.header(_("Agreement with people"))
    if not held:
        told = plural(answers, _("{n} answer so far."), _("{n} answers so far."), page.language)
        need = _("At least {n} are needed, and a discovery after them (`voc run`), to measure the agreement.")
        st.markdown(told.format(n=fmt.number(answers)) + " " + need.format(n=FEWEST))
        return
    st.markdown(_verdict(page, held))
    title = _("Agreement (F1)")
    spec = charts.intervals(_rows(page, held), fmt, title=title, reading=title, number=".2f", zero=False)
    charts.draw(spec, _spoken(page, held))
    st.caption(
        _(
            "1 is perfect; bars are intervals of 95 %. Measured on {n} answers held back of {all}; "
            "{moved} of them moved a text."
        ).format(n=fmt.number(held["n"]), all=fmt.number(held["n_corrections"]), moved=fmt.number(held["n_moves"]))
    )


def _people(held: dict[str, Any]) -> tuple[float, float, float]:
    """What one person reaches with himself, and two people between them (lowest, highest)."""
    low, high = TWO_CODERS
    same = held.get("same_coder", SAME_CODER)
    return float(same), float(held.get("two_coders_low", low)), float(held.get("two_coders_high", high))


def _rows(page: Page, held: dict[str, Any]) -> pd.DataFrame:
    """What the chart shows: label, value, low, high, shown."""
    _, (same, low, high) = page._, _people(held)
    rows = [
        (_("With your answers"), held["f1"], held["f1_low"], held["f1_high"]),
        (_("By likeness alone"), held["nearness_f1"], held["nearness_low"], held["nearness_high"]),
        (_("Two people"), (low + high) / 2, low, high),
        (_("One person, twice"), same, same, same),
    ]
    frame = pd.DataFrame(rows, columns=["label", "value", "low", "high"])
    return frame.assign(shown=[_range(page, *row[1:]) for row in rows])


def _spoken(page: Page, held: dict[str, Any]) -> str:
    """The chart for a screen reader."""
    rows = _rows(page, held)
    return "; ".join(f"{label}: {shown}" for label, shown in zip(rows["label"], rows["shown"], strict=True))


def _two(page: Page, value: float) -> str:
    return page.fmt.number(value, 2)


def _range(page: Page, value: float, low: float, high: float) -> str:
    """`0.78 (0.70 to 0.85)`; one figure where there is no interval."""
    middle = _two(page, value)
    return middle if low == high else f"{middle} ({page.fmt.interval(_two(page, low), _two(page, high), str)})"


def _verdict(page: Page, held: dict[str, Any]) -> str:
    """Where the agreement stands beside people, and whether the answers help."""
    _, (_same, low, high) = page._, _people(held)
    if held["f1"] > high:
        sentence = _("**{f1}**: better than two people agree between themselves.")
    elif held["f1"] >= low:
        sentence = _("**{f1}**: as two people agree between themselves ({low} to {high}).")
    else:
        sentence = _("**{f1}**: less than two people agree between themselves ({low} to {high}).")
    told = sentence.format(f1=_two(page, held["f1"]), low=_two(page, low), high=_two(page, high))
    if held["gain_low"] > 0:
        gain = page.fmt.points(100 * held["gain"])
        return told + " " + _("Your answers help: {gain} points more than likeness alone.").format(gain=gain)
    if held["gain_high"] < 0:
        return told + " " + _("So far the answers make it worse: look whether they contradict each other.")
    return told + " " + _("Too few answers yet to say whether they help.")
