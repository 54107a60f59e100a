"""Age band and digital habit weigh and describe; no churn score may know them, under any name."""

from __future__ import annotations

import ast
from pathlib import Path

from insights.churn.panel import TERMS
from insights.contracts import CHURN_PANEL, CHURN_SCORE, CUSTOMER_SNAPSHOT

FORBIDDEN = ("age_band", "digital_habit")
ROOT = Path(__file__).parents[3]


def test_the_names_looked_for_are_those_of_the_crm_picture() -> None:
    assert set(FORBIDDEN) <= set(CUSTOMER_SNAPSHOT.column_names)


def test_the_panel_and_its_sql_hold_neither() -> None:
    assert not set(FORBIDDEN) & {*CHURN_PANEL.column_names, *CHURN_SCORE.column_names}
    sql = (ROOT / "insights" / "sql" / "churn_panel.sql").read_text(encoding="utf-8")
    used = [line for line in sql.splitlines() if any(name in line for name in FORBIDDEN)]
    assert all(line.lstrip().startswith("--") or "EXCLUDE" in line for line in used)


def test_no_term_of_the_model_reads_them() -> None:
    assert TERMS
    assert not set(FORBIDDEN) & {value for term in TERMS for value in (term.name, *term.values)}
    code = (ROOT / "insights" / "churn" / "panel.py").read_text(encoding="utf-8")
    strings = {node.value for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Constant)}
    assert "n_contacts_90d" in strings, "terms name their columns"
    assert not set(FORBIDDEN) & strings
