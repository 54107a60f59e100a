"""The board of actions: a column a state, a card an action, the next step of each one key away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st

from dashboard.action_moves import move, started_late, verb
from dashboard.action_words import words
from dashboard.deciding import reader
from dashboard.format import known
from dashboard.guard import safely
from dashboard.page import Page
from dashboard.words import Translate, plain
from insights.actions import DONE, DROPPED, PLANNED, RUNNING, Action
from insights.actions.board import ASIDE, COLUMNS, JUDGED, NEXT, placed
from insights.proof.words import verdict_word
from insights.steps.jira import Link

SHOWN = 8  # cards a column; the rest is in the list
ICONS = {"proven": ":material/check_circle:", "worse": ":material/warning:", "not_shown": ":material/help:"}
STYLE = """<style>
.st-key-action_board [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"]) { flex-wrap: wrap; }
.st-key-action_board [data-testid="stColumn"] { min-width: 12.4rem; }
@media (max-width: 1100px) { .st-key-action_board [data-testid="stColumn"] { min-width: 18rem; } }
</style>"""


@dataclass(frozen=True)
class Facts:
    """What is known beside the actions themselves, by action (verdict, link) or irritant (euros at stake)."""

    verdicts: Mapping[str, str] = field(default_factory=dict)
    euros: Mapping[str, float] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)


def titles(_: Translate) -> dict[str, str]:
    """What the columns are called."""
    return {
        PLANNED: _("To be started"),
        RUNNING: _("Under way"),
        DONE: _("Done, proof awaited"),
        JUDGED: _("Judged by the proof"),
        DROPPED: _("Dropped actions"),
    }


def board(page: Page, actions: Sequence[Action], facts: Facts) -> None:
    """The columns side by side, two a row on a tablet; the dropped ones folded below."""
    columns = placed(actions, facts.verdicts)
    st.html(STYLE)
    with st.container(key="action_board"):
        for place, name in zip(st.columns(len(COLUMNS), gap="small"), COLUMNS, strict=True):
            with place:
                _column(page, name, columns[name], facts)
    if columns[ASIDE]:
        head = f"{titles(page._)[ASIDE]} · {page.fmt.number(len(columns[ASIDE]))}"
        with st.expander(head):
            for one in columns[ASIDE]:
                _card(page, one, facts)


def _column(page: Page, name: str, actions: Sequence[Action], facts: Facts) -> None:
    st.markdown(f"**{titles(page._)[name]}** · {page.fmt.number(len(actions))}")
    if not actions:
        st.caption(_nothing(page._, name))
    for one in actions[:SHOWN]:
        _card(page, one, facts)
    if len(actions) > SHOWN:
        more = page._("and {n} more: see the list.").format(n=page.fmt.number(len(actions) - SHOWN))
        st.caption(more)


def _nothing(_: Translate, name: str) -> str:
    return {
        PLANNED: _("Declare the next action below."),
        RUNNING: _("Start one of the planned actions."),
        DONE: _("Nothing waits for its proof."),
        JUDGED: _("The proof speaks from eight weeks after the expected effect."),
    }[name]


def _card(page: Page, action: Action, facts: Facts) -> None:
    _ = page._
    with st.container(border=True, key=f"card_{action.action_id}"):
        st.markdown(f"**{plain(action.title)}**  \n:small[{plain(page.label(action.irritant_id))}]")
        st.markdown("  \n".join(f":small[{line}]" for line in card_lines(page, action, facts)))
        with st.container(horizontal=True):
            _step(page, action)
            st.button(
                _("Open"),
                key=f"open_{action.action_id}",
                type="tertiary",
                icon=":material/open_in_full:",
                on_click=safely(_open),
                args=(action.action_id,),
            )


def card_lines(page: Page, action: Action, facts: Facts) -> list[str]:
    """Owner and due date, euros, verdict and issue of a card, as Markdown."""
    _, fmt = page._, page.fmt
    found = [plain(action.owner or _("no owner yet")), _when(page, action)]
    if known(euros := facts.euros.get(action.irritant_id)):
        found.append(":material/euro: " + plain(_("{euros} at stake").format(euros=fmt.euros(euros))))
    verdict = facts.verdicts.get(action.action_id)
    if verdict in ICONS:
        found.append(f"{ICONS[verdict]} {plain(verdict_word(words(page), verdict))}")
    if (link := facts.links.get(action.action_id)) and link.key:
        found.append(f":material/link: {plain(' · '.join(one for one in (link.key, link.status) if one))}")
    return found


def _when(page: Page, action: Action) -> str:
    """When it is due, how late it is, or since when it is done."""
    _, fmt = page._, page.fmt
    if action.state == DONE and action.done_on:
        return ":material/event_available: " + _("done on {day}").format(day=fmt.day(action.done_on))
    due = _("due {day}").format(day=fmt.day(action.planned_on)) if action.planned_on else _("no due date")
    if late := action.days_late(page.today):
        return f":material/alarm: **{_('{n} days late').format(n=fmt.number(late))}** · {due}"
    return f":material/event: {due}"


def _step(page: Page, action: Action) -> None:
    """The next step of an action; one that should have begun long ago is opened, to say since when."""
    to = NEXT.get(action.state)
    if to is None or started_late(page, action):
        return
    st.button(
        verb(page, to), key=f"next_{action.action_id}", disabled=not (reader() and page.may("decide")),
        on_click=safely(move), args=(page, action, to, page.today),
    )  # fmt: skip


def _open(action_id: str) -> None:
    st.session_state["action"] = action_id
