"""An action at Jira: the button that sends it, the link to the issue, and the state that Jira proposes."""

from __future__ import annotations

import streamlit as st

from dashboard.acting import MARK
from dashboard.action_moves import VIEW, move
from dashboard.action_queries import AT_RISK
from dashboard.action_words import state
from dashboard.data import ledger_place
from dashboard.deciding import Told, author, reader, tell
from dashboard.format import known
from dashboard.guard import NotYoursError, safely
from dashboard.page import Page
from dashboard.words import plain
from insights.actions import DROPPED, Action
from insights.errors import LedgerError, SettingsError
from insights.ledger import Ledger
from insights.outbox.endpoint import Endpoint
from insights.outbox.jira import GONE
from insights.settings import Settings
from insights.steps import jira as steps
from insights.steps.jira import GIVEN_UP, THERE, Link


@st.cache_resource(show_spinner=False, ttl=60, max_entries=2)
def _trackers(folder: str, _settings: Settings) -> list[Endpoint]:
    """Read anew every minute: people edit the file."""
    try:
        return steps.trackers(_settings)
    except SettingsError:
        return []


@st.cache_resource(show_spinner=False, max_entries=4)
def _links(place: str, version: int, _ledger: Ledger) -> dict[str, Link]:
    return steps.links(_ledger)


def links(page: Page) -> dict[str, Link]:
    """What was sent to Jira, by action; empty where no Jira is on and none ever was."""
    store = page.store
    return _links(ledger_place(store.settings), store.version, store.ledger)


def jira_panel(page: Page, action: Action) -> None:
    """The button before the action is sent; the issue and what it proposes after. Nothing where no Jira is set up."""
    endpoints = _trackers(str(page.settings.reference_dir), page.settings)
    link = links(page).get(action.action_id)
    if link is None:
        if endpoints and action.state != DROPPED:
            _send_button(page, action, endpoints)
        return
    if link.state == THERE:
        _there(page, action, link, endpoints)
    elif link.state == GIVEN_UP:
        told = page._("Jira did not take it ({why}): your administrator sends it again with `voc outbox replay`.")
        st.warning(plain(told.format(why=link.why)).replace("\\`", "`"))
    else:
        _waiting(page)


def _send_button(page: Page, action: Action, endpoints: list[Endpoint]) -> None:
    for one in endpoints:
        name = page._("Send to Jira") if len(endpoints) == 1 else page._("Send to {name}").format(name=one.endpoint_id)
        st.button(
            name, icon=":material/outbound:", key=f"jira_{one.endpoint_id}_{action.action_id}",
            disabled=not (reader() and page.may("decide")), on_click=safely(_send), args=(page, action, one),
        )  # fmt: skip


def _send(page: Page, action: Action, endpoint: Endpoint) -> None:
    """Queue it, with the margin at stake as people read it."""
    risk = page.rows(AT_RISK, until=page.today)
    mine = risk[[page.registry.resolve(one) == action.irritant_id for one in risk["irritant_id"]]]["value_at_risk_eur"]
    euros = page.fmt.euros(mine.iloc[0]) if len(mine) and known(mine.iloc[0]) else ""
    store = page.store
    try:
        steps.send(
            store.ledger, page.settings, endpoint, action, page.label(action.irritant_id), euros, page.language,
            actor=author(page, "decide"), at=page.now,
        )  # fmt: skip
    except LedgerError:
        tell(Told(MARK + VIEW, False, page._("A dropped action is planned again before it goes to Jira.")))
        return
    except NotYoursError as error:
        tell(Told(MARK + VIEW, False, plain(str(error))))
        return
    tell(Told(MARK + VIEW, True, page._("Noted: it goes to Jira with the next delivery.")))


def _waiting(page: Page) -> None:
    if page.settings.dry_run:
        st.caption(
            page._("It waits for Jira. This installation is a dry run: the issue is written to a file, nothing leaves.")
        )
    else:
        st.caption(page._("It goes to Jira with the next delivery, within a minute where `voc serve` runs."))


def _there(page: Page, action: Action, link: Link, endpoints: list[Endpoint]) -> None:
    """The link, Jira's own word, and the step it proposes: a person takes it."""
    _ = page._
    if link.category == GONE:
        st.caption(plain(_("The issue {key} was deleted at Jira, or cannot be seen any more.").format(key=link.key)))
        return
    said = f"{link.key} · {link.status}" if link.status else link.key
    with st.container(horizontal=True, vertical_alignment="center"):
        if url := steps.address(link, endpoints):
            st.link_button(said, url, icon=":material/open_in_new:")
        else:
            st.markdown(plain(said))
        _proposal(page, action, link)


def _proposal(page: Page, action: Action, link: Link) -> None:
    to = steps.proposed(action, link)
    if to is None:
        return
    told = page._("Jira says « {status} » since {day}, here it is « {state} ».")
    day, here = page.fmt.day(link.said_at), state(page, action.state).lower()
    st.info(plain(told.format(status=link.status, day=day, state=here)), icon=":material/sync:")
    on = min(page.fmt.local_day(link.said_at), page.today) if link.said_at else page.today
    st.button(
        page._("Note it, as of {day}").format(day=page.fmt.day(on)), key=f"jira_to_{to}_{action.action_id}",
        disabled=not (reader() and page.may("decide")), on_click=safely(move), args=(page, action, to, on),
    )  # fmt: skip
