"""Whether the customer of a case may be called now, and why not: the verdict of insights/contactability in sentences."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.page import Page
from dashboard.words import plain
from insights.cases import Case
from insights.contactability import ContactRules, Verdict, why_not
from insights.privacy.objection import marked, objectors
from insights.settings import Settings
from insights.steps.contact_facts import ASKED, PICTURES, contact_rules, facts_of, params, wishes
from insights.steps.contact_verdict import case_verdict


@dataclass(frozen=True)
class Contact:
    """What the law says of calling about a case now. `blocks`: the call must not be made."""

    verdict: Verdict | None = None
    lines: tuple[str, ...] = ()

    @property
    def blocks(self) -> bool:
        return self.verdict is not None and self.verdict.blocks


@st.cache_resource(show_spinner=False, ttl=60, max_entries=2)
def _rules(folder: str, _settings: Settings) -> ContactRules:
    """Read anew every minute: people edit this file."""
    return contact_rules(_settings)


def law(page: Page) -> ContactRules:
    """The rules of data/reference/contact_rules.yaml."""
    return _rules(str(page.settings.reference_dir), page.settings)


def contact_of(page: Page, case: Case) -> Contact:
    """The verdict on a call about this case at this moment; empty for a case that has ended or whose customer is unknown."""
    if not case.is_open or not case.customer_known:
        return Contact()
    store, ids = page.store, [case.customer_id]
    rules = law(page)
    asked_for = params(page.settings, rules, ids)
    pictures = marked(page.rows(PICTURES, **asked_for["pictures"]), objectors(store.ledger))
    theirs = [one for one in store.cases.values() if one.customer_id == case.customer_id]
    asked = page.rows(ASKED, **asked_for["asked"])
    facts = facts_of(pictures, asked, wishes(store.ledger, case.customer_id), theirs, rules, ids)[case.customer_id]
    team = store.teams.get(case.owner_team)
    verdict = case_verdict(case, facts, rules, page.now, hours=team.calendar if team else None)
    return Contact(verdict, tuple(why_not(verdict, page.language)))


def contact_panel(page: Page, contact: Contact) -> None:
    """One box: may be called, better not, or must not; what to do first stands in it."""
    _, verdict = page._, contact.verdict
    if verdict is None:
        return
    told = plain(" ".join(contact.lines))
    if verdict.allowed:
        steps = f" {told}" if verdict.steps else ""
        st.success(f"{_('You may call now.')}{steps}", icon=":material/call:")
    elif verdict.blocks:
        st.error(f"**{_('Do not call now.')}** {told}", icon=":material/phone_disabled:")
    else:
        st.warning(f"**{_('Better not call now.')}** {told}", icon=":material/schedule:")
