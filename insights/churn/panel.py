"""The churn panel as the models read it: typed columns, the terms of a model, forward splits with an embargo.

A term is one number per row, made from panel columns only, in one family. `age_band` and `digital_habit` are no panel
columns and can enter no term: they weight and describe, they never rate a customer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.contracts import CHURN_PANEL, UNCLASSIFIED
from insights.errors import ContractError
from insights.intervals import Array

FAMILIES = ("contract", "usage", "effort", "callback", "score", "silence", "text", "irritant")
TEST_MONTHS = 3
TUNE_MONTHS = 3
RECENCY_DAYS = 30.0
HARSH = -0.6  # polarity of a very negative mention


@dataclass(frozen=True)
class Term:
    """One number per row. `values`: panel columns a reason may quote; `binary` terms are centred, not scaled.

    `monotone`: 1 where more of it can only raise the risk, -1 where it can only lower it, 0 where data decide.
    """

    name: str
    family: str
    compute: Callable[[pd.DataFrame], pd.Series[float]]
    values: tuple[str, ...] = ()
    binary: bool = False
    monotone: int = 0


def _column(name: str) -> Callable[[pd.DataFrame], pd.Series[float]]:
    return lambda rows: rows[name].astype(float)


def _log(name: str) -> Callable[[pd.DataFrame], pd.Series[float]]:
    return lambda rows: np.log1p(rows[name].astype(float).clip(lower=0))


def _flag(name: str, family: str, monotone: int = 0) -> Term:
    return Term(name, family, _column(name), (), binary=True, monotone=monotone)


def _count(name: str, family: str, monotone: int = 0) -> Term:
    return Term(name, family, _log(name), (name,), monotone=monotone)


def _recency(name: str, family: str, days_since: str, monotone: int = 0) -> Term:
    """1 on the day itself, down by a factor e every 30 days, 0 where there was none in the year."""
    return Term(
        name,
        family,
        lambda rows: np.exp(-rows[days_since].astype(float) / RECENCY_DAYS).fillna(0.0),
        (days_since,),
        monotone=monotone,
    )


def _share(name: str, family: str) -> Term:
    return Term(name, family, lambda rows: rows[name].astype(float).clip(-1, 1), (name,))


def _logins_change(rows: pd.DataFrame) -> pd.Series[float]:
    """Log-ins of 90 days against the customer's own year; half a log-in added, so that few say little."""
    return np.log((rows["logins_month_90d"].astype(float) + 0.5) / (rows["logins_month_365d"].astype(float) + 0.5))


