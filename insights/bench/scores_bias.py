"""Distance to the true score, raw and corrected: on simulated portfolios without texts, and on the demo company's lake.

Only the benchmark reads the truth. The simulated portfolios plant the bias the product does not know of: seniors and
those who avoid technology answer more and are happier.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from insights.bench.pipeline import bench_settings
from insights.bench.report import Entry
from insights.bench.scores_shared import PART, Say
from insights.contracts import RESPONSE_CELL
from insights.intervals import Array
from insights.lake import Lake
from insights.metrics import summarise
from insights.simulate import calendar, customers, scores, world
from insights.simulate.block import trained_teams
from insights.simulate.customers import AGE_BANDS, HABITS
from insights.simulate.invitations import RELATIONAL, Invitations
from insights.simulate.plan import demo_plan
from insights.simulate.state import World
from insights.simulate.surveys import Answers
from insights.steps.measure import measure
from insights.steps.stores import stores
from insights.weighting import VARIABLES, cell_weights, rake
from insights.weighting.cells import grouped_levels

SEEDS = range(101, 107)
SURVEY = "relational"
USED = [name for name in VARIABLES if name != "channel"]
WAVE_DAYS = 10
SIMULATED = "simulated portfolios"
MONTHLY = """
SELECT * FROM metric_daily WHERE metric = $metric AND survey = $survey AND denominator_weighted IS NOT NULL
"""


def bias_entries(say: Say) -> list[Entry]:
    """Mean distance to the true NPS over the waves of several portfolios, beside raw and beside propensity first."""
    waves = pd.DataFrame([row for seed in SEEDS for row in portfolio(seed)])
    off = waves[["raw", "corrected", "propensity"]].sub(waves["truth"], axis=0)
    far = off.abs().mean()
    nearer = float((off["corrected"].abs() < off["raw"].abs()).mean())
    say(f"  {len(waves)} waves: raw {far['raw']:.2f} points from the truth, corrected {far['corrected']:.2f}")
    size, data = f"{len(waves)} waves, {len(SEEDS)} portfolios of 12,000", SIMULATED
    return [
        Entry(PART, "NPS: mean distance to the truth, corrected", far["corrected"], "points", data, size,
              aim="under raw", rival="raw", rival_value=far["raw"]),
        Entry(PART, "NPS: mean distance to the truth, corrected", far["corrected"], "points", data, size,
              rival="response propensity, then raking", rival_value=far["propensity"]),
        Entry(PART, "NPS: mean error, corrected", off["corrected"].mean(), "points", data, size, aim="0",
              rival="raw", rival_value=off["raw"].mean()),
        Entry(PART, "NPS: waves in which the corrected score is nearer", nearer, "", data, size),
    ]  # fmt: skip


def portfolio(seed: int) -> Iterator[dict[str, float]]:
    """True, raw and corrected NPS of each wave of one portfolio."""
    state, sent, given = simulated(seed)
    for wave in state.waves:
        profile = profiles(state, wave.customer, wave.day)
        asked = sent.take(np.abs(sent.at // calendar.DAY_S - wave.day) < WAVE_DAYS)
        marks = scores.whole(given.value[np.abs(sent.at // calendar.DAY_S - wave.day) < WAVE_DAYS])
        place = pd.Series(np.arange(len(profile)), index=wave.customer)
        rows = profile.iloc[place[asked.customer].to_numpy()].reset_index(drop=True)
        said = marks[asked.answered]
        answered = rows[asked.answered].reset_index(drop=True)
        truth = next(row[-1] for row in given.truth_rows if row[0] == calendar.date_of(wave.day) and row[2] == "all")
        yield {
            "truth": truth,
            "raw": nps(said, np.ones(len(said))),
            "corrected": nps(said, _product(profile, rows, asked.answered, answered)),
            "propensity": nps(said, _propensity_first(profile, rows, asked.answered, answered)),
        }


def simulated(seed: int) -> tuple[World, Invitations, Answers]:
    """A portfolio of the demo's size, its relationship survey and what everybody asked would say. No text is written."""
    plan, draw = demo_plan(), [np.random.default_rng([seed, 0, stage]) for stage in range(4)]
    state = world.simulate(customers.build(plan, draw[1], 1), plan, trained_teams(seed), draw[2])
    sent = Invitations.join(state.invitations)
    sent = sent.take((sent.survey == RELATIONAL) & (sent.reason == 0) & (sent.at < calendar.last_second()))
    return state, sent, Answers(state, sent, state.contacts[0], draw[3])


def profiles(state: World, who: np.ndarray, day: int) -> pd.DataFrame:
    """The weighting variables of customers on a day, as response_cell names their levels."""
    pop = state.pop
    tenure = np.searchsorted(scores.TENURE_EDGES, day - pop.arrival[who])
    margin = pop.margin_eur[who]
    return pd.DataFrame(
        {
            "age_band": np.array(AGE_BANDS)[pop.age[who]],
            "digital_habit": np.array(HABITS)[pop.habit[who]],
            "tenure_band": np.array(("0-3", "4-14", "15-36", "37+"))[tenure],
            "segment": np.where(pop.business[who], "small_business", "household"),
            "channel": "(none)",
            "value_band": (1 + np.searchsorted(np.quantile(margin, [0.25, 0.5, 0.75]), margin)).astype(str),
        }
    )


