"""One customer's score taken apart: exact additive terms by family, what stands behind each, and what is not known.

Any kind of model: the terms are its own and sum with its base to the log-odds that were scored.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from insights.churn.model import ChurnModel
from insights.churn.reasons import Reason, card_reasons, model_reasons
from insights.errors import ModelError
from insights.intervals import Array

SCORED, OBJECTED, UNKNOWN, NO_PICTURE, LEFT, LEAVING, STALE, NEW, NOT_RUN = (
    *("scored", "objected", "unknown", "no_picture", "left", "leaving", "stale", "new", "not_run"),
)
COLUMNS = ["row", "customer_id", "family", "code", "contribution"]


@dataclass(frozen=True)
class FamilyTerm:
    """What one family does to one score: `contribution` in log-odds (the card: points), and the fact that weighs most.

    `reason` is None where the family says nothing worth a sentence.
    """

    family: str
    contribution: float
    reason: Reason | None


@dataclass(frozen=True)
class Anatomy:
    """A score in parts. `base`: log-odds of the average customer; base + sum of families = `total`, exactly.

    With the card base is 0 and the parts are points, whose sum is capped at 100.
    """

    kind: str
    base: float
    total: float
    families: tuple[FamilyTerm, ...]
    unknown: tuple[str, ...]

    @property
    def base_probability(self) -> float | None:
        """Probability of a customer of whom every term is average; None for the card."""
        return None if self.kind == "card" else float(expit(self.base))


@dataclass(frozen=True)
class Explanation:
    """What can be said of one customer's score.

    `status` is scored, or why there is no score: objected, unknown, no_picture (heard from, in no CRM picture), left,
    leaving, stale (gone from the CRM), new, not_run. `day`: the scoring day; of who left or went stale, since when;
    `cause`: of who left. `score`: the row of churn_score and n_scored. `anatomy` is None where the model that scored is
    no longer stored.
    """

    customer_id: str
    status: str
    score: Mapping[str, Any] = field(default_factory=dict)
    anatomy: Anatomy | None = None
    day: date | None = None
    cause: str | None = None

    @property
    def reasons(self) -> list[Reason]:
        """The reasons stored with the score, the strongest first."""
        return list(json.loads(self.score.get("reasons") or "[]"))


def terms(model: ChurnModel, rows: pd.DataFrame) -> pd.DataFrame:
    """Every term of prepared rows: row (position), customer_id, family, code, contribution (log-odds; card: points).

    For a model the terms of a row and `base` sum exactly to its log-odds; codes of irritants are `irritant:<id>`.
    """
    if model.kind == "card":
        values = model.card.points(rows)
        named = [(rule.family, rule.code) for rule in model.card.rules]
    else:
        values, named = _terms(model, rows), list(zip(*_names(model), strict=True))
    n, p = values.shape
    return pd.DataFrame(
        {
            "row": np.repeat(np.arange(n), p),
            "customer_id": np.repeat(rows["customer_id"].to_numpy(), p),
            "family": [family for family, _ in named] * n,
            "code": [code for _, code in named] * n,
            "contribution": values.ravel(),
        }
    )[COLUMNS]


def base(model: ChurnModel, rows: pd.DataFrame) -> Array:
    """(n,) log-odds before any term, calibrated for each row's line of business; zeros for the card."""
    if model.fitted is None:
        return np.zeros(len(rows))
    slope, intercept = model.calibration(rows)
    return np.asarray(intercept + slope * model.fitted.intercept, dtype=float)


def log_odds(model: ChurnModel, rows: pd.DataFrame) -> Array:
    """(n,) log-odds of prepared rows as they are scored; the card: its index."""
    if model.design is None or model.fitted is None:
        return model.card.index(rows)
    slope, intercept = model.calibration(rows)
    return np.asarray(intercept + slope * model.fitted.log_odds(model.design, rows), dtype=float)


def anatomy(model: ChurnModel, row: pd.DataFrame) -> Anatomy:
    """The parts of one customer's score, the heaviest family first. `row`: one prepared panel row.

    Raises ModelError for any other number of rows.
    """
    if len(row) != 1:
        raise ModelError(f"An explanation is of one customer on one day; {len(row)} rows were given.")
    each = terms(model, row).groupby("family", sort=False)["contribution"].sum()
    said = _card_said(model, row) if model.kind == "card" else _model_said(model, row)
    found = [FamilyTerm(str(family), float(value), said.get(str(family))) for family, value in each.items()]
    families = tuple(sorted(found, key=lambda one: (-abs(one.contribution), one.family)))
    total = float(log_odds(model, row)[0])
    return Anatomy(model.kind, float(base(model, row)[0]), total, families, unknown(row))


def unknown(row: pd.DataFrame) -> tuple[str, ...]:
    """Codes of what the panel does not know of a customer: usage_last_year, tenure, nps_never_asked, nps_silent,
    nps_none, satisfaction_90d, effort_90d, value."""
    one = row.iloc[0]
    found = []
    if not bool(one["usage_known"]):
        found.append("usage_last_year")
    if pd.isna(one["tenure_months"]):
        found.append("tenure")
    if pd.isna(one["nps_last"]):
        silent = one["n_silent_365d"] > 0
        found.append("nps_never_asked" if bool(one["never_asked"]) else "nps_silent" if silent else "nps_none")
    found += ["satisfaction_90d"] if pd.isna(one["csat_last_share"]) else []
    found += ["effort_90d"] if pd.isna(one["ces_last_share"]) else []
    found += ["value"] if pd.isna(one["value_eur"]) else []
    return tuple(found)


def _terms(model: ChurnModel, rows: pd.DataFrame) -> Array:
    """(n, p) calibrated log-odds of each column."""
    assert model.design is not None and model.fitted is not None
    slope, _ = model.calibration(rows)
    return np.asarray(slope[:, None] * model.fitted.terms(model.design, rows), dtype=float)


def _names(model: ChurnModel) -> tuple[Sequence[str], Sequence[str]]:
    assert model.design is not None
    return model.design.families, model.design.names


def _model_said(model: ChurnModel, row: pd.DataFrame) -> dict[str, Reason]:
    """Family -> the sayable term that pushes most in the family's own direction."""
    assert model.design is not None
    values = _terms(model, row)[0]
    families = np.array(model.design.families)
    names = list(dict.fromkeys(model.design.families))
    alone = np.array([np.where(families == name, values, 0.0) for name in names])
    signs = np.sign(alone.sum(axis=1))
    repeated = pd.concat([row] * len(names), ignore_index=True)
    told = model_reasons(model.design, repeated, alone * signs[:, None])
    found: dict[str, Reason] = {}
    for sign, text in zip(signs, told, strict=True):
        for reason in json.loads(text):
            found[reason["family"]] = {**reason, "contribution": float(sign) * reason["contribution"]}
    return found


def _card_said(model: ChurnModel, row: pd.DataFrame) -> dict[str, Any]:
    return {reason["family"]: reason for reason in json.loads(card_reasons(model.card, row)[0])}
