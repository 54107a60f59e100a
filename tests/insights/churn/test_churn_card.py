"""The points card: the rules of the reference file, points that add up, sentences for a broken file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml

from insights.churn.card import PointsCard, card_from_dict, load_card
from insights.churn.panel import prepare
from insights.errors import ModelError

REFERENCE = Path(__file__).parents[3] / "data" / "reference" / "churn_card.yaml"
CALM = {
    "n_leave_intent_30d": 0,
    "nps_last": None,
    "csat_last_share": None,
    "ces_last_share": None,
    "n_complaints_90d": 0,
    "same_irritant_30d": False,
    "usage_known": True,
    "usage_change_share": 0.0,
    "contract_end_60d": False,
    "price_change_60d": False,
    "n_unpaid": 0,
    "competitor_90d": False,
    "first_year": False,
}


@pytest.fixture(scope="module")
def card() -> PointsCard:
    return load_card(REFERENCE)


def index(card: PointsCard, panel: pd.DataFrame, **facts: object) -> float:
    rows = prepare(panel.head(1)).assign(**CALM)
    for name, value in facts.items():
        rows[name] = [value]
    return float(card.index(rows)[0])


@pytest.mark.parametrize(
    ("facts", "points"),
    [
        ({}, 0),
        ({"n_leave_intent_30d": 2}, 30),
        ({"nps_last": 6.0}, 15),
        ({"nps_last": 7.0}, 0),
        ({"csat_last_share": 0.25}, 10),
        ({"ces_last_share": 1 / 3, "csat_last_share": 0.25}, 10),
        ({"usage_change_share": -0.3}, 15),
        ({"usage_change_share": -0.9, "usage_known": False}, 0),
        ({"first_year": True, "n_unpaid": 1}, 15),
    ],
)
def test_points_of_each_fact(card: PointsCard, panel: pd.DataFrame, facts: dict[str, object], points: float) -> None:
    assert index(card, panel, **facts) == points


def test_index_is_capped_at_100(card: PointsCard, panel: pd.DataFrame) -> None:
    assert sum(rule.points for rule in card.rules) > 100
    everything = dict.fromkeys(CALM, 1) | {"usage_change_share": -1.0, "nps_last": 0.0, "csat_last_share": 0.0}
    assert index(card, panel, **everything) == 100


def test_a_card_survives_storage(card: PointsCard, panel: pd.DataFrame) -> None:
    again = card_from_dict(card.as_dict())
    rows = prepare(panel)
    assert (again.index(rows) == card.index(rows)).all()
    assert again == card


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"all": [["age_band", "is", True]]}, "no column 'age_band'"),
        ({"all": [["n_unpaid", "==", 1]]}, "'==' is none of"),
        ({"family": "luck"}, "family 'luck'"),
    ],
)
def test_a_broken_rule_is_named(tmp_path: Path, change: dict[str, object], said: str) -> None:
    stored = yaml.safe_load(REFERENCE.read_text(encoding="utf-8"))
    stored["rules"][0] |= change
    path = tmp_path / "card.yaml"
    path.write_text(yaml.safe_dump(stored), encoding="utf-8")
    with pytest.raises(ModelError, match=f"card.yaml: rule leave_intent: .*{said}"):
        load_card(path)


def test_a_missing_card_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        load_card(tmp_path / "none.yaml")
