"""Advisers beside customers, irritant by irritant, under the rule of anonymity. No database and no Streamlit here.

A comment carries no author, so that advisers cannot be counted: comments are. A figure is shown from `least` comments on
(VOC_MIN_ADVISERS) whose teams hold at least as many advisers; below, nobody learns more than « fewer ».
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import false_discovery_control, fisher_exact

from insights.digest.trends import FALSE_DISCOVERIES
from insights.intervals import Array, Interval, rate_ratio, wilson

EARLY_SHARE = 0.05  # of the feedback that names an irritant: below, hardly anybody says it
HALF_AN_EVENT = 0.5  # the prior of a ratio, as weak as Jeffreys'
EARLY, MORE, ALIKE, LESS, UNKNOWN = "early", "more", "alike", "less", "unknown"
SIDES = (
    "irritant_id",
    "n_comments",
    "teams",
    "n_feedback",
    "n_customers",
)  # what `beside` needs of adviser_queries.BOTH
ORDER = {EARLY: 0, MORE: 1, LESS: 2, ALIKE: 3, UNKNOWN: 4}


def may_show(n_comments: int, teams: Iterable[str | None], sizes: Mapping[str, int], least: int) -> bool:
    """Whether a figure on these comments hides its authors: enough comments, from teams that hold enough advisers."""
    return n_comments >= least and sum(sizes.get(team, 0) for team in teams if team) >= least


def beside(sides: pd.DataFrame, n_placed: int, n_naming: int, sizes: Mapping[str, int], least: int) -> pd.DataFrame:
    """One row an irritant: both shares and where they differ; advisers' figures are NaN where they must not be shown.

    `sides`: SIDES of the rows of adviser_queries.BOTH that have an irritant.
    Shares are of the comments (`n_placed`) and of the feedback (`n_naming`) that name
    some irritant: most comments name none, which is no sign that advisers see less. Columns added: shown (bool),
    adviser_share and customer_share with 95 % intervals (_low, _high), ratio of the two with its 90 % interval, verdict:
    early (advisers more, hardly any customer), more, alike, less (customers more), unknown. Early ones come first.
    """
    if sides.empty or not n_placed or not n_naming:
        return sides.iloc[:0].assign(shown=[], verdict=[], adviser_share=[], customer_share=[], ratio=[])
    pairs = zip(sides["n_comments"], sides["teams"], strict=True)
    shown = np.array([may_show(n, teams, sizes, least) for n, teams in pairs])
    theirs, ours = wilson(sides["n_comments"], n_placed), wilson(sides["n_feedback"], n_naming)
    ratio = rate_ratio(sides["n_comments"], float(n_placed), sides["n_feedback"], float(n_naming), shape=HALF_AN_EVENT)
    real = _differ(sides, n_placed, n_naming)
    told = sides.drop(columns="teams").assign(
        **_ends("customer_share", ours), **_ends("adviser_share", theirs), **_ends("ratio", ratio), shown=shown
    )
    told["verdict"] = [
        _verdict(bool(one), bool(seen), theirs.value[place] > ours.value[place], ours.value[place])
        for place, (one, seen) in enumerate(zip(real, shown, strict=True))
    ]
    hidden = [name for name in told if name == "n_comments" or str(name).startswith(("adviser_share", "ratio"))]
    told[hidden] = told[hidden].astype(float).where(told["shown"])
    keys = ["order", "n_comments", "n_feedback", "irritant_id"]
    ordered = told.assign(order=told["verdict"].map(ORDER)).sort_values(keys, ascending=[True, False, False, True])
    return ordered.drop(columns="order").reset_index(drop=True)


def _ends(name: str, found: Interval) -> dict[str, Array]:
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}


def _differ(sides: pd.DataFrame, n_placed: int, n_naming: int) -> NDArray[np.bool_]:
    """Where the two shares differ beyond chance: Fisher's exact test, Benjamini and Hochberg over all irritants."""
    tables = [
        [[n, n_placed - n], [m, n_naming - m]] for n, m in zip(sides["n_comments"], sides["n_feedback"], strict=True)
    ]
    p_values = [float(fisher_exact(table).pvalue) for table in tables]
    return np.asarray(false_discovery_control(p_values) <= FALSE_DISCOVERIES)


def _verdict(real: bool, shown: bool, advisers_more: bool, customer_share: float) -> str:
    """What a difference means. Of comments too few to be shown only this is told: that customers say it more."""
    if real and not advisers_more:
        return LESS
    if not shown:
        return UNKNOWN
    if not real:
        return ALIKE
    return EARLY if customer_share < EARLY_SHARE else MORE


def quarters(rows: pd.DataFrame, sizes: Mapping[str, int], least: int) -> pd.DataFrame:
    """Share of comments and of feedback that name an irritant, by quarter: voice, quarter, n, n_naming, value, low, high (%).

    `rows`: of adviser_queries.QUARTERS. Quarters of advisers that must not be shown are left out.
    """
    if rows.empty:
        return rows.assign(value=[], low=[], high=[])
    own = rows["voice"] == "advisers"
    teams = [one if one is not None else [] for one in rows["teams"]]
    fine = [may_show(n, team, sizes, least) for n, team in zip(rows["n_naming"], teams, strict=True)]
    kept = rows[~own | pd.Series(fine, index=rows.index)].drop(columns="teams")
    share = wilson(kept["n_naming"], kept["n"])
    return kept.assign(value=100 * share.value, low=100 * share.low, high=100 * share.high).reset_index(drop=True)
