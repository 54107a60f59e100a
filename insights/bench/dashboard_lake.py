"""A lake of one million verbatims for the benchmark: the demo company's lake, each of its facts told many times.

Made inside DuckDB in minutes, not by the chain: every copy has ids, customers and times of its own and two more clauses
in its words, so that no verbatim repeats; scores by day and irritants by week are then counted by the project's own SQL
on what was written. Ranking, drivers and proofs stay those of the demo. It measures speed, never quality.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from insights.contracts import TABLES, Table
from insights.lake import open_lake
from insights.lake.lake import Lake
from insights.lake.queries import sql
from insights.ledger import Event, open_ledger
from insights.settings import Settings
from insights.steps.resolved import seen

Say = Callable[[str], None]
N, CUSTOMER_COPIES, SHIFT_SECONDS = 1_000_000, 20, 600
FACTS = ("feedback", "answer", "invitation", "contact", "turn", "mention", "mention_irritant", "response_weight")
PEOPLE = ("customer_snapshot", "churn_event", "churn_score")
COUNTED = ("metric_daily", "irritant_weekly")
IDS = ("feedback_id", "mention_id", "contact_id", "invitation_id", "author_key", "source_id")
OWNED = ("customer_id", "account_id")
MADE = "made"  # the file that says a lake was written to its end

# clauses of customers by language, numbered
CLAUSES = """
CREATE OR REPLACE TEMP TABLE clause AS
SELECT language, text, (row_number() OVER (PARTITION BY language ORDER BY mention_id) - 1)::UBIGINT AS place
FROM read_parquet($path) WHERE voice = 'customer'
"""
# the customer's own words stay in front: the offsets of their mentions hold
LONGER = """
WITH size AS (SELECT language, count(*)::UBIGINT AS n FROM clause GROUP BY language),
several AS (
    SELECT f.*, k, hash(feedback_id, k) % n AS first_place, hash(feedback_id, k, 2) % n AS second_place
    FROM read_parquet($path) f LEFT JOIN size USING (language) CROSS JOIN range($times) r(k)
)
SELECT f.* REPLACE (CASE k WHEN 0 THEN verbatim ELSE verbatim || ' ' || one.text || ' ' || two.text END AS verbatim)
FROM several f
LEFT JOIN clause one ON one.language = f.language AND one.place = f.first_place
LEFT JOIN clause two ON two.language = f.language AND two.place = f.second_place
"""
SEVERAL = "SELECT *, k FROM read_parquet($path), range($times) r(k)"


def grow(source: Settings, target: Settings, say: Say, n: int = N) -> None:
    """Write a lake of about `n` feedback, its keys and its ledger at `target`, from those of `source`.

    Raises LakeError when `source` has no lake. A lake that was made before is left as it is.
    """
    if (target.data_dir / MADE).exists():
        return
    shutil.rmtree(target.data_dir, ignore_errors=True)
    shutil.copytree(source.keys_dir, target.keys_dir, dirs_exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, open_lake(target) as lake:
        with open_lake(source, read_only=True) as old:
            files = _exported(old, Path(folder))
            copies = max(1, round(n / old.scalar("SELECT count(*) FROM feedback")))
        for table in TABLES:
            if table.name in files:
                say(f"  {table.name}: {_copied(lake, table, files, copies):,} rows")
        _cases(source, target, copies)
        _count(lake, target, say)
    (target.data_dir / MADE).touch()


def _exported(old: Lake, folder: Path) -> dict[str, Path]:
    """Table name -> Parquet file of it; the figures that are counted anew are left out."""
    files = {}
    for table in TABLES:
        if table.name not in COUNTED:
            files[table.name] = folder / f"{table.name}.parquet"
            pq.write_table(old.read_arrow(f'SELECT * FROM "{table.name}"'), files[table.name])
    return files


def _copied(lake: Lake, table: Table, files: dict[str, Path], copies: int) -> int:
    times = copies if table.name in FACTS else min(copies, CUSTOMER_COPIES) if table.name in PEOPLE else 1
    columns = ", ".join(f'{_column(column.name, column.type, table)} AS "{column.name}"' for column in table.columns)
    with lake.write() as writer:
        if table.name == "feedback":
            writer.execute(CLAUSES, path=str(files["mention"]))
        rows = LONGER if table.name == "feedback" else SEVERAL
        insert = f'INSERT INTO "{table.name}" BY NAME SELECT {columns} FROM ({rows})'
        return int(writer.execute(insert, path=str(files[table.name]), times=times)[0][0])


def _column(name: str, kind: str, table: Table) -> str:
    """The expression of one column in copy `k`; copy 0 is the demo itself, every copy is some minutes earlier."""
    if name in IDS and table.name in FACTS:
        return f'CASE WHEN k = 0 THEN "{name}" ELSE sha256("{name}" || \'-\' || k) END'
    if name in OWNED:
        turn = f"k % {CUSTOMER_COPIES}"
        return f'CASE WHEN {turn} = 0 THEN "{name}" ELSE "{name}" || \'-\' || {turn} END'
    if kind == "TIMESTAMPTZ" and table.name in FACTS:
        return f'"{name}" - to_seconds(k * {SHIFT_SECONDS})'
    return f'"{name}"'


def _cases(source: Settings, target: Settings, copies: int) -> None:
    """The ledger of `source`; each of its cases opened once a copy, for the customer of that copy."""
    with open_ledger(source) as old, open_ledger(target) as ledger:
        ledger.append_many(vars(event) for event in old.events())
        opened = old.events(("case.opened",))
        ledger.append_many(_case(event, copy) for copy in range(1, copies) for event in opened)


def _case(event: Event, copy: int) -> dict[str, Any]:
    turn = copy % CUSTOMER_COPIES
    customer = f"{event.payload['customer_id']}-{turn}" if turn else event.payload["customer_id"]
    return {
        **vars(event),
        "subject": f"{event.subject}-{copy}",
        "payload": {**event.payload, "customer_id": customer},
        "idempotency_key": f"{event.idempotency_key}-{copy}",
    }


def _count(lake: Lake, target: Settings, say: Say) -> None:
    """The figures by day and by week, as the steps `measure` and `score` count them."""
    with open_ledger(target) as ledger:
        reader = seen(lake, ledger)
        for name in COUNTED:
            rows = reader.read_arrow(sql(name))
            with lake.write() as writer:
                writer.replace_arrow(name, rows)
            say(f"  {name}: {rows.num_rows:,} rows")
