"""A table as a file: typed, in the reader's separators, never a formula, with its meaning beside it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from io import BytesIO

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from dashboard.table_files import METADATA, Note, csv_bytes, parquet_bytes, settled, xlsx_bytes
from insights.spreadsheets import neutral

FORMULAS = ['=HYPERLINK("http://x")', "+33 6", "-2+3", "@SUM(A1)", "\t=1", "＝1"]
NOTE = Note("Clients: à risque", "fr", "Europe/Paris", "Définitions", {"Instantané": "72"}, {"Risque": "Probabilité."})


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Client": ["C1", "=1+1"],
            "Risque": [0.125, np.nan],
            "n": pd.array([1200, None], dtype="Int64"),
            "Jour": [date(2026, 10, 31), None],
            "Vu": pd.to_datetime(["2026-10-31 22:30", None], utc=True),
            "Liste": [["a", "b"], []],
        }
    )


def sheet(made: bytes, name: str) -> list[list[object]]:
    return [[cell.value for cell in row] for row in load_workbook(BytesIO(made))[name].iter_rows()]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_would_run_is_text_in_every_file(text):
    frame = pd.DataFrame({text: [text]})
    assert neutral(text) == f"'{text}"
    read = pd.read_csv(BytesIO(csv_bytes(frame, NOTE)), sep=";", encoding="utf-8-sig", quotechar='"')
    assert list(read.columns) == [f"'{text}"] and read.iloc[0, 0] == f"'{text}"
    for cell in load_workbook(BytesIO(xlsx_bytes(frame, NOTE)))["Clients  à risque"]["A"]:
        assert (cell.data_type, cell.value, cell.quotePrefix) == ("s", text, True)


@pytest.mark.parametrize("text", ["", "Paris", "1-2", "a=b", "−3"])
def test_other_texts_stay_as_they_are(text):
    assert neutral(text) == text


def test_csv_speaks_the_readers_separators(frame):
    made = csv_bytes(frame, NOTE)
    assert made.startswith(b"\xef\xbb\xbf")
    lines = made.decode("utf-8-sig").split("\r\n")
    assert lines[:3] == [
        "Client;Risque;n;Jour;Vu;Liste",
        "C1;0,125;1200;2026-10-31;2026-10-31 23:30;a, b",
        "'=1+1;;;;;",
    ]
    english = csv_bytes(frame, Note("t", "en", "Europe/Paris", "d")).decode("utf-8-sig")
    assert 'C1,0.125,1200,2026-10-31,2026-10-31 23:30,"a, b"' in english


def test_a_workbook_holds_numbers_days_and_what_they_mean(frame):
    made = xlsx_bytes(frame, NOTE)
    rows = sheet(made, "Clients  à risque")
    assert rows[1][:3] == ["C1", 0.125, 1200]
    assert [str(value) for value in rows[1][3:5]] == ["2026-10-31 00:00:00", "2026-10-31 23:30:00"]
    assert rows[2][1:5] == [None] * 4
    told = sheet(made, "Définitions")
    assert told[0][0] == "Clients: à risque"
    assert ["Instantané", "72"] in told and ["Risque", "Probabilité."] in told


def test_a_table_without_rows_or_with_odd_cells_is_still_a_workbook():
    odd = pd.DataFrame({"a": [float("inf"), 1.5], "b": ["x\x00y\x0b", "z" * 40_000]})
    rows = sheet(xlsx_bytes(odd, NOTE), "Clients  à risque")
    assert rows[1] == ["inf", "xy"] and len(str(rows[2][1])) == 32_767
    assert sheet(xlsx_bytes(odd.head(0), NOTE), "Clients  à risque") == [["a", "b"]]


def test_parquet_keeps_types_and_meaning(frame):
    table = pq.read_table(BytesIO(parquet_bytes(frame.assign(mixed=[1, "a"]), NOTE)))
    assert str(table.schema.field("Risque").type) == "double"
    assert str(table.schema.field("Jour").type) == "date32[day]"
    assert table.column("Client").to_pylist() == ["C1", "=1+1"]
    assert table.column("mixed").to_pylist() == ["1", "a"]
    told = json.loads(table.schema.metadata[METADATA])
    assert told["Instantané"] == "72" and told["definitions"] == {"Risque": "Probabilité."}


def test_a_cell_is_a_plain_value():
    assert settled(np.int64(3), "UTC") == 3 and settled(pd.NaT, "UTC") is None
    assert settled(datetime(2026, 7, 1, 22, tzinfo=UTC), "Europe/Paris") == date(2026, 7, 2)
    assert settled({"a": 1}, "UTC") == '{"a": 1}'
