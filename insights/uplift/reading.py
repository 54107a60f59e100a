"""The readings of an experiment: rows of `callback_effect`, one an outcome and segment, with a verdict."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from insights.cases.holdout import CALL, Experiment
from insights.uplift.itt import Effect, covariates, intention_to_treat

EVERYBODY = "(all)"
DEPARTURE, COMPLAINT, SCORE = "departure", "complaint", "score"
OUTCOMES = (DEPARTURE, COMPLAINT, SCORE)
TOO_EARLY, TOO_FEW, WORKS, HARMS, NOT_SHOWN = "too_early", "too_few", "works", "harms", "not_shown"
VERDICTS = (TOO_EARLY, TOO_FEW, WORKS, HARMS, NOT_SHOWN)


def outcomes(
    entered: pd.DataFrame, departures: pd.DataFrame, complaints: pd.DataFrame, scores: pd.DataFrame, until: date
) -> pd.DataFrame:
    """One row a customer whose horizon is over by `until`: the columns of `entered`, and one a name of OUTCOMES.

    `entered`: `entries` with `entered_on` (date) and `horizon_days`. `departures` (customer_id, on): chosen departures as
    we learn of them; `complaints` (customer_id, on): formal ones; `scores` (customer_id, on, value): answers 0 to 10.
    A day counts when it lies after the entry and within the horizon. score: last answer after less last one before, NaN
    where either is missing.
    """
    over = [on + timedelta(days=int(days)) <= until
            for on, days in zip(entered["entered_on"], entered["horizon_days"], strict=True)]  # fmt: skip
    ripe = entered[np.array(over, dtype=bool)].reset_index(drop=True)
    return ripe.assign(
        departure=_happened(ripe, departures), complaint=_happened(ripe, complaints), score=_change(ripe, scores)
    )


def _within(ripe: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """The events of entered customers, each with `after`: days since the entry."""
    joined = ripe[["customer_id", "entered_on", "horizon_days"]].merge(events, on="customer_id")
    after = pd.to_datetime(joined["on"]) - pd.to_datetime(joined["entered_on"])
    return joined.assign(after=after.dt.days)


def _happened(ripe: pd.DataFrame, events: pd.DataFrame) -> pd.Series:
    found = _within(ripe, events)
    inside = found[(found["after"] > 0) & (found["after"] <= found["horizon_days"])]
    return ripe["customer_id"].isin(inside["customer_id"]).astype(float)


def _change(ripe: pd.DataFrame, scores: pd.DataFrame) -> pd.Series:
    found = _within(ripe, scores).sort_values(["customer_id", "after", "value"])
    later = found[(found["after"] > 0) & (found["after"] <= found["horizon_days"])]
    after = later.drop_duplicates("customer_id", keep="last").set_index("customer_id")["value"]
    before = found[found["after"] <= 0].drop_duplicates("customer_id", keep="last").set_index("customer_id")["value"]
    return ripe["customer_id"].map(after - before).astype(float)


def read(
    ripe: pd.DataFrame, n_entered: int, experiment: Experiment, today: date, unit_of: pd.Series | None = None
) -> pd.DataFrame:
    """Rows of CALLBACK_EFFECT: every outcome for everybody, and the departures of each segment.

    `ripe`: rows of `outcomes` for those whose horizon is over by the declared day. Before that day every verdict is
    `too_early`: the figures stand beside it and are no result.
    """
    rows = [
        _row(name, segment, members, experiment, today, unit_of) | {"n_entered": n_entered}
        for name, segment, members in _groups(ripe)
    ]
    return pd.DataFrame(rows)


def _groups(ripe: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    for name in OUTCOMES:
        yield name, EVERYBODY, ripe
    for segment in sorted(ripe["segment"].dropna().unique()):
        yield DEPARTURE, str(segment), ripe[ripe["segment"] == segment]


def _row(
    name: str, segment: str, members: pd.DataFrame, experiment: Experiment, today: date, unit_of: pd.Series | None
) -> dict[str, Any]:
    known = members[members[name].notna()].reset_index(drop=True)
    found = _estimate(known, name, unit_of) if len(known) else None
    called = known["arm"] == CALL
    return {
        "experiment_id": experiment.experiment_id,
        "outcome": name,
        "segment": segment,
        "read_at": today,
        "read_on": experiment.read_on,
        "n_called": int(called.sum()),
        "n_held": int((~called).sum()),
        "n_events_called": None if name == SCORE else int(known.loc[called, name].sum()),
        "n_events_held": None if name == SCORE else int(known.loc[~called, name].sum()),
        "mean_called": _mean(known.loc[called, name]) if found is None else found.mean_called,
        "mean_held": _mean(known.loc[~called, name]) if found is None else found.mean_held,
        "effect": None if found is None else found.points,
        "effect_low": None if found is None else found.low,
        "effect_high": None if found is None else found.high,
        "relative": None if found is None else found.relative,
        "relative_low": None if found is None else found.relative_low,
        "relative_high": None if found is None else found.relative_high,
        "verdict": verdict(found, name, today < experiment.read_on),
    }


def _mean(values: pd.Series) -> float | None:
    return float(values.mean()) if len(values) else None


def _estimate(known: pd.DataFrame, name: str, unit_of: pd.Series | None) -> Effect | None:
    x = covariates(known["probability"], known["segment"], known["stratum"])
    unit = known["customer_id"].map(unit_of).fillna(known["customer_id"]) if unit_of is not None else None
    return intention_to_treat(known["arm"] == CALL, known[name], x, unit)


def verdict(found: Effect | None, name: str, early: bool) -> str:
    """What may be said: fewer departures and complaints are good, a higher score is."""
    if early:
        return TOO_EARLY
    if found is None:
        return TOO_FEW
    if found.low <= 0 <= found.high:
        return NOT_SHOWN
    return WORKS if (found.points > 0) == (name == SCORE) else HARMS


def measured_cut(rows: pd.DataFrame) -> float | None:
    """The relative cut that calls were shown to have, for the day's list: negative where they harm; None until shown."""
    whole = rows[(rows["outcome"] == DEPARTURE) & (rows["segment"] == EVERYBODY) & rows["verdict"].isin([WORKS, HARMS])]
    newest = whole.sort_values(["read_on", "experiment_id"]).tail(1)
    return -float(newest["relative"].iloc[0]) if len(newest) else None
