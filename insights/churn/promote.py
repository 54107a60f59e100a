"""Which kind of model serves, and whether a refit may take the place of last month's model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from insights.churn.select import contest
from insights.churn.trials import eta


def chosen_kind(tested: pd.DataFrame, kinds: Sequence[str], seed: int, draws: int) -> tuple[str, dict[str, Any]]:
    """The kind that serves and what was measured.

    The logistic, unless the EBM is no worse (log loss and PR-AUC, customers drawn anew); LightGBM, which explains less
    plainly, only where it is shown better than that one.
    """
    best, measured = "logistic", {}
    for challenger in ("ebm", "lightgbm"):
        if challenger not in kinds:
            continue
        found = contest(tested, eta(challenger), eta(best), seed, draws)
        takes = found.shown_better if challenger == "lightgbm" else found.not_worse
        measured[challenger] = {"against": best, "preferred": takes, **found.as_dict()}
        best = challenger if takes else best
    return best, measured


def refit_is_worse(
    tested: pd.DataFrame, ours: str, previous: str, seed: int, draws: int
) -> tuple[bool, dict[str, Any]]:
    """Whether the refit is shown worse than last month's model, and what was measured.

    Both are the models of their forward tests: neither has seen an outcome of the test months. Models age, so that a
    difference within the noise lets the refit in.
    """
    found = contest(tested, ours, previous, seed, draws)
    return found.shown_worse, found.as_dict()
