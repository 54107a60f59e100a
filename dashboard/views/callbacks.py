"""Callbacks: who to call next, by when, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import words
from dashboard.case_panel import case_panel, due_words
from dashboard.day_list_panel import day_list_panel
from dashboard.deciding import name_field
from dashboard.format import known
from dashboard.guard import empty
from dashboard.holdout_panel import holdout_panel
from dashboard.next_step import WAITING
from dashboard.page import Page, from_url, headline, picking, show, to_url
from dashboard.words import plural
from insights.cases import Case, cases_frame, label

SHOWN = 200
ALL = "all"


def render(page: Page) -> None:
    cases = page.store.cases
    if not _cases(page, cases):
        name_field(page)
    day_list_panel(page, cases)
    holdout_panel(page)


def _cases(page: Page, cases: dict[str, Case]) -> bool:
    """The queue and the chosen case; False where there is no case at all, and so no field for the reader's name."""
    _ = page._
    if not cases:
        empty(
            _("No callback has been opened yet."),
            _(
                "`voc run` opens them by rule: urgency, intent to leave, detractors, risk. The rules are in "
                "data/reference/case_rules.yaml."
            ),
        )
        return False
    frame = cases_frame(cases, page.now)
    _notice()
    _summary(page, frame)
    listed = _filtered(page, frame)
    if listed.empty:
        empty(_("Nothing to do here."), _("Choose another team or another state above."))
        return True
    left, right = st.columns([6, 5], gap="medium")
    with left:
        _queue(page, listed)
    with right:
        chosen = _choice(page, listed, cases)
        case_panel(page, cases[chosen])
    return True


def _notice() -> None:
    """What the last click did; told once."""
    told = st.session_state.pop("case_notice", None)
    if told:
        (st.success if told[0] == "done" else st.warning)(told[1])


def _summary(page: Page, frame: pd.DataFrame) -> None:
    _, fmt = page._, page.fmt
    waiting = frame[frame["state"].isin(WAITING)]
    late = int(waiting["overdue"].sum())
    free = int(waiting["assignee"].isna().sum())
    if waiting.empty:
        sentence = _("Everybody has been called back.")
    elif late:
        sentence = plural(
            late,
            _("**{n} promise has passed its time**: start with the top of the list."),
            _("**{n} promises have passed their time**: start with the top of the list."),
            page.language,
        ).format(n=fmt.number(late))
    else:
        sentence = _("No promise is late. The next one is due **{when}**.").format(
            when=due_words(page, waiting["due_at"].min())
        )
    sentence += " " + plural(
        free, _("{n} case is taken by nobody."), _("{n} cases are taken by nobody."), page.language
    ).format(n=fmt.number(free))
    headline(_("Customers to call back"), fmt.number(len(waiting)), sentence)


def _filtered(page: Page, frame: pd.DataFrame) -> pd.DataFrame:
    _ = page._
    teams = [ALL, *sorted(frame["owner_team"].unique())]
    states = {"todo": _("To do"), "mine": _("Mine"), "done": _("Finished"), ALL: _("All")}
    one, two, three = st.columns([3, 4, 3])
    from_url("team", teams, ALL)
    one.selectbox(
        _("Team"), teams, key="team", format_func=lambda code: _("All teams") if code == ALL else page.team(code)
    )
    from_url("state", list(states), "todo")
    two.segmented_control(_("State"), list(states), key="state", format_func=states.__getitem__, required=True)
    with three:
        name_field(page)
    team, state = to_url("team", ALL), to_url("state", "todo")
    listed = frame if team == ALL else frame[frame["owner_team"] == team]
    finished = listed["state"].isin(["closed", "resolved", "not_reached"])
    if state == "mine":
        return listed[(listed["assignee"] == st.session_state["adviser"]) & ~finished]
    return {"todo": listed[~finished], "done": listed[finished], ALL: listed}[state]


def _queue(page: Page, listed: pd.DataFrame) -> None:
    """The queue by due time; choosing a row chooses the case."""
    _ = page._
    cases = listed.head(SHOWN)
    shown = pd.DataFrame(
        {
            _("Due"): [due_words(page, row["due_at"], row) for row in cases.to_dict("records")],
            _("Reason"): [label(code, page.language) for code in cases["reason"]],
            _("State"): [_state(page, row) for row in cases.to_dict("records")],
            _("Customer"): cases["customer_id"],
            _("Segment"): [words.segment(_, code) if known(code) else "" for code in cases["segment"]],
            _("Team"): [page.team(code) for code in cases["owner_team"]],
        }
    )

    picking(shown, "case_table", "case", listed["case_id"].head(SHOWN).tolist(), rows=12)
    if len(listed) > SHOWN:
        st.caption(_("The first {n} of {all}.").format(n=SHOWN, all=page.fmt.number(len(listed))))


def _state(page: Page, row: Mapping[Any, Any]) -> str:
    """`taken (Nadia)`: where a case stands and with whom."""
    said = label(row["state"], page.language)
    return f"{said} ({row['assignee']})" if known(row["assignee"]) else said


def _choice(page: Page, listed: pd.DataFrame, cases: dict[str, Case]) -> str:
    options = listed["case_id"].head(SHOWN).tolist()
    from_url("case", options, options[0])

    def say(case_id: str) -> str:
        case = cases[case_id]
        return f"{case.customer_id} · {label(case.reason, page.language)} · {due_words(page, case.due_at)}"

    st.selectbox(page._("Case"), options, key="case", format_func=say)
    return str(to_url("case", None))


if __name__ == "__main__":
    show(render)
