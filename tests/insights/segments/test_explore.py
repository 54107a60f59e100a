"""Segments that differ are found, the others are not, whatever the order of the rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from insights.segments.explore import COLUMNS, candidates, explore

N = 4000
DIMENSIONS = ("product", "region", "heating")


def company(seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Customers, their score (a third answered), who named two irritants, and their years with us."""
    rng = np.random.default_rng(seed)
    people = pd.DataFrame(
        {
            "product": rng.choice(["fix", "flex", "green"], N),
            "region": rng.choice(["north", "south", "west", "east"], N),
            "heating": pd.Series(rng.choice(["gas", "electric"], N), dtype=object).where(rng.random(N) > 0.05),
        }
    )
    answered = rng.random(N) < 0.35
    means = pd.DataFrame({"score:all:nps": np.where(answered, rng.choice([-100, 0, 100], N), np.nan)})
    years = rng.uniform(0.1, 1.0, N)
    counts = pd.DataFrame({f"irritant:{one}": (rng.random(N) < 0.08 * years).astype(float) for one in "ab"})
    return people, means, counts, years


def plant(seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, np.ndarray]:
    """The same with a low score of the south, and irritant a named by electric heaters with the fixed product."""
    people, means, counts, years = company(seed)
    rng = np.random.default_rng(seed + 100)
    means.loc[(people["region"] == "south") & (rng.random(N) < 0.4) & means.iloc[:, 0].notna()] = -100
    both = (people["product"] == "fix") & (people["heating"] == "electric")
    counts.loc[both & (rng.random(N) < 0.25 * years), "irritant:a"] = 1.0
    return people, means, counts, years


def test_what_was_planted_is_found_and_a_pair_only_where_its_halves_do_not_tell_it() -> None:
    people, means, counts, years = plant()
    found = explore(people, means, counts, years, DIMENSIONS, {"score:all:nps": 5.0})
    assert list(found.columns) == COLUMNS
    worse = found[(found["measure"] == "score:all:nps") & (found["difference"] < 0)]
    assert worse["segment_key"].tolist() == ["region=south"]
    named = found[(found["measure"] == "irritant:a") & (found["difference"] > 0)]
    assert named.iloc[0]["segment_key"] == "product=fix & heating=electric"
    assert (named.iloc[0]["low"] <= named.iloc[0]["difference"]) and (named.iloc[0]["low"] > 0)
    assert not (found["measure"] == "irritant:b").any()


def test_nothing_planted_is_nothing_found_in_nearly_all_companies() -> None:
    alarms = sum(len(explore(*company(seed), DIMENSIONS, {})) > 0 for seed in range(20))
    assert alarms <= 3, "one company in twenty, give or take"


def test_new_customers_are_not_called_content_because_they_had_less_time_to_complain() -> None:
    people, means, counts, years = company(5)
    people["tenure"] = np.where(years < 0.4, "new", "old")
    assert explore(people, means, counts, years, ("tenure",), {}).empty
    blind = explore(people, means, counts, np.ones(N), ("tenure",), {})
    assert set(blind["measure"]) == {"irritant:a", "irritant:b"}, "without their exposure they would be"


def test_the_order_of_the_rows_does_not_matter() -> None:
    people, means, counts, years = plant(3)
    order = np.random.default_rng(0).permutation(N)
    shuffled = [frame.iloc[order].reset_index(drop=True) for frame in (people, means, counts)]
    one = explore(people, means, counts, years, DIMENSIONS, {})
    other = explore(shuffled[0], shuffled[1], shuffled[2], years[order], DIMENSIONS, {})
    pd.testing.assert_frame_equal(one, other, rtol=1e-9)


def test_the_p_value_of_a_mean_is_welchs() -> None:
    people, means, counts, years = plant(2)
    found = explore(people, means, counts, years, DIMENSIONS, {})
    row = found[(found["segment_key"] == "region=south") & (found["measure"] == "score:all:nps")].iloc[0]
    south, value = people["region"] == "south", means["score:all:nps"]
    theirs = ttest_ind(value[south].dropna(), value[~south].dropna(), equal_var=False)
    assert row["p_value"] == pytest.approx(theirs.pvalue, rel=0.2)
    assert row["inside"] == pytest.approx(value[south].mean())
    assert row["outside"] == pytest.approx(value[~south].mean())


def test_small_groups_unknown_values_and_nearly_everybody_are_no_segments() -> None:
    people = pd.DataFrame({"a": ["x"] * 950 + ["y"] * 49 + [None], "b": ["u", "v"] * 500})
    assert [one.key for one in candidates(people, ("a", "b"))] == ["b=u", "b=v"]


def test_nobody_is_no_error() -> None:
    empty = pd.DataFrame({"product": pd.Series(dtype=object)})
    assert explore(empty, pd.DataFrame(), pd.DataFrame(), np.array([]), ("product",), {}).empty
