"""A bad file is refused with its name, line and remedy; a bad row only costs itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from insights.errors import SourceError
from insights.sources.files import RAGGED, read_csv, read_json_lines, read_xlsx


def written(folder: Path, content: bytes, name: str = "avis.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_csv_rows_carry_their_line_and_a_ragged_one_is_marked(tmp_path: Path) -> None:
    path = written(tmp_path, 'note;avis\n5;"deux\nlignes"\n1;trop;long\n\n2;été\n'.encode())
    rows = list(read_csv(path, ["note"], delimiter=";"))
    assert [(row.line, row.data.get("avis")) for row in rows] == [(3, "deux\nlignes"), (4, None), (6, "été")]
    assert str(rows[1].data[RAGGED]).startswith("wrong_width: 3 fields where the header has 2")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"avis\.csv: the file is empty"),
        ("note;avis\n1;déçu\n".encode("cp1252"), r"avis\.csv, near line \d: not utf-8.*encoding: cp1252"),
        (b'note;avis\n1;"never closed\n', r"avis\.csv, line 2: broken CSV.*quote"),
        (b"stars;text\n1;x\n", r"column\(s\) note, avis not found; the file has stars, text.*mapping"),
    ],
)
def test_csv_refused_by_name_with_a_remedy(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        list(read_csv(written(tmp_path, content), ["note", "avis"], delimiter=";", encoding="utf-8"))


def test_declared_encoding_is_used(tmp_path: Path) -> None:
    path = written(tmp_path, "avis\ndéçu\n".encode("cp1252"))
    assert next(read_csv(path, ["avis"], encoding="cp1252")).data == {"avis": "déçu"}
    with pytest.raises(SourceError, match="unknown encoding 'klingon'"):
        list(read_csv(path, ["avis"], encoding="klingon"))


def test_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        list(read_json_lines(tmp_path / "absent.jsonl"))


def test_json_lines_keep_the_good_lines(tmp_path: Path) -> None:
    path = written(tmp_path, b'{"a": 1}\n\nnot json\n[1]\n{"a": 2}\n', "x.jsonl")
    rows = list(read_json_lines(path))
    assert [(row.line, RAGGED in row.data) for row in rows] == [(1, False), (3, True), (4, True), (5, False)]


def test_xlsx_pads_short_rows_and_finds_its_sheet(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.create_sheet("Avis")
    sheet.append(["note", "avis", "produit"])
    sheet.append([5, "très bien"])
    path = tmp_path / "avis.xlsx"
    book.save(path)
    assert [row.data for row in read_xlsx(path, ["note"], sheet="Avis")] == [
        {"note": 5, "avis": "très bien", "produit": None}
    ]
    with pytest.raises(SourceError, match="there is no sheet 'Absent'; it has Sheet, Avis"):
        list(read_xlsx(path, ["note"], sheet="Absent"))


def test_a_text_file_called_xlsx_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not an Excel workbook"):
        list(read_xlsx(written(tmp_path, b"note;avis\n", "faux.xlsx"), ["note"]))
