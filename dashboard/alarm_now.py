"""Whether alarms can be trusted now: calm, alarm, or « collecte interrompue » with since when. Never calm when blind."""

from __future__ import annotations

import streamlit as st

from dashboard.meanings import meaning
from dashboard.page import Page, headline
from dashboard.words import Translate, plain, plural
from insights.steps.watch_heart import ALARM, BACKLOG, BLIND, INGEST, INTAKE, PINNED, WATCH, Outlook, outlook
from insights.steps.watch_show import name_in


def outlook_of(page: Page) -> Outlook:
    """The state at this moment, read anew each time: it must not be cached."""
    return outlook(page.settings, page.store.ledger, page.store.whole_lake, page.store.incidents)


def now_panel(page: Page) -> Outlook:
    """The headline of the page; returns what it shows."""
    _, found = page._, outlook_of(page)
    label = _("Collection") if found.state == BLIND else _("Now")
    figures = {ALARM: _("Alarm"), BLIND: _("Interrupted")}
    headline(
        label, figures.get(found.state, _("Calm")), _sentence(page, found), help=meaning(page, "alarms", at=page.now)
    )
    return found


def alarm_banner(page: Page) -> None:
    """One line on the week's page while an incident is open or nothing is seen; nothing when all is calm."""
    _, found = page._, outlook_of(page)
    if found.state not in (ALARM, BLIND):
        return
    text = _sentence(page, found)
    (st.error if found.state == ALARM else st.warning)(text, icon=":material/notification_important:")
    if found.state == ALARM:
        st.page_link(
            "views/alarms.py",
            label=_("Open the alarms"),
            icon=":material/arrow_forward:",
            query_params={"lang": page.language},
        )


def _sentence(page: Page, found: Outlook) -> str:
    """What the state means, as Markdown."""
    _, fmt = page._, page.fmt
    if found.state == ALARM:
        ones = sorted(
            (one for one in page.store.incidents.values() if one.is_open),
            key=lambda one: (one.raised_at, one.incident_id),
        )
        names = ", ".join(dict.fromkeys(name_in(one.lead, page.registry, page.language) for one in ones))
        told = plural(
            len(ones),
            _("**{n} incident is open** since {at}: {names}."),
            _("**{n} incidents are open** since {at}: {names}."),
            page.language,
        )
        text = told.format(n=len(ones), at=fmt.instant(found.since), names=plain(names))
        return f"{text} {_unseen(page, found)}".strip()
    if found.state == BLIND:
        since = fmt.instant(found.since) if found.since else _("the beginning")
        text = _("**Collection is interrupted** since {at}: nothing rings now.").format(at=plain(since))
        return f"{text} {_unseen(page, found)}"
    return _("Everything is collected and nothing stands out. An alarm shows here within a minute.")


def _unseen(page: Page, found: Outlook) -> str:
    """What is not seen, and what to do about it."""
    return " ".join(_reasons(page._).get(code, code) for code in found.blind)


def _reasons(_: Translate) -> dict[str, str]:
    return {
        PINNED: _("The date is pinned for the demonstration: no post comes in, history was played again once."),
        WATCH: _("The watch does not run: start `voc serve` or `voc alarms watch`."),
        INTAKE: _("The intake does not run: start `voc intake`."),
        BACKLOG: _("Events wait unread in the intake: look at its /healthz."),
        INGEST: _("No source has been asked for news lately: start `voc serve`."),
    }
