"""From panel rows to the numbers a model sees: learned on training rows, stored as plain values, exact to invert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from insights.churn.panel import BY_NAME, TERMS, Term, customers_exposed, irritant_matrix
from insights.intervals import Array

MIN_EXPOSED = 30  # customers who named an irritant before it gets a column of its own
IRRITANT = "irritant:"


@dataclass(frozen=True)
class Design:
    """Columns (terms, then one per irritant), their families, fill, mean and scale, all learned on training rows."""

    names: tuple[str, ...]
    families: tuple[str, ...]
    irritants: tuple[str, ...]
    fill: Array
    mean: Array
    scale: Array

    @classmethod
    def learn(cls, rows: pd.DataFrame, terms: Sequence[Term] = TERMS, min_exposed: int = MIN_EXPOSED) -> Self:
        """Learn from prepared rows: an irritant gets a column where `min_exposed` customers named it.

        Continuous terms are divided by two standard deviations, binary ones are only centred (Gelman 2008): one ridge
        then weighs alike on all of them, and a rare irritant is shrunk as much as a frequent one.
        """
        irritants = tuple(sorted(name for name, n in customers_exposed(rows).items() if n >= min_exposed))
        raw = _raw(terms, rows)
        known = ~np.isnan(raw)
        count = known.sum(axis=0)
        fill = np.divide(np.where(known, raw, 0.0).sum(axis=0), count, out=np.zeros(len(terms)), where=count > 0)
        full = np.hstack([np.where(known, raw, fill), irritant_matrix(rows["irritants_90d"].tolist(), irritants)])
        spread = 2 * full.std(axis=0)
        binary = np.array([term.binary for term in terms] + [True] * len(irritants))
        return cls(
            names=(*[term.name for term in terms], *[IRRITANT + name for name in irritants]),
            families=(*[term.family for term in terms], *["irritant"] * len(irritants)),
            irritants=irritants,
            fill=fill,
            mean=full.mean(axis=0),
            scale=np.where(binary | (spread < 1e-9), 1.0, spread),
        )

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms of the columns before the irritants."""
        return tuple(BY_NAME[name] for name in self.names[: len(self.names) - len(self.irritants)])

    def matrix(self, rows: pd.DataFrame) -> Array:
        """(n, p) centred and scaled. A column that never varied in training is 0 wherever it keeps that value."""
        raw = _raw(self.terms, rows)
        named = irritant_matrix(rows["irritants_90d"].tolist(), self.irritants)
        full = np.hstack([np.where(np.isnan(raw), self.fill, raw), named])
        return np.asarray((full - self.mean) / self.scale, dtype=float)

    def raw(self, rows: pd.DataFrame) -> Array:
        """(n, p) values as they are, NaN where unknown: for models of bins and trees."""
        named = irritant_matrix(rows["irritants_90d"].tolist(), self.irritants)
        return np.hstack([_raw(self.terms, rows), named])

    @property
    def monotone(self) -> list[int]:
        """(p,) 1, -1 or 0 as each term declares; naming an irritant is left to the data."""
        return [*(term.monotone for term in self.terms), *[0] * len(self.irritants)]

    def column(self, irritant: str) -> int | None:
        """Position of an irritant's column; None where it has none."""
        return self.names.index(IRRITANT + irritant) if irritant in self.irritants else None

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "names": list(self.names),
            "families": list(self.families),
            "irritants": list(self.irritants),
            "fill": self.fill.tolist(),
            "mean": self.mean.tolist(),
            "scale": self.scale.tolist(),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """The design of `as_dict`. Raises ValueError where it holds a term that this version does not know."""
        unknown = [one for one in stored["names"] if one not in BY_NAME and not one.startswith(IRRITANT)]
        if unknown:
            raise ValueError(f"the panel has no term {', '.join(unknown)} any more")
        return cls(
            names=tuple(stored["names"]),
            families=tuple(stored["families"]),
            irritants=tuple(stored["irritants"]),
            fill=np.array(stored["fill"], dtype=float),
            mean=np.array(stored["mean"], dtype=float),
            scale=np.array(stored["scale"], dtype=float),
        )


def _raw(terms: Sequence[Term], rows: pd.DataFrame) -> Array:
    """(n, terms) values as they are, NaN where unknown."""
    return np.column_stack([term.compute(rows).to_numpy(float) for term in terms])
