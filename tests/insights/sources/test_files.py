"""A bad file is refused with its name, line and remedy; a bad row only costs itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from insights.errors import SourceError
from insights.sources.base import RAGGED
from insights.sources.files import read_beside, read_csv, read_json, read_json_lines, read_xlsx


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


@pytest.mark.parametrize("content", [b"{}", b"[]", b"0", b"null", b'"a"'])
def test_json_of_another_shape_names_the_file(tmp_path: Path, content: bytes) -> None:
    def only_list(document: Any) -> list[Any]:
        if document == []:
            raise SourceError("an empty list")
        return next(value for value in document.values() if isinstance(value, list))

    with pytest.raises(SourceError, match=r"^x\.json: "):
        list(read_json(written(tmp_path, content, "x.json"), only_list))


@pytest.mark.parametrize("line", [b"[" * 100_000, b"1" * 5_000, b'{"a": ' + b"9" * 5_000 + b"}"])
def test_json_lines_too_deep_or_too_long_cost_one_row(tmp_path: Path, line: bytes) -> None:
    path = written(tmp_path, b'{"a": 1}\n' + line + b'\n{"a": 2}\n', "x.jsonl")
    assert [RAGGED in row.data for row in read_json_lines(path)] == [False, True, False]
    with pytest.raises(SourceError, match="broken at line 2"):
        list(read_json(path, lambda document: [document]))


def test_a_form_beside_a_file_is_found_and_a_broken_one_is_no_help(tmp_path: Path) -> None:
    written(tmp_path, b'{"id": 1}', "form_a.json")
    written(tmp_path, b"[1, {}", "form_b.json")
    written(tmp_path, b'[{"id": 2}, 3]', "form_c.json")
    assert read_beside(written(tmp_path, b"{}", "data.json"), "form_*.json") == [{"id": 1}, {"id": 2}]


@pytest.mark.parametrize("cut", [10, 500, 2_000])
def test_a_workbook_cut_short_is_refused(tmp_path: Path, cut: int) -> None:
    book = Workbook()
    book.create_sheet("Avis").append(["note"])
    book.save(tmp_path / "avis.xlsx")
    content = (tmp_path / "avis.xlsx").read_bytes()
    with pytest.raises(SourceError, match="not an Excel workbook"):
        list(read_xlsx(written(tmp_path, content[:cut], "cut.xlsx"), ["note"]))


def test_rows_above_and_below_the_header_of_a_workbook_are_passed_over(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["Export"], ["note"], ["(1 à 5)"], [4]):
        book.worksheets[0].append(row)
    book.save(tmp_path / "avis.xlsx")
    rows = list(read_xlsx(tmp_path / "avis.xlsx", ["note"], skip_rows=1, skip_after_header=1))
    assert [(row.line, row.data) for row in rows] == [(4, {"note": 4})]


def test_a_file_of_blank_lines_has_no_columns(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="column.s. note not found"):
        list(read_csv(written(tmp_path, b"\xef\xbb\xbf"), ["note"]))
    with pytest.raises(SourceError, match="not utf-16"):
        list(read_csv(written(tmp_path, b"note\n1\n"), ["note"], encoding="utf-16"))
