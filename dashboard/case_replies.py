"""Suggested replies: ranked, filled with facts that name nobody, edited by the adviser, copied. Nothing is sent from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import queries
from dashboard.case_playbook import playbooks
from dashboard.data import ledger_place
from dashboard.deciding import author, reader
from dashboard.format import known
from dashboard.guard import safely
from dashboard.page import Page
from dashboard.words import plain
from insights.cases import Case
from insights.events import LedgerEvent
from insights.i18n import LANGUAGES
from insights.playbooks import (
    CHOSEN,
    NONE,
    Match,
    Step,
    Suggested,
    amount_range,
    choices,
    delay,
    edited_share,
    fill,
    helped,
    ranking,
    reply_event,
    said,
    shares,
    suggest,
)
from insights.playbooks.facts import Filled

SHOWN, MOST = 3, 8
LEAST_SHARE = 5  # cases under which nobody is told how often a reply helped
NAMES = {"fr": "Français", "en": "English"}


@st.cache_data(show_spinner=False, max_entries=4)
def _chosen(place: str, version: int, _events: Sequence[LedgerEvent]) -> pd.DataFrame:
    return choices(_events)


def chosen(page: Page) -> pd.DataFrame:
    """The choices noted so far, `insights.playbooks.choices`."""
    store = page.store
    return _chosen(ledger_place(store.settings), store.version, store.ledger.events((CHOSEN,)))


def replies_panel(page: Page, case: Case, found: Match, step: Step, words: tuple[str, ...]) -> None:
    """The ranking, the text to edit, and the button that notes the choice."""
    _ = page._
    own = case.language if case.language in LANGUAGES else page.language
    language = st.segmented_control(
        _("Language of the reply"),
        LANGUAGES,
        default=own,
        format_func=NAMES.__getitem__,
        key=f"reply_language_{case.case_id}",
        required=True,
    )
    worth = shares(helped(chosen(page), page.store.cases), case.irritant_id)
    ranked = suggest(playbooks(page), found, words, language, worth, step.reply)
    more = st.toggle(_("Show more replies"), key=f"reply_more_{case.case_id}")
    offered = {one.reply.reply_id: one for one in ranked[: MOST if more else SHOWN]}
    picked = st.radio(
        _("Suggested replies, best first"),
        list(offered),
        format_func=lambda one: _title(page, offered[one]),
        captions=[_because(page, one) for one in offered.values()],
        key=f"reply_{case.case_id}_{step.reply}_{more}",
    )
    if picked is not None:
        _edit(page, case, offered[picked], language, words)


def _title(page: Page, one: Suggested) -> str:
    return f"{one.rank}. {said(one.reply.title, page.language)}"


def _because(page: Page, one: Suggested) -> str:
    """Where a reply comes from, and what it came to on cases of this irritant."""
    _, fmt = page._, page.fmt
    told = [said(one.playbook.name, page.language)]
    if one.share is not None and one.n_similar >= LEAST_SHARE:
        told.append(
            _("helped in about {share} of {n} similar cases").format(
                share=fmt.percent(one.share), n=fmt.number(one.n_similar)
            )
        )
    return plain(" · ".join(told))


def _edit(page: Page, case: Case, one: Suggested, language: str, words: tuple[str, ...]) -> None:
    _, key = page._, f"{case.case_id}_{one.reply.reply_id}_{language}"
    offered = fill(said(one.reply.text, language), facts(page, case, words, language), language)
    text = st.text_area(
        _("Edit it: what stands in [brackets] is yours to write"), offered.text, key=f"text_{key}", height=270
    )
    _missing(page, offered)
    if not reader():
        st.caption(_("Write your name above to use a reply."))
    with st.container(horizontal=True):
        st.button(
            _("Use this reply"),
            icon=":material/content_copy:",
            key=f"use_{key}",
            disabled=not (reader() and page.may("callbacks")),
            on_click=safely(_note),
            args=(page, case, one, edited_share(offered.text, text)),
        )
        st.button(
            _("None of them will do"),
            type="tertiary",
            key=f"none_{key}",
            disabled=not (reader() and page.may("callbacks")),
            on_click=safely(_note),
            args=(page, case, None, 0.0),
        )
    if st.session_state.get(f"used_{case.case_id}") == one.reply.reply_id:
        st.caption(
            _("Copy it with the button in its corner and send it from your own tool: nothing is sent from here.")
        )
        st.code(text, language=None, wrap_lines=True)


def _missing(page: Page, offered: Filled) -> None:
    if offered.missing:
        st.caption(page._("Not known here, so left for you: check the brackets before you send it."))


def facts(page: Page, case: Case, words: tuple[str, ...], language: str) -> Mapping[str, str | None]:
    """What the placeholders are filled with: company, team, product, delay in days, amount as a range."""
    contract = page.rows(queries.CUSTOMER, customer_id=case.customer_id, until=page.today)
    product: Any = contract["product"].iloc[0] if len(contract) else None
    team = page.store.teams.get(case.owner_team)
    return {
        "company": page.settings.company,
        "team": team.name(language) if team else None,
        "product": str(product) if known(product) else None,
        "delay": delay(case.waiting_since or case.opened_at, page.now, language),
        "amount_range": amount_range(words, language),
    }


def _note(page: Page, case: Case, one: Suggested | None, edited: float) -> None:
    """Record the choice; the text itself is never kept."""
    reply_id = one.reply.reply_id if one else NONE
    draft = reply_event(
        case,
        reply_id,
        playbook_id=one.playbook.playbook_id if one else "",
        rank=one.rank if one else None,
        edited_share=edited,
        actor=author(page, "callbacks"),
        at=page.now,
    )
    page.store.ledger.append(**draft.row())
    st.session_state[f"used_{case.case_id}"] = reply_id


def ranking_line(page: Page) -> str:
    """How well the ranking does, as one sentence; empty before the first choice."""
    _, fmt = page._, page.fmt
    found = ranking(chosen(page))
    if not found.n:
        return ""
    if found.n < page.settings.min_answers:
        return _("Suggested replies: {n} choices noted, {least} are needed to say how good the order is.").format(
            n=fmt.number(found.n), least=fmt.number(page.settings.min_answers)
        )
    told = _(
        "Suggested replies: mean reciprocal rank {value} ({interval}; 1 is always the first) on {n} choices, "
        "{none} of them none; {edited} of the words rewritten."
    )
    return told.format(
        value=fmt.number(found.value, 2),
        interval=fmt.interval(found.low, found.high, lambda one: fmt.number(one, 2)),
        n=fmt.number(found.n),
        none=fmt.number(found.n_none),
        edited=fmt.percent(found.edited_share),
    )


def reply_name(page: Page, reply_id: str) -> str:
    """Title of a reply; its id where its playbook has gone, a sentence where none would do."""
    if reply_id == NONE:
        return page._("none of them would do")
    return next(
        (said(one.title, page.language) for _, one in playbooks(page).replies() if one.reply_id == reply_id), reply_id
    )
