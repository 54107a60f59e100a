"""A mapping says how a file becomes feedback; what it cannot say is refused when it is read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from insights.errors import RowError, SourceError
from insights.sources import Item, RawRecord
from insights.sources.mapping import load_mapping, mapped_source
from insights.sources.options import NO_OPTIONS

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
BASE: dict[str, Any] = {
    "source": "avis",
    "format": "csv",
    "kind": "review",
    "fields": {"verbatim": "texte", "occurred_at": "date"},
    "answers": [{"column": "note", "metric": "csat", "scale": "1-5"}],
    "date_formats": ["%d/%m/%Y"],
}


def parse(tmp_path: Path, row: dict[str, Any], **changes: Any) -> Item:
    path = tmp_path / "m.yaml"
    path.write_text(yaml.safe_dump({**BASE, **changes}), encoding="utf-8")
    return mapped_source(load_mapping(path)).parse(RawRecord("avis.csv", 7, row), NO_OPTIONS)


def test_a_row_becomes_an_item(tmp_path: Path) -> None:
    item = parse(tmp_path, {"texte": " trop cher ", "date": "02/03/2021", "note": "2,0"}, constants={"channel": "web"})
    assert item.feedback["verbatim"] == "trop cher"
    assert item.feedback["occurred_at"] == datetime(2021, 3, 2, 11, tzinfo=UTC)  # noon in Paris: no zone moves the day
    assert (item.feedback["available_basis"], item.feedback["channel"]) == ("declared", "web")
    assert item.answers == ({"question_id": "note", "metric": "csat", "scale": "1-5", "value": 2.0},)


def test_without_an_id_the_declared_columns_stand_for_it(tmp_path: Path) -> None:
    row = {"texte": "a", "date": "02/03/2021", "note": None}
    same = parse(tmp_path, {**row, "note": "3"}, key=["texte", "date"])
    assert parse(tmp_path, row, key=["texte", "date"]).source_id == same.source_id
    assert parse(tmp_path, row).source_id != parse(tmp_path, {**row, "note": "3"}).source_id


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"texte": "a", "date": "2021-13-45", "note": ""}, "bad_occurred_at"),
        ({"texte": "a", "date": "", "note": ""}, "missing_occurred_at"),
        ({"texte": "", "date": "02/03/2021", "note": None}, "empty_row"),
        ({"texte": "a", "date": "02/03/2021", "note": "6"}, "out_of_scale_note"),
        ({"texte": "a", "date": "02/03/2021", "note": "bien"}, "bad_note"),
    ],
)
def test_a_bad_row_says_why(tmp_path: Path, row: dict[str, Any], reason: str) -> None:
    with pytest.raises(RowError, match=f"^{reason}: "):
        parse(tmp_path, row)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fields": {"verbatim": "texte"}}, "must map occurred_at"),
        ({"fields": {"occurred_at": "date", "colour": "c"}}, "unknown field.*colour"),
        ({"colour": 1}, "colour: Extra inputs"),
        ({"source": "Mes Avis"}, "source: String should match"),
        ({"answers": [{"column": "n", "metric": "csat", "scale": "five"}]}, "must be minimum-maximum"),
    ],
)
def test_a_bad_mapping_says_which_key(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SourceError, match=message):
        parse(tmp_path, {}, **changes)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_examples_load(path: Path) -> None:
    assert load_mapping(path).columns()
