"""Freshness: what every source brought, held against its own rhythm, and what to do where it is late."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboard import data_queries
from dashboard.data_words import kind_name, table_name
from dashboard.format import DASH
from dashboard.guard import empty
from dashboard.page import ROW_PX, Page, explained, headline, table
from dashboard.words import plain, plural
from insights.arrivals import FEW, FRESH, LATE, NEW, Arrival, arrivals

TALL_PX = 56  # two lines of text
STALE_HOURS = 24  # since the sources were last read, where the date is not pinned


def fresh_part(page: Page) -> None:
    _ = page._
    days = _days(page)
    if days.empty:
        empty(_("No data have arrived yet."), _("Drop a file into the folder of VOC_DROP_DIR, then run `voc run`."))
        return
    found = arrivals(days, page.today)
    _summary(page, found)
    _not_read(page)
    table(
        _frame(page, found, days),
        wide=_("What to do"),
        wide_px=300,
        row_px=TALL_PX if found[0].state in (LATE, FEW) else ROW_PX,
        rows=20,
        name=_("Sources"),
        raw=pd.DataFrame([vars(one) for one in found]),
    )
    with st.expander(_("Detail")):
        st.markdown(
            _(
                "A source is **late** when nothing has come for longer than one and a half times its own usual gap: the "
                "gap it kept 95 % of the time over its last 40 days with data. A monthly file is not late after a week. "
                "**Few this week**: less than half of its usual week (the middle of the eight before), and fewer than "
                "chance would give once in a thousand weeks. Days are counted by when the source held the row."
            )
        )


def _days(page: Page) -> pd.DataFrame:
    """source, day, n, last_at and the kinds of feedback, of feedback and of the tables beside it."""
    asked = {"until": page.window()["until"], "zone": page.settings.timezone}
    said = page.rows(data_queries.ARRIVALS, **asked)
    beside = page.rows(data_queries.TABLE_ARRIVALS, **asked)
    both = pd.concat([one for one in (said, beside) if len(one)] or [said], ignore_index=True)
    return both.assign(day=page.fmt.days(both["day"]))


def _summary(page: Page, found: list[Arrival]) -> None:
    """How many sources are as they should be, and the one thing to do."""
    _, fmt = page._, page.fmt
    good = [one for one in found if one.state in (FRESH, NEW)]
    worst = found[0]
    sentence = {
        LATE: _("**{source} is late**: nothing since {day}, usually every {gap}. Ask who sends it, then look at Runs."),
        FEW: _(
            "**{source} brings little**: {n} this week, usually {usual}. Ask whether its export still holds all rows."
        ),
        NEW: _("Everything arrives as usual; **{source}** is too new to know its rhythm."),
        FRESH: _("Everything arrives as usual."),
    }[worst.state]
    told = sentence.format(
        source=plain(_name(page, worst.source)),
        day=fmt.day(worst.last_on),
        gap=_gap(page, worst.usual_gap_days),
        n=fmt.number(worst.n_week),
        usual=fmt.number(worst.usual_week),
    )
    definition = _(
        "Sources that brought data as they used to, of all that ever brought any, on the last day of the data."
    )
    waiting = int(page.rows(data_queries.DUE_QUARANTINE, soon=page.today)["n"].iloc[0])
    if waiting and page.may("operate"):
        one, many = _("{n} row waits in quarantine."), _("{n} rows wait in quarantine.")
        told += " " + plural(waiting, one, many, page.language).format(n=fmt.number(waiting))
        told += " " + _("See Quarantine.")
    elif worst.state in (FRESH, NEW):
        told += " " + _("Nothing to do.")
    headline(
        _("Sources on time"),
        _("{n} of {all}").format(n=fmt.number(len(good)), all=fmt.number(len(found))),
        told,
        help=explained(page, definition, n=len(found)),
    )


def _not_read(page: Page) -> None:
    """A warning where nobody has read the sources for a day; a pinned date stands still on purpose."""
    at = page.rows(data_queries.LAST_INGEST)["at"].iloc[0]
    if pd.isna(at) or page.settings.as_of is not None:
        return
    silent = (page.now - page.fmt.local(at)).total_seconds()
    if silent > STALE_HOURS * 3600:
        said = page._("The sources were last read {age} ago: start `voc serve`, or run `voc run` once.")
        st.warning(said.format(age=page.fmt.duration(silent)), icon=":material/sync_problem:")


def _frame(page: Page, found: list[Arrival], days: pd.DataFrame) -> pd.DataFrame:
    _, fmt = page._, page.fmt
    last = days.groupby("source")["last_at"].max()
    kinds = _kinds(page, days)
    shown = {
        _("Source"): [_name(page, one.source) for one in found],
        _("Holds"): [kinds.get(one.source, "") for one in found],
        _("State"): [_state(page, one.state) for one in found],
    }
    if any(one.state in (LATE, FEW) for one in found):
        shown[_("What to do")] = [_advice(page, one) for one in found]
    shown |= {
        _("Last row"): [fmt.instant(last[one.source]) for one in found],
        _("This week"): [fmt.number(one.n_week) for one in found],
        _("Usual week"): [fmt.number(one.usual_week or None) for one in found],
        _("Usual gap"): [_gap(page, one.usual_gap_days) for one in found],
    }
    return pd.DataFrame(shown)


def _kinds(page: Page, days: pd.DataFrame) -> dict[str, str]:
    """Kinds of feedback by source, in words."""
    if "first_kind" not in days:
        return {}
    told: dict[str, str] = {}
    for source, of in days.dropna(subset=["first_kind"]).groupby("source"):
        codes = sorted({*of["first_kind"], *of["last_kind"]})
        told[str(source)] = ", ".join(kind_name(page._, code) for code in codes)
    return told


def _name(page: Page, source: str) -> str:
    return table_name(page._, source) if source in data_queries.TABLES else source


def _gap(page: Page, days: int | None) -> str:
    if days is None:
        return DASH
    return plural(days, page._("{n} day"), page._("{n} days"), page.language).format(n=page.fmt.number(days))


def _state(page: Page, state: str) -> str:
    _ = page._
    return {
        LATE: _("⚠ late"),
        FEW: _("⚠ few this week"),
        NEW: _("too new to say"),
        FRESH: _("✓ on time"),
    }[state]


def _advice(page: Page, one: Arrival) -> str:
    _ = page._
    told: dict[str, Any] = {
        LATE: _("Silent for {days}: ask who sends it, look at the last run and at refused files."),
        FEW: _("Ask whether the export is whole; look at what was refused."),
        NEW: _("Nothing: its rhythm will be known after a few arrivals."),
        FRESH: _("Nothing."),
    }
    return str(told[one.state]).format(days=_gap(page, one.silent_days))
