"""What a write costs on each kind of store: `python tests/stores_measure.py` prints a table for docs/stores.md (a minute).

PostgreSQL waits for the disk at each commit, as a real one does; the S3 server is moto's, on loopback: no network is in it.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from stores_servers import postgres_server, s3_server

from insights.lake import Lake, open_lake
from insights.ledger import open_ledger
from insights.settings import Settings

HEAD = (
    "| catalog, files | make the tables | open to read | commit 5 rows | commit 500 rows | count and read | one event |"
)


def median_ms(work: Callable[[int], Any], times: int = 9) -> str:
    """Median milliseconds of `work`, called with 0, 1, 2..."""
    spent = []
    for turn in range(times):
        began = time.perf_counter()
        work(turn)
        spent.append(1000 * (time.perf_counter() - began))
    return f"{statistics.median(spent):.0f} ms"


def commits(lake: Lake, n_rows: int, start: int) -> Callable[[int], None]:
    """A write of `n_rows` new rows."""

    def commit(turn: int) -> None:
        ids = [f"f{start + turn * n_rows + one}" for one in range(n_rows)]
        at = pd.Timestamp("2026-10-30T10:00:00Z")
        with lake.write() as writer:
            writer.insert_new("feedback", pd.DataFrame({"feedback_id": ids, "occurred_at": at, "verbatim": "rappel"}))

    return commit


def row(name: str, settings: Settings) -> str:
    """One line of the table."""
    began = time.perf_counter()
    with open_lake(settings) as lake, open_ledger(settings) as ledger:
        cells = [f"{time.perf_counter() - began:.1f} s"]
        cells.append(median_ms(lambda _: open_lake(settings, read_only=True).close(), 5))
        cells += [median_ms(commits(lake, 5, 0)), median_ms(commits(lake, 500, 10**6))]
        cells.append(median_ms(lambda _: lake.read("SELECT count(*), max(verbatim) FROM feedback")))
        at = datetime.now(UTC)
        cells.append(median_ms(lambda turn: ledger.append("k", "s", {}, actor="a", at=at, key=str(turn)), 21))
    return f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    """All four kinds."""
    with postgres_server(durable=True) as postgres, s3_server() as s3, tempfile.TemporaryDirectory() as folder:
        kinds: dict[str, Callable[[], dict[str, Any]]] = {
            "SQLite, folder": dict,
            "SQLite, S3": s3.bucket,
            "Postgres, folder": lambda: {"catalog_url": postgres.database(), "ledger_url": postgres.ledger()},
            "Postgres, S3": lambda: {
                "catalog_url": postgres.database(), "ledger_url": postgres.ledger(), **s3.bucket()
            },
        }  # fmt: skip
        sys.stdout.write(f"{HEAD}\n|{'---|' * 7}\n")
        for number, (name, given) in enumerate(kinds.items()):
            own = Path(folder) / str(number)
            places = {"data_dir": own / "data", "keys_dir": own / "keys", "extension_dir": Path(folder) / "extensions"}
            sys.stdout.write(row(name, Settings(**places, **given())) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
