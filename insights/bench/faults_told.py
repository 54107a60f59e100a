"""What both stores and the folders of a company hold, as figures that two companies can be compared by."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from insights.contracts import TABLES, Table
from insights.lake import Lake, open_lake
from insights.lake.place import catalog_file, files_root
from insights.ledger import Ledger, open_ledger
from insights.settings import Settings
from insights.steps.drafts import drafts, sweep_drafts

Told = dict[str, Any]
TRIED = ("delivery.", "digest.", "privacy.", "chat.")  # a killed sender tries again: judged by what was received
DRAWN = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{12,}|[\d-]{8,10}T\d+")  # names made anew at each writing
MASKED = {  # a digest names the lake's snapshot: a life more is a commit more
    ("published", "snapshot_id"): "'#'",
    ("published", "value"): """regexp_replace(value, '(instantané |snapshot |"snapshot_id": )[0-9]+', '#', 'g')""",
}
CATALOG_FILES = """
SELECT path FROM ducklake_data_file UNION SELECT path FROM ducklake_delete_file
UNION SELECT path FROM ducklake_files_scheduled_for_deletion
"""


def told(settings: Settings, erased: str) -> Told:
    """Everything: `same` must be equal in two companies, `wrong` must be empty, `told` is for the judge of messages, `left`
    are the lake's files and the drafts that killed processes left and the night's work took away."""
    left = two_days_later(settings)
    with open_lake(settings, read_only=True) as lake, open_ledger(settings) as ledger:
        return {
            "same": {**_tables(lake), **_events(ledger), **_folds(ledger), "files": sorted(set(_files(settings)))},
            "wrong": list(_wrong(settings, lake, ledger, erased)),
            "told": _messages(settings, ledger),
            "left": left,
        }


def _tables(lake: Lake) -> Told:
    """Rows of every table, and a sum of each column in the order of the key."""
    found: Told = {}
    for table in TABLES:
        if table.name == "run":
            found["run.files"] = lake.scalar("SELECT count(*) FROM run WHERE step = 'ingest_file'")
            continue
        found |= _columns(lake, table)
    return found


def _columns(lake: Lake, table: Table) -> Told:
    names, key = [column.name for column in table.columns], ", ".join(f'"{name}"' for name in table.key)
    told = {name: MASKED.get((table.name, name), f'"{name}"::VARCHAR') for name in names}
    each = (f"md5(string_agg(coalesce({told[name]}, '-'), '|' ORDER BY {key})) AS \"{name}\"" for name in names)
    sums = ", ".join(each)
    row = lake.read(f'SELECT count(*) AS "rows of all", {sums} FROM "{table.name}"').to_dict("records")[0]
    return {
        f"{table.name}: rows": row["rows of all"],
        **{f"{table.name}.{name}": row[name] for name in names if row["rows of all"]},
    }


def _events(ledger: Ledger) -> Told:
    """Events of each kind: how many, their keys, subjects and payloads."""
    kinds = defaultdict(list)
    for event in ledger.events():
        if not event.kind.startswith(TRIED):
            kinds[event.kind].append(event)
    found: Told = {}
    for kind, events in kinds.items():
        found[f"event {kind}: events"] = len(events)
        found[f"event {kind}: keys"] = sorted(event.idempotency_key for event in events)
        found[f"event {kind}: subjects"] = sorted(event.subject for event in events)
        found[f"event {kind}: payloads"] = sorted(json.dumps(dict(event.payload), sort_keys=True) for event in events)
    return found


def _folds(ledger: Ledger) -> Told:
    from insights.cases import fold_cases
    from insights.irritants.registry import fold

    registry = fold(ledger.events())
    living = {one.irritant_id: (one.label("fr"), one.status, one.parent) for one in registry.living()}
    cases = fold_cases(ledger.events(("case.",)))
    return {
        "fold registry": sorted(map(str, living.items())),
        "fold cases": sorted(
            f"{one.case_id} {one.customer_id} {one.due_at} {sorted(one.signals)}" for one in cases.values()
        ),
    }


def _files(settings: Settings) -> Iterator[str]:
    """Files below the data folder by name, drawn parts of names left out; the lake's own are in `_wrong`."""
    for path in settings.data_dir.rglob("*"):
        name = path.relative_to(settings.data_dir).as_posix()
        if (
            path.is_file()
            and not name.startswith(("lake/files/", "erasures/"))
            and not name.endswith((".lock", "-wal", "-shm"))
        ):
            yield DRAWN.sub("#", name)


def _wrong(settings: Settings, lake: Lake, ledger: Ledger, erased: str) -> Iterator[str]:
    """Sentences; none when all is well."""
    from insights.cli.checks import all_checks
    from insights.privacy.held import counts, find
    from insights.privacy.log import ErasureLog
    from insights.steps.govern import run_checks

    yield from (f"key twice: {one.table} {one.key}" for one in lake.check_keys())
    yield from (f"check: {one}" for one in run_checks(lake)[0])
    yield from (f"doctor: {name}: {seen}" for name, passed, seen in all_checks(settings) if not passed)
    yield from (f"no catalog names {name}" for name in orphans(settings))
    yield from (f"left behind: {path.name}" for path in drafts(settings))
    marks = lake.scalar("SELECT count(*) - count(DISTINCT run_id) FROM run WHERE step = 'ingest_file'")
    yield from [f"{marks} files marked twice"] if marks else []
    if erased:
        left = counts(lake, find(lake, ledger, erased))
        yield from [f"of the erased customer {left} are left"] if left else []
        n_open = len(ErasureLog(ledger.keys).open_requests())
        yield from [f"{n_open} erasures begun and not ended"] if n_open else []


def orphans(settings: Settings) -> list[str]:
    """Files of the lake that its catalog does not name."""
    there = {path.name for path in lake_files(settings)}
    connection = sqlite3.connect(f"file:{catalog_file(settings)}?mode=ro", uri=True)
    try:
        named = {Path(str(row[0])).name for row in connection.execute(CATALOG_FILES)}
    finally:
        connection.close()
    return sorted(there - named)


def lake_files(settings: Settings) -> list[Path]:
    """Files of the lake, in their folder."""
    return [path for path in Path(files_root(settings)).rglob("*") if path.is_file()]


def two_days_later(settings: Settings) -> tuple[int, int]:
    """Let the night's work find what killed processes left as two days old: files no catalog names, and drafts, before."""
    left, beside = orphans(settings), drafts(settings)
    past = time.time() - 2 * 86400
    for path in [*lake_files(settings), *beside]:
        os.utime(path, (past, past))
    with open_lake(settings) as lake:
        lake.maintain(settings.snapshot_days)
    sweep_drafts(settings)
    return len(left), len(beside)


def _messages(settings: Settings, ledger: Ledger) -> Told:
    """Every mail and webhook as the ledger tells it."""
    from insights.outbox.control import folded
    from insights.outbox.endpoints import load_directory
    from insights.outbox.mailed import fold_mailed

    mails = fold_mailed(ledger.events(("digest.",))).mails.values()
    hooks = {}
    for endpoint in load_directory(settings, dry_run=False).endpoints.values():
        outbox = folded(ledger, endpoint)
        for one in outbox.deliveries.values():
            due = one.is_due(datetime.now(UTC)) and not outbox.obsolete(one)
            in_doubt = one.n_attempts - one.n_failures - (one.state == "delivered")
            hooks[one.message_id] = {"state": one.state, "due": due, "in_doubt": in_doubt}
    return {
        "mails": {
            one.message_id: {"state": one.state, "in_doubt": one.n_in_doubt, "who": one.recipient_id} for one in mails
        },
        "hooks": hooks,
    }
