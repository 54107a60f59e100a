"""The churn model that serves: scores with intervals and exact reasons, stored as JSON (never a pickle)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import norm

from insights.churn.attribution import Attribution
from insights.churn.calibrate import Sigmoid
from insights.churn.card import PointsCard, card_from_dict
from insights.churn.design import Design
from insights.churn.fitted import Fitted, fitted_from_dict
from insights.churn.panel import prepare
from insights.churn.reasons import card_reasons, model_reasons
from insights.contracts import CHURN_SCORE
from insights.errors import ModelError
from insights.intervals import Array

LEVEL = 0.90
FORMAT = 2
Twin = tuple[Design, Fitted]


def line_key(gap_days: int, horizon_days: int) -> str:
    """Name of a line of business in a stored model."""
    return f"{gap_days}+{horizon_days}"


@dataclass(frozen=True)
class ChurnModel:
    """kind: card, logistic, lightgbm or ebm. The card is always there; the rest only with a fitted model.

    `forward`: by line of business, the model of the forward test. It never saw the last matured months: next month's
    refit is measured against it.
    """

    kind: str
    as_of: date
    version: str
    card: PointsCard
    report: Mapping[str, Any]
    design: Design | None = None
    fitted: Fitted | None = None
    sigmoids: Mapping[str, Sigmoid] | None = None
    attribution: Attribution | None = None
    forward: Mapping[str, Twin] = field(default_factory=dict)

    @classmethod
    def of_card(cls, card: PointsCard, as_of: date, report: Mapping[str, Any]) -> Self:
        return cls("card", as_of, f"card-{card.version}", card, dict(report))

    @classmethod
    def of_fitted(
        cls,
        card: PointsCard,
        as_of: date,
        report: Mapping[str, Any],
        design: Design,
        fitted: Fitted,
        sigmoids: Mapping[str, Sigmoid],
        attribution: Attribution,
        forward: Mapping[str, Twin] | None = None,
    ) -> Self:
        digest = hashlib.sha256(fitted.digest() + "|".join(design.names).encode()).hexdigest()[:8]
        version = f"{fitted.kind}-{as_of.isoformat()}-{digest}"
        return cls(
            fitted.kind, as_of, version, card, dict(report), design, fitted, dict(sigmoids), attribution,
            dict(forward or {}),
        )  # fmt: skip

    def predict(self, panel: pd.DataFrame, scored_on: date | None = None) -> pd.DataFrame:
        """One row of churn_score per panel row, rank 1 first.

        Probability with its 90 % interval (standard error of the log-odds, by customer: each kind's `error`), NULL
        for the card; index 0 to 100 always; reasons as JSON. `scored_on` defaults to each row's t0.
        """
        rows = prepare(panel)
        scored = pd.DataFrame(
            {"customer_id": rows["customer_id"], "model_kind": self.kind, "model_version": self.version}
        )
        scored["scored_on"] = rows["t0"].dt.date if scored_on is None else scored_on
        scored["index"] = self.card.index(rows)
        scored["value_eur"] = rows["value_eur"].to_numpy(float)
        scored = scored.assign(**self._probabilities(rows))
        scored["expected_loss_eur"] = scored["probability"] * scored["value_eur"]
        risk = "index" if self.kind == "card" else "probability"
        order = scored.sort_values([risk, "value_eur", "customer_id"], ascending=[False, False, True], kind="stable")
        order = order.assign(rank=np.arange(1, len(order) + 1))
        return order.loc[:, list(CHURN_SCORE.column_names)].reset_index(drop=True)

    def _probabilities(self, rows: pd.DataFrame) -> dict[str, Any]:
        if self.design is None or self.fitted is None:
            empty = np.full(len(rows), np.nan)
            reasons = card_reasons(self.card, rows)
            return {"probability": empty, "probability_low": empty, "probability_high": empty, "reasons": reasons}
        slope, intercept = self.calibration(rows)
        eta = intercept + slope * self.fitted.log_odds(self.design, rows)
        half = norm.ppf(0.5 + LEVEL / 2) * np.abs(slope) * self.fitted.error(self.design, rows)
        terms = slope[:, None] * self.fitted.terms(self.design, rows)
        return {
            "probability": expit(eta),
            "probability_low": expit(eta - half),
            "probability_high": expit(eta + half),
            "reasons": model_reasons(self.design, rows, terms),
        }

    def calibration(self, rows: pd.DataFrame) -> tuple[Array, Array]:
        """(n,) slope and (n,) intercept of each row's line of business; 1 and 0 where none was needed."""
        known = self.sigmoids or {}
        pairs = zip(rows["gap_days"], rows["horizon_days"], strict=True)
        found = [known.get(line_key(int(gap), int(horizon)), Sigmoid()) for gap, horizon in pairs]
        return np.array([one.slope for one in found], dtype=float), np.array(
            [one.intercept for one in found], dtype=float
        )

    def model_card(self) -> dict[str, Any]:
        """What a reader needs to trust or doubt it: kind, dates, data, forward figures, limits."""
        return {
            "model_kind": self.kind,
            "model_version": self.version,
            "card_version": self.card.version,
            **self.report,
            "features_never_used": ["age_band", "digital_habit"],
            "use": "orders helpful contact; a person decides; never price, refusal or termination",
        }

    def to_json(self) -> str:
        """The whole model as JSON; `from_json` gives the same scores to the last bit."""
        stored: dict[str, Any] = {
            "format": FORMAT,
            "kind": self.kind,
            "as_of": self.as_of.isoformat(),
            "version": self.version,
            "card": self.card.as_dict(),
            "report": self.report,
        }
        if self.design is not None and self.fitted is not None:
            stored["model"] = _twin_dict((self.design, self.fitted))
            stored["sigmoids"] = {key: [one.slope, one.intercept] for key, one in (self.sigmoids or {}).items()}
            stored["forward"] = {key: _twin_dict(twin) for key, twin in self.forward.items()}
        if self.attribution is not None:
            stored["attribution"] = self.attribution.as_dict()
        return json.dumps(stored, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The model of `to_json`. Raises ModelError for another format."""
        stored = json.loads(text)
        if not isinstance(stored, dict):
            raise ValueError("no JSON object")
        if stored.get("format") != FORMAT:
            raise ModelError(f"This churn model has format {stored.get('format')!r}, {FORMAT} is read: fit it again.")
        design, fitted = _twin(stored["model"]) if "model" in stored else (None, None)
        return cls(
            kind=stored["kind"],
            as_of=date.fromisoformat(stored["as_of"]),
            version=stored["version"],
            card=card_from_dict(stored["card"]),
            report=stored["report"],
            design=design,
            fitted=fitted,
            sigmoids={key: Sigmoid(*pair) for key, pair in stored["sigmoids"].items()} if fitted is not None else None,
            attribution=Attribution.from_dict(stored["attribution"]) if "attribution" in stored else None,
            forward={key: _twin(one) for key, one in stored.get("forward", {}).items()},
        )


def _twin_dict(twin: Twin) -> dict[str, Any]:
    design, fitted = twin
    return {"kind": fitted.kind, "design": design.as_dict(), "fitted": fitted.as_dict()}


def _twin(stored: Mapping[str, Any]) -> Twin:
    return Design.from_dict(stored["design"]), fitted_from_dict(stored["kind"], stored["fitted"])
