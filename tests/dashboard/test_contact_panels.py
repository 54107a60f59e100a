"""The panels on who may be contacted and who was not asked: every rule with its text, every reason with its customers."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from dashboard.contact_rules_panel import rule_rows
from dashboard.data import Store
from dashboard.not_asked_panel import reason_rows
from dashboard.page import Page
from insights.contactability import FILE, load_contact_rules
from insights.lake import Lake
from insights.ledger import Ledger

MONTH = date(2026, 10, 1)


@pytest.mark.parametrize(("language", "hours"), [("fr", "hors des heures légales"), ("en", "outside legal hours")])
def test_the_law_table_and_the_reasons_are_told_in_both_languages(
    lake: Lake, ledger: Ledger, language: str, hours: str
) -> None:
    counts = [("survey_rest", True, 40), ("quarantine", True, 30), ("opt_out", False, 5), ("(none)", True, 900)]
    rows = pd.DataFrame(counts, columns=["reason", "weighed", "n_customers"])
    with lake.write() as writer:
        writer.insert_new("not_asked", rows.assign(survey="relational", month=MONTH))
    page = Page(Store(lake.settings, lake, ledger, lake.snapshot_id(), ledger.version()), language)

    law = load_contact_rules(lake.settings.reference_dir / FILE)
    table = rule_rows(page, law)
    assert len(table) == len(law.rules)
    assert hours in set(table.iloc[:, 0]) and table.iloc[:, 5].str.contains("D. 223-9").sum() == 3

    found = reason_rows(page, "relational", [MONTH])
    spaced = found.iloc[:, 1].str.replace("\N{NO-BREAK SPACE}", "")
    assert list(zip(spaced, found.iloc[:, 2], strict=True)) == [("900", "0"), ("70", "0"), ("0", "5")]
    assert reason_rows(page, "post_call", [MONTH]).empty
