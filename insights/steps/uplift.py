"""Whom a call keeps: fitted once a month on experiments whose day of reading has come; used only where shown to help."""

from __future__ import annotations

import json
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from insights.cases.holdout import CALL
from insights.churn.design import Design
from insights.churn.panel import prepare
from insights.contracts import CALLBACK_UPLIFT
from insights.intervals import Array
from insights.keys import replace_file
from insights.lake import Lake
from insights.ledger import Ledger
from insights.privacy.objection import objectors, without
from insights.steps import arms
from insights.steps.effect import followed
from insights.steps.window import analysis_day
from insights.uplift.qini import Qini
from insights.uplift.worth import FEWEST_EVENTS, missing_events

# what was known of a customer when they entered: the last month end before, never the day of the call
BEFORE = """
SELECT p.* FROM churn_panel p JOIN (SELECT unnest($ids) AS customer_id, unnest($days)::DATE AS entered_on) e
USING (customer_id) WHERE p.t0 < e.entered_on
QUALIFY row_number() OVER (PARTITION BY p.customer_id ORDER BY p.t0 DESC) = 1
"""
TODAY = "SELECT * FROM churn_panel WHERE t0 = (SELECT max(t0) FROM churn_panel)"
PREDICTED = "SELECT customer_id, avoided_probability FROM callback_uplift"


def avoided_by_customer(lake: Lake) -> dict[str, float]:
    """Share of departures a call avoids, by customer; empty until a model was shown to rank better than chance."""
    found = lake.read(PREDICTED)
    return dict(zip(found["customer_id"].astype(str), found["avoided_probability"].astype(float), strict=True))


def refresh_uplift(
    lake: Lake, ledger: Ledger, *, fewest: int = FEWEST_EVENTS, trees: int | None = None
) -> dict[str, str]:
    """Fit, judge and, where the Qini interval lies above 0, write the month's predictions; what to say in the run's note.

    Nothing happens before the day of reading, below `fewest` departures in an arm, or twice in a month. A month's judgement
    stands beside the churn models, `uplift-YYYY-MM.json`; a month that is not shown takes the predictions before it away.
    """
    day = analysis_day(lake)
    done = [one for one in arms.experiments(ledger) if one.read_on <= day]
    if not done or _card(lake, day).exists():
        return {}
    frames = [followed(lake, ledger, one, day) for one in done]
    ripe = pd.concat([frame for frame, _, _ in frames], ignore_index=True).drop_duplicates("customer_id")
    unit_of = pd.concat([of for _, _, of in frames])
    unit_of = unit_of[~unit_of.index.duplicated()]
    by_arm = ripe.groupby("arm")["departure"].sum()
    n_called = int(by_arm.get(CALL, 0))
    missing = missing_events(n_called, int(by_arm.sum()) - n_called, fewest)
    if any(missing):
        return {"uplift": f"{missing[0]} departures missing among those called, {missing[1]} among those held out"}
    if find_spec("econml") is None:
        return {"uplift": "econml is not installed: pip install 'voc-insights[uplift]'"}
    return _fit(lake, ledger, ripe, unit_of, {"fewest": fewest} | ({"trees": trees} if trees else {}))


def _fit(
    lake: Lake, ledger: Ledger, ripe: pd.DataFrame, unit_of: pd.Series[str], options: dict[str, int]
) -> dict[str, str]:
    from insights.uplift.learner import fitted, judged, predicted

    panel = prepare(lake.read(BEFORE, ids=list(ripe["customer_id"]), days=[str(one) for one in ripe["entered_on"]]))
    rows = panel.merge(ripe, on="customer_id", suffixes=("", "_entered"))
    design = Design.learn(rows)
    x, called, left = design.matrix(rows), (rows["arm"] == CALL).to_numpy(), rows["departure"].to_numpy()
    unit = rows["customer_id"].map(unit_of).fillna(rows["customer_id"]).to_numpy()
    risk = rows["probability"].fillna(left.mean()).to_numpy(dtype=float)
    seed = lake.settings.seed
    _, found = judged(x, called, left, unit, risk, seed=seed, **options)
    predictions = pd.DataFrame(columns=list(CALLBACK_UPLIFT.column_names))
    if found.usable:
        trees = {name: value for name, value in options.items() if name == "trees"}
        forest = fitted(x, called, left, seed=seed, **trees)
        today = without(prepare(lake.read(TODAY)), objectors(ledger))
        predictions = _rows(today["customer_id"], predicted(forest, design.matrix(today)), found, analysis_day(lake))
    with lake.write() as writer:
        writer.replace("callback_uplift", predictions)
    return _judgement(lake, found, len(rows), int(left.sum()))


def _rows(customers: pd.Series[str], avoided: Array, found: Qini, day: date) -> pd.DataFrame:
    shared = {"scored_on": day, "qini": found.value, "qini_low": found.low, "qini_high": found.high}
    return pd.DataFrame({"customer_id": customers, "avoided_probability": avoided}).assign(**shared)


def _judgement(lake: Lake, found: Qini, n: int, n_left: int) -> dict[str, str]:
    """Write the month's judgement, and say it."""
    told = {"qini": found.value, "low": found.low, "high": found.high, "usable": found.usable, "n": n, "n_left": n_left}
    replace_file(_card(lake, analysis_day(lake)), json.dumps(told, indent=1).encode())
    said = "calls are ranked by whom they keep" if found.usable else "not shown to rank better than chance"
    return {"uplift": said, "qini": f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"}


def _card(lake: Lake, day: date) -> Path:
    return lake.settings.models_dir / f"uplift-{day:%Y-%m}.json"
