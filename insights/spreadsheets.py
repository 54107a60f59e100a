"""Text for files that a spreadsheet opens: none of it is ever run as a formula (OWASP, CSV injection)."""

from __future__ import annotations

from typing import Any

import pandas as pd

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def neutral(text: str) -> str:
    """The text behind an apostrophe where a spreadsheet would run it as a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def neutral_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with every text neutral; what is no text stays as it is."""

    def cell(value: Any) -> Any:
        return neutral(value) if isinstance(value, str) else value

    return frame.map(cell)
