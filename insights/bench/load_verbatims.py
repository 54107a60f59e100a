"""Ten thousand new verbatims from a file to ranked irritants, step by step, in an empty lake."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from insights.bench.load_meter import Meter
from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.simulate.enriched import own_stores
from insights.steps.discover import discover
from insights.steps.enrich import enrich
from insights.steps.ingest import ingest_paths
from insights.steps.measure import measure
from insights.steps.prioritize import prioritize
from insights.steps.run_log import StepReport
from insights.steps.score import score

Say = Callable[[str], None]


@dataclass(frozen=True)
class Ranking:
    """What it cost by step, and what came of it."""

    steps: Mapping[str, Meter]
    n_feedback: int
    n_ranked: int

    @property
    def seconds(self) -> float:
        return sum(one.seconds for one in self.steps.values())

    @property
    def cpu_seconds(self) -> float:
        return sum(one.cpu_seconds for one in self.steps.values())

    @property
    def peak_mb(self) -> float:
        return max(one.peak_mb for one in self.steps.values())


def ranked(file: Path, mapping: Path | None, as_of: str, say: Say) -> Ranking:
    """Ingest, enrich, discover, score and prioritize one file (or folder) in an empty lake that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="voc_load_") as name:
        settings = own_stores(Path(name), as_of=as_of)
        ingest = partial(ingest_paths, paths=[file], mapping=mapping, say=say)
        steps: dict[str, Callable[..., StepReport]] = {"ingest": ingest, "enrich": enrich, "discover": discover}
        steps |= {"measure": measure, "score": score, "prioritize": prioritize}
        cost: dict[str, Meter] = {}
        with open_lake(settings) as lake, open_ledger(settings) as ledger:
            for step, run in steps.items():
                with Meter() as cost[step]:
                    report = run(lake, ledger, run_id="load")
                say(f"  {report.sentence()} ({cost[step].cpu_seconds:.1f} s of the processor)")
            n_feedback = int(lake.scalar("SELECT count(*) FROM feedback"))
            return Ranking(cost, n_feedback, int(lake.scalar("SELECT count(*) FROM priority")))
