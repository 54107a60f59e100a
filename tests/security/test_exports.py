"""Lists that the command line writes for other tools hold no formula."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from insights.spreadsheets import neutral_frame
from insights.steps.contacts_asked import SurveyList, write_list

FORMULAS = ['=HYPERLINK("http://x")', "+33 6", "-2+3", "@SUM(A1)", "\t=1", "\uff1d1"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_list_of_customers_to_ask_holds_no_formula(formula: str, tmp_path: Path) -> None:
    asked = pd.DataFrame({"customer_id": [formula, "C1"], "key": ["k", formula]})
    left = pd.DataFrame({"customer_id": [formula], "reason": ["wish"], "until": [pd.Timestamp("2026-11-30", tz="UTC")]})
    found = SurveyList(formula, formula, datetime(2026, 10, 31, tzinfo=UTC), asked, left)
    for path in write_list(found, tmp_path / "list.csv"):
        held = pd.read_csv(path, dtype=str)
        assert not [cell for cell in held.to_numpy().ravel() if str(cell).startswith(tuple("=+-@\t\uff1d"))]
        assert f"'{formula}" in held.to_numpy().ravel() and path.stat().st_mode & 0o077 == 0


def test_what_is_no_text_stays_as_it_is() -> None:
    frame = pd.DataFrame({"n": [-1.5, 2.0], "day": pd.to_datetime(["2026-10-31", None]), "text": ["-x", None]})
    made = neutral_frame(frame)
    assert made["n"].tolist() == [-1.5, 2.0] and made["day"].iloc[0] == frame["day"].iloc[0]
    assert made["text"].iloc[0] == "'-x" and pd.isna(made["text"].iloc[1])
