"""A script or a formula that somebody wrote stays text: in what a search shows, in comments, in a file."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pandas as pd
from openpyxl import load_workbook
from streamlit.testing.v1 import AppTest

from dashboard.marking import painted
from dashboard.page import Page
from dashboard.table_files import Note, csv_bytes, xlsx_bytes
from insights.ledger import open_ledger
from insights.settings import Settings
from insights.steps import comments

SCRIPT, FORMULA = "<script>alert(1)</script>", '=HYPERLINK("http://x")'
HELD = "SELECT feedback_id, verbatim FROM feedback WHERE contains(verbatim, $script) LIMIT 3"


def raw(page: AppTest) -> list[str]:
    return [one.value for one in [*page.markdown, *page.caption, *page.info] if "<script>" in one.value]


def test_a_verbatim_with_a_script_is_shown_as_text(app: Callable[..., AppTest], places: Callable[[str], Settings]):
    assert "<script>" not in painted(SCRIPT, [], [], [])
    page = app(places("full"), "verbatims", "fr", q="alert")
    assert any("\\<script\\>" in one.value for one in page.markdown) and not page.exception
    assert not raw(page)


def test_a_comment_with_a_script_or_a_formula_is_shown_as_text(
    app: Callable[..., AppTest], own_ledger: Callable[[str], Settings]
):
    mine = own_ledger("full")
    with open_ledger(mine) as ledger:
        comments.write(
            ledger, "irritant", "IR-0003", f"{FORMULA} {SCRIPT}", (), people=(), actor="Nadia",
            at=mine.business_now(), redact=lambda text: text,
        )  # fmt: skip
    page = app(mine, "irritants", "fr", irritant="IR-0003")
    assert any("HYPERLINK" in one.value and "script\\>" in one.value for one in page.markdown)
    assert not raw(page)


def test_a_verbatim_in_a_file_is_a_text_cell(page_of: Callable[..., Page], places: Callable[[str], Settings]):
    found = page_of(places("full")).rows(HELD, script=SCRIPT)
    frame = pd.DataFrame({"Verbatim": [*found["verbatim"], FORMULA, SCRIPT]})
    note = Note("Verbatims", "fr", "Europe/Paris", "Définitions")
    read = pd.read_csv(BytesIO(csv_bytes(frame, note)), sep=";", encoding="utf-8-sig")["Verbatim"].tolist()
    assert len(found) and read == [*found["verbatim"], f"'{FORMULA}", SCRIPT]
    cells = load_workbook(BytesIO(xlsx_bytes(frame, note)))["Verbatims"]["A"]
    assert [(one.data_type, one.value) for one in cells[1:]] == [("s", one) for one in frame["Verbatim"]]
