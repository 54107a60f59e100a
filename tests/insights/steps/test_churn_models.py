"""Stored churn models: signed, refused when altered and then fitted again, a card in both languages, last month's found."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from made_churn import made_panel

from insights.churn.card import PointsCard
from insights.churn.facts import Context
from insights.churn.model import ChurnModel
from insights.errors import ModelError
from insights.keys import KeyRing
from insights.settings import Settings
from insights.steps.churn_models import load_model, model_path, month_model, previous_model, refused, save_model
from insights.steps.signed import read_signed, write_signed

DAY = date(2026, 10, 31)


def model(version: str = "1") -> ChurnModel:
    report = {
        **{"why": "7 departures are known; a fit needs 50.", "n_events": 7, "n_rows": 90, "n_customers": 30},
        **{"first_t0": "2026-01-31", "last_t0": "2026-06-30", "departures_by_cause": {"chosen": 7, "natural": 3}},
        **{"next_rung": {"kind": "logistic", "n_events": 50, "expected_on": "2029-03-01"}},
        **{"declared_available_share": 0.25},
    }
    return ChurnModel.of_card(PointsCard(version, ()), DAY, report)


def test_a_signed_model_is_read_back(settings: Settings) -> None:
    assert load_model(settings, DAY) is None
    save_model(settings, DAY, model())
    again = load_model(settings, DAY)
    assert again is not None and again.to_json() == model().to_json()
    assert refused(settings, DAY) == ""


def test_an_altered_model_is_refused_by_name(settings: Settings) -> None:
    save_model(settings, DAY, model())
    path = model_path(settings, DAY)
    path.write_text(path.read_text().replace("card-1", "card-2"))
    with pytest.raises(ModelError, match=r"churn-2026-10.json: the model is not as this installation wrote it"):
        load_model(settings, DAY)
    assert "altered" in refused(settings, DAY)


@pytest.mark.parametrize("case", ["of a letter", "no signature", "another month's file", "another key"])
def test_what_the_signature_covers(settings: Settings, tmp_path: Path, case: str) -> None:
    keys, path = KeyRing(settings.keys_dir), tmp_path / "a.json"
    write_signed(path, '{"a": "B"}', keys)
    assert read_signed(path, keys) == '{"a": "B"}'
    if case == "of a letter":
        path.write_text('{"a": "b"}')
    elif case == "no signature":
        (tmp_path / "a.json.sig").unlink()
    elif case == "another month's file":
        path = Path(shutil.copy(path, tmp_path / "b.json"))
        shutil.copy(tmp_path / "a.json.sig", tmp_path / "b.json.sig")
    else:
        keys = KeyRing(tmp_path / "others")
    with pytest.raises(ModelError, match="Run `voc run`: it is fitted again"):
        read_signed(path, keys)


@pytest.mark.parametrize("text", ["", "[1]", '{"format": 2, "kind": "ebm"}', '{"format": 1}'])
def test_a_signed_file_that_is_no_model_is_a_sentence(settings: Settings, text: str) -> None:
    write_signed(model_path(settings, DAY), text, KeyRing(settings.keys_dir))
    with pytest.raises(ModelError, match="damaged|format 1"):
        load_model(settings, DAY)


def test_last_month_is_the_newest_that_can_be_read(settings: Settings) -> None:
    for month in (date(2026, 7, 31), date(2026, 8, 31), date(2026, 9, 30), DAY, date(2026, 11, 30)):
        save_model(settings, month, model(f"{month:%m}"))
    path = model_path(settings, date(2026, 9, 30))
    path.write_text(path.read_text() + " ")
    found = previous_model(settings, DAY)
    assert found is not None and found.version == "card-08"
    assert previous_model(settings, date(2026, 7, 31)) is None


def test_the_card_is_written_for_programs_and_people(settings: Settings) -> None:
    save_model(settings, DAY, model())
    folder = settings.models_dir
    assert json.loads((folder / "churn-2026-10-card.json").read_text())["n_events"] == 7
    french, english = (folder / f"churn-2026-10-card.{one}.md" for one in ("fr", "en"))
    told = french.read_text()
    assert "Trop peu de départs connus pour un ajustement\u00a0: 7." in told
    assert "déménagement ou cessation 3" in told and "25\u00a0%" in told
    assert "Too few departures are known for a fit: 7." in english.read_text()
    assert "logistic regression at 50 departures, about 2029-03-01" in english.read_text()


def test_a_refused_model_is_fitted_again(settings: Settings) -> None:
    save_model(settings, DAY, model())
    path = model_path(settings, DAY)
    path.write_text(path.read_text() + " ")
    note: dict[str, object] = {}
    again = month_model(settings, lambda: made_panel(40), DAY, Context(), note)
    assert "altered" in str(note["refused"]) and "needs 50" in str(note["model_note"])
    assert refused(settings, DAY) == "" and again.kind == "card"
