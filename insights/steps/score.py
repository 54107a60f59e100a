"""Score: irritants by week, the churn panel, its model and every customer's risk."""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256
from typing import Any

import pandas as pd

from insights.churn.model import ChurnModel
from insights.churn.training import Parameters, fit
from insights.lake import Lake
from insights.lake.lake import Reader
from insights.lake.queries import sql
from insights.ledger import Ledger
from insights.privacy.objection import objectors, without
from insights.settings import Settings
from insights.steps.changed import FINGERPRINT, fingerprint, unchanged
from insights.steps.resolved import registry, seen
from insights.steps.run_log import StepReport, recorded
from insights.steps.weekly import weekly
from insights.steps.window import analysis_day

READS = (
    *("feedback", "answer", "invitation", "contact", "mention", "mention_irritant"),
    *("customer_snapshot", "churn_event"),
)
MODEL = "churn.json"
RULES = "score-2"  # raise it when the same rows give other tables: they are then built anew on the same day
DECLARED_SHARE = "SELECT coalesce(avg((available_basis = 'declared')::INT), 0) FROM feedback"


def score(lake: Lake, ledger: Ledger, *, run_id: str) -> StepReport:
    """Rebuild what changed; without customers only the weekly irritants."""
    with recorded(lake, run_id, "score") as report:
        objected = objectors(ledger)
        known = registry(ledger)
        reader = seen(lake, ledger, known)
        extra = {
            "objected": sha256(" ".join(sorted(objected)).encode()).hexdigest(),
            **{"registry": reader.sight.version, "rules": RULES},
        }
        read = fingerprint(lake, READS, extra)
        report.note[FINGERPRINT] = read
        if unchanged(lake, "score", read):
            report.note["said"] = "nothing new since the last run"
            return report
        counted = weekly(reader, known)
        day = analysis_day(lake)
        panel = without(_panel(reader, day), objected) if read["counts"]["customer_snapshot"] else pd.DataFrame()
        scores = _scores(lake, panel, day, report.note) if not panel.empty else pd.DataFrame()
        report.n_in = read["counts"]["feedback"]
        with lake.write() as writer:
            for name, frame in {"irritant_weekly": counted, "churn_panel": panel}.items():
                report.n_out += writer.replace(name, frame)
                report.note[name] = len(frame)
            report.n_out += writer.replace("churn_score", scores, "scored_on = $day", {"day": day})
            report.note["churn_score"] = len(scores)
    return report


def _panel(reader: Reader, day: date) -> pd.DataFrame:
    """The leak-free panel: every month end with a CRM picture, and the scoring day itself."""
    settings = reader.lake.settings
    return reader.read(
        sql("churn_panel"),
        first_t0=reader.scalar("SELECT min(as_of) FROM customer_snapshot"),
        last_t0=day,
        complete_through=day,
        household_gap=settings.household_gap_days,
        household_horizon=settings.household_horizon_days,
        business_gap=settings.business_gap_days,
        business_horizon=settings.business_horizon_days,
        competitors=list(settings.competitors),
    )


def _scores(lake: Lake, panel: pd.DataFrame, day: date, note: dict[str, Any]) -> pd.DataFrame:
    """Fit the month's model unless it is there, and score the customers of the scoring day.

    A card is replaced as soon as enough departures are known; a model whose attribution an older version made, at once.
    """
    model = load_model(lake.settings, day)
    if model is None or model.kind == "card" or model.attribution is None or not model.attribution.current:
        model = fit(
            panel, Parameters.from_settings(lake.settings), day, lake.settings.seed, lake.scalar(DECLARED_SHARE)
        )
        model.save(model_path(lake.settings, day))
        card = lake.settings.models_dir / f"churn-{day:%Y-%m}-card.json"
        card.write_text(json.dumps(model.model_card(), ensure_ascii=False, indent=1, default=str), encoding="utf-8")
    note["model"] = model.version
    today = panel[pd.to_datetime(panel["t0"]) == pd.Timestamp(day)]
    return model.predict(today, day) if not today.empty else pd.DataFrame()


def model_path(settings: Settings, day: date) -> Any:
    """The model of a month: it is fitted once a month, as models age within a few periods."""
    return settings.models_dir / f"churn-{day:%Y-%m}.json"


def load_model(settings: Settings, day: date) -> ChurnModel | None:
    """The month's model, or None when it has not been fitted."""
    path = model_path(settings, day)
    return ChurnModel.load(path) if path.exists() else None
