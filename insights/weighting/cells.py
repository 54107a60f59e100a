"""Weights of every survey and month, from the counts of response_cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from insights.contracts import CELL_WEIGHT, RESPONSE_CELL
from insights.intervals import Array
from insights.weighting.rake import Codes, rake_trimmed

VARIABLES = ("age_band", "digital_habit", "tenure_band", "segment", "channel", "value_band")
CUSTOMERS, CONTACTS, ASKED = "customers", "contacts", "asked"
UNKNOWN = "(none)"
ENOUGH = 200  # answers raked together: earlier months are added until there are as many
LEAST = 100  # answers below which nothing is corrected: weighting adds more noise than it takes bias away
MAX_MONTHS = 12
LEAST_LEVEL = 10  # answers of a level below which it is grouped with its neighbour
ALWAYS, NEVER = pd.Timestamp.min, pd.Timestamp.max
NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Before:
    """RESPONSE_CELL and CELL_WEIGHT rows of an earlier run, under the same rules and the same declared populations."""

    cells: pd.DataFrame
    weights: pd.DataFrame


def cell_weights(cells: pd.DataFrame, population: Mapping[str, str]) -> pd.DataFrame:
    """CELL_WEIGHT rows. `cells`: RESPONSE_CELL rows. `population`: customers, contacts or asked by survey (asked if absent).

    A month with few answers is raked together with the months before it, up to a year, until there are 200: later
    months never change an earlier one's weights. A month whose window has under 100 answers gets none.
    """
    return weights_since(cells, population, None)[0]


def weights_since(
    cells: pd.DataFrame, population: Mapping[str, str], before: Before | None
) -> tuple[pd.DataFrame, int]:
    """The same rows, and how many months of surveys were weighted for them.

    Months of a survey before its first cell that is another one now keep the weights of `before`.
    """
    since = _first_changed(cells, before.cells) if before else {}
    parts, n_counted = [], 0
    for survey, rows in cells.groupby("survey", sort=True):
        changed = since.get(str(survey), NEVER) if before else ALWAYS
        if before is not None:
            own = before.weights[before.weights["survey"] == survey]
            parts.append(own[pd.to_datetime(own["month"]) < changed])
        counted = list(_of_survey(rows, population.get(str(survey), ASKED), changed))
        parts += counted
        n_counted += len(counted)
    columns = list(CELL_WEIGHT.column_names)
    kept = [one[columns] for one in parts if len(one)]
    return (pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=columns)), n_counted


def _first_changed(cells: pd.DataFrame, before: pd.DataFrame) -> dict[str, pd.Timestamp]:
    """By survey, the first month with a cell that came, went or is another one; surveys without one are left out."""
    columns = list(RESPONSE_CELL.column_names)
    both = pd.concat([cells[columns], before[columns]], ignore_index=True)
    other = both.assign(month=pd.to_datetime(both["month"])).drop_duplicates(keep=False)
    return {str(survey): month for survey, month in other.groupby("survey")["month"].min().items()}


def _of_survey(rows: pd.DataFrame, declared: str, since: pd.Timestamp) -> Iterator[pd.DataFrame]:
    rows = rows[(rows[[name for name in VARIABLES if name != "channel"]] != UNKNOWN).any(axis=1)]
    rows = rows.assign(month=pd.to_datetime(rows["month"])).sort_values(["month", *VARIABLES], kind="stable")
    answered = rows.groupby("month")["n_answered"].sum()
    for month in answered[(answered > 0) & (answered.index >= since)].index:
        first = _first_month(answered, month)
        window = rows[(rows["month"] >= first) & (rows["month"] <= month)]
        basis = _basis(window, declared)
        if basis is not None and window["n_answered"].sum() >= LEAST:
            yield _of_month(window, month, first, basis)


def _first_month(answered: pd.Series, month: pd.Timestamp) -> pd.Timestamp:
    """First month of the window that ends with `month`."""
    near = answered[(answered.index <= month) & (answered.index > month - pd.DateOffset(months=MAX_MONTHS))]
    reached = near[::-1].cumsum()
    full = reached[reached >= ENOUGH]
    return pd.Timestamp(full.index[0] if len(full) else near.index[0])


def _basis(window: pd.DataFrame, declared: str) -> str | None:
    """Whom the answers can be brought back to: what is declared where it is known, else those asked."""
    if declared != ASKED and window["n_never_asked"].sum() > 0:
        return declared
    return ASKED if window["n_silent"].sum() > 0 else None


def _of_month(window: pd.DataFrame, month: pd.Timestamp, first: pd.Timestamp, basis: str) -> pd.DataFrame:
    """Weights of the cells with answers of one month, mean 1 over its answers."""
    summed = window.groupby(list(VARIABLES), sort=True)[["n_answered", "n_silent", "n_never_asked"]].sum().reset_index()
    stands_for = summed["n_answered"] + summed["n_silent"] + (summed["n_never_asked"] if basis != ASKED else 0)
    names = [name for name in VARIABLES if name != "channel" or basis == ASKED]
    answered = summed["n_answered"].to_numpy(float)
    levels = {name: grouped_levels(summed[name], answered, stands_for.to_numpy(float)) for name in names}
    used = [name for name in names if len(levels[name][1]) > 1]
    with_answers = np.flatnonzero(answered > 0)
    weights, converged = np.ones(len(with_answers)), True
    if used:
        raked = rake_trimmed(
            [levels[name][0][with_answers] for name in used], [levels[name][1] for name in used], answered[with_answers]
        )
        weights, converged = raked.weights, raked.converged
    known = summed.iloc[with_answers][list(VARIABLES)].assign(weight=weights)
    own = window[(window["month"] == month) & (window["n_answered"] > 0)]
    found = own[["survey", "month", *VARIABLES, "n_answered"]].merge(known, on=list(VARIABLES), how="left")
    mean = np.average(found["weight"], weights=found["n_answered"])
    told: dict[str, Any] = {"basis": basis, "variables": ", ".join(used), "converged": converged}
    return found.assign(weight=found["weight"] / mean, month=found["month"].dt.date, from_month=first.date(), **told)


def grouped_levels(values: pd.Series, answered: Array, stands_for: Array) -> tuple[Codes, Array]:
    """Code of each row's level (k,) and the share of each in the population; levels with few answers join a neighbour.

    Neighbours are by the number a label begins with, then by name; of two, the one with fewer answers.
    """
    names = sorted(values.unique(), key=lambda name: (_first_number(str(name)), str(name)))
    groups = [[position] for position in range(len(names))]
    code = values.map({name: position for position, name in enumerate(names)}).to_numpy(np.int64)
    n = np.bincount(code, answered, len(names))
    while len(groups) > 1 and min(n[group].sum() for group in groups) < LEAST_LEVEL:
        small = min(range(len(groups)), key=lambda g: (n[groups[g]].sum(), g))
        beside = [g for g in (small - 1, small + 1) if 0 <= g < len(groups)]
        into = min(beside, key=lambda g: (n[groups[g]].sum(), g))
        groups[into] = sorted(groups[into] + groups[small])
        del groups[small]
    of_level = np.empty(len(names), dtype=np.int64)
    for position, group in enumerate(groups):
        of_level[group] = position
    codes = of_level[code]
    return codes, np.bincount(codes, stands_for, len(groups)) / stands_for.sum()


def _first_number(name: str) -> float:
    found = NUMBER.match(name)
    return float(found[0]) if found else float("inf")
