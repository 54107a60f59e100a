"""Callbacks: my queue with its clocks, the case with its playbook and replies, and what came of it all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.case_actions import notice
from dashboard.case_clock import FINISHED, due_words, opening_left, ours, waiting_words
from dashboard.case_contact import law
from dashboard.case_next import next_button
from dashboard.case_panel import case_panel, history_panel
from dashboard.case_playbook import case_words, matched, playbook_panel
from dashboard.case_replies import replies_panel
from dashboard.contact_rules_panel import contact_rules_panel
from dashboard.day_list_panel import day_list_panel
from dashboard.deciding import name_field
from dashboard.format import DASH, known
from dashboard.guard import empty
from dashboard.holdout_panel import holdout_panel
from dashboard.loop_panel import loop_panel
from dashboard.meanings import meaning
from dashboard.next_step import WAITING
from dashboard.page import Page, from_url, headline, picking, show, to_url
from dashboard.words import plural
from insights.cases import Case, label

SHOWN = 200
ROWS = 8
ENDED = ("closed", "resolved", "not_reached", "cancelled")
ALL = "all"


def render(page: Page) -> None:
    cases = page.store.cases
    if not _cases(page, cases):
        name_field(page)
    day_list_panel(page, cases)
    loop_panel(page)
    holdout_panel(page)
    contact_rules_panel(page, law(page))


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
    frame = page.store.case_table(page.now)
    notice()
    _summary(page, frame)
    listed = _filtered(page, frame)
    if listed.empty:
        empty(_("Nothing to do here."), _("Choose another team or another state above."))
        return True
    next_button(page, listed["case_id"])
    left, right = st.columns([6, 5], gap="medium")
    with left:
        _queue(page, listed)
        chosen = cases[_choice(page, listed, cases)]
        _help(page, chosen)
    with right:
        case_panel(page, chosen)
    return True


def _help(page: Page, case: Case) -> None:
    """What helps with the case: playbook, replies, what has been done."""
    _ = page._
    words = case_words(page, case)
    found = matched(page, case, words)
    one, two, three = st.tabs([_("Playbook"), _("Suggested replies"), _("What has been done")])
    with one:
        step = playbook_panel(page, case, found)
    with two:
        replies_panel(page, case, found, step, words)
    with three:
        history_panel(page, case)


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
    told = meaning(page, "callbacks", n=len(waiting), at=page.now)
    headline(_("Customers to call back"), fmt.number(len(waiting)), sentence, help=told)


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
    finished = listed["state"].isin(ENDED)
    if state == "mine":
        return listed[(listed["assignee"] == st.session_state["adviser"]) & ~finished]
    return {"todo": listed[~finished], "done": listed[finished], ALL: listed}[state]


def _queue(page: Page, listed: pd.DataFrame) -> None:
    """The queue by due time; choosing a row chooses the case."""
    _ = page._
    cases = listed.head(SHOWN)
    rows = cases.to_dict("records")
    shown = pd.DataFrame(
        {
            _("Due"): [due_words(page, row["due_at"], row) for row in rows],
            _("Opening time"): [_left(page, row) for row in rows],
            _("Waiting"): [_waiting(page, row) for row in rows],
            _("Reason"): [label(row["reason"], page.language) for row in rows],
            _("State"): [_state(page, row) for row in rows],
            _("Customer"): [row["customer_id"] if row["customer_known"] else DASH for row in rows],
        }
    )
    picking(shown, "case_table", "case", cases["case_id"].tolist(), rows=ROWS)
    if len(listed) > SHOWN:
        st.caption(_("The first {n} of {all}.").format(n=SHOWN, all=page.fmt.number(len(listed))))


def _state(page: Page, row: Mapping[Any, Any]) -> str:
    """`taken (Nadia)`: where a case stands and with whom."""
    said = label("held" if known(row["held_by"]) else row["state"], page.language)
    return f"{said} ({row['assignee']})" if known(row["assignee"]) else said


def _left(page: Page, row: Mapping[Any, Any]) -> str:
    """Opening time left for a promise that can still be kept."""
    return DASH if row["state"] in FINISHED else opening_left(page, row["owner_team"], row["due_at"])


def _waiting(page: Page, row: Mapping[Any, Any]) -> str:
    """How long a customer whom nobody has spoken to has waited, on the clock; nobody waits for a call of our own making."""
    waits = row["state"] in WAITING and not ours(page, row["reason"], row["family"])
    return waiting_words(page, row["waiting_since"]) if waits else DASH


def _choice(page: Page, listed: pd.DataFrame, cases: dict[str, Case]) -> str:
    """The case of the URL, else the first of the list; one that a link asks for is shown whatever the filters say."""
    options = listed["case_id"].head(SHOWN).tolist()
    if "case" not in st.session_state and st.query_params.get("case") in cases:
        st.session_state["linked_case"] = st.query_params["case"]
    linked = st.session_state.get("linked_case")
    if linked in cases and linked not in options:
        options.insert(0, linked)
    from_url("case", options, options[0])

    def say(case_id: str) -> str:
        case = cases[case_id]
        return f"{case.customer_id} · {label(case.reason, page.language)} · {due_words(page, case.due_at)}"

    st.selectbox(page._("Case"), options, key="case", format_func=say)
    return str(to_url("case", None))


if __name__ == "__main__":
    show(render)
