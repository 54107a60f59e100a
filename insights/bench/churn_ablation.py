"""What each family adds to the forecast on the demo company beside the true hazard, and how often the drift limit cries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from insights.bench.pipeline import bench_settings
from insights.bench.report import Entry
from insights.churn.ablation import FULL, STEPS, ablation, forward_folds, nested_scores
from insights.churn.drift import compare_counts, read, watched
from insights.churn.evaluate import lift_top_decile, pr_auc
from insights.churn.panel import lines, prepare
from insights.lake import Lake, open_lake
from insights.ledger import Ledger, open_ledger
from insights.steps.panel import calls, panel
from insights.steps.resolved import sight_of
from insights.steps.window import analysis_day

PART, DATA, DRAWS = "churn-ablation", "demo company", 200
SIMULATED, TRIALS, ALPHA = "simulated counts without drift", 4000, 0.05
SIZES = (60, 400, 3000, 40_000)
RULE_OF_THUMB = 0.1
REFERENCE_MONTHS, READINGS = 12, 11


def entries(say: Callable[[str], None]) -> list[Entry]:
    """Entries of the part; of the demo company none before the part `demo` has written its lake."""
    found = false_alarms()
    settings = bench_settings()
    if not settings.lake_dir.exists():
        say(f"  {settings.lake_dir} is absent: run the part `demo` first; left out")
        return found
    with open_lake(settings) as lake, open_ledger(settings) as ledger:
        rows = _panel(lake, ledger)
    return [*_families(rows, settings.data_dir, settings.seed, say), *_months(rows), *found]


def _panel(lake: Lake, ledger: Ledger) -> pd.DataFrame:
    """The prepared panel, built by the code at hand."""
    return prepare(panel(lake.seen_through(sight_of(ledger)), analysis_day(lake), calls(ledger)))


def _families(rows: pd.DataFrame, folder: Path, seed: int, say: Callable[[str], None]) -> list[Entry]:
    scored = nested_scores(rows, forward_folds(rows, lines(rows)[0]))
    size = f"{len(scored)} customer-months, {int(scored['label'].sum())} departures, 12 forward months"
    ceiling = _ceiling(scored, folder)
    found = []
    for entry in ablation(scored, seed, DRAWS):
        name, metric = f"{', + '.join([*STEPS][: [*STEPS].index(entry['step']) + 1])}", entry["metric"]
        found.append(
            Entry(PART, f"{name}: {metric}", entry["value"], "", DATA, size, interval=(entry["low"], entry["high"]),
                  rival="the true hazard itself", rival_value=ceiling.get(metric))
        )  # fmt: skip
        if "change" in entry:
            told = entry["verdict"].replace("_", " ")
            found.append(
                Entry(PART, f"change by {entry['step']}: {metric} ({told})", entry["change"], "", DATA, size,
                      interval=(entry["change_low"], entry["change_high"]))
            )  # fmt: skip
    say(f"  {DATA}: {size}, {FULL} PR-AUC against {ceiling.get('pr_auc', float('nan')):.4f} of the true hazard")
    return found


def _ceiling(scored: pd.DataFrame, folder: Path) -> dict[str, float]:
    """PR-AUC and lift of the simulator's own 90-day hazard on the same rows, mean of the months by size."""
    path = next((one for one in (folder / "truth", folder / "demo" / "truth") if one.exists()), None)
    if path is None:
        return {}
    true = pd.read_parquet(path / "hazards.parquet").rename(columns={"as_of": "t0"})
    both = scored.merge(true.assign(t0=pd.to_datetime(true["t0"])), on=["customer_id", "t0"])
    months = [month for _, month in both.groupby("t0")]
    y = [month["label"].to_numpy(float) for month in months]
    p = [month["chosen_90d_probability"].to_numpy(float) for month in months]
    weights = [len(month) for month in months]
    return {
        name: float(np.average([figure(a, b) for a, b in zip(y, p, strict=True)], weights=weights))
        for name, figure in {"pr_auc": pr_auc, "lift_top_decile": lift_top_decile}.items()
    }


def _months(rows: pd.DataFrame) -> list[Entry]:
    """Series out of bounds at each of the last month ends, against the year with known outcomes before it."""
    days = np.sort(rows["t0"].unique())[-READINGS:]
    moved, n_series = [], 0
    for day in days:
        known = rows[rows["closes_on"] <= day]
        months = np.sort(known["t0"].unique())[-REFERENCE_MONTHS:]
        reference = known[known["t0"].isin(months)].reset_index(drop=True)
        found = read(watched(reference, rows[rows["t0"] == day].reset_index(drop=True)))
        n_series = len(found)
        moved.append(int(found["moved"].sum()))
    size = f"{len(days)} month ends, {n_series} series each"
    quiet = sum(not one for one in moved)
    return [
        Entry(PART, "drift: month ends without an alarm", quiet, f"of {len(days)}", DATA, size),
        Entry(PART, "drift: series out of bounds, all month ends", sum(moved), "", DATA, size),
    ]


def false_alarms(trials: int = TRIALS) -> list[Entry]:
    """Share of readings of ten bins that cry without drift, by number of customers, beside the fixed cut of 0.1."""
    found = []
    for n in SIZES:
        rng = np.random.default_rng(n)
        pairs = zip(rng.multinomial(12 * n, (0.1,) * 10, trials), rng.multinomial(n, (0.1,) * 10, trials), strict=True)
        read_all = [compare_counts(a.astype(float), b.astype(float), ALPHA) for a, b in pairs]
        cried = float(np.mean([one.moved for one in read_all]))
        fixed = float(np.mean([one.psi > RULE_OF_THUMB for one in read_all]))
        found.append(
            Entry(PART, f"drift: false alarms at n = {n}", cried, "", SIMULATED, f"{trials} readings",
                  aim=f"{ALPHA:g}", rival="PSI > 0.1", rival_value=fixed)
        )  # fmt: skip
    return found
