"""What every fitted churn model can do, whatever its kind, and the kinds by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, Self, runtime_checkable

import pandas as pd

from insights.churn.additive import Additive
from insights.churn.boosted import Boosted
from insights.churn.design import Design
from insights.churn.logistic import LogisticFit
from insights.intervals import Array


@runtime_checkable
class Fitted(Protocol):
    """Log-odds of rows with their error and their exact terms, and a form that JSON can hold."""

    @property
    def kind(self) -> str: ...

    @property
    def intercept(self) -> float: ...

    def terms(self, design: Design, rows: pd.DataFrame) -> Array: ...

    def log_odds(self, design: Design, rows: pd.DataFrame) -> Array: ...

    def error(self, design: Design, rows: pd.DataFrame) -> Array: ...

    def digest(self) -> bytes: ...

    def without_bags(self) -> Self: ...

    def as_dict(self) -> dict[str, Any]: ...


KINDS: dict[str, type[LogisticFit] | type[Additive] | type[Boosted]] = {
    one.kind: one for one in (LogisticFit, Additive, Boosted)
}


def fitted_from_dict(kind: str, stored: Mapping[str, Any]) -> Fitted:
    """The model that `as_dict` wrote. Raises KeyError for an unknown kind."""
    return KINDS[kind].from_dict(stored)
