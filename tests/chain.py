"""The small demo company and the steps that run on it, shared by the tests of the chain."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.settings import Settings
from insights.steps.run_log import StepReport


@dataclass(frozen=True)
class Company:
    """The small demo company after one whole run; tests read it, and copy what they change."""

    settings: Settings
    folder: Path  # exports/ and truth/
    reports: dict[str, StepReport]


def run_steps(settings: Settings, exports: Path, run_id: str) -> dict[str, StepReport]:
    """The steps of `flows.everything`, in its order, without Prefect."""
    from insights.steps.callbacks import callbacks
    from insights.steps.digest import digest
    from insights.steps.discover import discover
    from insights.steps.enrich import enrich
    from insights.steps.govern import govern
    from insights.steps.ingest import ingest_paths
    from insights.steps.measure import measure
    from insights.steps.prioritize import prioritize
    from insights.steps.prove import prove
    from insights.steps.score import score
    from insights.steps.segments import segments
    from insights.steps.watch_model import watch_model

    with open_lake(settings) as lake, open_ledger(settings) as ledger:
        reports = [ingest_paths(lake, ledger, run_id=run_id, paths=[exports], say=lambda _: None)]
        for step in (
            enrich,
            discover,
            measure,
            score,
            watch_model,
            prioritize,
            callbacks,
            prove,
            digest,
            govern,
            segments,
        ):
            reports.append(step(lake, ledger, run_id=run_id))
    return {report.step: report for report in reports}
