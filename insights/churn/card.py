"""The points card: what a retention team would bet on before any departure was seen. An index 0 to 100, no probability.

Its rules are data (`data/reference/churn_card.yaml`), edited by people, and read panel columns only.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from insights.churn.panel import FAMILIES
from insights.contracts import CHURN_PANEL
from insights.errors import ModelError
from insights.intervals import Array
from insights.yaml_files import read_yaml

COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "is": operator.eq,
}
CAP = 100.0


@dataclass(frozen=True)
class Condition:
    """`column` compared with `value`; a NULL never fulfils it."""

    column: str
    compare: str
    value: float | bool


@dataclass(frozen=True)
class Rule:
    """Points when all conditions hold (`any_of`: when one does)."""

    code: str
    family: str
    points: float
    conditions: tuple[Condition, ...]
    any_of: bool
    values: tuple[str, ...]


@dataclass(frozen=True)
class PointsCard:
    """The rules and their version."""

    version: str
    rules: tuple[Rule, ...]

    def points(self, rows: pd.DataFrame) -> Array:
        """(n, rules) points of each row, before the cap."""
        columns = [rule.points * _fulfilled(rule, rows) for rule in self.rules]
        return np.column_stack(columns) if columns else np.zeros((len(rows), 0))

    def index(self, rows: pd.DataFrame) -> Array:
        """(n,) index 0 to 100."""
        return np.asarray(np.clip(self.points(rows).sum(axis=1), 0, CAP), dtype=float)

    def as_dict(self) -> dict[str, Any]:
        """The YAML's own shape, so that a stored model holds the card it was compared with."""
        return {"version": self.version, "rules": [_rule_dict(rule) for rule in self.rules]}


def load_card(path: Path) -> PointsCard:
    """Read the card. Raises ModelError with the file, the rule and what is wrong with it."""
    try:
        stored = read_yaml(path)
    except (OSError, yaml.YAMLError) as error:
        raise ModelError(
            f"{path}: the points card cannot be read ({error}). Restore it from the repository."
        ) from error
    try:
        return card_from_dict(stored)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error


def card_from_dict(stored: Mapping[str, Any]) -> PointsCard:
    """The card from plain values. Raises ModelError for a rule that cannot be read."""
    try:
        rules = tuple(_rule(entry) for entry in stored["rules"])
        return PointsCard(str(stored["version"]), rules)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(
            f"the points card needs `version` and `rules` of code, family, points and conditions: {error}"
        ) from error


def _rule(entry: Mapping[str, Any]) -> Rule:
    code = str(entry["code"])
    listed = entry.get("any") or entry["all"]
    conditions = tuple(Condition(str(column), str(compare), value) for column, compare, value in listed)
    for condition in conditions:
        if condition.column not in CHURN_PANEL.column_names:
            raise ModelError(f"rule {code}: churn_panel has no column {condition.column!r}.")
        if condition.compare not in COMPARE:
            raise ModelError(f"rule {code}: {condition.compare!r} is none of {', '.join(COMPARE)}.")
    if entry["family"] not in FAMILIES:
        raise ModelError(f"rule {code}: family {entry['family']!r} is none of {', '.join(FAMILIES)}.")
    values = tuple(str(name) for name in entry.get("values", ()))
    return Rule(code, str(entry["family"]), float(entry["points"]), conditions, bool(entry.get("any")), values)


def _rule_dict(rule: Rule) -> dict[str, Any]:
    listed = [[c.column, c.compare, c.value] for c in rule.conditions]
    return {
        "code": rule.code,
        "family": rule.family,
        "points": rule.points,
        ("any" if rule.any_of else "all"): listed,
        "values": list(rule.values),
    }


def _fulfilled(rule: Rule, rows: pd.DataFrame) -> Array:
    each = np.column_stack(
        [COMPARE[c.compare](rows[c.column].to_numpy(float), float(c.value)) for c in rule.conditions]
    )  # a comparison with NaN is False
    return np.asarray(each.any(axis=1) if rule.any_of else each.all(axis=1), dtype=float)
