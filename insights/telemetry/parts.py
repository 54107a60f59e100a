"""What the figures are read from: one small function a part, each cheap enough for a scrape."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from prometheus_client.core import Metric

from insights.backup import manifest
from insights.cases.fold import apply
from insights.cases.model import PREFIX, Case
from insights.keys import KeyRing
from insights.lake import Lake, open_lake
from insights.lake.changes import CATALOG
from insights.ledger import Ledger
from insights.outbox import fold
from insights.outbox.breaker import OPEN
from insights.outbox.control import dead_letters
from insights.outbox.endpoints import load_directory
from insights.outbox.fold import Outbox
from insights.outbox.mailed import IN_DOUBT, fold_mailed
from insights.privacy.log import ErasureLog
from insights.settings import Settings
from insights.steps.under_way import RUNNING, under_way
from insights.telemetry.names import by, gauge

LAST_RUNS = """
SELECT step, max(started_at) AS at, arg_max(seconds, started_at) AS seconds, arg_max(n_in, started_at) AS n_in,
    arg_max(n_out, started_at) AS n_out, arg_max(n_quarantined, started_at) AS n_quarantined
FROM run WHERE step NOT IN ('ingest_file', 'screen') GROUP BY step
"""
SNAPSHOTS = f"SELECT max(CAST(snapshot_time AS TIMESTAMPTZ)) AS at, count(*) AS n FROM {CATALOG}.ducklake_snapshot"
DATA_FILES = f"""
SELECT count(*) AS n, coalesce(sum(file_size_bytes), 0)::BIGINT AS size
FROM {CATALOG}.ducklake_data_file WHERE end_snapshot IS NULL
"""
MODELS = {"churn": "churn-????-??.json"}
IN_DOUBT_DAYS = 28


def lake_part(settings: Settings, now: datetime) -> Iterator[Metric]:
    """Last runs, rows, snapshot and files. Raises LakeError where there is no lake or it does not answer."""
    with open_lake(settings, read_only=True) as lake:
        yield from _runs(lake, now)
        counts = {name: int(lake.scalar(f"SELECT count(*) FROM {name}")) for name in ("feedback", "quarantine")}
        yield gauge("voc_feedback_rows", counts["feedback"])
        yield gauge("voc_quarantine_rows", counts["quarantine"])
        last, files = (lake.read(sql).iloc[0] for sql in (SNAPSHOTS, DATA_FILES))
        yield gauge("voc_lake_snapshot_age_seconds", _since(last["at"], now))
        yield gauge("voc_lake_snapshots", float(last["n"]))
        yield gauge("voc_lake_files", float(files["n"]))
        yield gauge("voc_lake_bytes", float(files["size"]))


def _runs(lake: Lake, now: datetime) -> Iterator[Metric]:
    rows = lake.read(LAST_RUNS).to_dict("records")
    ended = {str(row["step"]): row["at"].to_pydatetime() + timedelta(seconds=float(row["seconds"])) for row in rows}
    yield gauge("voc_step_last_end_timestamp_seconds", by((step, at.timestamp()) for step, at in ended.items()))
    yield gauge("voc_step_age_seconds", by((step, _since(at, now)) for step, at in ended.items()))
    told = {"voc_step_seconds": "seconds", "voc_step_rows_in": "n_in", "voc_step_rows_out": "n_out"}
    for name, column in {**told, "voc_step_rows_quarantined": "n_quarantined"}.items():
        yield gauge(name, by((str(row["step"]), float(row[column] or 0)) for row in rows))


def steps_part(settings: Settings, now: datetime) -> Iterator[Metric]:
    """Steps that run now, and those whose last try did not end."""
    found = under_way(settings)
    yield gauge("voc_step_failed", by((one.step, 1.0) for one in found if one.state != RUNNING))
    running = [one for one in found if one.state == RUNNING]
    yield gauge("voc_step_running_seconds", by((one.step, _since(one.started_at, now)) for one in running))


def places_part(settings: Settings, now: datetime) -> Iterator[Metric]:
    """Free disk, ages of models and of the newest backup, keys, erasures."""
    folders = {"data": settings.data_dir, "keys": settings.keys_dir}
    there = {name: folder for name, folder in folders.items() if folder.exists()}
    yield gauge("voc_disk_free_bytes", by((name, float(shutil.disk_usage(path).free)) for name, path in there.items()))
    newest = {kind: max(settings.models_dir.glob(pattern), default=None) for kind, pattern in MODELS.items()}
    made = {kind: datetime.fromtimestamp(path.stat().st_mtime, UTC) for kind, path in newest.items() if path}
    yield gauge("voc_model_age_seconds", by((kind, _since(at, now)) for kind, at in made.items()))
    if settings.backup_dir and (backups := manifest.all_in(settings.backup_dir)):
        taken = datetime.strptime(backups[-1].stem, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
        yield gauge("voc_backup_age_seconds", _since(taken, now))
    keys = KeyRing(settings.keys_dir)
    yield gauge("voc_keys_exposed", float(len(keys.problems())))
    yield gauge("voc_erasures_open", float(len(ErasureLog(keys).open_requests())))


class LedgerPart:
    """Cases and deliveries, folded on from where the last look ended: a scrape reads only what is new."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self.settings, self.ledger = settings, ledger
        self._boxes: dict[str, Outbox] = {}
        self._cases: dict[str, Case] = {}
        self._after = 0

    def __call__(self, now: datetime) -> Iterator[Metric]:
        self._read_on()
        boxes = self._boxes
        yield gauge("voc_outbox_pending", by((name, float(len(box.live()))) for name, box in boxes.items()))
        lost = {name: sum(one.in_flight and one.is_due(now) for one in box.live()) for name, box in boxes.items()}
        yield gauge("voc_outbox_in_doubt", by((name, float(n)) for name, n in lost.items()))
        yield gauge("voc_outbox_dead", by((name, float(len(dead_letters(box)))) for name, box in boxes.items()))
        off = {name: box.disabled or box.breaker.state(now) == OPEN for name, box in boxes.items()}
        yield gauge("voc_outbox_off", by((name, float(is_off)) for name, is_off in off.items()))
        since = (now - timedelta(days=IN_DOUBT_DAYS)).date()
        mails = fold_mailed(self.ledger.events(("digest.",))).mails.values()
        n_doubt = sum(one.state == IN_DOUBT and one.week >= since for one in mails)
        yield gauge("voc_digest_in_doubt", float(n_doubt))
        business = self.settings.business_now()
        yield gauge("voc_cases_open", float(sum(case.is_open for case in self._cases.values())))
        late = sum(case.waits_for_contact and case.due_at < business for case in self._cases.values())
        yield gauge("voc_cases_overdue", float(late))

    def _read_on(self) -> None:
        """Fold new events in; from the start where endpoints.yaml names others, or the ledger went back (a restore)."""
        endpoints = load_directory(self.settings, dry_run=self.settings.dry_run).endpoints
        if set(endpoints) != set(self._boxes) or self.ledger.version() < self._after:
            self._boxes = {name: Outbox(one.endpoint_id, one.route) for name, one in endpoints.items()}
            self._cases, self._after = {}, 0
        events = self.ledger.events(fold.KINDS, after=self._after)
        for box in self._boxes.values():
            box.add(events)
        for event in events:
            if event.kind.startswith(PREFIX) and (case := apply(self._cases.get(event.subject), event)) is not None:
                self._cases[event.subject] = case
        self._after = max([self._after, *(event.event_id for event in events)])


def _since(at: datetime, now: datetime) -> float:
    return max(round((now - at).total_seconds(), 1), 0.0)
