"""Every source has a fixture and an expected file; adding a source without them fails here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from insights.errors import RowError
from insights.sources import RecordSource, TableSource, registry
from insights.sources.options import NO_OPTIONS, load_options
from insights.sources.tables import read_table
from insights.steps.files import matches

FIXTURES = Path(__file__).parents[2] / "fixtures" / "sources"
OPTIONS = load_options(FIXTURES)  # fixtures/sources/sources.yaml


def picture(source: RecordSource | TableSource, path: Path) -> list[Any]:
    """What the source makes of a file, as JSON: items or rows, and the reason of each rejected one."""
    if isinstance(source, TableSource):
        batch = read_table(source, path)
        rows = json.loads(batch.rows.to_json(orient="records", date_format="iso"))
        rejected = [f"{row['line']}: {row['reason']}" for row in batch.rejected.to_dict("records")]
        return [*rows, {"rejected": rejected, "identities": sorted(map(list, batch.identities))}]
    out: list[Any] = []
    for record in source.read(path):
        try:
            item = source.item(record, OPTIONS.get(source.name, NO_OPTIONS))
        except RowError as error:
            out.append({"line": record.line, "rejected": str(error)})
        else:
            said = {name: value for name, value in item.__dict__.items() if value or name == "source_id"}
            out.append(json.loads(json.dumps(said, default=str)))
    return out


@pytest.mark.parametrize("name", registry())
def test_golden(name: str) -> None:
    source = registry()[name]
    folder = FIXTURES / name.removeprefix("lumarelle_")
    files = [path for path in sorted(folder.glob("*")) if path.name != "expected.json"]
    inputs = [path for path in files if any(path.match(Path(pattern).name) for pattern in source.patterns)]
    assert inputs, f"source {name} needs a fixture in {folder}"
    found = [entry for path in inputs for entry in picture(source, path)]
    expected = folder / "expected.json"
    assert found == json.loads(expected.read_text(encoding="utf-8"))


def test_no_file_is_read_by_two_sources() -> None:
    """A file that none reads describes others: a sidecar, the definition of a form."""
    files = [path for path in FIXTURES.glob("*/*") if path.is_file() and path.name != "expected.json"]
    readers = {path: [s.name for s in registry().values() if matches(path, s)] for path in files}
    assert {path: names for path, names in readers.items() if len(names) > 1} == {}


def test_crm_pictures_are_the_same_from_parquet(tmp_path: Path) -> None:
    source = registry()["lumarelle_crm"]
    assert isinstance(source, TableSource)
    original = FIXTURES / "crm" / "customers_2026-10-31.csv"
    typed = pd.read_csv(original, sep=";").assign(phone="0639981247").head(1)
    path = tmp_path / "customers_2026-10-31.parquet"
    typed.to_parquet(path)
    from_csv, from_parquet = read_table(source, original), read_table(source, path)
    assert picture(source, path)[0] == picture(source, original)[0]
    assert from_parquet.identities == from_csv.identities
    assert not {"email", "phone", "last_name"} & set(from_parquet.rows.columns)
