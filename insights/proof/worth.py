"""Return on effort from the verdict: margin kept and contact cost avoided in a year, with their interval.

The margin at stake of an irritant is what rests on it today, after the action; a fix that left `ratio` of the mentions
kept margin x (1/ratio - 1). An effect that is not shown has no return: « not shown », never 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import yaml
from pydantic import NonNegativeFloat, TypeAdapter, ValidationError

from insights.errors import SettingsError
from insights.proof.verdict import POINTS, PROVEN, RATIO, WORSE, Reading
from insights.yaml_files import read_yaml

_COSTS = TypeAdapter(dict[str, NonNegativeFloat])
OTHERWISE = "other"
WEEKS_YEAR = 365.25 / 7


@dataclass(frozen=True)
class Amount:
    """Euros a year with their interval."""

    value: float
    low: float
    high: float


def unit_costs(path: Path) -> Mapping[str, float]:
    """Euros one contact costs, by channel (`other` for a channel not listed). Raises SettingsError naming the file."""
    try:
        return _COSTS.validate_python(read_yaml(path)["contact_eur"])
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValidationError) as error:
        raise SettingsError(f"{path}: the unit costs cannot be read ({error}).") from error


def mean_cost(by_channel: Mapping[str, float], costs: Mapping[str, float]) -> float:
    """Euros of a mean contact: costs weighted by contacts of each channel."""
    total = sum(by_channel.values())
    if total <= 0:
        return costs.get(OTHERWISE, 0.0)
    return sum(n * costs.get(channel, costs.get(OTHERWISE, 0.0)) for channel, n in by_channel.items()) / total


def margin_kept(one: Reading, at_risk_eur: float) -> Amount | None:
    """Margin kept a year by a proven fall of the irritant; None for other readings or without a margin at stake."""
    if one.unit != RATIO or one.verdict not in (PROVEN, WORSE) or not isfinite(at_risk_eur):
        return None
    return _through(one, lambda ratio: at_risk_eur * (1 / max(ratio, 1e-6) - 1))


def contacts_avoided(one: Reading, per_year: float, cost_eur: float) -> Amount | None:
    """Contact cost avoided in a year: by a ratio of contacts, or by points of repeated contacts; `per_year` after."""
    if one.verdict not in (PROVEN, WORSE):
        return None
    if one.unit == RATIO:
        return _through(one, lambda ratio: per_year * (1 / max(ratio, 1e-6) - 1) * cost_eur)
    if one.unit == POINTS:
        return _through(one, lambda points: -points / 100 * per_year * cost_eur)
    return None


def time_saved(one: Reading, per_year: float, cost_eur: float) -> Amount | None:
    """Handling cost avoided in a year by shorter calls: a call's cost goes with its length."""
    if one.verdict not in (PROVEN, WORSE) or one.unit != RATIO:
        return None
    return _through(one, lambda ratio: per_year * cost_eur * (1 - ratio))


def _through(one: Reading, euros: Callable[[float], float]) -> Amount:
    ends = sorted((euros(one.low), euros(one.high)))
    return Amount(euros(one.effect), ends[0], ends[1])


def total(*parts: Amount | None) -> Amount | None:
    """The sum of what is known, bounds added: wide on purpose, as the parts rest on the same effect."""
    known = [one for one in parts if one is not None]
    if not known:
        return None
    return Amount(sum(one.value for one in known), sum(one.low for one in known), sum(one.high for one in known))
