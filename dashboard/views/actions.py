"""Actions: who removes which irritant until when, the overdue ones first, impact against effort."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from dashboard import action_charts, charts
from dashboard.acting import book, notice
from dashboard.action_form import action_form
from dashboard.action_panel import VIEW, action_panel
from dashboard.action_queries import AT_RISK, FIXES
from dashboard.action_words import state, words
from dashboard.deciding import name_field
from dashboard.format import known
from dashboard.guard import empty
from dashboard.page import Page, from_url, headline, picking, show, to_url
from dashboard.words import plain, plural
from insights.actions import PLANNED, RUNNING, Action
from insights.actions.picture import action_frame
from insights.proof.words import verdict_word


def render(page: Page) -> None:
    _ = page._
    with st.container():
        notice(page, VIEW)
    actions = book(page).actions
    risk = page.rows(AT_RISK, until=page.today)
    at_risk = {page.registry.resolve(row.irritant_id): float(row.value_at_risk_eur) for row in risk.itertuples()}
    frame = action_frame(actions.values(), at_risk, page.today)
    irritants = [row.irritant_id for row in risk.sort_values("n_mentions", ascending=False).itertuples()]
    living = [one.irritant_id for one in page.registry.living()]
    offered = [*dict.fromkeys([page.registry.resolve(one) for one in irritants if one in living] + living)]
    if frame.empty:
        empty(
            _("No action has been declared yet."),
            _("Declare the first one below, or import a file with `voc actions import`."),
        )
    else:
        _summary(page, frame)
    left, right = st.columns([7, 3], vertical_alignment="bottom")
    with right:
        name_field(page)
    if not frame.empty:
        with left:
            st.subheader(_("All actions"))
        _table(page, frame)
        _chart(page, frame)
        _chosen(page, actions, frame)
    if offered:
        with st.expander(_("Declare an action"), expanded=frame.empty, icon=":material/add:"):
            action_form(page, VIEW, offered)


def _summary(page: Page, frame: pd.DataFrame) -> None:
    _, fmt = page._, page.fmt
    open_ = frame[frame["state"].isin((PLANNED, RUNNING))]
    late = open_[open_["days_late"] > 0]
    if not late.empty:
        first = late.iloc[0]
        text = plural(
            len(late),
            _("**{n} action is overdue**: {title}, {days} days late."),
            _("**{n} actions are overdue**; the latest: {title}, {days} days late."),
            page.language,
        )
        said = text.format(n=fmt.number(len(late)), title=plain(first["title"]), days=fmt.number(first["days_late"]))
    elif open_.empty:
        said = _("Nothing is under way. **Which irritant is next?**")
    elif open_["planned_on"].isna().all():
        said = _("None is overdue, and none has a due date.")
    else:
        said = _("None is overdue. The next is due on {day}: **{title}**.")
        soon = open_.sort_values("planned_on", na_position="last").iloc[0]
        said = said.format(day=fmt.day(soon["planned_on"]), title=plain(soon["title"]))
    waiting = open_[(open_["state"] == PLANNED) & (pd.to_datetime(open_["start_on"]).dt.date < page.today)]
    if not waiting.empty:
        text = plural(
            len(waiting),
            _("{n} action should have started and is not noted as under way: it will not be proven."),
            _("{n} actions should have started and are not noted as under way: they will not be proven."),
            page.language,
        )
        said += " " + text.format(n=fmt.number(len(waiting)))
    headline(_("Actions under way"), fmt.number(len(open_)), said)


def _table(page: Page, frame: pd.DataFrame) -> None:
    _, fmt = page._, page.fmt
    fixes = page.rows(FIXES) if page.store.has("fix") else pd.DataFrame(columns=["action_id", "verdict", "speaks"])
    verdicts = {row.action_id: row.verdict for row in fixes.itertuples() if row.speaks}
    rows = frame.to_dict("records")
    shown = words(page)
    columns = {
        _("Action"): [row["title"] for row in rows],
        _("State"): [_state(page, row) for row in rows],
        _("Due"): [fmt.day(row["planned_on"]) for row in rows],
        _("Shown"): [
            verdict_word(shown, verdicts[one]) if (one := row["action_id"]) in verdicts else "—" for row in rows
        ],
        _("Expected"): [fmt.percent(-row["expected_share"]) if known(row["expected_share"]) else "—" for row in rows],
        _("Effort"): [_days(page, row["effort_days"]) for row in rows],
        _("Cost"): [fmt.euros(row["cost_eur"]) for row in rows],
        _("Owner"): [row["owner"] or _("to be named") for row in rows],
        _("Irritant"): [page.label(row["irritant_id"]) for row in rows],
    }
    ids = [row["action_id"] for row in rows]
    from_url("action", ids, ids[0])
    picking(pd.DataFrame(columns), "actions_table", "action", ids, wide=_("Action"), wide_px=300, rows=12)


def _state(page: Page, row: dict[str, object]) -> str:
    if row["days_late"]:
        return page._("{n} days late").format(n=page.fmt.number(row["days_late"]))
    return state(page, str(row["state"]))


def _days(page: Page, value: object) -> str:
    return page._("{n} days").format(n=page.fmt.number(value)) if known(value) else "—"


def _chart(page: Page, frame: pd.DataFrame) -> None:
    """Impact against effort, of what is not dropped and has both."""
    _, fmt = page._, page.fmt
    in_euros = bool(frame["impact_eur"].notna().any())
    data = pd.DataFrame(
        {
            "title": frame["title"].str.slice(0, 40),
            "effort": frame["effort_days"].astype(float),
            "impact": frame["impact_eur"] if in_euros else 100 * frame["expected_share"].astype(float),
            "late": frame["days_late"] > 0,
        }
    ).dropna(subset=["effort", "impact"])
    if data.empty:
        return
    show_value = fmt.euros if in_euros else lambda value: fmt.percent(value / 100)
    data = data.assign(shown=[show_value(value) for value in data["impact"]])
    y_title = _("Margin it should free, in euros") if in_euros else _("Complaints it should remove, in %")
    st.subheader(_("Impact and effort"))
    chart = action_charts.impact(
        data,
        fmt,
        x_title=_("Effort in days"),
        y_title=y_title,
        states=(_("On time"), _("Overdue")),
        number="$,.0f" if in_euros else ",.0f",
    )
    charts.draw(chart, _("Impact and effort of each action"))
    st.caption(_("The impact is what was promised; what was shown of it is on the page Proofs."))


def _chosen(page: Page, actions: Mapping[str, Action], frame: pd.DataFrame) -> None:
    ids = list(frame["action_id"])
    titles = dict(zip(frame["action_id"], frame["title"], strict=True))
    st.selectbox(page._("Action"), ids, key="action", format_func=titles.__getitem__)
    action_panel(page, actions[to_url("action", ids[0])])


if __name__ == "__main__":
    show(render)