TERMS: tuple[Term, ...] = (
    Term("small_business", "contract", lambda r: (r["segment"] == "small_business").astype(float), binary=True),
    Term("tenure_months", "contract", _log("tenure_months"), ("tenure_months",)),
    _flag("first_year", "contract"),
    Term(
        "first_anniversary",
        "contract",
        lambda r: r["tenure_months"].between(11.5, 14.5).astype(float),
        ("tenure_months",),
        binary=True,
    ),
    _flag("contract_end_60d", "contract", 1),
    _flag("price_change_60d", "contract", 1),
    _flag("fixed_term", "contract"),
    _flag("direct_debit", "contract"),
    _flag("dual_energy", "contract"),
    _share("amount_change_share", "contract"),
    Term(
        "channel_departure_ratio",
        "contract",
        lambda r: np.log(r["channel_departure_ratio"].astype(float).clip(0.05, 20)),
        ("channel_departure_ratio",),
        monotone=1,
    ),
    Term("n_unpaid", "contract", lambda r: r["n_unpaid"].astype(float).clip(0, 3), ("n_unpaid",), monotone=1),
    _share("usage_change_share", "usage"),
    _share("usage_change_90d_share", "usage"),
    _count("n_logins_30d", "usage"),
    Term("no_login", "usage", lambda r: (r["n_logins_30d"] == 0).astype(float), binary=True),
    Term("logins_change", "usage", _logins_change, ("logins_change_share",)),
    _recency("contact_recency", "effort", "days_since_contact"),
    _count("n_contacts_30d", "effort"),
    _count("n_contacts_90d", "effort"),
    _count("n_contacts_365d", "effort"),
    _count("n_transfers_90d", "effort", 1),
    _count("n_abandoned_90d", "effort", 1),
    _count("n_complaints_90d", "effort", 1),
    _count("n_callbacks_90d", "callback"),
    _count("n_callbacks_missed_90d", "callback"),
    # a score that is not known sits at the mean of the known ones: the term `*_known` alone speaks then
    Term("nps_last", "score", _column("nps_last"), ("nps_last",), monotone=-1),
    Term("nps_known", "score", lambda r: r["nps_last"].notna().astype(float), binary=True),
    Term("csat_last_share", "score", _column("csat_last_share"), ("csat_last_share",), monotone=-1),
    Term("csat_known", "score", lambda r: r["csat_last_share"].notna().astype(float), binary=True),
    Term("ces_last_share", "score", _column("ces_last_share"), ("ces_last_share",), monotone=-1),
    Term("ces_known", "score", lambda r: r["ces_last_share"].notna().astype(float), binary=True),
    _count("n_asked_365d", "silence"),
    _count("n_silent_365d", "silence"),
    Term("asked_silent", "silence", lambda r: (r["asked_state"] == "silent").astype(float), binary=True),
    _flag("never_asked", "silence"),
    _count("n_negative_30d", "text", 1),
    _count("n_negative_365d", "text", 1),
    _recency("negative_recency", "text", "days_since_negative", 1),
    Term(
        "very_negative_90d", "text", lambda r: (r["worst_polarity_90d"] <= HARSH).astype(float), binary=True, monotone=1
    ),
    _recency("leave_intent_recency", "text", "days_since_leave_intent", 1),
    _count("n_leave_intent_30d", "text", 1),
    _count("n_leave_intent_90d", "text", 1),
    _count("n_effort_90d", "text", 1),
    _flag("same_irritant_30d", "text", 1),
    _flag("same_irritant_90d", "text", 1),
    _flag("competitor_90d", "text", 1),
    _flag("competitor_365d", "text", 1),
)
# how many irritants a customer named: what naming any one of them goes with; an irritant's own column says how far it
# lies from that
NAMED = Term("irritants_named", "irritant", lambda r: r["irritants_90d"].map(len).astype(float), binary=True)


def _in_touch(rows: pd.DataFrame) -> pd.Series[float]:
    """1 where the 90 days hold a contact, a complaint, an answer or words of any channel that the panel counts."""
    found = rows["irritants_90d"].map(len) > 0
    for name in ("n_contacts_90d", "n_complaints_90d", "n_negative_90d", "n_leave_intent_90d", "n_effort_90d"):
        found |= rows[name] > 0
    found |= rows["csat_last_share"].notna() | rows["ces_last_share"].notna() | rows["competitor_90d"].astype(bool)
    return found.astype(float)


# heard from in 90 days, whatever was said: who names an irritant is compared with others we also heard from
IN_TOUCH = Term("in_touch", "effort", _in_touch, binary=True)
BY_NAME: dict[str, Term] = {term.name: term for term in (*TERMS, NAMED, IN_TOUCH)}


def prepare(panel: pd.DataFrame) -> pd.DataFrame:
    """The panel with typed columns, sorted by t0 and customer: `t0` and `closes_on` datetimes, `label` 1, 0 or NaN.

    `closes_on` is the day the outcome window ends (t0 + gap + horizon); `irritants_90d` a list in every row.
    Raises ContractError where a column of CHURN_PANEL is missing.
    """
    missing = [name for name in CHURN_PANEL.column_names if name not in panel.columns]
    if missing:
        raise ContractError(
            f"Table churn_panel lacks {', '.join(missing)}: build it with insights/sql/churn_panel.sql."
        )
    rows = panel.loc[:, list(CHURN_PANEL.column_names)].copy()
    rows["t0"] = pd.to_datetime(rows["t0"])
    rows["label"] = rows["label"].astype("boolean").astype("Float64").astype(float)
    rows["irritants_90d"] = [[] if one is None else list(one) for one in rows["irritants_90d"]]
    rows["closes_on"] = rows["t0"] + pd.to_timedelta(rows["gap_days"] + rows["horizon_days"], unit="D")
    return rows.sort_values(["t0", "customer_id"], kind="stable", ignore_index=True)


