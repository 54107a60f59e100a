"""Files that mean harm: bombs, entities, links and paths out of their folder. Each is refused by name, before it costs."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook

from insights.backup.manifest import _digest, read
from insights.errors import BackupError, SourceError
from insights.lake import Lake
from insights.ledger import Ledger
from insights.sources import registry
from insights.sources.cues import read_text
from insights.sources.files import (
    LARGEST_DOCUMENT,
    LARGEST_HELD_PART,
    LARGEST_TEXT,
    LONGEST_LINE,
    MOST_PARTS,
    read_json,
    read_json_lines,
    read_xlsx,
)
from insights.sources.files import read_csv as read_csv_file
from insights.sources.tables import LARGEST_TABLE, TableSource, read_table
from insights.steps.ingest import ingest

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + ']><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&j;</t></si></sst>'
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&a;</t></si></sst>'
)
TABLE = TableSource("made", ("*.csv",), "contact", {"contact_id": "id", "occurred_at": "at"})


def workbook(path: Path, **replaced: bytes) -> Path:
    """A workbook whose parts of these names are replaced."""
    book = Workbook()
    book.active.append(["comment"])
    book.active.append(["bonjour"])
    book.save(path.with_suffix(".made"))
    parts = {"styles": "xl/styles.xml", "sheet": "xl/worksheets/sheet1.xml", "book": "xl/workbook.xml"}
    with (
        zipfile.ZipFile(path.with_suffix(".made")) as old,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, True, 1) as new,
    ):
        for name in old.namelist():
            given = next((content for part, content in replaced.items() if parts[part] == name), None)
            new.writestr(name, old.read(name) if given is None else given)
    return path


def sparse(path: Path, size: int) -> Path:
    """A file of this size that takes no place on the disk."""
    with path.open("wb") as stream:
        stream.truncate(size)
    return path


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "bomb.xlsx", styles=b" " * (LARGEST_HELD_PART + 1))
    assert path.stat().st_size < 3_000_000
    with pytest.raises(SourceError, match=r"bomb.xlsx: a workbook .* unpacks to 256 MB"):
        list(read_xlsx(path, []))


def test_a_workbook_of_too_many_parts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "many.xlsx"
    with zipfile.ZipFile(path, "w") as made:
        for number in range(MOST_PARTS + 1):
            made.writestr(f"xl/{number}.xml", b"")
    with pytest.raises(SourceError, match="parts"):
        list(read_xlsx(path, []))


@pytest.mark.parametrize("xml", [LAUGHS, OUTSIDE], ids=["billion laughs", "a file of the machine"])
@pytest.mark.parametrize("part", ["styles", "sheet"])
def test_entities_in_a_workbook_are_refused(tmp_path: Path, xml: str, part: str) -> None:
    path = workbook(tmp_path / "laughs.xlsx", **{part: xml.encode()})
    with pytest.raises(SourceError, match=r"laughs.xlsx: not an Excel workbook"):
        list(read_xlsx(path, []))


def test_a_sheet_that_a_workbook_names_wrongly_is_not_left_out_in_silence(tmp_path: Path) -> None:
    with zipfile.ZipFile(workbook(tmp_path / "good.xlsx")) as archive:
        named = archive.read("xl/workbook.xml").replace(b'r:id="rId1"', b"").replace(b':id="rId1"', b':id=""')
    path = workbook(tmp_path / "made.xlsx", book=named)
    with pytest.raises(SourceError, match=r"made.xlsx: not an Excel workbook"):
        list(read_xlsx(path, ["comment"]))


def test_parts_with_paths_outside_are_never_written(tmp_path: Path) -> None:
    path = workbook(tmp_path / "slip.xlsx")
    with zipfile.ZipFile(path, "a") as made:
        made.writestr("../../slipped.txt", "x")
    assert [one.data for one in read_xlsx(path, ["comment"])] == [{"comment": "bonjour"}]
    assert not list(tmp_path.parent.glob("slipped*")) and not list(tmp_path.glob("slipped*"))


def test_a_file_too_large_to_hold_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"large.json: 1024 MB; at most"):
        list(read_json(sparse(tmp_path / "large.json", LARGEST_DOCUMENT + 1), lambda found: found))
    with pytest.raises(SourceError, match=r"call.srt: 64 MB"):
        read_text(sparse(tmp_path / "call.srt", LARGEST_TEXT + 1))
    with pytest.raises(SourceError, match=r"crm.csv: 4096 MB"):
        read_table(TABLE, sparse(tmp_path / "crm.csv", LARGEST_TABLE + 1))
    with pytest.raises(SourceError, match=r"m.eml: 64 MB"):
        list(registry()["email_threads"].read(sparse(tmp_path / "m.eml", LARGEST_TEXT + 1)))  # type: ignore[union-attr]


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "line.jsonl"
    path.write_bytes(b'{"id": 1}\n' + b"x" * LONGEST_LINE)
    with pytest.raises(SourceError, match=r"line.jsonl, line 2: longer than"):
        list(read_json_lines(path))
    with pytest.raises(SourceError, match=r"line.jsonl, line 2: longer than"):
        list(read_csv_file(path, []))


def test_a_parquet_file_of_too_many_cells_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "crm.parquet"
    pd.DataFrame({"id": ["1"] * 1000, "at": ["2026-10-03"] * 1000}).to_parquet(path)
    monkeypatch.setattr("insights.sources.tables.MOST_CELLS", 1999)
    with pytest.raises(SourceError, match=r"crm.parquet: 2000 cells"):
        read_table(TABLE, path)


@pytest.mark.parametrize("name", ["crm.csv", "crm.parquet"])
@pytest.mark.parametrize("content", [b"PK\x03\x04", b"\x1f\x8b\x08", b"PAR1", b"\x00" * 99, b'"', b"a\n" * 9])
def test_a_table_of_another_kind_is_a_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match="crm"):
        read_table(TABLE, tmp_path / name)


def test_rows_longer_than_the_header_are_not_read_under_wrong_names(tmp_path: Path) -> None:
    separator = TABLE.delimiter
    lines = (("id", "at"), ("1", "2026-10-03", "9"), ("2", "2026-10-04", "9"))
    (tmp_path / "crm.csv").write_text("\n".join(map(separator.join, lines)) + "\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"crm.csv: its rows have more cells than its first line has names"):
        read_table(TABLE, tmp_path / "crm.csv")


def test_texts_of_a_parquet_file_that_are_not_utf8_are_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "crm.parquet"
    pd.DataFrame({"id": ["1", "2"], "at": ["2026-10-03", "2026-10-04"]}).to_parquet(path, compression=None)
    path.write_bytes(path.read_bytes().replace(b"2026-10-04", b"\xff026-10-04"))
    with pytest.raises(SourceError, match=r"crm.parquet: cannot be read as a table"):
        read_table(TABLE, path)


def test_a_packed_table_is_not_unpacked(tmp_path: Path) -> None:
    pd.DataFrame({"id": ["1"], "at": ["2026-10-03"]}).to_csv(tmp_path / "crm.csv.gz", index=False, compression="gzip")
    with pytest.raises(SourceError, match="crm"):
        read_table(TABLE, tmp_path / "crm.csv.gz")


def test_a_link_out_of_the_drop_folder_is_refused_and_the_others_are_read(
    lake: Lake, ledger: Ledger, tmp_path: Path
) -> None:
    secret, drop = tmp_path / "secret", tmp_path / "drop"
    secret.mkdir(), drop.mkdir()
    row = {"response_id": "R1", "submitted_at": "2026-10-03T10:00:00Z", "comment": "Toujours en panne", "nps": 3}
    (secret / "responses.jsonl").write_text(json.dumps({**row, "comment": "Hidden elsewhere"}) + "\n", encoding="utf-8")
    (secret / "folder").mkdir()
    (secret / "folder" / "responses.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    for place in ("a", "b"):
        (drop / place / "survey").mkdir(parents=True)
    (drop / "a" / "survey" / "responses.jsonl").symlink_to(secret / "responses.jsonl")
    (drop / "survey").symlink_to(secret / "folder")
    fixture = Path(__file__).parents[1] / "fixtures" / "sources" / "survey" / "responses.jsonl"
    (drop / "b" / "survey" / "responses.jsonl").write_bytes(fixture.read_bytes())
    said: list[str] = []
    _, files = ingest(lake, ledger, [drop], run_id="t", say=said.append)
    assert sum("leads out of the folder" in line for line in said) >= 1
    assert sum(file.n_new for file in files) > 0
    kept = lake.read("SELECT * FROM feedback")["verbatim"].dropna().tolist()
    assert not any("Hidden" in one or "Toujours en panne" in one for one in kept)


@pytest.mark.parametrize("path", ["../../etc/cron.d/x", "/etc/cron.d/x", "lake/../../x", ""])
def test_a_backup_that_names_a_place_outside_is_not_trusted(tmp_path: Path, path: str) -> None:
    told = {
        "name": "20261031T000000.000Z", "taken_at": "", "version": "", "duckdb": "", "team": False, "sealed": False,
        "ledger_revision": "", "snapshot_id": 0, "keys": "", "n_erasures": 0, "lake": {}, "ledger": {}, "format": 1,
        "files": [{"path": path, "sha256": "0" * 64, "size": 1}],
    }  # fmt: skip
    manifest = tmp_path / "20261031T000000.000Z.json"
    manifest.write_text(json.dumps({**told, "sha256": _digest(told)}), encoding="utf-8")
    with pytest.raises(BackupError, match="do not trust"):
        read(manifest)
    good = {**told, "files": [{"path": "lake/files/x.parquet", "sha256": "0" * 64, "size": 1}]}
    manifest.write_text(json.dumps({**good, "sha256": _digest(good)}), encoding="utf-8")
    assert read(manifest).size == 1
