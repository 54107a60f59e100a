"""Which irritants grow: rate of the last four weeks over the four before, for the same customers and the same channels.

Where four weeks show nothing, eight against the eighteen before: a lasting change of a rare irritant is seen there.

A rate is customers who name the irritant per exposure, and exposure is taken channel group by channel group, so that
neither a survey wave nor a change in how many calls are read moves a trend:
  phone, written, chat: customers of the company x share of the group's contacts that were read;
  public words: customers of the company; surveys, and groups whose contacts or customers are not known in every week
  that is compared: the feedback read. The kind is chosen once for both periods.
Each irritant's count of both periods is split between the two periods as the exposures of its groups would have it;
the ratio of what came to what was expected is the trend. Counting noise is widened by how much weeks differ from each
other beyond chance (a quasi-Poisson dispersion, each irritant's own drawn to that of all).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import false_discovery_control, norm

from insights.contracts import UNCLASSIFIED
from insights.intervals import Array, rate_ratio, ratio_shape

TREND_WEEKS = 4
FAST, SLOW = (4, 4), (8, 18)  # weeks now, weeks before
SPAN = sum(SLOW)
MOST_SHAPE = (
    20.0  # events the prior of a ratio is worth at most: one that moves alone is not pulled back by thirty that rest
)
OWN_NOISE_DF = 4  # degrees of freedom that the common dispersion is worth beside an irritant's own
DAYS_OF_A_WEEK = 6  # a running week counts once six of its days have passed
LEVEL = 0.90
FALSE_DISCOVERIES = 0.10  # METHODS 2: Benjamini-Hochberg at 10 % over irritants
FEWEST = 10  # customers over both periods; with fewer there is no verdict
CUSTOMERS, SHARE, HEARD = "customers", "share", "heard"
UP, DOWN, STEADY, UNKNOWN = "up", "down", "steady", "unknown"
COLUMNS = ("irritant_id", "trend_ratio", "trend_low", "trend_high", "trend_p", "trend_weeks", "trend_verdict")


@dataclass(frozen=True)
class Counted:
    """`named` (K, G, W) customers by irritant, channel group and week, the newest week first; three exposures (G, W)."""

    irritants: tuple[str, ...]
    groups: tuple[str, ...]
    named: Array
    heard: Array
    contacts: Array
    active: Array

    def kinds(self, weeks: tuple[int, int]) -> NDArray[np.str_]:
        """What measures each group over both periods; see `_kinds`."""
        return _kinds(self.groups, *(size[:, : sum(weeks)] for size in (self.heard, self.contacts, self.active)))


def trend(weekly: pd.DataFrame, as_of: date, weak: Collection[str] = ()) -> pd.DataFrame:
    """One row an irritant named in the eight weeks: ratio with a 90 % interval, p-value, verdict.

    `weekly`: rows of irritant_weekly. `weak`: ids of weak signals: they get a ratio, and no verdict but `unknown`.
    Columns: irritant_id, trend_ratio (shrunk to 1), trend_low, trend_high, trend_p, trend_weeks (4; 8 where only the
    slower comparison is beyond chance), trend_verdict (up, down, steady, unknown; Benjamini-Hochberg at 10 % over all
    irritants judged and both comparisons; up and down only where the interval excludes 1).
    """
    counted = _counted(weekly, as_of)
    if counted is None:
        return pd.DataFrame(columns=list(COLUMNS))
    shy = np.isin(counted.irritants, list(weak))
    fast, slow = (_compared(counted, weeks, shy) for weeks in (FAST, SLOW))
    both = pd.concat([fast, slow], ignore_index=True)
    both["trend_verdict"] = _verdicts(both)
    fast, slow = both.iloc[: len(fast)], both.iloc[len(fast) :].reset_index(drop=True)
    moved = [UP, DOWN]
    slower = ~fast["trend_verdict"].isin(moved) & slow["trend_verdict"].isin(moved)
    table = fast.where(~slower, slow)
    named = fast["named"].astype(bool) | slower
    return table[named].reset_index(drop=True)[list(COLUMNS)].astype({"trend_weeks": int})


def _compared(counted: Counted, weeks: tuple[int, int], shy: NDArray[np.bool_]) -> pd.DataFrame:
    """The weeks now against those before, one row an irritant; `judged`: enough of it for a verdict."""
    x = np.stack([_period(counted.named, one, weeks).sum(axis=2) for one in (0, 1)])  # (2, K, G)
    part, noise = _share_now(counted, weeks), _dispersion(counted, weeks)
    x = np.where(np.isnan(part), 0.0, x)  # a group that was not read in both periods compares nothing
    total, share = x.sum(axis=0), np.nan_to_num(part)
    now, before, expected = x[0].sum(axis=1), x[1].sum(axis=1), (total * share).sum(axis=1)
    x1, e1, x0, e0 = (one / noise for one in (now, expected, before, now + before - expected))
    found = rate_ratio(x1, e1, x0, e0, LEVEL, min(ratio_shape(x1, e1, x0, e0), MOST_SHAPE))
    spread = np.sqrt(noise * (total * share * (1 - share)).sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        p_value = 2 * norm.sf(np.abs(now - expected) / spread)
    return pd.DataFrame(
        {
            **{"irritant_id": list(counted.irritants), "trend_ratio": found.value, "trend_low": found.low},
            **{"trend_high": found.high, "trend_p": p_value, "trend_weeks": weeks[0], "named": now + before > 0},
            "judged": np.isfinite(p_value) & (now + before >= FEWEST) & ~shy,
        }
    )


def last_week(as_of: date) -> date:
    """Monday of the last week that counts: the running one once six of its days have passed."""
    monday = as_of - timedelta(days=as_of.weekday())
    return monday if as_of.weekday() + 1 >= DAYS_OF_A_WEEK else monday - timedelta(days=7)


def _days_passed(as_of: date) -> int:
    """Days of the last week that counts: 6 on its Saturday, else 7."""
    return min((as_of - last_week(as_of)).days + 1, 7)


def _counted(weekly: pd.DataFrame, as_of: date) -> Counted | None:
    """The last 26 weeks as arrays; None where no irritant was named in them."""
    rows = weekly[weekly["irritant_id"].notna() & weekly["channel_group"].notna()]
    age = (pd.Timestamp(last_week(as_of)) - pd.to_datetime(rows["week"])).dt.days // 7
    rows = rows.assign(age=age)[(age >= 0) & (age < SPAN)]
    named = rows[(rows["n_mentions"] > 0) & (rows["irritant_id"] != UNCLASSIFIED)]
    if named.empty:
        return None
    irritants = tuple(sorted(named["irritant_id"].astype(str).unique()))
    groups = tuple(sorted(rows["channel_group"].unique()))
    k_of, g_of = ({one: place for place, one in enumerate(names)} for names in (irritants, groups))
    counts = np.zeros((len(irritants), len(groups), SPAN))
    place = (named["irritant_id"].map(k_of).to_numpy(int), named["channel_group"].map(g_of).to_numpy(int))
    np.add.at(counts, (*place, named["age"].to_numpy(int)), named["n_customers"].to_numpy(float))
    cells = _cells(rows.assign(week=rows["age"]))
    at = (cells["channel_group"].map(g_of).to_numpy(int), cells["week"].to_numpy(int))
    sizes = []
    for name in ("n_heard", "n_contacts", "n_active"):
        size = np.zeros(counts.shape[1:])
        size[at] = cells[name].to_numpy(float)
        sizes.append(size)
    if "public" in g_of:  # nobody posts in some weeks, and the company has customers all the same
        public = g_of["public"]
        sizes[2][public] = np.where(sizes[2][public] > 0, sizes[2][public], sizes[2].max(axis=0))
    sizes[2][:, 0] *= _days_passed(as_of) / 7  # customers of a whole week, words of the days that have passed
    return Counted(irritants, groups, counts, *sizes)


def _cells(rows: pd.DataFrame) -> pd.DataFrame:
    """Exposure by week and channel group: feedback added up, contacts and customers once (they repeat in each cell)."""
    once = rows.drop_duplicates(["week", "segment", "brand", "channel_group"])
    return once.groupby(["week", "channel_group"], as_index=False).agg(
        n_heard=("n_heard", "sum"), n_contacts=("n_contacts", "max"), n_active=("n_active", "max")
    )


def _kinds(groups: Sequence[str], heard: Array, contacts: Array, active: Array) -> NDArray[np.str_]:
    """(G,) what measures each group in all these weeks (G, W): customers, share (of contacts read) or heard."""

    def known(size: Array) -> NDArray[np.bool_]:
        return np.asarray(((size > 0) | (heard <= 0)).all(axis=1))

    names = np.array(groups)
    customers = known(active) & (names == "public")
    share = known(active) & known(contacts) & ~np.isin(names, ["public", "survey"])
    return np.where(customers, CUSTOMERS, np.where(share, SHARE, HEARD))


def _exposure(kind: NDArray[np.str_], heard: Array, contacts: Array, active: Array) -> Array:
    """Effective customers read, all of one shape; `kind`: see `_kinds`. 1,000 per 100 feedback without customers."""
    read = np.minimum(np.divide(heard, contacts, out=np.ones(heard.shape), where=contacts > 0), 1.0)
    return np.select([kind == CUSTOMERS, kind == SHARE], [active, active * read], heard * 10.0)


def _period(values: Array, period: int, weeks: tuple[int, int]) -> Array:
    """The weeks of one period: 0 the last ones, 1 those before."""
    now, before = weeks
    return np.asarray(values[..., now : now + before] if period else values[..., :now], dtype=float)


def _share_now(counted: Counted, weeks: tuple[int, int]) -> Array:
    """(G,) share of the exposure of both periods that lies in the last one; NaN where a period was not read."""
    sizes, kinds = [], counted.kinds(weeks)
    for one in (0, 1):
        heard, contacts, active = (
            _period(size, one, weeks) for size in (counted.heard, counted.contacts, counted.active)
        )
        total = heard.sum(axis=1)
        size = _exposure(kinds, total, contacts.sum(axis=1), active.sum(axis=1))
        sizes.append(np.where(total > 0, size, np.nan))
    both = np.isfinite(sizes[0]) & np.isfinite(sizes[1])
    return np.asarray(np.where(both, sizes[0] / (sizes[0] + sizes[1]), np.nan), dtype=float)


def _dispersion(counted: Counted, weeks: tuple[int, int]) -> Array:
    """(K,) how much wider than chance the weeks within each of the two periods spread, at least 1.

    One week alone is then no trend: it widens the doubt as much as it lifts the count.
    """
    squares, df = np.zeros(len(counted.irritants)), np.zeros(len(counted.irritants))
    kinds = counted.kinds(weeks)[:, None]
    for period in (0, 1):
        named = _period(counted.named, period, weeks)
        heard, contacts, active = (
            _period(size, period, weeks) for size in (counted.heard, counted.contacts, counted.active)
        )
        size = np.where(heard > 0, _exposure(kinds, heard, contacts, active), 0.0)
        total = size.sum(axis=1, keepdims=True)
        weight = np.divide(size, total, out=np.zeros_like(size), where=total > 0)
        expected = np.einsum("kg,gw->kw", named.sum(axis=2), weight)
        came = named.sum(axis=1)
        gap = np.divide((came - expected) ** 2, expected, out=np.zeros_like(expected), where=expected > 0)
        squares += gap.sum(axis=1)
        df += np.maximum((expected > 0).sum(axis=1) - 1, 0)
    known = df > 0
    common = max(1.0, float(np.median(squares[known] / df[known]))) if known.any() else 1.0
    return np.asarray(np.maximum(1.0, (squares + OWN_NOISE_DF * common) / (df + OWN_NOISE_DF)), dtype=float)


def _verdicts(table: pd.DataFrame) -> Array:
    """up, down, steady or unknown (K,). A change is told only where the interval shown beside it excludes 1."""
    judged = table["judged"].to_numpy(bool)
    found = np.full(len(table), UNKNOWN, dtype=object)
    if judged.any():
        p_value, low, high = (table.loc[judged, f"trend_{name}"].to_numpy(float) for name in ("p", "low", "high"))
        real = false_discovery_control(p_value) <= FALSE_DISCOVERIES
        found[judged] = np.where(real & (low > 1), UP, np.where(real & (high < 1), DOWN, STEADY))
    return found
