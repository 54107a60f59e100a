"""The rules of contact as a table: what each forbids, to whom, since when, and the text it rests on."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.page import Page, table
from insights.contactability import ContactRules, rule_name


def rule_rows(page: Page, rules: ContactRules) -> pd.DataFrame:
    """One row a rule that is on, in the order of contact_rules.yaml."""
    _, fmt = page._, page.fmt
    purposes = {"service": _("answer"), "survey": _("survey"), "prospecting": _("sales")}
    people = {"consumer": _("consumers"), "business": _("businesses")}
    readings = {"text": _("read"), "secondary": _("read in comments on it"), "ours": _("our reading or practice")}
    return pd.DataFrame(
        [
            {
                _("Rule"): rule_name(entry.id, page.language),
                _("Blocks"): ", ".join(purposes[one] for one in entry.applies_to if one not in entry.warns),
                _("Warns"): ", ".join(purposes[one] for one in entry.warns),
                _("Binds"): ", ".join(people[one] for one in entry.who),
                _("Since"): fmt.day(entry.valid_from),
                _("Text"): entry.rests_on(page.language),
                _("How we know"): readings[entry.read],
            }
            for entry in rules.rules
            if entry.enabled
        ]
    )


def contact_rules_panel(page: Page, rules: ContactRules) -> None:
    """All rules, folded away."""
    _ = page._
    with st.expander(_("The rules of contact and the texts they rest on")):
        table(rule_rows(page, rules), wide=_("Text"), wide_px=520, rows=24)
        st.caption(_("A tool, not legal advice: data/reference/contact_rules.yaml holds every rule and its numbers."))
