"""What happened, beside what customers say: events of the calendar and changes of the model, for every chart over time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import registry_queries
from dashboard.page import Page
from dashboard.words import Translate, plain
from insights.digest.owners import plain as folded
from insights.errors import SettingsError
from insights.proof.known import KnownEvent, known_paths, load_known

EVENT, MODEL = "event", "model"
COLUMNS = ["on", "until", "label", "told", "sign"]
SIGNS = {EVENT: "▼", MODEL: "◆"}
FEW = 3  # marks that are told without a click
FEWEST_MOVED = 1.0  # mentions that the model moved, under which nobody would see it


def event_marks(
    page: Page, since: date, until: date, *, irritant: str | None = None, products: Sequence[str] = ()
) -> pd.DataFrame:
    """What began or ended in the period, oldest first: on, until (dates), label, told (a sentence), sign (event, model).

    With an irritant: events that say they move it, or do not say what they move, and the discoveries that changed it.
    """
    named = [one for one in _events(page) if _day(one, since, until) and one.concerns(products)]
    if irritant is not None:
        text = _labels(page, irritant)
        named = [one for one in named if not one.scoped or one.names(irritant, text)]
    rows = [_event(page, one, _day(one, since, until)) for one in named]
    if irritant is not None:
        rows += [_model(page, row) for row in model_changes(page, irritant, since, until)]
    return pd.DataFrame(sorted(rows, key=lambda row: (row["on"], row["label"])), columns=COLUMNS)


def _day(one: KnownEvent, since: date, until: date) -> date | None:
    """The day of an event's mark: its first, or its last where it began before the period; None outside."""
    if since <= one.start_on <= until:
        return one.start_on
    return one.end_on if one.start_on < since and one.end_on is not None and since <= one.end_on <= until else None


def spoken(page: Page, marks: pd.DataFrame) -> str:
    """The marks as one sentence for those who do not see them; empty without any."""
    if marks.empty:
        return ""
    return page._("Marked: {events}.").format(events="; ".join(marks["told"]))


def legend(page: Page, marks: pd.DataFrame) -> None:
    """The marks in words under their chart, each with its sign; many of them one click away."""
    lines = [plain(f"{SIGNS[row['sign']]} {row['told']}") for row in marks.to_dict("records")]
    if len(lines) > FEW:
        with st.expander(page._("Marked on this chart ({n})").format(n=page.fmt.number(len(lines)))):
            st.markdown("\n".join(f"- {line}" for line in lines))
    elif lines:
        st.caption(" · ".join(lines))


def model_changes(page: Page, irritant: str, since: date, until: date) -> list[dict[str, Any]]:
    """Discoveries that gave the irritant other texts, oldest first: week, n_seen_before, n_base, n_now, customers, model."""
    if not page.store.has("irritant_change"):
        return []
    ids = [one for one in page.registry.irritants if page.registry.resolve(one) == irritant]
    found = page.rows(registry_queries.MODEL_CHANGES, ids=ids, since=since, until=until)
    return [row for row in found.to_dict("records") if row["n_seen_before"] and abs(row["model"]) >= FEWEST_MOVED]


def _event(page: Page, one: KnownEvent, on: date | None) -> dict[str, Any]:
    _, fmt, name = page._, page.fmt, one.name(page.language)
    days = fmt.day(one.start_on)
    if one.end_on is not None and one.end_on != one.start_on:
        days = _("from {first} to {last}").format(first=days, last=fmt.day(one.end_on))
    told = _("{kind}, {days}: {name}").format(kind=kind_word(_, one.kind), days=days, name=name)
    label = name if on == one.start_on else _("End: {name}").format(name=name)
    return {"on": on, "until": one.end_on, "label": label, "told": told, "sign": EVENT}


def _model(page: Page, row: dict[str, Any]) -> dict[str, Any]:
    _, fmt = page._, page.fmt
    week = fmt.local_day(row["week"])
    told = _("Model, {day}: the discovery moved {n} mentions of four weeks").format(
        day=fmt.day(week), n=fmt.number(row["model"], signed=True)
    )
    return {"on": week, "until": None, "label": _("Model"), "told": told, "sign": MODEL}


def kind_word(_: Translate, code: str) -> str:
    """What a kind of event is called."""
    words = {
        "release": _("Release"),
        "price": _("Prices"),
        "campaign": _("Campaign"),
        "incident": _("Incident"),
        "law": _("Law"),
        "other": _("Event"),
    }
    return words.get(code, code)


def _labels(page: Page, irritant: str) -> str:
    found = page.registry.irritants.get(irritant)
    return folded(" ".join(text for text in (found.label_fr, found.label_en) if text)) if found else ""


def _events(page: Page) -> list[KnownEvent]:
    """The events of the files as they are now; none, and no error, where a file cannot be read (`voc doctor` says it)."""
    paths = known_paths(page.settings.reference_dir, page.settings.data_dir)
    try:
        return _read(tuple((str(path), path.stat().st_mtime_ns) for path in paths))
    except (SettingsError, OSError):
        return []


@st.cache_data(show_spinner=False, max_entries=4)
def _read(stamps: tuple[tuple[str, int], ...]) -> list[KnownEvent]:
    return load_known(*(Path(path) for path, _changed in stamps))
