"""Part `segments`: what the segment explorer finds on the demo company, and what it finds where there is nothing.

The same customers with their dimensions dealt anew, all of one customer together: whatever is found then is chance.
Rival: the arithmetic of the commercial tools, each value and pair against the rest, p < .05 without correction.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from insights.bench.pipeline import bench_settings
from insights.bench.report import Entry
from insights.intervals import wilson
from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.segments.explore import comparisons
from insights.steps.resolved import seen
from insights.steps.segments import DIMENSIONS, PEOPLE, WINDOW_DAYS, Measured, measured
from insights.steps.window import analysis_day

DEALS = 40
PLANTED = {  # insights/simulate: who is planted to differ, in which kind of measure and which way (1: more of it)
    "tenure=4-14": ("risk", 1),
    "tenure=37+": ("risk", -1),
    "digital_habit=avoids": ("score:relational:nps", 1),
    "tariff_option=peak_offpeak": ("irritant:", 1),  # off-peak hours moved
    "low_income=yes": ("irritant:", 1),  # energy voucher
    "heating=electric": ("irritant:", 1),  # catch-up bill
    "digital_habit=heavy": ("score:", -1),
    "age_band=18-34": ("irritant:", 1),  # moves
}


def entries(say: Callable[[str], None], seed: int = 0) -> list[Entry]:
    """Entries of the part; none without the benchmark's own lake."""
    settings = bench_settings()
    if not settings.lake_dir.exists():
        say(f"  {settings.lake_dir} is absent: left out (`make bench PART=demo` makes it)")
        return []
    with open_lake(settings, read_only=True) as lake, open_ledger(settings) as ledger:
        day = analysis_day(lake)
        told = measured(seen(lake, ledger), lake.read(PEOPLE, day=day), day)
    found, size = told.differences(), f"{len(told.people)} customers"
    kept = [key for key, (measure, way) in PLANTED.items() if _has(found, key, measure, way)]
    say(f"  planted and found: {', '.join(kept)}; missed: {', '.join(sorted(set(PLANTED) - set(kept)))}")
    alarms = [_dealt(told, np.random.default_rng(seed + deal)) for deal in range(DEALS)]
    ours, rival = (int(sum(one[place] > 0 for one in alarms)) for place in (0, 1))
    share = wilson(np.array([ours]), np.array([DEALS]))
    many = float(np.mean([one[1] for one in alarms]))
    return [
        Entry("segments", "planted differences found", len(kept), "", "simulated demo company", f"{len(PLANTED)} planted"),
        Entry("segments", "segments told", found["segment_key"].nunique(), "", "simulated demo company", size),
        Entry("segments", "shuffled dimensions: share of runs that find anything", ours / DEALS, "",
              "simulated demo company", f"{DEALS} deals", "<= 0.05", (float(share.low[0]), float(share.high[0])),
              "no correction", rival / DEALS),
        Entry("segments", "shuffled dimensions: findings a run", float(np.mean([one[0] for one in alarms])), "",
              "simulated demo company", f"{DEALS} deals", rival="no correction", rival_value=many),
    ]  # fmt: skip


def _has(found: pd.DataFrame, key: str, measure: str, way: int) -> bool:
    """Whether a segment, or a pair with it, is told for that measure in that direction."""
    own = found[found["segment_key"].str.split(" & ").map(lambda terms: key in terms)]
    hits = own[own["measure"].str.startswith(measure) & (np.sign(own["difference"]) == way)]
    return not hits.empty


def _dealt(told: Measured, rng: np.random.Generator) -> tuple[int, int]:
    """Findings where the dimensions are dealt anew, with and without the control of false discoveries."""
    people = told.people.iloc[rng.permutation(len(told.people))].reset_index(drop=True)
    exposure = told.people["known_days"].to_numpy(float) / WINDOW_DAYS
    rows = comparisons(people, told.means, told.counts, exposure, DIMENSIONS)
    return len(told.differences(people)), int((rows["p_value"] < 0.05).sum())
