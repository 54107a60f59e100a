"""The churn models on the demo company: forward months beside the true hazard, reasons beside the planted causes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from scipy.stats import norm

from insights.bench.drivers_planted import counterparts, spoken
from insights.bench.pipeline import DATA, bench_settings, run_chain
from insights.bench.report import Entry
from insights.churn.calibrate import slope_interval
from insights.churn.design import Design
from insights.churn.evaluate import Ranking, cluster_bootstrap, cluster_codes, figures, ranking_figures
from insights.churn.model import LEVEL, ChurnModel
from insights.churn.panel import lines, prepare
from insights.churn.select import month_capacity
from insights.churn.training import Parameters
from insights.churn.trials import LADDER, Trial, eta, fit_kind, run_trial
from insights.intervals import Array, wilson
from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.settings import Settings
from insights.steps.panel import calls, panel
from insights.steps.resolved import registry, seen
from insights.steps.window import analysis_day

PART = "churn"
KINDS = LADDER["ebm"]
OURS, HAZARD, DRAWS, GROUPS = "ebm", "the true hazard itself", 200, 40
AIMS = {"calibration_slope": "0.9 to 1.1", "ece": "<= 0.03"}
Say = Callable[[str], None]


def entries(say: Say) -> list[Entry]:
    """Entries of the demo company; its chain is run first where it has not been."""
    settings = bench_settings()
    run_chain(settings, say)
    with open_lake(settings) as lake, open_ledger(settings) as ledger:
        known = registry(ledger)
        rows = prepare(panel(seen(lake, ledger, known), analysis_day(lake), calls(ledger)))
        same = counterparts(spoken(lake, settings.data_dir))
    return measured(rows, same, settings)


def measured(rows: pd.DataFrame, same: Mapping[str, str], settings: Settings) -> list[Entry]:
    """Forward figures, intervals and reasons. `rows`: prepared panel; `same`: found irritant to the planted one."""
    parameters = Parameters.from_settings(settings)
    line = lines(rows)[0]
    trial = run_trial(rows, line, parameters.card, KINDS, settings.seed)
    if trial is None:
        return []
    truth = settings.data_dir / "truth"
    tested = trial.tested.merge(_hazards(truth), on=["customer_id", "t0"], how="inner")
    found = [*forward(tested, parameters.capacity), *slopes(tested)]
    model, test = forward_model(rows, line, trial, parameters, settings.seed)
    return [*found, *coverage(model, test, _hazards(truth)), *reasons(model, test, truth, same)]


def forward(tested: pd.DataFrame, capacity: float) -> list[Entry]:
    """Each kind beside the hazard, the card and, for PR-AUC, an interval by customer."""
    y, n_months = tested["label"].to_numpy(float), tested["t0"].nunique()
    calls_made = month_capacity(capacity, round(len(tested) / n_months)) * n_months
    ceiling = figures(y, tested["hazard"].to_numpy(float), calls_made)
    card = ranking_figures(y, tested["index"].to_numpy(float), calls_made)
    size = f"{len(tested)} household-months, {int(y.sum())} departures, {n_months} forward months"
    clusters = cluster_codes(tested["customer_id"].to_numpy())
    rows = []
    for kind in KINDS:
        p = expit(tested[eta(kind)].to_numpy(float))
        for name, value in figures(y, p, calls_made).items():
            interval = _pr_interval(y, p, clusters) if name == "pr_auc" else None
            rows.append(
                Entry(
                    PART, f"{kind}: {name}", value, "", DATA, size, AIMS.get(name, ""), interval, HAZARD, ceiling[name]
                )
            )
    rows.append(Entry(PART, "base rate (PR-AUC of a coin)", float(y.mean()), "", DATA, size))
    return rows + [
        Entry(PART, f"card: {name}", value, "", DATA, size, rival=HAZARD, rival_value=ceiling[name])
        for name, value in card.items()
    ]


def _pr_interval(y: Array, p: Array, clusters: np.ndarray) -> tuple[float, float]:
    found = cluster_bootstrap(clusters, Ranking(y, p).pr_auc, 1, DRAWS)
    return float(found.low), float(found.high)


def slopes(tested: pd.DataFrame) -> list[Entry]:
    """Forward calibration slope of each kind with its interval by customer."""
    y, customers = tested["label"].to_numpy(float), cluster_codes(tested["customer_id"].to_numpy())
    size = f"{len(np.unique(customers[y == 1]))} customers who left"
    rows = []
    for kind in KINDS:
        slope, low, high = slope_interval(y, tested[eta(kind)].to_numpy(float), customers)
        rows.append(Entry(PART, f"{kind}: slope by customer", slope, "", DATA, size, "0.9 to 1.1", (low, high)))
    return rows


def forward_model(
    rows: pd.DataFrame, line: tuple[int, int], trial: Trial, parameters: Parameters, seed: int
) -> tuple[ChurnModel, pd.DataFrame]:
    """The EBM that saw nothing of the test months, with its bags, and the rows of these months."""
    known = rows[rows["label"].notna()]
    until = pd.Timestamp(trial.note["test_months"][0])
    train = known[known["closes_on"] <= until].reset_index(drop=True)
    design = Design.learn(train)
    fitted = fit_kind(OURS, train, design, seed)
    model = ChurnModel(OURS, until.date(), "forward", parameters.card, {}, design, fitted, {})
    own = (rows["gap_days"] == line[0]) & (rows["horizon_days"] == line[1])
    test = known[own[known.index] & known["t0"].isin(pd.to_datetime(trial.note["test_months"]))].reset_index(drop=True)
    return model, test


def coverage(model: ChurnModel, test: pd.DataFrame, hazards: pd.DataFrame) -> list[Entry]:
    """How often the 90 % interval holds the true hazard: of one customer, and of groups alike in predicted risk.

    The hazard holds a part nobody could see; what the interval can promise is the mean hazard of customers alike. A
    group's interval takes the mean error of its members, as if they were all wrong together.
    """
    scored = model.predict(test).assign(t0=lambda one: pd.to_datetime(one["scored_on"]))
    both = scored.merge(hazards, on=["customer_id", "t0"])
    inside = both["hazard"].between(both["probability_low"], both["probability_high"])
    shares = wilson(np.array([inside.sum()]), np.array([len(both)]))
    eta_hat = logit(both["probability"])
    error = (logit(both["probability_high"]) - eta_hat) / norm.ppf(0.5 + LEVEL / 2)
    group = pd.qcut(eta_hat.rank(method="first"), GROUPS, labels=False)
    means = pd.DataFrame({"p": both["probability"], "h": both["hazard"], "e": error}).groupby(group).mean()
    half = norm.ppf(0.5 + LEVEL / 2) * means["e"]
    held = (logit(means["h"]) - logit(means["p"])).abs() <= half
    size = f"{len(both)} household-months"
    return [
        Entry(PART, "90 % interval holds the customer's own true hazard", float(inside.mean()), "", DATA, size,
              interval=(float(shares.low[0]), float(shares.high[0]))),
        Entry(PART, "90 % interval holds the mean true hazard of customers alike", float(held.mean()), "", DATA,
              f"{GROUPS} groups by predicted risk", aim="about 0.9"),
        Entry(PART, "90 % interval: median width in log-odds", float(2 * norm.ppf(0.95) * error.median()), "", DATA, size),
    ]  # fmt: skip


def reasons(model: ChurnModel, test: pd.DataFrame, truth: Path, same: Mapping[str, str]) -> list[Entry]:
    """Of leavers with a planted irritant that the panel knows of: the share whose reasons name the family, the irritant.

    Beside it, the same among all others who named an irritant: what naming alone would give.
    """
    people = pd.read_parquet(truth / "customers.parquet")[["customer_id", "event", "irritant_id"]]
    scored = model.predict(test).assign(t0=lambda one: pd.to_datetime(one["scored_on"]))
    rows = test.merge(scored[["customer_id", "t0", "reasons", "rank"]], on=["customer_id", "t0"])
    rows = rows.merge(people, on="customer_id", how="left", suffixes=("", "_true"))
    told = [json.loads(one) for one in rows["reasons"]]
    families = [[reason["family"] for reason in one] for one in told]
    named = [[same.get(r["values"]["irritant_id"], "") for r in one if "irritant_id" in r["values"]] for one in told]
    heard = [{same.get(one, "") for one in names} for names in rows["irritants_90d"]]
    rows = rows.assign(
        spoken_of=[cause in names for cause, names in zip(rows["irritant_id"], heard, strict=True)],
        in_words=[bool({"irritant", "text", "effort"} & set(one)) for one in families],
        first=[bool(one) and one[0] in ("irritant", "text", "effort") for one in families],
        named_first=[bool(one) and "irritant_id" in one[0]["values"] for one in told],
        by_name=[cause in names for cause, names in zip(rows["irritant_id"], named, strict=True)],
    )
    left = rows[(rows["label"] == 1) & rows["irritant_id"].notna()]
    seen_of = left[left["spoken_of"]]
    others = rows[(rows["label"] == 0) & (rows["irritants_90d"].map(len) > 0)]
    return [
        *_share("leavers with a planted cause that the panel has heard of", left["spoken_of"], None),
        *_share("heard of: the very irritant named among the three reasons", seen_of["by_name"], None),
        *_share("heard of: irritant, words or effort among the three", seen_of["in_words"], others["in_words"]),
        *_share("heard of: irritant, words or effort come first", seen_of["first"], others["first"]),
        *_share("heard of: the first reason names an irritant", seen_of["named_first"], others["named_first"]),
    ]


def _share(name: str, flags: pd.Series, others: pd.Series | None) -> list[Entry]:
    if flags.empty:
        return []
    found = wilson(np.array([flags.sum()]), np.array([len(flags)]))
    rival = ("customers who stayed and named an irritant", float(others.mean())) if others is not None else ("", None)
    return [
        Entry(PART, f"reasons, {name}", float(flags.mean()), "", DATA, f"{len(flags)} customer-months",
              interval=(float(found.low[0]), float(found.high[0])), rival=rival[0], rival_value=rival[1])
    ]  # fmt: skip


def _hazards(truth: Path) -> pd.DataFrame:
    """customer_id, t0, hazard: the true probability of a chosen departure within 90 days of t0."""
    read = pd.read_parquet(truth / "hazards.parquet")
    hazard = read["chosen_90d_probability"].astype(float).clip(1e-6, 1 - 1e-6)
    return pd.DataFrame({"customer_id": read["customer_id"], "t0": pd.to_datetime(read["as_of"]), "hazard": hazard})
