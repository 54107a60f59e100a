"""Google Forms: which number of a date is the day is read off the file; the form may grow."""

from __future__ import annotations

from pathlib import Path

import pytest
from loading import items, load, source

from insights.errors import SourceError
from insights.lake import Lake
from insights.ledger import Ledger
from insights.sources import Item

HEADER = "{},Pourquoi ?\n"


@pytest.mark.parametrize(
    ("column", "times", "months"),
    [
        ("Horodateur", ["05/03/2026 09:00:00"], [3]),
        ("Timestamp", ["05/03/2026 09:00:00"], [5]),
        ("Timestamp", ["05/03/2026 09:00:00", "13/03/2026 09:00:00"], [3, 3]),  # a British sheet: no 13th month
        ("Horodateur", ["05/03/2026 09:00:00", "05/13/2026 09:00:00"], [5, 5]),
        ("Timestamp", ["3/5/2026 9:00:00 PM"], [3]),
        ("Horodateur", ["2026/03/05 9:00:00 AM UTC+1"], [3]),
        ("Horodateur", ["2026-03-05 09:00:00"], [3]),
    ],
)
def test_day_or_month_first(tmp_path: Path, column: str, times: list[str], months: list[int]) -> None:
    path = tmp_path / "f.csv"
    path.write_text(HEADER.format(column) + "".join(f"{time},mot\n" for time in times), encoding="utf-8")
    found = items("google_forms", path)
    assert [one.feedback["occurred_at"].month for one in found if isinstance(one, Item)] == months


def test_another_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("Date,Avis\n05/03/2026,bien\n", encoding="utf-8")
    with pytest.raises(SourceError, match="Horodateur or Timestamp"):
        list(source("google_forms").read(path))


def test_a_form_that_grew_brings_only_its_new_rows(tmp_path: Path, lake: Lake, ledger: Ledger) -> None:
    path = tmp_path / "f.csv"
    path.write_text("Horodateur,Pourquoi ?\n05/03/2026 09:00:00,Trop cher\n", encoding="utf-8")
    load(lake, ledger, path, source("google_forms"))
    path.write_text(
        "Horodateur,Pourquoi ?,Et encore ?\n05/03/2026 09:00:00,Trop cher,\n06/03/2026 09:00:00,Lent,Sale\n",
        encoding="utf-8",
    )
    report = load(lake, ledger, path, source("google_forms"), "r2")[0]
    assert (report.n_known, report.n_new) == (1, 1)
    assert not lake.read("SELECT source_id FROM feedback")["source_id"].str.contains("cher").any()
