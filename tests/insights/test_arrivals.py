"""Fresh, late, few or new: each source against its own rhythm."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from insights.arrivals import FEW, FRESH, LATE, NEW, arrivals

TODAY = date(2026, 10, 31)


def daily(source: str, every: int, n_days: int, n: int = 10, silent: int = 0) -> pd.DataFrame:
    days = [TODAY - timedelta(days=silent + every * k) for k in range(n_days)]
    return pd.DataFrame({"source": source, "day": days, "n": n})


@pytest.mark.parametrize(
    ("frame", "state"),
    [
        (daily("s", 1, 90), FRESH),
        (daily("s", 1, 90, silent=3), LATE),
        (daily("s", 30, 12, silent=20), FRESH),  # a monthly file is not late after three weeks
        (daily("s", 30, 12, silent=60), LATE),
        (daily("s", 1, 3), NEW),
        (pd.concat([daily("s", 1, 7, n=2), daily("s", 1, 80, n=10, silent=7)]), FEW),
        (pd.concat([daily("s", 1, 7, n=7), daily("s", 1, 80, n=10, silent=7)]), FRESH),  # above half of a usual week
    ],
)
def test_a_source_is_judged_by_its_own_rhythm(frame: pd.DataFrame, state: str) -> None:
    assert [one.state for one in arrivals(frame, TODAY)] == [state]


def test_the_worst_comes_first_and_tomorrow_does_not_count() -> None:
    ahead = pd.DataFrame({"source": ["late"], "day": [TODAY + timedelta(days=1)], "n": [5]})
    found = arrivals(pd.concat([daily("good", 1, 90), daily("late", 2, 60, silent=9), ahead]), TODAY)
    assert [one.source for one in found] == ["late", "good"]
    assert (found[0].silent_days, found[0].usual_gap_days, found[0].n_week) == (9, 2, 0)
    assert (found[1].n_week, found[1].usual_week) == (70, 70.0)
