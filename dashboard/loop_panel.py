"""Do our answers arrive in time, and do they help? The closed loop by team and irritant, with its intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.case_replies import ranking_line
from dashboard.format import DASH, missing
from dashboard.page import Page, from_url, table, to_url
from dashboard.words import plain
from insights.cases.loop import (
    AFTER,
    AFTER_DAYS,
    ALL,
    BEFORE,
    CHANGE,
    CLOSED_SHARE,
    EXPERIMENT,
    HOURS,
    IRRITANT,
    KEPT,
    RECENT_DAYS,
    REOPENED,
    SCORED_DAYS,
    TEAM,
)

READINGS = "SELECT * FROM loop_reading ORDER BY unit, unit_id, measure"
COLUMNS = (HOURS, KEPT, CLOSED_SHARE, REOPENED, CHANGE)
Rows = Mapping[tuple[str, str, str], Mapping[str, Any]]


def loop_panel(page: Page) -> None:
    """The figures of all cases in sentences, then by team or irritant; nothing before the first reading."""
    if not page.store.has("loop_reading"):  # written by an older version: its next run brings the table
        return
    found = page.rows(READINGS)
    if found.empty:
        return
    _ = page._
    rows = {(row["unit"], row["unit_id"], row["measure"]): row for row in found.to_dict("records")}
    st.header(_("What came of the cases"))
    st.caption(
        plain(
            _("Read on {day}: cases opened in {recent} days; scores of cases opened in {scored} days.").format(
                day=page.fmt.day(found["read_at"].max()), recent=RECENT_DAYS, scored=SCORED_DAYS
            )
        )
    )
    st.markdown("\n".join(f"- {one}" for one in sentences(page, rows)))
    if found["value"].isna().all():
        return
    units = {TEAM: _("By team"), IRRITANT: _("By irritant")}
    from_url("loop_unit", list(units), TEAM)
    st.segmented_control(_("Show"), list(units), format_func=units.__getitem__, required=True, key="loop_unit")
    table(by_unit(page, rows, str(to_url("loop_unit", TEAM))), rows=8)
    told = ranking_line(page)
    if told:
        st.caption(plain(told))


def sentences(page: Page, rows: Rows) -> list[str]:
    """What all cases together say: the score before and after, with those held out beside them where there are any."""
    _, fmt = page._, page.fmt
    before, after, change = (rows[ALL, "(all)", one] for one in (BEFORE, AFTER, CHANGE))
    if missing(change["value"]):
        told = [not_enough(page, change["n"], _("customers with a 0-10 score before and after"))]
    else:
        text = _(
            "Score before {before}, first score within {days} days after closing {after}: change {change} ({interval}), "
            "{n} customers."
        )
        told = [
            text.format(
                before=fmt.number(before["value"], 1),
                after=fmt.number(after["value"], 1),
                days=AFTER_DAYS,
                change=_signed(page, change["value"]),
                interval=_interval(page, change, CHANGE),
                n=fmt.number(change["n"]),
            )
        ]
        told.append(_("A low score tends to rise by itself: only a hold-out tells what the call did."))
    told += [
        _experiment(page, row) for (unit, _id, measure), row in rows.items() if (unit, measure) == (EXPERIMENT, CHANGE)
    ]
    return [plain(one[:1].upper() + one[1:]) for one in told]


def _experiment(page: Page, row: Mapping[str, Any]) -> str:
    _ = page._
    if missing(row["value"]) or missing(row["held_value"]):
        n = min(int(row["n"]), 0 if missing(row["n_held"]) else int(row["n_held"]))
        return _("Hold-out: ") + not_enough(page, n, _("customers with both scores, called and held back"))
    text = _(
        "Hold-out: change {called} ({called_interval}) of those on the list, {held} ({held_interval}) of those held back."
    )
    held = {name: row[f"held_{name}"] for name in ("value", "low", "high")}
    return text.format(
        called=_signed(page, row["value"]),
        called_interval=_interval(page, row, CHANGE),
        held=_signed(page, held["value"]),
        held_interval=_interval(page, held, CHANGE),
    )


def not_enough(page: Page, n: float, of: str) -> str:
    """`not enough (12 cases, 30 are needed)`."""
    least = page.fmt.number(page.settings.min_answers)
    return page._("not enough: {n} {of}, {least} are needed.").format(n=page.fmt.number(n), of=of, least=least)


def by_unit(page: Page, rows: Rows, unit: str) -> pd.DataFrame:
    """One row a team or irritant, most cases first; the first row is all of them."""
    _ = page._
    sizes = {one: row["n"] for (kind, one, measure), row in rows.items() if kind == unit and measure == HOURS}
    order = [(ALL, "(all)"), *((unit, one) for one in sorted(sizes, key=lambda one: (-sizes[one], one)))]
    name = page.team if unit == TEAM else page.label
    headings = {
        HOURS: _("Hours to contact, median"),
        KEPT: _("Promises kept"),
        CLOSED_SHARE: _("Loop closed"),
        REOPENED: _("Reopened"),
        CHANGE: _("Change of score"),
    }
    first = _("Team") if unit == TEAM else _("Irritant")
    told: dict[str, list[Any]] = {first: [_("All") if kind == ALL else name(one) for kind, one in order]}
    for measure in COLUMNS:
        told[headings[measure]] = [_cell(page, rows.get((kind, one, measure)), measure) for kind, one in order]
    return pd.DataFrame(told)


def _cell(page: Page, row: Mapping[str, Any] | None, measure: str) -> str:
    """`62 % (51 to 72 %) · 84`, or that there are too few."""
    if row is None:
        return DASH
    n = page.fmt.number(row["n"])
    if missing(row["value"]):
        return page._("not enough ({n})").format(n=n)
    return f"{_value(page, row['value'], measure)} ({_interval(page, row, measure)}) · {n}"


def _value(page: Page, value: Any, measure: str) -> str:
    if missing(value):
        return DASH
    if measure == HOURS:
        return page.fmt.number(value, 1)
    return _signed(page, value) if measure == CHANGE else str(page.fmt.percent(value))


def _interval(page: Page, row: Mapping[str, Any], measure: str) -> str:
    if not missing(row["low"]) and missing(row["high"]):
        return page._("at least {low}").format(low=_value(page, row["low"], measure))
    return page.fmt.interval(row["low"], row["high"], lambda one: _value(page, one, measure))


def _signed(page: Page, value: Any) -> str:
    return page.fmt.number(value, 1, signed=True)
