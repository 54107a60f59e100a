"""contact_rules.yaml is checked where it is read: a mistake names the file and the rule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from law_tools import REFERENCE

from insights.contactability import FILE, load_contact_rules
from insights.contactability.config import plain
from insights.errors import SettingsError


def written(tmp_path: Path, change: Any) -> Path:
    raw = yaml.safe_load((REFERENCE / FILE).read_text(encoding="utf-8"))
    change(raw)
    path = tmp_path / FILE
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    return path


def rule(raw: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in raw["rules"] if one["id"] == name)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda raw: raw["rules"].remove(rule(raw, "consent")), "consent is missing"),
        (lambda raw: raw["rules"].append(rule(raw, "consent")), "consent stands twice"),
        (lambda raw: rule(raw, "consent").update(id="concent"), "concent is no rule of ours"),
        (lambda raw: rule(raw, "hours").pop("source"), "source"),
        (lambda raw: rule(raw, "hours").update(warns=["survey"]), "to which it does not apply"),
        (
            lambda raw: rule(raw, "hours")["parameters"].update(opening={"monday": ["10:00-13:00"]}),
            "unknown day monday",
        ),
        (lambda raw: rule(raw, "hours")["parameters"].update(opening={"mon": ["10h-13h"]}), "no opening interval"),
        (lambda raw: rule(raw, "attempts").update(parameters={"days": 30}), "most"),
        (lambda raw: rule(raw, "attempts")["parameters"].update(most=0), "greater than or equal to 1"),
        (lambda raw: raw["places"][1].update(timezone="America/Basse-Terre"), "Basse-Terre"),
        (lambda raw: raw["proactive"].update(offer="gift"), "gift"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, change: Any, said: str) -> None:
    with pytest.raises(SettingsError, match="contact_rules.yaml") as error:
        load_contact_rules(written(tmp_path, change))
    assert said in str(error.value)


def test_a_rule_can_be_switched_off_and_its_numbers_changed(tmp_path: Path) -> None:
    def change(raw: dict[str, Any]) -> None:
        rule(raw, "attempts").update(enabled=False)
        rule(raw, "refusal_silence")["parameters"]["days"] = 90

    found = load_contact_rules(written(tmp_path, change))
    assert not found.rule("attempts").enabled
    assert found.parameters["refusal_silence"].model_dump() == {"days": 90}


def test_a_file_that_is_absent_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_contact_rules(tmp_path / FILE)


@pytest.mark.parametrize("name", ["La Réunion", "la reunion", "LA-RÉUNION", " La  Réunion "])
def test_regions_are_found_however_they_are_written(name: str) -> None:
    rules = load_contact_rules(REFERENCE / FILE)
    assert plain(name) == "la reunion"
    assert rules.place(name).timezone == "Indian/Reunion"
    assert rules.place("Bretagne").timezone == rules.place(None).timezone == "Europe/Paris"