def resolve_irritants(panel: pd.DataFrame, current: Mapping[str, str]) -> pd.DataFrame:
    """The panel with every irritant id replaced by the one it stands for now (merges, moves of the registry)."""
    lists = [
        sorted({current.get(one, one) for one in ([] if row is None else row)} - {UNCLASSIFIED})
        for row in panel["irritants_90d"]
    ]
    return panel.assign(irritants_90d=pd.Series(lists, index=panel.index, dtype=object))


def irritant_matrix(lists: Sequence[Sequence[str]], irritants: Sequence[str]) -> Array:
    """(n, k) zeros and ones: row i names irritant k."""
    found = np.zeros((len(lists), len(irritants)))
    if not len(irritants) or not len(lists):
        return found
    place = {irritant: column for column, irritant in enumerate(irritants)}
    row_of = np.repeat(np.arange(len(lists)), [len(one) for one in lists])
    column_of = np.fromiter((place.get(x, -1) for one in lists for x in one), dtype=np.int64, count=len(row_of))
    known = column_of >= 0
    found[row_of[known], column_of[known]] = 1.0
    return found


def customers_exposed(rows: pd.DataFrame) -> dict[str, int]:
    """Distinct customers who named each irritant, over all rows."""
    pairs = rows[["customer_id", "irritants_90d"]].explode("irritants_90d").dropna().drop_duplicates()
    counts = pairs["irritants_90d"].value_counts()
    return {str(irritant): int(n) for irritant, n in counts.items()}


@dataclass(frozen=True)
class Split:
    """Row masks of one line of business, forward in time. `train`: closed before the test begins, all lines.

    `learn` closed before the tuning months begin; `tune` are the line's last months closed before the test; `test`
    its last matured months. No outcome window of a row on the left reaches the first t0 of a block on its right.
    """

    learn: Array
    tune: Array
    train: Array
    test: Array
    test_months: tuple[pd.Timestamp, ...]


def lines(rows: pd.DataFrame) -> list[tuple[int, int]]:
    """(gap, horizon) of each line of business, the largest first."""
    counts = rows.groupby(["gap_days", "horizon_days"]).size().sort_values(ascending=False)
    return [(int(gap), int(horizon)) for gap, horizon in counts.index]


def temporal_split(
    rows: pd.DataFrame, line: tuple[int, int], n_test: int = TEST_MONTHS, n_tune: int = TUNE_MONTHS
) -> Split | None:
    """The forward split of one line; None where its history is too short for a test month and rows before it."""
    known = rows["label"].notna().to_numpy()
    own = ((rows["gap_days"] == line[0]) & (rows["horizon_days"] == line[1])).to_numpy()
    months = np.sort(rows.loc[known & own, "t0"].unique())
    if len(months) == 0:
        return None
    test_months = months[-n_test:]
    closes, t0 = rows["closes_on"].to_numpy(), rows["t0"].to_numpy()
    train = known & (closes <= test_months[0])
    tune_months = np.sort(rows.loc[train & own, "t0"].unique())[-n_tune:]
    if len(tune_months) == 0:
        return None
    return Split(
        learn=known & (closes <= tune_months[0]),
        tune=train & own & np.isin(t0, tune_months),
        train=train,
        test=known & own & np.isin(t0, test_months),
        test_months=tuple(pd.Timestamp(month) for month in test_months),
    )