def nps(marks: Array, weights: Array) -> float:
    return float(100 * (weights * ((marks >= 9).astype(float) - (marks <= 6))).sum() / weights.sum())


def _product(profile: pd.DataFrame, asked: pd.DataFrame, answers: np.ndarray, answered: pd.DataFrame) -> Array:
    """Weights of the answers as the product makes them, from counts by cell."""
    keys = list(VARIABLES)
    n_asked = asked.assign(n_answered=answers, n_silent=~answers).groupby(keys)[["n_answered", "n_silent"]].sum()
    everybody = profile.groupby(keys).size().rename("n_all")
    cells = pd.concat([everybody, n_asked], axis=1).fillna(0).astype(int).reset_index()
    cells["n_never_asked"] = cells["n_all"] - cells["n_answered"] - cells["n_silent"]
    cells = cells.assign(survey=SURVEY, month=pd.Timestamp(2026, 10, 1).date())[list(RESPONSE_CELL.column_names)]
    weights = cell_weights(cells, {SURVEY: "customers"})
    return np.asarray(answered.merge(weights, on=keys, how="left")["weight"], dtype=float)


def _propensity_first(profile: pd.DataFrame, asked: pd.DataFrame, answers: np.ndarray, answered: pd.DataFrame) -> Array:
    """Weights of the answers by a logistic model of who answers, then raked: the rival."""
    coded = pd.get_dummies(asked[USED]).astype(float)
    chance = LogisticRegression(max_iter=1000).fit(coded, answers).predict_proba(coded)[:, 1][answers]
    both = pd.concat([answered, profile], ignore_index=True)
    in_answers = np.r_[np.ones(len(answered)), np.zeros(len(profile))]
    levels = [grouped_levels(both[name], in_answers, 1 - in_answers) for name in USED]
    codes = [code[: len(answered)] for code, _ in levels]
    return rake(codes, [target for _, target in levels], start=1 / chance).weights


def lake_entries(say: Say) -> list[Entry]:
    """The same on the demo company's own lake, through every step of the product, for each wave and for CSAT."""
    settings = bench_settings()
    if not (settings.lake_dir / "catalog.sqlite").exists():
        say(f"  no lake at {settings.lake_dir} (voc bench demo makes it): its waves are left out")
        return []
    truth = pd.read_parquet(settings.data_dir / "truth" / "scores.parquet")
    truth = truth[truth["segment"] == "all"].assign(month=lambda rows: pd.to_datetime(rows["wave"]).dt.to_period("M"))
    csat = [name for name in sorted(truth["metric"].unique()) if name.startswith("csat_")]
    with stores(settings) as (lake, ledger):
        measure(lake, ledger, run_id="bench-scores")
        waves = [_entry(lake, "nps", SURVEY, rows, 1.0, f"wave {month}") for month, rows in _of(truth, "nps")]
        others = [
            _entry(lake, "csat", name.removeprefix("csat_"), truth[truth["metric"] == name], 100.0, "CSAT")
            for name in csat
        ]
    found = [entry for entry in waves if entry]
    return [*found, *([_mean(found)] if found else []), *(entry for entry in others if entry)]


def _mean(waves: list[Entry]) -> Entry:
    ours, raw = (float(np.mean([getattr(one, name) for one in waves])) for name in ("value", "rival_value"))
    size, label = f"{len(waves)} waves", "NPS: mean distance of the corrected score to the truth"
    return Entry(PART, label, ours, "points", "demo company", size, aim="under raw", rival="raw", rival_value=raw)


def _of(truth: pd.DataFrame, metric: str) -> list[tuple[str, pd.DataFrame]]:
    return [(str(month), rows) for month, rows in truth[truth["metric"] == metric].groupby("month")]


def _entry(lake: Lake, metric: str, survey: str, truth: pd.DataFrame, unit: float, name: str) -> Entry | None:
    """Distance of the corrected score to the true one over the months of `truth` that have weights, beside raw; or None."""
    daily = lake.read(MONTHLY, metric=metric, survey=survey)
    month = pd.to_datetime(daily["day"]).dt.to_period("M")
    both = sorted(set(month) & set(truth["month"]))
    rows = truth[truth["month"].isin(both)]
    if rows.empty:
        return None
    level = unit * float(np.average(rows["value"], weights=rows["n"]))
    found = summarise(daily[month.isin(both)], metric, min_n=1).iloc[0]
    raw, corrected = (abs(found[column] - level) for column in ("value", "value_corrected"))
    size = f"{int(found['n'])} answers, {found['n_effective']:.0f} effective; true {level:.1f}"
    label = f"{name}, {survey}: distance of the corrected score to the truth"
    return Entry(PART, label, corrected, "points", "demo company", size, aim="under raw", rival="raw", rival_value=raw)
