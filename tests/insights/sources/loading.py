"""Helpers of the source tests: records of a file, items of a source, a file ingested into a real lake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from insights.errors import RowError
from insights.lake import Lake
from insights.ledger import Ledger
from insights.sources import Item, RawRecord, RecordSource, registry
from insights.sources.options import NO_OPTIONS, Options
from insights.steps.files import FileReport
from insights.steps.ingest import ingest

FIXTURES = Path(__file__).parents[2] / "fixtures" / "sources"


def source(name: str) -> RecordSource:
    """The record source of that name."""
    found = registry()[name]
    assert isinstance(found, RecordSource)
    return found


def items(name: str, path: Path, options: Options = NO_OPTIONS) -> list[Item | str]:
    """What each record of a file becomes: an item, or the code of its rejection."""
    return [_one(source(name), record, options) for record in source(name).read(path)]


def read_all(reader: RecordSource, path: Path) -> tuple[list[Item], list[str]]:
    """Items of a file, and the codes of its rejected rows."""
    found = [_one(reader, record, NO_OPTIONS) for record in reader.read(path)]
    return [one for one in found if isinstance(one, Item)], [one for one in found if isinstance(one, str)]


def _one(reader: RecordSource, record: RawRecord, options: Options) -> Item | str:
    try:
        return reader.item(record, options)
    except RowError as error:
        return str(error).partition(": ")[0]


def live(name: str, payload: Any, options: Options = NO_OPTIONS) -> list[Item | str]:
    """What the records of a posted payload become."""
    hook = source(name).hook
    assert hook is not None
    return [
        _one(source(name), RawRecord("hook", 1, data), options)
        for data in hook.records(json.loads(json.dumps(payload)))
    ]


def load(lake: Lake, ledger: Ledger, path: Path, reader: RecordSource, run_id: str = "r1") -> list[FileReport]:
    """Ingest a file or folder with one source."""
    return ingest(lake, ledger, [path], run_id=run_id, source=reader)[1]
