"""`voc holdout`: off, asked twice, on, told in both languages, off again."""

from __future__ import annotations

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from insights.cli.main import app
from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.settings import Settings
from insights.steps import arms


@pytest.fixture
def own(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Two hundred scored customers."""
    monkeypatch.setattr("insights.cli.holdout.default_settings", lambda: settings)
    ids = pd.DataFrame({"customer_id": [f"C{k:05d}" for k in range(200)]})
    day = settings.business_day()
    with open_lake(settings) as lake, lake.write() as writer:
        picture = {
            "as_of": day,
            "available_at": settings.business_now(),
            "segment": "household",
            "margin_eur_year": 300.0,
        }
        score = {"scored_on": day, "model_kind": "logistic", "probability": 0.2, "index": 20.0, "rank": 1}
        writer.insert_new("customer_snapshot", ids.assign(**picture))
        writer.insert_new("churn_score", ids.assign(**score))
    return settings


def voc(*arguments: str, typed: str = "") -> Result:
    result = CliRunner().invoke(app, ["holdout", *arguments], input=typed, catch_exceptions=True)
    result.stdout_text = " ".join(result.output.replace("\N{NO-BREAK SPACE}", " ").split())
    return result


def test_it_is_off_until_a_person_says_yes(own: Settings) -> None:
    assert "The hold-out is off" in voc("status", "--language", "en").stdout_text
    asked = voc("on", "--by", "Claire", typed="n\n")
    assert asked.exit_code == 1
    assert "réclamations, détracteurs" in asked.stdout_text  # what it means is told before the question
    with open_ledger(own) as ledger:
        assert arms.running(ledger) is None


def test_on_status_and_off(own: Settings) -> None:
    on = voc("on", "--by", "Claire", "--share", "0.2", "--read-on", "2027-06-30", typed="y\n")
    assert on.exit_code == 0, on.output
    assert "décidé par Claire" in on.stdout_text
    assert "le résultat se lit le 30 juin 2027" in on.stdout_text
    english = voc("status", "--language", "en").stdout_text
    assert "decided by Claire): 20% of the customers" in english
    assert "where 20.0% would leave, it takes" in english
    assert "there will never be enough" in english  # two hundred customers
    assert "300 known departures in each group are needed; 300 are missing" in english
    twice = voc("on", "--by", "Paul", "--yes")
    assert (twice.exit_code, "on already" in str(twice.exception)) == (1, True)
    assert "Le dernier a duré du" in voc("off", "--by", "Paul", "--yes").stdout_text
    assert "No hold-out is on" in str(voc("off", "--yes").exception)
