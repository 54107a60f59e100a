"""A mapping says how a file becomes feedback; what it cannot say is refused when it is read."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from loading import load, read_all

from insights.errors import RowError, SourceError
from insights.lake import Lake
from insights.ledger import Ledger
from insights.sources import Item, RawRecord
from insights.sources.mapping import FileMapping, load_mapping, mapped_source
from insights.sources.options import NO_OPTIONS
from insights.sources.paths import at

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
    return mapped_source(load_mapping(path)).item(RawRecord("avis.csv", 7, row), NO_OPTIONS)


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


SAMPLES = EXAMPLES / "samples"
EXPECTED: dict[str, tuple[int, dict[str, int], list[str]]] = {  # items, answers by metric, codes of rejected rows
    "goodays": (2, {"nps": 2, "csat": 1}, ["empty_row"]),
    "google_business": (2, {"csat": 2}, ["bad_stars"]),
    "medallia": (2, {"nps": 2, "csat": 2, "ces": 2}, ["out_of_scale_q_likelihood_to_recommend"]),
    "qualtrics_labels": (2, {"nps": 2, "csat": 1}, ["bad_csat"]),
    "skeepers": (4, {"csat": 3}, []),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_each_suite_reads_its_made_up_sample(name: str) -> None:
    mapping = load_mapping(EXAMPLES / f"{name}.yaml")
    items, codes = read_all(mapped_source(mapping), next(SAMPLES.glob(mapping.files)))
    metrics = Counter(str(answer["metric"]) for item in items for answer in item.answers)
    assert (len(items), dict(metrics), codes) == EXPECTED[name]
    assert mapping.title


def test_a_suite_that_takes_a_review_out_takes_it_out_here(lake: Lake, ledger: Ledger, tmp_path: Path) -> None:
    skeepers = mapped_source(load_mapping(EXAMPLES / "skeepers.yaml"))
    path = tmp_path / "skeepers_1.csv"
    feed = (SAMPLES / "skeepers.csv").read_text(encoding="utf-8")
    path.write_text(
        feed.replace("DELETE", "NEW").replace("sk-3\t\t\t\t\t\t\t", "sk-3\t\t\t\t\t\t2026-02-05"), encoding="utf-8"
    )
    load(lake, ledger, path, skeepers)
    assert lake.counts()["feedback"] == 2
    assert "corrigée depuis" in lake.read("SELECT verbatim FROM feedback WHERE source_id = 'sk-1'")["verbatim"][0]
    path.write_text(feed.replace("NEW\tsk-2", "DELETE\tsk-2"), encoding="utf-8")
    assert load(lake, ledger, path, skeepers, "r2")[0].n_deleted == 1
    assert lake.read("SELECT source_id FROM feedback")["source_id"].tolist() == ["sk-1"]


def test_what_was_ticked_is_read_with_values(tmp_path: Path) -> None:
    fields = {**BASE["fields"], "recontact": "rappel", "complete": "fini", "anonymous": "anonyme", "consent": "accord"}
    row = {"texte": "a", "date": "02/03/2021", "rappel": "2", "fini": "Faux", "anonyme": "", "accord": "J'accepte"}
    found = parse(
        tmp_path, row, fields=fields, values={"recontact": {"1": True, "2": False}, "consent": {"J'accepte": "yes"}}
    ).feedback
    assert (found["recontact"], found["complete"], found["consent"], found["anonymous"]) == ("no", False, "yes", None)
    with pytest.raises(RowError, match="^bad_consent: "):
        parse(tmp_path, row, fields=fields)


def test_a_version_is_not_known_before_it_was_written(tmp_path: Path) -> None:
    fields = {**BASE["fields"], "revised_at": "maj"}
    found = parse(tmp_path, {"texte": "a", "date": "02/03/2021", "maj": "05/03/2021"}, fields=fields).feedback
    assert found["available_at"] == found["revised_at"] == datetime(2021, 3, 5, 11, tzinfo=UTC)


def test_rows_above_and_below_the_header_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "avis.csv"
    path.write_text("Export du 3 mars;;\ntexte;date;note\nTexte;Date;Note\na;02/03/2021;4\n", encoding="utf-8")
    mapping = FileMapping.model_validate({**BASE, "delimiter": ";", "skip_rows": 1, "skip_after_header": 1})
    assert [(record.line, record.data["texte"]) for record in mapped_source(mapping).read(path)] == [(4, "a")]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("customer.id", "C1"),
        ("answers.1.value", 4),
        ("answers[type=nps].value", 9),
        ("answers[question.id=q2].value", 4),
        ("answers[done=true].value", 4),
        ("a.b", "key with a dot"),
        ("answers.7.value", None),
        ("answers[type=ces].value", None),
        ("customer.id.more", None),
        ("absent[x=1]", None),
    ],
)
def test_paths_into_json(path: str, found: object) -> None:
    answers = [{"type": "nps", "value": 9}, {"question": {"id": "q2"}, "done": True, "value": 4}]
    assert at({"customer": {"id": "C1"}, "answers": answers, "a.b": "key with a dot"}, path) == found


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "json", "fields": {"occurred_at": "a..b", "verbatim": "c"}}, "'a..b' is no path"),
        ({"format": "json", "records": "a[b]"}, r"'a\[b\]' is no path"),
        ({"timezone": "Paris"}, "no time zone 'Paris'"),
        ({"fields": {"occurred_at": ["a", "b"], "verbatim": "c"}}, "occurred_at must name one column"),
        ({"values": {"colour": {"1": "red"}}}, "unknown field.*colour"),
        ({"skip_rows": -1}, "skip_rows"),
    ],
)
def test_new_keys_are_checked_too(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SourceError, match=message):
        parse(tmp_path, {}, **changes)


def test_json_of_another_shape_is_refused_by_name(tmp_path: Path) -> None:
    mapping = FileMapping.model_validate({**BASE, "format": "json", "records": "data.items"})
    path = tmp_path / "avis.json"
    path.write_text('{"data": {"other": []}}', encoding="utf-8")
    with pytest.raises(SourceError, match=r"avis\.json: it is JSON, but not in the shape"):
        list(mapped_source(mapping).read(path))
