"""CRM tables by mapping: files through `ingest`, queries chunk by chunk; both idempotent by the table's key."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from insights.border import Border, Rejected
from insights.errors import SourceError
from insights.jumps import within
from insights.lake import Lake
from insights.ledger import Ledger
from insights.ledger.cursors import feed_id, position_of, save_position, saved_at
from insights.redaction import Redactor
from insights.settings import Settings
from insights.sources.base import RawRecord
from insights.sources.tables import TableBatch
from insights.sources.tables_query import TableMapping, load_table_mapping, read_query, table_source
from insights.steps.ingest import Say, ingest, lawful, quarantine_rows
from insights.steps.run_log import StepReport, recorded


def table_mappings(settings: Settings) -> list[TableMapping]:
    """The mappings below `reference_dir`/tables."""
    return [load_table_mapping(path) for path in sorted((settings.reference_dir / "tables").glob("*.yaml"))]


def ingest_tables(lake: Lake, ledger: Ledger, *, run_id: str, say: Say = print) -> StepReport:
    """Read every mapped table that is due: queries by their `every_hours`, files that lie in the drop folder."""
    total = StepReport("tables", run_id, note={"tables": 0, "failed": []})
    for mapping in table_mappings(lake.settings):
        try:
            report = _one(lake, ledger, mapping, f"{run_id}:{mapping.source}", say)
        except SourceError as error:
            say(f"  REFUSED {error}")
            total.note["failed"].append(mapping.source)
            continue
        if report:
            total.n_in, total.n_out = total.n_in + report.n_in, total.n_out + report.n_out
            total.n_quarantined += report.n_quarantined
            total.note["tables"] += 1
    return total


def _one(lake: Lake, ledger: Ledger, mapping: TableMapping, run_id: str, say: Say) -> StepReport | None:
    if mapping.query:
        return ingest_query(lake, ledger, mapping, run_id=run_id, say=say) if _due(ledger, mapping) else None
    drop = lake.settings.drop_dir
    if not any(drop.rglob(mapping.files)):
        return None
    return ingest(lake, ledger, [drop], run_id=run_id, source=table_source(mapping), say=say)[0]


def ingest_mapped(
    lake: Lake, ledger: Ledger, path: Path, files: list[Path], *, run_id: str, say: Say = print
) -> StepReport:
    """Read a table as the mapping at `path` says: its query now, or the given files."""
    mapping = load_table_mapping(path)
    if mapping.query:
        return ingest_query(lake, ledger, mapping, run_id=run_id, say=say)
    if not files:
        raise SourceError(
            f"The mapping {path.name} reads files: say which ones, `voc ingest FILE... --mapping {path}`."
        )
    return ingest(lake, ledger, files, run_id=run_id, source=table_source(mapping), say=say)[0]


def ingest_query(
    lake: Lake, ledger: Ledger, mapping: TableMapping, *, run_id: str, say: Say = lambda _: None
) -> StepReport:
    """Run a mapping's query and keep its rows. The cursor is saved when all of them are in the lake."""
    settings, feed = lake.settings, feed_id(mapping.query)
    secret = settings.pull_tokens.get(mapping.url_setting or mapping.source)
    if secret is None:
        raise SourceError(
            f"The query of {mapping.source} has no database: put its SQLAlchemy address into VOC_PULL_TOKENS under "
            f"{mapping.url_setting or mapping.source!r}."
        )
    since = position_of(ledger, mapping.source, feed) or None
    border = Border.of(ledger, settings, Redactor(settings.brands), datetime.now(UTC))  # it only seals refused rows
    with recorded(lake, run_id, "tables") as report:
        for batch, highest in read_query(mapping, secret.get_secret_value(), settings.business_day(), since):
            report.n_out += _keep(lake, border, ledger, mapping, batch)
            report.n_in += len(batch.rows) + len(batch.rejected)
            report.n_quarantined += len(batch.rejected)
            since = highest
        save_position(ledger, mapping.source, feed, since or "")
        report.note = {"source": mapping.source, "table": mapping.table}
    say(f"  {mapping.source} ({mapping.table}): {report.n_in} read, {report.n_out} new, {report.n_quarantined} refused")
    return report


def _keep(lake: Lake, border: Border, ledger: Ledger, mapping: TableMapping, batch: TableBatch) -> int:
    origin = f"query:{mapping.source}"
    batch, _ = lawful(batch, mapping.table, border)
    rejected = [
        Rejected(
            f"{origin}:{feed_id(row['raw'])[:16]}",  # by content: another row on the same line is another one
            row["reason"],
            row["detail"],
            RawRecord(origin, row["line"] - 1, {"row": row["raw"]}),
        )
        for row in batch.rejected.to_dict("records")
    ]
    ledger.remember_identities(batch.identities)
    with lake.write() as writer:
        n_new = writer.insert_new(mapping.table, batch.rows)
        writer.insert_new("quarantine", quarantine_rows(border, mapping.source, rejected))
    return n_new


def _due(ledger: Ledger, mapping: TableMapping) -> bool:
    last = saved_at(ledger, mapping.source, feed_id(mapping.query))
    return last is None or not within(last, timedelta(hours=mapping.every_hours), datetime.now(UTC))
