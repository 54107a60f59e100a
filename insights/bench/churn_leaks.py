"""What the leak checks find on the demo company: words of leaving and when they come, shuffled labels, single columns.

The model is the logistic over the last year of months: the question is what it learns from, not how good it can be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pandas as pd

from insights.bench.pipeline import bench_settings
from insights.bench.report import Entry
from insights.churn.card import load_card
from insights.churn.evaluate import Ranking, cluster_bootstrap, cluster_codes
from insights.churn.leaks import block_leaks, lead_times, shuffled_labels
from insights.churn.panel import prepare
from insights.churn.training import CHURN_CARD
from insights.churn.trials import eta, run_trial
from insights.intervals import Interval
from insights.lake import Lake, open_lake
from insights.lake.connect import ALIAS
from insights.ledger import Ledger, open_ledger
from insights.settings import Settings
from insights.steps.panel import calls, panel
from insights.steps.resolved import sight_of
from insights.steps.window import analysis_day

PART, DATA, DRAWS = "churn-leaks", "demo company", 200
SINCE = timedelta(days=600)  # of the rows learned from and tested on
WORDS = "SELECT customer_id, CAST(occurred_at AS DATE) AS said_on FROM mention WHERE customer_id IS NOT NULL AND "
SAID = {"words of leaving": WORDS + "leave_intent", "a competitor named": WORDS + "competitor IS NOT NULL"}
LEFT = "SELECT customer_id, learned_on FROM churn_event WHERE cause = 'chosen'"
# words of leaving, held only when the gap has passed: the panel then knows none of its last gap days
LATER = f"""
CREATE TEMP VIEW mention AS
SELECT * REPLACE (CASE WHEN leave_intent THEN available_at + to_days({{gap}}) ELSE available_at END AS available_at)
FROM {ALIAS}.mention
"""


def entries(say: Callable[[str], None]) -> list[Entry]:
    """Entries of the part; none before the part `demo` has written its lake."""
    settings = bench_settings()
    if not settings.lake_dir.exists():
        say(f"  {settings.lake_dir} is absent: run the part `demo` first; left out")
        return []
    with open_lake(settings) as lake, open_ledger(settings) as ledger:
        found = [entry for words in SAID for entry in _lead_times(lake, words)]
        return [*found, *_fits(lake, ledger, analysis_day(lake))]


def _lead_times(lake: Lake, words: str) -> list[Entry]:
    table = lead_times(lake.read(SAID[words]), lake.read(LEFT))
    size = f"{int(table['n_said'].sum())} clauses"
    return [
        Entry(PART, f"{words}: days before a departure, {days}", float(n), "clauses", DATA, size)
        for days, n in zip(table["days"], table["n_said"], strict=True)
    ]


def _fits(lake: Lake, ledger: Ledger, day: date) -> list[Entry]:
    settings, sight, called = lake.settings, sight_of(ledger), calls(ledger)
    later = replace(sight, views=(LATER.format(gap=int(settings.household_gap_days)), *sight.views))
    as_it_is = panel(lake.seen_through(sight), day, called)
    without = panel(lake.seen_through(later), day, called)
    known = _rows(as_it_is, day)
    alone = block_leaks(known).iloc[0]
    size = f"{len(known)} household months"
    auc, pr = _forward(known, settings)
    found = [
        Entry(
            PART, f"highest AUC of a single column ({alone['name']})", float(alone["auc"]), "", DATA, size, "under 0.9"
        ),
        _entry("roc_auc, forward", auc, size),
        _entry("pr_auc, forward", pr, size),
    ]
    auc, pr = _forward(_rows(without, day), settings)
    found += [_entry("roc_auc without words of leaving of the last gap days", auc, size)]
    found += [_entry("pr_auc without words of leaving of the last gap days", pr, size)]
    auc, _ = _forward(_rows(shuffled_labels(as_it_is, settings.seed), day), settings)
    return [*found, _entry("roc_auc with shuffled labels", auc, size, ".5 in the interval")]


def _rows(rows: pd.DataFrame, day: date) -> pd.DataFrame:
    """Prepared household rows of the last months with a known outcome."""
    known = prepare(rows)
    recent = known["t0"] > pd.Timestamp(day - SINCE)
    return known[recent & known["label"].notna() & (known["segment"] == "household")].reset_index(drop=True)


def _forward(known: pd.DataFrame, settings: Settings) -> tuple[Interval, Interval]:
    """ROC-AUC and PR-AUC of the last months with intervals by customer."""
    line = (settings.household_gap_days, settings.household_horizon_days)
    trial = run_trial(known, line, load_card(settings.reference_dir / CHURN_CARD), ("logistic",), settings.seed)
    assert trial is not None, "the demo company has two years"
    ranking = Ranking(trial.tested["label"].to_numpy(float), trial.tested[eta("logistic")].to_numpy(float))
    clusters = cluster_codes(trial.tested["customer_id"].to_numpy())
    return (
        cluster_bootstrap(clusters, ranking.roc_auc, settings.seed, DRAWS),
        cluster_bootstrap(clusters, ranking.pr_auc, settings.seed, DRAWS),
    )


def _entry(name: str, found: Interval, size: str, aim: str = "") -> Entry:
    return Entry(PART, name, float(found.value), "", DATA, size, aim, (float(found.low), float(found.high)))
