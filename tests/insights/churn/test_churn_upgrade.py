"""A model of this month that an older version made is fitted again; who was heard from in 90 days, by any channel."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from insights.churn import Parameters, fit
from insights.churn.attribution import VERSION, Attribution
from insights.churn.card import load_card
from insights.churn.facts import Context
from insights.churn.panel import IN_TOUCH, prepare
from insights.keys import KeyRing
from insights.lake import Lake
from insights.steps.churn_models import load_model, model_path, month_model, save_model
from insights.steps.signed import write_signed

AS_OF = date(2026, 10, 31)
CARD = Path(__file__).parents[3] / "data" / "reference" / "churn_card.yaml"


@pytest.mark.faults
def test_a_stored_model_with_an_old_attribution_is_fitted_again(lake: Lake, panel: pd.DataFrame) -> None:
    settings, nothing = lake.settings, Context()
    model = fit(panel, Parameters(load_card(CARD), capacity=100, draws=60), AS_OF, seed=1)
    assert model.attribution is not None and model.attribution.current
    stored = json.loads(model.to_json())
    del stored["attribution"]["version"]
    stored["attribution"]["beta"] = [0.0] * len(stored["attribution"]["beta"])
    old = Attribution.from_dict(stored["attribution"])
    assert old.version == 1 < VERSION and not old.current
    path = model_path(settings, AS_OF)
    write_signed(path, json.dumps(stored), KeyRing(settings.keys_dir))
    month_model(settings, lambda: panel, AS_OF, nothing, {})
    again = load_model(settings, AS_OF)
    assert again is not None and again.attribution is not None
    assert again.attribution.current and any(again.attribution.fitted.beta)
    save_model(settings, AS_OF, model)
    month_model(settings, lambda: panel, AS_OF, nothing, {})
    assert path.read_text() == model.to_json(), "a model of this version stays for the month"


def test_who_wrote_a_post_or_a_comment_was_heard_from(panel: pd.DataFrame) -> None:
    silent = {"n_contacts_90d": 0, "n_complaints_90d": 0, "csat_last_share": None, "ces_last_share": None}
    silent |= {"n_negative_90d": 0, "n_leave_intent_90d": 0, "n_effort_90d": 0, "competitor_90d": False}
    rows = prepare(panel).head(4).assign(**silent, irritants_90d=pd.Series([[], ["IR-0001"], [], []], dtype=object))
    rows.loc[2, "n_negative_90d"] = 1
    rows.loc[3, "csat_last_share"] = 0.5
    assert IN_TOUCH.compute(rows).tolist() == [0.0, 1.0, 1.0, 1.0]
