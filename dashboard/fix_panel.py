"""One row of the ledger of fixes: its sentence, its picture, its placebos, what it is worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import action_charts, charts
from dashboard.action_queries import FIX_PLACEBOS, FIX_WEEKS
from dashboard.action_words import measure, words
from dashboard.event_marks import event_marks, legend, spoken
from dashboard.format import known
from dashboard.page import Page
from dashboard.told_panel import told_panel
from dashboard.words import plain
from insights.actions import Action
from insights.proof import words as told
from insights.proof.known import known_paths, load_known
from insights.proof.verdict import PROVEN

ICONS = {"proven": ":material/check_circle:", "worse": ":material/warning:", "too_early": ":material/schedule:"}


def fix_panel(page: Page, action: Action, rows: pd.DataFrame) -> None:
    """What was shown of one action: `rows` are its measures, the one that speaks first."""
    with st.container(border=True):
        st.markdown(f"**{plain(action.title)}** · {plain(page.label(action.irritant_id))}")
        for row in rows.to_dict("records"):
            icon = ICONS.get(row["verdict"], ":material/help:")
            st.markdown(f"{icon} {plain(sentence(page, row))}")
        worth(page, action, rows[rows["speaks"].astype(bool)].to_dict("records"))
    if PROVEN in set(rows.loc[rows["speaks"].astype(bool), "verdict"]):
        told_panel(page, action)
    for row in rows.to_dict("records"):
        _picture(page, action, row)


def sentence(page: Page, row: Mapping[str, Any]) -> str:
    """The row as one sentence, the known event in the reader's language."""
    return told.sentence(words(page), row, event_name(page, row.get("known_event")))


def event_name(page: Page, french: Any) -> str:
    if not known(french):
        return ""
    events = load_known(*known_paths(page.settings.reference_dir, page.settings.data_dir))
    return next((one.name(page.language) for one in events if one.fr == french), str(french))


def worth(page: Page, action: Action, rows: list[dict[str, Any]]) -> None:
    """Return on effort from the row that speaks for the action, never from what was promised."""
    _, fmt = page._, page.fmt
    lines = []
    for row in rows:
        for name, label in (
            ("margin_kept", _("Margin kept a year")),
            ("contact_saved", _("Contact cost avoided a year")),
        ):
            if known(row[f"{name}_eur"]):
                span = fmt.interval(row[f"{name}_low_eur"], row[f"{name}_high_eur"], fmt.euros)
                value = f"{fmt.euros(row[f'{name}_eur'])} ({span})"
                lines.append(_("{what}: {value}").format(what=label, value=value))
    cost = _("Cost: {euros}.").format(euros=fmt.euros(action.cost_eur)) if action.cost_eur is not None else ""
    if lines:
        st.caption(plain(" · ".join([*dict.fromkeys(lines), cost] if cost else dict.fromkeys(lines))))
    else:
        st.caption(plain(_("Return: not shown. {cost}").format(cost=cost)))


def _picture(page: Page, action: Action, row: Mapping[str, Any]) -> None:
    _, fmt = page._, page.fmt
    key = {"action_id": action.action_id, "measure": row["measure"]}
    weeks = page.rows(FIX_WEEKS, **key)
    if weeks.empty:
        return
    name = measure(page, str(row["measure"]))
    st.markdown(f"**{plain(name)}**")
    days = fmt.days(weeks["week"])
    marks = event_marks(page, min(days), max(days), irritant=page.registry.resolve(action.irritant_id))
    chart = action_charts.series(
        weeks,
        fmt,
        titles=(_("Counted"), _("Left out"), _("Expected without the action"), _("Effect expected from here")),
        week_title=_("Week"),
        count_title=_("A week"),
        effect_on=action.plan.effect_on if action.plan else None,
        marks=marks,
    )
    alt = _("{measure} by week, with what was expected without the action").format(measure=name)
    charts.draw(chart, f"{alt}. {spoken(page, marks)}".strip())
    legend(page, marks)
    found = page.rows(FIX_PLACEBOS, **key)
    if found.empty:
        return
    with st.expander(_("The same change where nothing was done")):
        st.caption(
            _(
                "Each bar counts dates and other irritants at which nothing was done, read in the same way. An action is "
                "proven only where its own line stands beyond 95 % of them."
            )
        )
        spec = action_charts.placebos(
            found,
            fmt,
            x_title=_("Change in standard errors (left: a fall)"),
            y_title=_("Placebos"),
            names=(_("Nothing was done"), _("The action")),
        )
        charts.draw(spec, _("The action's change beside {n} placebos").format(n=fmt.number(len(found) - 1)))
