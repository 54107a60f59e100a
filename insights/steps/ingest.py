"""Ingest: files to the lake through the privacy border. Loading a file twice changes no count."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from insights.advisers import shown_team
from insights.border import Border, BorderBatch, Rejected
from insights.errors import RowError, SetAside, SourceError
from insights.lake import Lake, Writer
from insights.ledger import Ledger
from insights.privacy.log import ErasureLog
from insights.privacy.refuse import erased_feedback, without_erased
from insights.sources.base import Item, RawRecord, RecordSource, registry
from insights.sources.clean import clean_record, storable
from insights.sources.mapping import load_mapping, mapped_source
from insights.sources.options import NO_OPTIONS, Options, load_options
from insights.sources.tables import TableBatch, TableSource, read_table
from insights.sources.tables_query import is_table_mapping, source_of
from insights.steps.drain import drain
from insights.steps.files import FileReport, find_files, links_out
from insights.steps.keep import keep
from insights.steps.redacting import redactor_for
from insights.steps.run_log import StepReport, recorded
from insights.steps.screen import screen

BATCH = 5_000
FILE_STEP = "ingest_file"
LEADS_OUT = "a link that leads out of the folder. Put the file itself there."
Say = Callable[[str], None]


def ingest(
    lake: Lake,
    ledger: Ledger,
    paths: Sequence[Path],
    *,
    run_id: str,
    source: RecordSource | TableSource | None = None,
    say: Say = lambda _: None,
) -> tuple[StepReport, list[FileReport]]:
    """Ingest files or folders; with `source`, every file is read by it. A bad file is reported, the others go on."""
    with recorded(lake, run_id, "ingest") as report:
        pairs = find_files(paths, [source] if source else list(registry().values()))
        files = [FileReport(link.name, "", error=f"{link}: {LEADS_OUT}") for path in paths for link in links_out(path)]
        for refused in files:
            say(f"  {refused.sentence()}")
        brands = _brands(pairs)
        for kind in (TableSource, RecordSource):  # the CRM's names first: then they are masked where people speak
            with redactor_for(ledger, lake.settings, brands, lake.settings.workers) as redactor:
                border = Border.of(ledger, lake.settings, redactor, datetime.now(UTC))
                for path, found in pairs:
                    if isinstance(found, kind):
                        files.append(_one_file(lake, ledger, border, path, found))
                        say(f"  {files[-1].sentence()}")
        screen(lake)
        report.n_in = sum(file.n_read for file in files)
        report.n_out = sum(file.n_new for file in files)
        report.n_quarantined = sum(file.n_quarantined for file in files)
        report.note = {
            "files": len(files),
            "skipped": sum(file.skipped for file in files),
            "refused_files": sum(bool(file.error) for file in files),
            "refused": [{"file": file.file, "source": file.source, "why": file.error} for file in files if file.error],
        }
    return report, files


def _brands(pairs: Sequence[tuple[Path, Any]]) -> list[str]:
    """The brands the files name; a file that cannot be read is refused later, by name."""
    found: set[str] = set()
    for path, source in pairs:
        if isinstance(source, RecordSource):
            with suppress(SourceError):
                found |= source.brands(path)
    return sorted(found)


def _one_file(lake: Lake, ledger: Ledger, border: Border, path: Path, source: RecordSource | TableSource) -> FileReport:
    report = FileReport(path.name, source.name)
    try:
        marker = _marker(path, source, load_options(lake.settings.reference_dir).get(source.name, NO_OPTIONS))
        if lake.scalar("SELECT count(*) FROM run WHERE run_id = $id AND step = $step", id=marker, step=FILE_STEP):
            report.skipped = True
        elif isinstance(source, TableSource):
            _ingest_table(lake, ledger, border, path, source, report, marker)
        else:
            _ingest_records(lake, border, path, source, report, marker)
    except SourceError as error:
        report.error = str(error)
    return report


def _marker(path: Path, source: RecordSource | TableSource, options: Options) -> str:
    """Identity of this content as read by this source, with the options and sidecars that rule the reading."""
    declared = options.model_dump(mode="json", exclude_defaults=True) | {"own_handles": sorted(options.own_handles)}
    beside = source.beside(path) if isinstance(source, RecordSource) else ""
    read_as = (source.name, getattr(source, "reference", {}), json.dumps(declared, sort_keys=True), beside)
    digest = hashlib.sha256(repr(read_as).encode())
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    except OSError as error:
        raise SourceError(f"{path.name}: cannot be read ({error.strerror}).") from error
    return digest.hexdigest()


def _ingest_table(
    lake: Lake, ledger: Ledger, border: Border, path: Path, source: TableSource, report: FileReport, marker: str
) -> None:
    batch, report.n_erased = lawful(read_table(source, path, border.settings.business_day()), source.table, border)
    rejected = [
        Rejected(
            f"{path.name}:{row['line']}", row["reason"], row["detail"], RawRecord(path.name, row["line"], row["raw"])
        )
        for row in batch.rejected.to_dict("records")
    ]
    ledger.remember_identities(batch.identities)
    with lake.write() as writer:
        report.n_new = writer.insert_new(source.table, batch.rows)
        writer.insert_new("quarantine", quarantine_rows(border, source.name, rejected))
        report.n_read = len(batch.rows) + len(rejected)
        report.n_quarantined = len(rejected)
        report.n_known = len(batch.rows) - report.n_new
        _mark(writer, border, marker, report)


def lawful(batch: TableBatch, table: str, border: Border) -> tuple[TableBatch, int]:
    """The batch without rows of erased people dated before their erasure (and how many), small teams unnamed."""
    kept, n_erased = without_erased(batch, table, ErasureLog(border.keys).erased())
    if "team" in kept.rows:
        least = border.settings.min_advisers
        kept.rows["team"] = [shown_team(team, border.team_sizes, least) for team in kept.rows["team"]]
    return kept, n_erased


def _ingest_records(
    lake: Lake, border: Border, path: Path, source: RecordSource, report: FileReport, marker: str
) -> None:
    """Batch by batch, each committed whole; the file is marked done with its last one."""
    options = load_options(border.settings.reference_dir).get(source.name, NO_OPTIONS)
    seen: Counter[str] = Counter()
    last: BorderBatch | None = None
    for chunk in _batches(source.read(path)):
        if last is not None:
            commit(lake, border, source.name, last, report)
        items, rejected, set_aside = parse_all(source, chunk, options)
        report.set_aside += set_aside
        last = border.pass_items(source.name, items, seen)
        last.rejected += rejected
        report.n_read += len(chunk)
        report.n_refused += last.n_refused
        report.n_erased += last.n_erased
    if last is None:
        raise SourceError(f"{path.name}: there is no row below the header. Export it again, or leave it out.")
    commit(lake, border, source.name, last, report, marker)


def _batches(records: Iterable[RawRecord]) -> Iterator[list[RawRecord]]:
    stream = iter(records)
    while batch := list(islice(stream, BATCH)):
        yield batch


def parse_all(
    source: RecordSource, chunk: Sequence[RawRecord], options: Options
) -> tuple[list[tuple[Item, RawRecord]], list[Rejected], Counter[str]]:
    """Items with their records, rows for quarantine, and how many were set aside by reason. Raises nothing."""
    items: list[tuple[Item, RawRecord]] = []
    rejected: list[Rejected] = []
    set_aside: Counter[str] = Counter()
    for record in chunk:
        try:
            record = clean_record(record)  # noqa: PLW2901 - what is kept of a row is clean as well
            items.append((storable(source.item(record, options)), record))
        except SetAside as error:
            set_aside[str(error).partition(": ")[0]] += 1
        except RowError as error:
            code, _, detail = str(error).partition(": ")
            rejected.append(Rejected(f"{record.file}:{record.line}", code, detail, record))
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            # a payload of an unforeseen shape is one bad row, never the end of the batch
            rejected.append(Rejected(f"{record.file}:{record.line}", "bad_shape", type(error).__name__, record))
    return items, rejected, set_aside


def commit(
    lake: Lake, border: Border, source: str, batch: BorderBatch, report: FileReport, marker: str | None = None
) -> None:
    with lake.write() as writer:
        write_batch(writer, border, source, batch, report)
        if marker:
            _mark(writer, border, marker, report)


def write_batch(writer: Writer, border: Border, source: str, batch: BorderBatch, report: FileReport) -> None:
    """Write a batch that has passed the border, in an open transaction, and count it in the report."""
    now = border.settings.business_now()
    feedback = batch.feedback
    barred = erased_feedback(feedback, ErasureLog(border.keys).erased())  # an erasure may have run since the border
    if barred:
        feedback = feedback[~feedback["feedback_id"].isin(barred)]
    kept = keep(writer, feedback, batch.answer, batch.turn, deleted=batch.deleted, withdrawn=batch.withdrawn, now=now)
    writer.insert_new("quarantine", quarantine_rows(border, source, batch.rejected))
    report.n_new += kept.n_new
    report.n_known += kept.n_known
    report.n_revised += kept.n_revised
    report.n_deleted += kept.n_deleted
    report.n_quarantined += len(batch.rejected)


def quarantine_rows(border: Border, source: str, rejected: Sequence[Rejected]) -> pd.DataFrame:
    rows = [
        {
            "source": source,
            "source_id": found.source_id,
            "reason": found.reason,
            "detail": found.detail,
            "file": found.record.file,
            "line": found.record.line,
            "raw_encrypted": border.keys.seal(json.dumps(found.record.data, default=str)),
            "seen_at": border.settings.business_now(),
            "expires_on": border.settings.business_day() + timedelta(days=border.settings.quarantine_days),
        }
        for found in rejected
    ]
    return pd.DataFrame(rows).drop_duplicates(["source", "source_id", "reason"]) if rows else pd.DataFrame()


def _mark(writer: Writer, border: Border, marker: str, report: FileReport) -> None:
    row = {
        "run_id": marker,
        "step": FILE_STEP,
        "started_at": border.ingested_at,
        "n_in": report.n_read,
        "n_out": report.n_new,
        "n_quarantined": report.n_quarantined,
        "as_of_on": border.settings.business_day(),
        "note": json.dumps(
            {"file": report.file, "source": report.source, "set_aside": dict(report.set_aside)}, ensure_ascii=False
        ),
    }
    writer.insert_new("run", pd.DataFrame([row]))


def ingest_paths(
    lake: Lake,
    ledger: Ledger,
    *,
    run_id: str,
    paths: Sequence[Path],
    mapping: Path | None = None,
    source_name: str = "",
    say: Say = print,
) -> StepReport:
    """Ingest the given files or folders; a mapping file or the name of a source says who reads them all."""
    drain(lake, ledger)
    if mapping and is_table_mapping(mapping):
        from insights.steps.tables import ingest_mapped  # it reads files through this module

        return ingest_mapped(lake, ledger, mapping, list(paths), run_id=run_id, say=say)
    source: RecordSource | TableSource | None = mapped_source(load_mapping(mapping)) if mapping else None
    if source_name:
        source = registry().get(source_name)
        if source is None:
            raise SourceError(f"There is no source {source_name!r}; there are {', '.join(registry())}.")
    return ingest(lake, ledger, paths, run_id=run_id, source=source, say=say)[0]


def ingest_drop(lake: Lake, ledger: Ledger, *, run_id: str, say: Say = print) -> StepReport:
    """Drain the intake, then ingest the drop folder: each folder by its own `mapping.yaml`, the rest by known sources."""
    drain(lake, ledger)
    screen(lake)
    drop = lake.settings.drop_dir
    jobs: list[tuple[Path, RecordSource | TableSource | None]] = []
    for folder in sorted(path for path in drop.glob("*") if path.is_dir()):
        mapping = folder / "mapping.yaml"
        jobs.append((folder, source_of(mapping) if mapping.exists() else None))
    total = StepReport("ingest", run_id, note={"files": 0, "skipped": 0, "refused_files": 0, "refused": []})
    for folder, source in jobs:
        report, _ = ingest(lake, ledger, [folder], run_id=f"{run_id}:{folder.name}", source=source, say=say)
        total.n_in, total.n_out = total.n_in + report.n_in, total.n_out + report.n_out
        total.n_quarantined += report.n_quarantined
        total.seconds += report.seconds
        total.note = {key: total.note[key] + report.note[key] for key in total.note}
    return total
