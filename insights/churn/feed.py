"""How far the departure feed reaches: a label is known only for days the feed covers, whatever the day of the run."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

RECENT_DAYS = 180
SHORTEST_SPAN = 30  # days that a pace rests on at least
CHANCE = 0.01  # a silence that a feed at its own pace shows less often than this is no chance: the feed has stopped
LATEST = 0.99  # share of departures told within the feed's delay
LONGEST_DELAY = 31  # days; a history loaded with the day of loading must not take the labels of half a year


def last_complete_day(departures: pd.DataFrame, day: date) -> date | None:
    """The last day whose departures are all known on `day`; None without any departure.

    `departures`: learned_on (the day the company learned of it) and known_on (the day the feed told it). The feed has
    stopped where its silence is longer than chance allows at its pace of 180 days: it then covers
    nothing after its last word. From that day its usual delay is taken off.
    """
    frame = departures[["learned_on", "known_on"]].apply(pd.to_datetime)
    heard = frame[frame.max(axis=1) <= pd.Timestamp(day)]
    if heard.empty:
        return None
    newest = heard["known_on"].max()
    recent = heard[heard["learned_on"] > newest - pd.Timedelta(days=RECENT_DAYS)]
    delay = (recent["known_on"] - recent["learned_on"]).dt.days.clip(0, LONGEST_DELAY).to_numpy(float)
    covered = day if _plausible(recent["learned_on"], newest, day) else newest.date()
    return covered - timedelta(days=int(np.quantile(delay, LATEST, method="higher")))


def _plausible(learned_on: pd.Series, newest: pd.Timestamp, day: date) -> bool:
    """True where the days since the feed's last word may be without a departure: n of them in `span` days came before.

    The chance of none in `quiet` days, the pace unknown, is (span / (span + quiet)) ** n (Gamma-Poisson).
    """
    span = min(RECENT_DAYS, max(SHORTEST_SPAN, (newest - learned_on.min()).days))
    quiet = max(0, (pd.Timestamp(day) - newest).days)
    return bool((span / (span + quiet)) ** len(learned_on) >= CHANCE)
