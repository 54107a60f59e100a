"""A fall that no action explains is told with the law behind it, and never as ours."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from insights.proof.falls import falls
from insights.proof.known import KnownEvent

TODAY = date(2026, 10, 31)
LAW = KnownEvent("Loi sur le démarchage", "Law on sales calls", date(2026, 8, 11), None, ("vente",), ())
OLD = KnownEvent("Ancienne loi", "Old law", date(2024, 8, 11), None, ("vente",), ())


def rows(fallen: float = 0.4) -> pd.DataFrame:
    weeks = [date(2025, 6, 2) + timedelta(weeks=n) for n in range(73)]
    return pd.DataFrame(
        [
            {
                "week": week,
                "key": key,
                "n": int(30 * (fallen if key in ("vente", "prix") and week > date(2026, 8, 11) else 1)),
            }
            for week in weeks
            for key in ("vente", "prix", "facture", "contrat", "technique")
        ]
    )


def test_a_fall_is_told_with_the_event_of_the_last_year_behind_it():
    found = {one.key: one for one in falls(rows(), TODAY, (), [OLD, LAW])}
    assert set(found) == {"vente", "prix"} and found["vente"].event == LAW and found["prix"].event is None
    assert found["vente"].high < 1 and found["vente"].n_now == 120 and found["vente"].n_before == 300


def test_what_an_action_works_on_is_left_to_its_proof():
    assert [one.key for one in falls(rows(), TODAY, ("vente",), [LAW])] == ["prix"]


def test_where_nothing_fell_or_nothing_was_counted_nothing_is_said():
    assert falls(rows(1.0), TODAY, (), [LAW]) == []
    assert falls(rows().head(0), TODAY, (), [LAW]) == []


def test_order_of_rows_changes_nothing():
    turned = rows().sample(frac=1, random_state=3)
    assert falls(turned, TODAY, (), [LAW]) == falls(rows(), TODAY, (), [LAW])


def quiet(rng: np.random.Generator) -> pd.DataFrame:
    """Fifteen reasons whose weeks spread and drift as real ones, none of which falls."""
    weeks = [date(2025, 6, 2) + timedelta(weeks=n) for n in range(73)]
    rows = []
    for key in range(15):
        drift = np.zeros(len(weeks))
        for n in range(1, len(weeks)):
            drift[n] = 0.5 * drift[n - 1] + rng.normal(0, 0.12)
        counts = rng.poisson(rng.uniform(20, 90) * np.exp(drift) * rng.gamma(25, 1 / 25, len(weeks)))
        rows += [{"week": week, "key": f"r{key:02d}", "n": n} for week, n in zip(weeks, counts, strict=True)]
    return pd.DataFrame(rows)


def test_where_nothing_falls_few_pages_tell_a_fall():
    rng = np.random.default_rng(11)
    told = sum(bool(falls(quiet(rng), TODAY, (), ())) for _ in range(100))
    assert told <= 15, "a Poisson error told one on most of them"


def test_an_event_far_from_the_fall_does_not_explain_it():
    far = KnownEvent("Ailleurs", "Elsewhere", date(2026, 3, 2), None, ("vente",), ())
    assert {one.event for one in falls(rows(), TODAY, (), [far])} == {None}
