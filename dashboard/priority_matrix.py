"""Impact against effort on the page Priorities: quick wins in words, the picture, its twin as a table, the efforts to fill in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from dashboard import charts
from dashboard.acting import book
from dashboard.assumption_panel import NOTICE
from dashboard.deciding import author, reader
from dashboard.format import DASH, Format
from dashboard.page import Page, table
from dashboard.words import plain, plural
from insights.actions import PLANNED, RUNNING
from insights.errors import VocError
from insights.priorities.matrix import QUICK_WEEKS, SUPPOSED, declared_efforts, matrix
from insights.steps import assume

SHOWN = 8
NAMED = 3
NEAR, LOWER = 0.09, 15  # points this near in height have one name below the other, in pixels


def frame_of(page: Page, firm: pd.DataFrame) -> pd.DataFrame:
    """`insights.priorities.matrix.matrix` of the ranking."""
    open_ = [one for one in book(page).actions.values() if one.state in (PLANNED, RUNNING)]
    days = declared_efforts((page.registry.resolve(one.irritant_id), one.effort_days) for one in open_)
    begun = {page.registry.resolve(one.irritant_id) for one in open_ if one.state == RUNNING}
    return matrix(firm, assume.assumptions(page.settings, page.store.ledger), days, begun)


def quick_wins(page: Page, found: pd.DataFrame) -> str:
    """Which are quick wins, or why nobody can say, as Markdown."""
    _, fmt = page._, page.fmt
    if (found["source"] == SUPPOSED).all():
        return _(
            "**Quick wins**: nobody has said yet what it would take to repair any of them. Fill in the weeks under "
            "« Impact and effort »."
        )
    quick = found[found["quick"]].head(NAMED)
    if quick.empty:
        told = _("**Quick wins**: none of the larger stakes is known to take {n} weeks or less.")
        return told.format(n=fmt.number(QUICK_WEEKS))
    names = ", ".join(
        f"**{plain(page.label(row.irritant_id))}** ({plain(fmt.euros(row.value))}, {weeks(page, row.weeks)})"
        for row in quick.itertuples()
    )
    return _("**Quick wins**: {names}.").format(names=names)


def weeks(page: Page, value: float) -> str:
    """« 2 semaines », « 0,5 semaine »."""
    text = plural(value, page._("{n} week"), page._("{n} weeks"), page.language)
    return text.format(n=page.fmt.number(value, 0 if value == int(value) else 1))


def panel(page: Page, found: pd.DataFrame) -> None:
    """The picture once an effort is known, its twin, and the form that says more of them."""
    _ = page._
    top = found.head(SHOWN)
    known = found[found["source"] != SUPPOSED].head(SHOWN)
    if known.empty:
        st.info(
            _(
                "Nobody has said yet what it would take to repair these irritants. Fill in the weeks: they sort themselves."
            )
        )
    else:
        _drawn(page, known)
        _without(page, top)
        with st.expander(_("The same as a table")):
            _twin(page, known)
    _form(page, top)


def _drawn(page: Page, known: pd.DataFrame) -> None:
    _, rows = page._, known.to_dict("records")
    names = (_("Quick win"), _("Not a quick win"))
    shown = known.assign(
        label=[page.label(row["irritant_id"])[:44] for row in rows],
        shown=[_stake(page, row) for row in rows],
        ranks=[rank_words(page, row) for row in rows],
        kind=[names[0] if row["quick"] else names[1] for row in rows],
    )
    spec = picture(
        shown, page.fmt, x_title=_("Effort (weeks of one team)"), y_title=_("Margin at stake"),
        rank_title=_("Rank (range)"), names=names, month=(QUICK_WEEKS, _("a month of one team")),
    )  # fmt: skip
    charts.draw(spec, _("Margin at stake against effort, irritant by irritant; the table below says the same"))


def _without(page: Page, top: pd.DataFrame) -> None:
    """The first irritants that are not on the picture, because nobody has said what they would take."""
    missing = top[top["source"] == SUPPOSED]
    if not missing.empty:
        names = ", ".join(page.label(one) for one in missing["irritant_id"])
        st.caption(plain(page._("Not on the picture, as nobody has said their effort: {names}.").format(names=names)))


def rank_words(page: Page, row: Mapping[Any, Any]) -> str:
    """« rang 2 (1 à 4) »."""
    rank = page.fmt.number(row["rank"])
    if row["rank_low"] == row["rank_high"]:
        return page._("rank {rank}").format(rank=rank)
    return page._("rank {rank} ({range})").format(rank=rank, range=page.fmt.interval(row["rank_low"], row["rank_high"]))


def _stake(page: Page, row: Mapping[Any, Any]) -> str:
    return f"{page.fmt.euros(row['value'])} ({page.fmt.interval(row['low'], row['high'], page.fmt.euros)})"


@st.cache_data(show_spinner=False, max_entries=50)
def picture(
    frame: pd.DataFrame, fmt: Format, *, x_title: str, y_title: str, rank_title: str, names: tuple[str, str],
    month: tuple[float, str],
) -> charts.Spec:  # fmt: skip
    """Effort against euros with their interval. `frame`: weeks, value, low, high, label, shown, ranks, kind (one of
    `names`); `month`: weeks at which a line stands, and what it says."""
    high = float(max(frame["high"].max(), frame["value"].max(), 1.0))
    low = float(min(frame["low"].min(), 0.0))
    wide = float(max(frame["weeks"].max(), month[0]))
    data = _spread(frame.assign(text=frame["label"] + " · " + frame["ranks"]), high - low)
    x = alt.X(
        "weeks:Q", title=x_title, axis=alt.Axis(tickMinStep=1), scale=alt.Scale(domain=[0, 1.6 * wide], nice=False)
    )
    base = alt.Chart(data).encode(
        x=x,
        tooltip=[
            alt.Tooltip("label:N", title=" "), alt.Tooltip("shown:N", title=y_title),
            alt.Tooltip("ranks:N", title=rank_title), alt.Tooltip("weeks:Q", title=x_title), alt.Tooltip("kind:N", title=" "),
        ],
    )  # fmt: skip
    scale = alt.Scale(domain=[1.05 * low, 1.08 * high])
    y = alt.Y("value:Q", title=y_title, axis=alt.Axis(format="$,.0f"), scale=scale)
    bars = base.mark_rule(color=charts.GREY, opacity=0.45, strokeWidth=2).encode(
        y=alt.Y("low:Q", title=y_title, scale=scale), y2="high:Q"
    )
    points = base.mark_point(filled=True, size=150, opacity=1).encode(
        y=y,
        color=alt.Color(
            "kind:N", title=None, scale=alt.Scale(domain=list(names), range=[charts.GREEN, charts.BLUE]),
            legend=alt.Legend(orient="top"),
        ),
        shape=alt.Shape("kind:N", title=None, scale=alt.Scale(domain=list(names), range=["diamond", "circle"])),
    )  # fmt: skip
    texts = [
        base.properties(data=data[data["dy"] == dy])
        .mark_text(align="left", dx=12, dy=dy, color=charts.TEXT, fontSize=12, limit=330)
        .encode(y=y, text="text:N")
        for dy in sorted(set(data["dy"]))
    ]
    return charts._dressed(alt.layer(*_month(month), bars, points, *texts).properties(height=380), fmt)


def _month(month: tuple[float, str]) -> list[alt.Chart]:
    """A dashed line at a month of work, with its words."""
    mark = alt.Chart(pd.DataFrame({"weeks": [month[0]], "told": [month[1]]})).encode(x="weeks:Q")
    words = mark.mark_text(align="left", dx=5, baseline="top", color=charts.TEXT, fontSize=12)
    return [mark.mark_rule(strokeDash=[4, 4], color=charts.GREY), words.encode(text="told:N", y=alt.value(2))]


def _spread(frame: pd.DataFrame, high: float) -> pd.DataFrame:
    """Where each name stands (`dy`): below its point where another stands just above, at much the same effort."""
    ordered = frame.sort_values("value", ascending=False, kind="stable")
    places: list[int] = []
    above = float("inf")
    for value in ordered["value"]:
        places.append(LOWER if above - value < NEAR * high and (not places or places[-1] == 0) else 0)
        above = value
    return ordered.assign(dy=places)


def _twin(page: Page, top: pd.DataFrame) -> None:
    _, rows = page._, top.to_dict("records")
    shown = {
        _("Irritant"): [page.label(row["irritant_id"]) for row in rows],
        _("Margin at stake"): [_stake(page, row) for row in rows],
        _("Rank (range)"): [rank_words(page, row) for row in rows],
        _("Effort"): [weeks(page, row["weeks"]) if row["source"] != SUPPOSED else DASH for row in rows],
        _("Quick win"): [_("yes") if row["quick"] else "" for row in rows],
    }
    table(pd.DataFrame(shown), wide=_("Irritant"), wide_px=290, rows=SHOWN)


def _form(page: Page, top: pd.DataFrame) -> None:
    """Weeks of the first irritants, filled in together; each that changes is noted with the reader's name."""
    _ = page._
    may = bool(reader()) and page.may("decide")
    with st.expander(_("Say what each would take"), expanded=bool((top["source"] == SUPPOSED).all())):
        at = f"weeks_{page.store.version}"
        known = [float(row.weeks) if row.source != SUPPOSED else None for row in top.itertuples()]
        sheet = pd.DataFrame({"irritant": [page.label(one) for one in top["irritant_id"]], "weeks": known})
        with st.form(f"form_{at}", border=False):
            filled = st.data_editor(
                sheet, hide_index=True, disabled=["irritant"] if may else True, key=at,
                column_config={
                    "irritant": st.column_config.TextColumn(_("Irritant"), width="large"),
                    "weeks": st.column_config.NumberColumn(
                        _("Effort (weeks of one team)"), min_value=0.1, max_value=1000.0, step=0.5
                    ),
                },
            )  # fmt: skip
            pressed = st.form_submit_button(_("Save the efforts"), disabled=not may)
        if not may:
            st.caption(_("Write your name under « What the priority supposes » first: it stands beside each change."))
        if pressed:
            _save(page, list(top["irritant_id"]), known, filled["weeks"].tolist())


def _save(page: Page, irritants: list[str], before: list[float | None], after: list[float | None]) -> None:
    """Record the weeks that differ, then draw the page anew."""
    try:
        for irritant, old, new in zip(irritants, before, after, strict=True):
            if new is not None and not pd.isna(new) and new != old:
                assume.change(
                    page.settings, page.store.ledger, irritant, "effort", float(new),
                    actor=author(page, "decide"), at=page.now, confirmed=True,
                )  # fmt: skip
    except VocError as error:
        st.session_state[NOTICE] = (False, plain(str(error)))
    st.rerun()
