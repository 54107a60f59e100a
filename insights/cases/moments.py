"""Moments in a customer's life with us that a service contact goes before: a first bill, a new price, the end of a term.

A moment is a date of the CRM picture. Nobody is chosen by their risk, so that no hold-out applies; a customer who objected,
does not want to be contacted, is leaving or has a case open is left alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, TypeAdapter, ValidationError

from insights.cases.model import MOMENT, Signal
from insights.errors import SettingsError
from insights.yaml_files import read_yaml

FILE = "moments.yaml"
NO_COLUMN, OFF, READY = "no_column", "off", "ready"
LOOKED_AT = 10  # customers looked at for one contact of a day's limit: some have a case open already


class Moment(BaseModel):
    """One moment. It falls on the date in `column` of customer_snapshot plus `offset_days`.

    A contact opens from `days_before` to `until_days_before` days before it, `daily_limit` a day, soonest first. `only`
    keeps the customers whose columns hold one of the values.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    moment: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    column: str
    offset_days: int = 0
    days_before: NonNegativeInt
    until_days_before: NonNegativeInt = 1
    daily_limit: NonNegativeInt = 5
    on: bool = True
    team: str | None = None
    only: Mapping[str, tuple[str | bool, ...]] = {}


@dataclass(frozen=True)
class Due:
    """How a moment stands on a day: ready, off, or no column for it; and how many customers it would fit."""

    moment: Moment
    state: str
    n_customers: int = 0


def load_moments(path: Path, teams: Collection[str]) -> tuple[Moment, ...]:
    """The file's moments in order; none without the file. Raises SettingsError with the file and what was found."""
    if not path.is_file():
        return ()
    try:
        raw = read_yaml(path)["moments"]
        found = TypeAdapter(tuple[Moment, ...]).validate_python(raw)
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValidationError) as error:
        raise SettingsError(f"{path}: the moments cannot be read ({error}).") from error
    names = [one.moment for one in found]
    if len(set(names)) < len(names):
        raise SettingsError(f"{path}: a moment stands twice in {', '.join(names)}.")
    for one in found:
        if one.days_before < one.until_days_before:
            raise SettingsError(f"{path}: moment {one.moment!r} starts after it ends: days_before < until_days_before.")
        if one.team is not None and one.team not in teams:
            raise SettingsError(f"{path}: moment {one.moment!r} names team {one.team!r}, which teams.yaml lacks.")
    return found


def moment_signals(
    customers: pd.DataFrame,
    moments: Collection[Moment],
    now: datetime,
    seen: Collection[str] = (),
    timezone: str = "Europe/Paris",
) -> list[Signal]:
    """Customers a service contact could be for today, soonest moment first, at most a few per place of the day's limit.

    `customers`: newest CUSTOMER_SNAPSHOT rows, with `recontact`. `seen`: ids of signals that opened a case already.
    Equal dates are ordered by a draw on the customer's id, so that nobody is always last.
    """
    if customers.empty or not moments:
        return []
    today = now.astimezone(ZoneInfo(timezone)).date()
    free = customers[~_left_alone(customers)]
    found: list[Signal] = []
    for one in moments:
        if one.on and one.column in free:
            on = _dates(free, one, today)
            made = [_signal(one, str(customer), day, now, timezone) for customer, day in on]
            fresh = [signal for signal in made if signal.signal_id not in seen]
            fresh.sort(key=lambda signal: (signal.by or now, moment_draw(signal)))
            found += fresh[: LOOKED_AT * one.daily_limit]
    return found


def status(customers: pd.DataFrame, moments: Collection[Moment], today: date) -> list[Due]:
    """Each moment with what its column holds today."""
    found = []
    for one in moments:
        if one.column not in customers:
            found.append(Due(one, NO_COLUMN))
        else:
            n = len(_dates(customers[~_left_alone(customers)], one, today))
            found.append(Due(one, READY if one.on else OFF, n))
    return found


def _left_alone(customers: pd.DataFrame) -> pd.Series:
    """Who objected, is leaving, or does not want to be contacted."""
    barred = pd.Series(False, index=customers.index)
    for name in ("objection", "leaving"):
        if name in customers:
            barred |= customers[name].fillna(False).astype(bool)
    if "recontact" in customers:
        barred |= customers["recontact"] == "no"
    return barred


def _dates(customers: pd.DataFrame, one: Moment, today: date) -> list[tuple[str, date]]:
    """Customers and the day of the moment, where it lies in the window."""
    rows = customers
    for name, values in one.only.items():
        rows = rows[rows[name].isin(list(values))] if name in rows else rows.iloc[:0]
    on = pd.to_datetime(rows[one.column]) + timedelta(days=one.offset_days)
    left = (on - pd.Timestamp(today)).dt.days
    inside = left.between(one.until_days_before, one.days_before)
    return [(str(key), at.date()) for key, at in zip(rows.loc[inside, "customer_id"], on[inside], strict=True)]


def _signal(one: Moment, customer_id: str, day: date, now: datetime, timezone: str) -> Signal:
    by = datetime.combine(day, time(), tzinfo=ZoneInfo(timezone)).astimezone(UTC)
    return Signal(
        customer_id=customer_id,
        kind=MOMENT,
        feedback_id=f"{customer_id}:{one.moment}:{day.isoformat()}",
        at=now.astimezone(UTC),
        matter=one.moment,
        by=by,
    )


def moment_draw(signal: Signal) -> str:
    """Place of a customer among equals: a draw of its own for each moment."""
    return hashlib.sha256(signal.signal_id.encode()).hexdigest()
