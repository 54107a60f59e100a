"""Actions: a board of who removes which irritant until when, the overdue ones first, impact against effort."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from dashboard import action_charts, charts
from dashboard.acting import book, notice
from dashboard.action_board import Facts, board
from dashboard.action_form import action_form
from dashboard.action_jira import links
from dashboard.action_moves import VIEW
from dashboard.action_panel import action_panel
from dashboard.action_queries import AT_RISK, FIXES
from dashboard.action_words import state, words
from dashboard.deciding import name_field
from dashboard.format import known
from dashboard.guard import empty
from dashboard.meanings import meaning
from dashboard.page import Page, from_url, headline, picking, show, to_url
from dashboard.words import plain, plural
from insights.actions import PLANNED, RUNNING, Action
from insights.actions.board import Wanted, kept, teams_of
from insights.actions.picture import action_frame
from insights.proof.words import verdict_word

BOARD, LIST = "board", "list"
FIELD_PX = 205


def render(page: Page) -> None:
    _ = page._
    with st.container():
        notice(page, VIEW)
    actions = book(page).actions
    risk = page.rows(AT_RISK, until=page.today)
    at_risk = {page.registry.resolve(row.irritant_id): float(row.value_at_risk_eur) for row in risk.itertuples()}
    frame = action_frame(actions.values(), at_risk, page.today)
    if frame.empty:
        empty(
            _("No action has been declared yet."),
            _("Declare the first one below, or import a file with `voc actions import`."),
        )
        name_field(page)
    else:
        _summary(page, frame)
        _work(page, actions, frame, at_risk)
    offered = _offered(page, risk)
    if offered:
        with st.expander(_("Declare an action"), expanded=frame.empty, icon=":material/add:"):
            action_form(page, VIEW, offered)


def _offered(page: Page, risk: pd.DataFrame) -> list[str]:
    """Living irritants, those most spoken of first."""
    spoken = [row.irritant_id for row in risk.sort_values("n_mentions", ascending=False).itertuples()]
    living = [one.irritant_id for one in page.registry.living()]
    return [*dict.fromkeys([page.registry.resolve(one) for one in spoken if one in living] + living)]


def _work(page: Page, actions: Mapping[str, Action], frame: pd.DataFrame, at_risk: Mapping[str, float]) -> None:
    """The filters, the action that is open, then the board or the list."""
    _ = page._
    ordered = [actions[one] for one in frame["action_id"]]
    listed = _filtered(page, ordered)
    left, right = st.columns([7, 3], vertical_alignment="bottom")
    with left:
        opened = _opened(page, listed, actions)
    with right:
        shown = _shown_as(page)
    if opened:
        action_panel(page, opened)
    if not listed:
        empty(_("No action passes these filters."), _("Choose another owner, irritant or team above."))
        return
    verdicts = _verdicts(page)
    mine = frame[frame["action_id"].isin([one.action_id for one in listed])].reset_index(drop=True)
    if shown == LIST:
        _table(page, mine, verdicts)
    else:
        board(page, listed, Facts(verdicts, at_risk, links(page)))
    with st.expander(_("Impact and effort"), icon=":material/bubble_chart:"):
        _chart(page, mine)


def _filtered(page: Page, actions: Sequence[Action]) -> list[Action]:
    """The filters, kept in the URL; what they leave."""
    _ = page._
    owners = sorted({one.owner for one in actions if one.owner})
    irritants = list(dict.fromkeys(one.irritant_id for one in actions))
    teams = sorted({team for one in actions for team in teams_of(one)})
    with st.container(horizontal=True, vertical_alignment="bottom", key="action_filters"):
        wanted = Wanted(
            _filter(page, "owner", _("Owner"), owners, str),
            _filter(page, "irritant", _("Irritant"), irritants, page.label),
            _filter(page, "team", _("Team"), teams, page.team),
        )
        with st.container(width=FIELD_PX):
            name_field(page)
    return kept(actions, wanted)


def _filter(page: Page, name: str, title: str, values: Sequence[str], say: Callable[[str], str]) -> str:
    """One filter; "" for all, and where there is nothing to choose."""
    if len(values) < 2:
        return ""
    options = ["", *values]
    from_url(name, options, "")
    st.selectbox(title, options, key=name, width=FIELD_PX, format_func=lambda one: say(one) if one else page._("All"))
    return str(to_url(name, ""))


def _opened(page: Page, listed: Sequence[Action], actions: Mapping[str, Action]) -> Action | None:
    """The action that is open: of a card, of the list, of a link; None before one is chosen."""
    ids = [one.action_id for one in listed]
    asked = st.session_state.get("action", st.query_params.get("action"))
    ids += [asked] if asked in actions and asked not in ids else []
    from_url("action", ids, None)
    st.selectbox(
        page._("Open an action"), ids, None, key="action", format_func=lambda one: actions[one].title,
        placeholder=page._("Choose one, or « Open » on its card"),
    )  # fmt: skip
    chosen = to_url("action", None)
    return actions.get(chosen) if chosen else None


def _shown_as(page: Page) -> str:
    from_url("show", (BOARD, LIST), BOARD)
    names = {BOARD: page._("Board"), LIST: page._("List")}
    st.segmented_control(page._("Show as"), list(names), key="show", format_func=names.__getitem__, required=True)
    return str(to_url("show", BOARD))


def _verdicts(page: Page) -> dict[str, str]:
    """The verdict that speaks, by action."""
    fixes = page.rows(FIXES) if page.store.has("fix") else pd.DataFrame(columns=["action_id", "verdict", "speaks"])
    return {row.action_id: row.verdict for row in fixes.itertuples() if row.speaks}


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
    link = partial(_to_priorities, page) if open_.empty else None
    headline(_("Actions under way"), fmt.number(len(open_)), said, link, help=meaning(page, "actions", n=len(open_)))


def _to_priorities(page: Page) -> None:
    st.page_link(
        "views/priorities.py", label=page._("See the priorities"), icon=":material/arrow_forward:",
        query_params={"lang": page.language},
    )  # fmt: skip


def _table(page: Page, frame: pd.DataFrame, verdicts: Mapping[str, str]) -> None:
    _, fmt = page._, page.fmt
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
        st.caption(_("No action here has both an effort and an expected effect."))
        return
    show_value = fmt.euros if in_euros else lambda value: fmt.percent(value / 100)
    data = data.assign(shown=[show_value(value) for value in data["impact"]])
    y_title = _("Margin it should free, in euros") if in_euros else _("Complaints it should remove, in %")
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


if __name__ == "__main__":
    show(render)
