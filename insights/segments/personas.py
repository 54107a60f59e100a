"""Segments as personas: who they are, what they say, what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

SCORE, IRRITANT, RISK = "score", "irritant", "risk"


def kind_of(measure: str) -> str:
    """score, irritant or risk: the first part of a measure's name, as in « irritant:IR-0004 », « score:relational:nps »."""
    return measure.partition(":")[0]


@dataclass(frozen=True)
class Difference:
    """One measure on which a segment differs from everybody else."""

    measure: str
    inside: float
    outside: float
    difference: float
    low: float
    high: float
    n_known: int

    @property
    def worse(self) -> bool:
        """Whether the company would rather not have it: a lower score, more of an irritant, a higher risk."""
        return self.difference < 0 if kind_of(self.measure) == SCORE else self.difference > 0


@dataclass(frozen=True)
class Persona:
    """One segment with all its differences, the surest of each kind first.

    `excess_loss_eur`: margin a year expected to leave beyond what the same customers would lose at everybody's risk;
    None where the risk does not differ.
    """

    segment_key: str
    terms: tuple[tuple[str, str], ...]
    n_customers: int
    margin_eur_year: float
    differences: tuple[Difference, ...]
    excess_loss_eur: float | None

    def of_kind(self, kind: str) -> tuple[Difference, ...]:
        return tuple(one for one in self.differences if kind_of(one.measure) == kind)


def personas(found: pd.DataFrame, margins: pd.Series) -> list[Persona]:
    """Personas of the rows of `segment_difference`, those in trouble first.

    `margins`: sum of the yearly margin (EUR) of each segment's customers, by segment_key. Order: by the margin expected to leave in
    excess, then by the number of measures on which the segment fares worse, then by size.
    """
    made = [_persona(str(key), rows, float(margins.get(key, 0.0))) for key, rows in found.groupby("segment_key")]
    return sorted(made, key=_order)


def _order(one: Persona) -> tuple[float, int, int, str]:
    worse = sum(difference.worse for difference in one.differences)
    return -(one.excess_loss_eur or 0.0), -worse, -one.n_customers, one.segment_key


def _persona(key: str, rows: pd.DataFrame, margin: float) -> Persona:
    rows = rows.sort_values(["p_value", "measure"])
    first = rows.iloc[0]
    terms = [(first["dimension"], first["value"])]
    if pd.notna(first["dimension_2"]):
        terms.append((first["dimension_2"], first["value_2"]))
    names = ("measure", "inside", "outside", "difference", "low", "high", "n_known")
    told = tuple(Difference(**{name: row[name] for name in names}) for row in rows.to_dict("records"))
    risk = next((one for one in told if kind_of(one.measure) == RISK), None)
    excess = None if risk is None else risk.difference * margin
    return Persona(key, tuple(terms), int(first["n_customers"]), margin, told, excess)


def without_echoes(found: Sequence[Persona], overlap: pd.DataFrame, most: float = 0.8) -> list[Persona]:
    """The personas without those whose customers are mostly (`most`) in one that stands before them.

    `overlap`: share of the customers of the row's segment who are in the column's, by segment_key both ways.
    """
    kept: list[Persona] = []
    for one in found:
        echoed = any(
            overlap.at[one.segment_key, other.segment_key] >= most
            and overlap.at[other.segment_key, one.segment_key] >= most
            for other in kept
        )
        if not echoed:
            kept.append(one)
    return kept
