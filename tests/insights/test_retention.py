"""How long rows stay: the most specific rule wins, a bad file is a sentence, settings that are given win."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml

from insights.errors import SettingsError
from insights.retention import DATED_TABLES, Policy, load_policy
from insights.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "data" / "reference" / "retention.yaml"
TODAY, SAID = date(2026, 10, 31), datetime(2026, 1, 13, 9, tzinfo=UTC)


def until(policy: Policy, kind: str, source: str = "s", country: str = "FR", linked: bool = True) -> date:
    return policy.until({"kind": kind, "occurred_at": SAID}, source, country, linked, TODAY)


def written(tmp_path: Path, *more: dict[str, object], drop: str = "") -> Settings:
    rules = [rule for rule in yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))["rules"] if rule["name"] != drop]
    (tmp_path / "retention.yaml").write_text(yaml.safe_dump({"rules": [*rules, *more]}), encoding="utf-8")
    return load_settings(reference_dir=tmp_path, data_dir=tmp_path / "data", keys_dir=tmp_path / "keys")


@pytest.mark.parametrize(
    ("kind", "linked", "day", "rule"),
    [
        ("call", True, date(2026, 7, 15), "transcripts"),  # 183 days from the call
        ("chat", False, date(2026, 7, 15), "transcripts"),
        ("survey", True, date(2029, 10, 30), "answers"),  # three years from the day it reached us
        ("mail", True, date(2029, 10, 30), "answers"),
        ("review", False, date(2029, 10, 30), "prospects"),
        ("post", True, date(2029, 10, 30), "posts"),
        ("employee", False, date(2027, 10, 31), "employee_voice"),
    ],
)
def test_the_french_defaults(settings: Settings, kind: str, linked: bool, day: date, rule: str) -> None:
    policy = load_policy(settings)
    assert policy.of_feedback("s", kind, "FR", linked).name == rule
    assert until(policy, kind, linked=linked) == day


def test_the_most_specific_rule_wins(tmp_path: Path) -> None:
    shared = {"table": "feedback", "counts_from": "collected", "reason": "r", "basis": "b"}
    settings = written(
        tmp_path,
        {"name": "in_germany", "countries": ["DE"], "days": 10, **shared},
        {"name": "german_surveys", "countries": ["DE"], "kinds": ["survey"], "days": 20, **shared},
        {"name": "one_source", "source": "forum", "days": 30, **shared},
    )
    policy = load_policy(settings)
    assert until(policy, "survey", country="DE") == date(2026, 11, 20)
    assert until(policy, "survey", country="DE", source="forum") == date(2026, 11, 30)
    assert until(policy, "call", country="DE") == date(2026, 7, 15)  # the kind is more than the country
    assert until(policy, "survey") == date(2029, 10, 30)


def test_settings_that_are_given_win_over_the_file(tmp_path: Path) -> None:
    settings = written(tmp_path).model_copy(update={"transcript_retention_days": 1095})
    assert until(load_policy(settings), "call") == date(2029, 1, 12)
    assert until(load_policy(settings), "survey") == date(2029, 10, 30)
    short = written(tmp_path).model_copy(update={"retention_days": 30})
    assert until(load_policy(short), "survey") == date(2026, 11, 30)
    assert until(load_policy(short), "call") == date(2026, 7, 15)


def test_every_rule_has_a_reason_and_a_basis(settings: Settings) -> None:
    policy = load_policy(settings)
    assert {rule.table for rule in policy.rules} == {"feedback", "event_text", *DATED_TABLES}
    assert all(len(rule.reason) > 20 and len(rule.basis) > 10 for rule in policy.rules)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": "x", "table": "contact", "kinds": ["call"]}, "are for table feedback only"),
        ({"name": "x", "table": "feedback"}, "counts_from is occurred or collected"),
        ({"name": "x", "table": "feedbak"}, "rules.14.table"),
        ({"name": "x", "table": "contact", "days": 0}, "rules.14.days"),
        ({"name": "x", "table": "contact", "dayz": 3}, "dayz"),
        ({"name": "answers", "table": "contact"}, "the name answers stands twice"),
    ],
)
def test_a_bad_rule_is_a_sentence_that_names_the_file(tmp_path: Path, change: dict[str, object], sentence: str) -> None:
    settings = written(tmp_path, {"days": 3, "reason": "r", "basis": "b", **change})
    with pytest.raises(SettingsError, match="retention.yaml cannot be used") as error:
        load_policy(settings)
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("drop", "sentence"),
    [("contacts", "no rule for table contact"), ("anything_else", "feedback needs one rule without")],
)
def test_a_table_without_a_rule_is_refused(tmp_path: Path, drop: str, sentence: str) -> None:
    settings = written(tmp_path, drop=drop)
    with pytest.raises(SettingsError, match=sentence):
        load_policy(settings)


def test_a_missing_or_broken_file_is_refused(tmp_path: Path) -> None:
    settings = written(tmp_path)
    (tmp_path / "retention.yaml").write_text("rules: [", encoding="utf-8")
    with pytest.raises(SettingsError, match="not valid YAML"):
        load_policy(settings)
    (tmp_path / "retention.yaml").unlink()
    with pytest.raises(SettingsError, match="is missing"):
        load_policy(settings)
