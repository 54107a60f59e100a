"""The files of one simulation, opened once and appended block by block."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa
import pyarrow.parquet as pq


@dataclass
class SimulationSummary:
    """What was written: rows per file (relative to the folder), feedback items, seconds of wall clock."""

    size: str
    folder: Path
    counts: dict[str, int] = field(default_factory=dict)
    n_items: int = 0
    n_customers: int = 0
    n_chosen_departures: int = 0
    seconds: float = 0.0

    @property
    def n_feedback(self) -> int:
        """Feedback items written: the same number as `n_items`, in the words of the glossary."""
        return self.n_items

    def add(self, name: str, rows: int, items: bool = False) -> None:
        """Count rows of one file."""
        self.counts[name] = self.counts.get(name, 0) + rows
        self.n_items += rows if items else 0


class Sink:
    """Open files of one simulation; every block appends."""

    def __init__(self, folder: Path, summary: SimulationSummary) -> None:
        self.folder = folder
        self.summary = summary
        self._parquet: dict[str, pq.ParquetWriter] = {}
        self._text: dict[str, TextIO] = {}

    def _open(self, name: str) -> TextIO:
        if name not in self._text:
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            self._text[name] = path.open("w", encoding="utf-8", newline="")
        return self._text[name]

    def jsonl(self, name: str, records: Iterable[Mapping[str, Any]]) -> int:
        """Append records, one JSON object a line; the number of lines written."""
        handle, count = self._open(name), 0
        for record in records:
            handle.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")
            count += 1
        self.summary.add(name, count)
        return count

    def csv(self, name: str, columns: tuple[str, ...], data: Mapping[str, list[Any]]) -> None:
        """Append rows, `;` separated; the head only once."""
        head = name not in self._text
        handle = self._open(name)
        buffer = io.StringIO()
        writer = csv.writer(buffer, delimiter=";", lineterminator="\n")
        if head:
            writer.writerow(columns)
        writer.writerows(zip(*(data[column] for column in columns), strict=True))
        handle.write(buffer.getvalue())
        self.summary.add(name, len(data[columns[0]]))

    def parquet(self, name: str, table: pa.Table) -> None:
        """Append a row group."""
        if name not in self._parquet:
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            self._parquet[name] = pq.ParquetWriter(path, table.schema, compression="zstd", write_statistics=False)
        self._parquet[name].write_table(table)
        self.summary.add(name, table.num_rows)

    def close(self) -> None:
        """Close every file."""
        for writer in self._parquet.values():
            writer.close()
        for handle in self._text.values():
            handle.close()
