"""The small demo company and the steps that run on it, shared by the tests of the chain."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.settings import Settings
from insights.steps.run_log import StepReport

ROOT = Path(__file__).parents[1]
Once = Callable[[str, Callable[[Path], object]], Path]


@dataclass(frozen=True)
class Company:
    """The small demo company after one whole run; tests read it, and copy what they change."""

    settings: Settings
    folder: Path  # exports/ and truth/
    said: str  # what `voc run` printed


def environment(settings: Settings) -> dict[str, str]:
    """The environment in which a process of its own has the settings a test gave."""
    own = {name: getattr(settings, name) for name in settings.model_fields_set}
    own = {name: one.get_secret_value() if isinstance(one, SecretStr) else one for name, one in own.items()}
    return {**os.environ, **{f"VOC_{name.upper()}": str(value) for name, value in own.items()}}


def voc_run(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`voc run` in a process of its own: the whole chain through Prefect."""
    command = [sys.executable, "-m", "insights.cli.main", "run", *arguments]
    child = environment(settings)
    return subprocess.run(command, cwd=ROOT, env=child, capture_output=True, text=True, check=False)


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
    from insights.steps.watch import watch
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
            watch,
            callbacks,
            prove,
            digest,
            govern,
            segments,
        ):
            reports.append(step(lake, ledger, run_id=run_id))
    return {report.step: report for report in reports}
