"""Drivers and priorities against what was planted, beside the arithmetic of the commercial tools, and their cost."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from insights.bench.drivers_planted import counterparts, euros, points, spoken, true_lists
from insights.bench.pipeline import DATA, bench_settings, run_chain
from insights.bench.report import Entry
from insights.churn.attribution import Attribution
from insights.churn.model import ChurnModel
from insights.churn.panel import prepare
from insights.contracts import UNCLASSIFIED
from insights.drivers import drivers
from insights.drivers.frame import Answers, questionnaires
from insights.intervals import wilson
from insights.lake import Lake, open_lake
from insights.ledger import Ledger, open_ledger
from insights.priorities.risk import value_at_risk
from insights.priorities.trend import DOWN, UP, trend
from insights.settings import Settings
from insights.steps.prioritize import ANSWERED, ANSWERS
from insights.steps.resolved import registry, seen
from insights.steps.score import load_model
from insights.steps.weekly import weekly
from insights.steps.window import analysis_day

Say = Callable[[str], None]
EVERYTHING = {"dimension": "", "value": ""}
MONTHS = 12  # month ends over which euros are added up: one alone rests on a few small businesses
SHUFFLES = 200
AUTUMN = (date(2026, 9, 6), date(2026, 11, 1))
GROWING = "IRR-22"
DROPPED, CORRELATED = "drop-one-theme (score without the answers that name it)", "simple correlation"


def entries(say: Say) -> list[Entry]:
    """Entries of the part `drivers`."""
    settings = bench_settings()
    run_chain(settings, say)
    with open_lake(settings) as lake, open_ledger(settings) as ledger:
        mentions = spoken(lake, settings.data_dir)
        found = [*on_score(lake, ledger, mentions, settings), *_on_euros(lake, settings, mentions, say)]
        found += _on_trend(lake, ledger, mentions, settings)
    return [*found, *many_companies(), *_cost(say)]


def on_score(lake: Lake, ledger: Ledger, mentions: pd.DataFrame, settings: Settings) -> list[Entry]:
    """Strength on the score, relational NPS and CSAT over all questionnaires, as found and on the true clauses."""
    day = analysis_day(lake)
    since = pd.Timestamp(day - timedelta(days=730), tz="UTC")
    answers = lake.read(ANSWERS, since=since, **EVERYTHING)
    read = seen(lake, ledger).read(ANSWERED, since=since, **EVERYTHING)
    true = mentions[["feedback_id", "true_irritant", "polarity"]].rename(columns={"true_irritant": "irritant_id"})
    true["polarity"] = np.where(true["irritant_id"].notna(), -1.0, 1.0)
    same = counterparts(mentions)
    result = []
    for name, words, to in (("irritants as found", read, same), ("true clauses", true, {one: one for one in points()})):
        table = drivers(words, answers, settings.seed, day, draws=20)
        for one in questionnaires(words, answers, settings.seed):
            if (one.survey, one.metric) in {("relational", "nps"), ("(all)", "csat")}:
                result += _against_points(one, table, to, name)
    return result


def _against_points(one: Answers, table: pd.DataFrame, to: dict[str, str], name: str) -> list[Entry]:
    own = table[(table["survey"] == one.survey) & (table["metric"] == one.metric) & table["points"].notna()]
    own = own[own["irritant_id"].isin(to)].set_index("irritant_id")
    kept = [key for key in one.irritants if key in own.index]
    column = [one.irritants.index(key) for key in kept]
    planted = np.array([points()[to[key]] for key in kept])
    flags = one.flags[:, column]
    rivals = {DROPPED: _dropped(one.score, flags, one.metric), CORRELATED: _correlated(one.score, flags)}
    ours = -own.loc[kept, "points"].to_numpy(float)
    size = f"{len(one)} answers, {len(kept)} irritants with a number"
    title = f"{one.metric.upper()} {one.survey}, {name}"
    rows = []
    for label, rival in rivals.items():
        rows.append(
            Entry("drivers", f"{title}: rank correlation of points with the planted strength", _rho(ours, planted), "",
                  DATA, size, rival=label, rival_value=_rho(rival, planted))
        )  # fmt: skip
        rows.append(
            Entry("drivers", f"{title}: top 3 among the planted strongest", _top(ours, planted), "", DATA, size,
                  rival=label, rival_value=_top(rival, planted))
        )  # fmt: skip
    spread = flags.mean(axis=0) * (1 - flags.mean(axis=0)) * planted**2
    share = own.loc[kept, "shapley_share"].to_numpy(float)
    rows.append(
        Entry("drivers", f"{title}: rank correlation of shares with the planted variance", _rho(share, spread), "",
              DATA, size, rival=DROPPED, rival_value=_rho(rivals[DROPPED], spread))
    )  # fmt: skip
    return rows


def _dropped(score: np.ndarray, flags: np.ndarray, metric: str) -> np.ndarray:
    """(K,) gain of the score when the answers that name an irritant are left out: « impact on NPS » of the suites."""
    high, low = (9, 6) if metric == "nps" else (4, -1)
    value = (score >= high).astype(float) - (score <= low)
    return np.array([value[flags[:, k] == 0].mean() - value.mean() for k in range(flags.shape[1])])


def _correlated(score: np.ndarray, flags: np.ndarray) -> np.ndarray:
    return np.array([-np.corrcoef(flags[:, k], score)[0, 1] for k in range(flags.shape[1])])


def _rho(found: np.ndarray, planted: np.ndarray) -> float:
    return float(spearmanr(found, planted).statistic) if len(found) > 2 else float("nan")


def _top(found: np.ndarray, planted: np.ndarray, n: int = 3) -> float:
    """Share of the n first that are among the planted strongest (all that are as strong as the n-th)."""
    strongest = planted >= np.sort(planted)[-n]
    return float(strongest[np.argsort(-found, kind="stable")[:n]].mean())


def many_companies(n: int = 12, n_answers: int = 1500, k: int = 18) -> list[Entry]:
    """Answers made for this check: irritants that are named together, some of them decoys without any effect."""
    ours, dropped, correlated, tops = [], [], [], []
    for seed in range(n):
        rng = np.random.default_rng(seed)
        planted = rng.permutation(np.array([0.0] * 6 + [0.6] * 5 + [1.2] * 4 + [2.0] * 3))
        share = np.exp(rng.normal(np.log(0.05), 0.6, k))
        flags = rng.random((n_answers, k)) < share
        with_it = rng.permutation(k)
        flags |= flags[:, with_it] & (rng.random((n_answers, k)) < 0.35)
        score = np.clip(np.round(8 - flags @ planted + rng.normal(0, 1.6, n_answers)), 0, 10)
        words, answers = _as_frames(flags, score)
        table = drivers(words, answers, seed, date(2026, 10, 31), draws=2).set_index("irritant_id")
        known = table["points"].dropna()
        columns = [int(key[4:]) for key in known.index]
        truth, given = planted[columns], flags[:, columns].astype(float)
        rivals = _dropped(score, given, "nps"), _correlated(score, given)
        ours.append(_rho(-known.to_numpy(), truth))
        dropped.append(_rho(rivals[0], truth))
        correlated.append(_rho(rivals[1], truth))
        tops.append([_top(one, truth) for one in (-known.to_numpy(), *rivals)])
    size = f"{n} companies of {n_answers} answers, {k} irritants, a third of them decoys"
    top = np.mean(tops, axis=0)
    name, data = "made companies: rank correlation with the planted strength", "made for this check"
    first = "made companies: top 3 among the planted strongest"
    return [
        Entry("drivers", name, float(np.mean(ours)), "", data, size, rival=DROPPED, rival_value=float(np.mean(dropped))),
        Entry("drivers", name, float(np.mean(ours)), "", data, size, rival=CORRELATED,
              rival_value=float(np.mean(correlated))),
        Entry("drivers", first, float(top[0]), "", data, size, rival=DROPPED, rival_value=float(top[1])),
        Entry("drivers", first, float(top[0]), "", data, size, rival=CORRELATED, rival_value=float(top[2])),
    ]  # fmt: skip


def _as_frames(flags: np.ndarray, score: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    ids = np.array([f"F{i:05d}" for i in range(len(score))])
    row, column = np.nonzero(flags)
    named = pd.DataFrame({"feedback_id": ids[row], "irritant_id": [f"IRR-{k:02d}" for k in column], "polarity": -0.6})
    read = pd.DataFrame({"feedback_id": ids, "irritant_id": None, "polarity": 0.3})
    answers = pd.DataFrame(
        {
            **{"feedback_id": ids, "customer_id": ids, "metric": "nps", "scale": "0-10", "value": score},
            **{"survey": "relational", "occurred_at": pd.Timestamp("2026-09-01", tz="UTC")},
        }
    )
    return pd.concat([named, read], ignore_index=True), answers


def _on_euros(lake: Lake, settings: Settings, mentions: pd.DataFrame, say: Say) -> list[Entry]:
    """Total and order of the margin at risk, month ends added up, as found and on the true clauses."""
    model = load_model(settings, analysis_day(lake))
    if model is None or model.attribution is None:
        say("  no fitted churn model: no euros")
        return []
    panel = lake.read("SELECT * FROM churn_panel ORDER BY t0, customer_id").assign(
        t0=lambda rows: pd.to_datetime(rows["t0"])
    )
    days = sorted(panel["t0"].unique())[-MONTHS - 1 : -1]  # the hazard of the last day covers two days of its week
    hazards = pd.read_parquet(settings.data_dir / "truth" / "hazards.parquet")
    planted = euros(mentions, panel, hazards)
    true_panel = true_lists(planted, panel)
    known = prepare(true_panel)
    on_truth = replace(model, attribution=Attribution.learn(known[known["label"].notna()].reset_index(drop=True)))
    truth = planted[planted["t0"].isin(days)].groupby("irritant_id")["planted"].sum()
    same = counterparts(mentions)
    rows = []
    for name, used, who, to in (
        ("irritants as found", model, panel, same),
        ("true clauses", on_truth, true_panel, {one: one for one in truth.index}),
    ):
        ours = _added_up(who, used, days, to)
        rows += _against_euros(ours, truth, _loudness(who, days, to), name)
    return rows


def _loudness(panel: pd.DataFrame, days: list[pd.Timestamp], to: dict[str, str]) -> dict[str, pd.Series]:
    """Customers who name each irritant, and the sum of their value: what a tool without a model can rank by."""
    rows = panel.loc[panel["t0"].isin(days), ["value_eur", "irritants_90d"]].explode("irritants_90d").dropna()
    by = rows["value_eur"].groupby(rows["irritants_90d"].map(to))
    return {"customers who name it": by.size().astype(float), "their value": by.sum()}


def _added_up(panel: pd.DataFrame, model: ChurnModel, days: list[pd.Timestamp], to: dict[str, str]) -> pd.Series:
    """Margin at risk by planted irritant, month ends added up."""
    ids = sorted(to)
    total = np.zeros(len(ids))
    for day in days:
        found = value_at_risk(panel[panel["t0"] == day], model, ids, day.date(), 1, 1)
        total += found.point if found is not None else 0.0
    return pd.Series(total, index=[to[one] for one in ids]).groupby(level=0).sum()


def _against_euros(ours: pd.Series, truth: pd.Series, rivals: dict[str, pd.Series], name: str) -> list[Entry]:
    every = truth.index.union(ours.index)
    own, planted = (one.reindex(every).fillna(0.0).to_numpy() for one in (ours, truth))
    size = f"{MONTHS} month ends, {len(every)} irritants"
    rows = [
        Entry("drivers", f"euros, {name}: total over the planted total", own.sum() / planted.sum(), "", DATA, size,
              aim="near 1 (2 to 2.6 before)")
    ]  # fmt: skip
    for label, rival in rivals.items():
        other = rival.reindex(every).fillna(0.0).to_numpy()
        rows.append(
            Entry("drivers", f"euros, {name}: rank correlation with the planted euros", _rho(own, planted), "", DATA,
                  size, rival=label, rival_value=_rho(other, planted))
        )  # fmt: skip
        rows.append(
            Entry("drivers", f"euros, {name}: top 3 among the planted three", _top(own, planted), "", DATA, size,
                  rival=label, rival_value=_top(other, planted))
        )  # fmt: skip
    return rows


def _on_trend(lake: Lake, ledger: Ledger, mentions: pd.DataFrame, settings: Settings) -> list[Entry]:
    """False verdicts when weeks are shuffled, and the planted growth of the autumn."""
    known = registry(ledger)
    counted = weekly(seen(lake, ledger, known), known)
    rng = np.random.default_rng(settings.seed)
    weeks = sorted(counted["week"].unique())
    last = weeks[-1] + timedelta(days=6)
    judged, wrong, any_wrong = 0, 0, 0
    for _ in range(SHUFFLES):
        drawn = dict(zip(weeks, rng.permutation(np.array(weeks, dtype=object)), strict=True))
        verdict = trend(counted.assign(week=counted["week"].map(drawn)), last)["trend_verdict"]
        moved = int(verdict.isin([UP, DOWN]).sum())
        judged, wrong, any_wrong = judged + int((verdict != "unknown").sum()), wrong + moved, any_wrong + (moved > 0)
    share = wilson(np.array([any_wrong]), np.array([SHUFFLES]))
    rows = [
        Entry("drivers", "trend: shuffled weeks with any verdict up or down", any_wrong / SHUFFLES, "", DATA,
              f"{SHUFFLES} shuffles of {len(weeks)} weeks", aim="<= 0.10 (weeks of two years differ by season too)",
              interval=(float(share.low[0]), float(share.high[0]))),
        Entry("drivers", "trend: share of irritants called up or down, weeks shuffled", wrong / max(judged, 1), "",
              DATA, f"{judged} verdicts", aim="<= 0.10"),
    ]  # fmt: skip
    same = {true: one for one, true in counterparts(mentions).items()}
    sundays = [AUTUMN[0] + timedelta(days=7 * n) for n in range((AUTUMN[1] - AUTUMN[0]).days // 7 + 1)]
    told = {"irritants as found": _up_on(counted, same.get(GROWING, UNCLASSIFIED), sundays)}
    told["true clauses"] = _up_on(_true_weeks(counted, mentions), GROWING, sundays)
    return rows + [
        Entry("drivers", f"trend: Sundays of autumn 2026 that call {GROWING} up, {name}", n, "",
              DATA, f"{len(sundays)} Sundays", aim="found: 1 or more")
        for name, n in told.items()
    ]  # fmt: skip


def _up_on(counted: pd.DataFrame, irritant_id: str, days: list[date]) -> float:
    verdicts = [trend(counted, day).set_index("irritant_id")["trend_verdict"].get(irritant_id) for day in days]
    return float(sum(one == UP for one in verdicts))


def _true_weeks(counted: pd.DataFrame, mentions: pd.DataFrame) -> pd.DataFrame:
    """irritant_weekly with the exposure as it is and the irritants as truly said."""
    group = {"survey": "survey", "post": "public", "review": "public", "call": "phone", "chat": "chat"}
    said = mentions[mentions["true_irritant"].notna()]
    week = (said["day"] - pd.to_timedelta(said["day"].dt.weekday, unit="D")).dt.date
    said = said.assign(week=week, channel_group=said["kind"].map(group).fillna("written"))
    said["who"] = said["customer_id"].fillna(said["feedback_id"])
    keys = ["week", "channel_group", "true_irritant"]
    counts = said.groupby(keys)["who"].nunique().reset_index(name="n_customers")
    counts = counts.rename(columns={"true_irritant": "irritant_id"}).assign(segment="(true)", brand="(true)")
    cells = counted[counted["irritant_id"] == UNCLASSIFIED]
    sizes = cells.groupby(["week", "channel_group"], as_index=False).agg(
        n_contacts=("n_contacts", "max"), n_active=("n_active", "max")
    )
    told = counts.assign(n_mentions=counts["n_customers"], n_heard=0).merge(sizes, on=["week", "channel_group"])
    return pd.concat([cells.assign(n_mentions=0, n_customers=0), told], ignore_index=True)


def _cost(say: Say) -> list[Entry]:
    """Seconds and memory of a million feedback rows, in a process of its own."""
    command = [sys.executable, "-m", "insights.bench.drivers_scale"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        say(f"  the million rows failed: {done.stderr.strip()[-300:]}")
        return []
    told = json.loads(done.stdout.strip().splitlines()[-1])
    return [
        Entry("drivers", row["name"], row["value"], row["unit"], "made in DuckDB", told["size"]) for row in told["rows"]
    ]
