"""Alerts on the churn model that stand, as sentences: on the risk page and on the quality page."""

from __future__ import annotations

import streamlit as st

from dashboard.page import Page
from dashboard.words import plain
from insights.alerts import Alert, open_alerts
from insights.churn.watch_words import alert_sentence
from insights.digest.words import Words

PREFIX = "churn."
SHOWN = 4


def standing(page: Page) -> list[Alert]:
    """Alerts on the churn model that are open at this ledger version, oldest first."""
    return open_alerts(page.store.alerts, PREFIX)


def alert_strip(page: Page) -> None:
    """What has moved since the model learnt; nothing where nothing has."""
    _, fmt = page._, page.fmt
    alerts = standing(page)
    if not alerts:
        return
    labels = page.registry.labels(page.language)
    spoken = Words(page.language, page.settings.timezone)
    lines = [
        f"- {plain(alert_sentence(one, spoken, labels))} " + _("(since {day})").format(day=fmt.day(one.first_seen_at))
        for one in alerts[:SHOWN]
    ]
    if len(alerts) > SHOWN:
        lines.append(_("- and {n} more: see the detail below.").format(n=fmt.number(len(alerts) - SHOWN)))
    head = _("**Read these scores with care**: the model sees things it hardly knew when it learnt.")
    foot = _("The order of the list usually holds; the probabilities may be off until the next fit.")
    st.warning("\n".join([head, "", *lines, "", foot]), icon=":material/troubleshoot:")
