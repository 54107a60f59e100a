"""Weights by survey and month: margins of the population, small levels grouped, no month changed by a later one."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.contracts import CELL_WEIGHT, RESPONSE_CELL
from insights.weighting import VARIABLES, Before, cell_weights, composition, gaps, weights_since
from insights.weighting.cells import grouped_levels

KEYS = ["survey", "month", *VARIABLES]
JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)


def cells(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Rows of response_cell; the same level everywhere where nothing is said."""
    blank = {
        **{"survey": "relational", "month": JUNE, "age_band": "45-59", "digital_habit": "regular"},
        **{"tenure_band": "37+", "segment": "household", "channel": "email", "value_band": "1"},
        **{"n_answered": 0, "n_silent": 0, "n_never_asked": 0},
    }
    return pd.DataFrame([blank | row for row in rows])[list(RESPONSE_CELL.column_names)]


def old_and_young(month: date = JUNE, old: int = 150, young: int = 100) -> list[dict[str, object]]:
    """Seniors are a third of those asked and most of those who answer."""
    return [
        {"month": month, "age_band": "75+", "n_answered": old, "n_silent": 350 - old, "n_never_asked": 1000},
        {"month": month, "age_band": "18-34", "n_answered": young, "n_silent": 700 - young, "n_never_asked": 500},
    ]


def weighted_share(found: pd.DataFrame, rows: pd.DataFrame, band: str) -> float:
    both = rows.merge(found, on=KEYS)
    mass = both["weight"] * both["n_answered"]
    return float(mass[both["age_band"] == band].sum() / mass.sum())


@pytest.mark.parametrize(("population", "share"), [("asked", 350 / 1050), ("customers", 1350 / 2550)])
def test_the_answers_come_back_to_whom_the_survey_stands_for(population: str, share: float) -> None:
    rows = cells(old_and_young())
    found = cell_weights(rows, {"relational": population})
    assert list(found.columns) == list(CELL_WEIGHT.column_names)
    assert set(found["basis"]) == {population}
    assert set(found["variables"]) == {"age_band"}
    assert weighted_share(found, rows, "75+") == pytest.approx(share)
    assert np.average(found["weight"], weights=[100, 150]) == pytest.approx(1)  # 18-34 comes first


def test_without_a_list_of_customers_those_asked_are_the_aim() -> None:
    rows = cells([row | {"n_never_asked": 0} for row in old_and_young()])
    assert set(cell_weights(rows, {"relational": "customers"})["basis"]) == {"asked"}


def test_without_asked_nor_customers_nothing_is_corrected() -> None:
    rows = cells([row | {"n_never_asked": 0, "n_silent": 0} for row in old_and_young()])
    assert cell_weights(rows, {}).empty


def test_under_a_hundred_answers_nothing_is_corrected() -> None:
    assert cell_weights(cells(old_and_young(old=60, young=39)), {}).empty
    assert not cell_weights(cells(old_and_young(old=60, young=40)), {}).empty


def test_who_is_in_no_picture_weighs_nothing_and_pulls_nothing() -> None:
    nobody = dict.fromkeys(("age_band", "digital_habit", "tenure_band", "segment", "value_band"), "(none)")
    rows = cells([*old_and_young(), nobody | {"n_answered": 40, "n_silent": 4000}])
    found = cell_weights(rows, {})
    assert "(none)" not in set(found["segment"])
    assert weighted_share(found, rows, "75+") == pytest.approx(350 / 1050)


def test_a_month_with_few_answers_is_raked_with_those_before_it() -> None:
    rows = cells([*old_and_young(), *old_and_young(JULY, old=6, young=14)])
    found = cell_weights(rows, {})
    july = found[found["month"] == JULY]
    assert set(july["from_month"]) == {JUNE}
    assert np.average(july["weight"], weights=[14, 6]) == pytest.approx(1)


@settings(max_examples=12)
@given(st.integers(0, 300), st.integers(0, 300))
def test_a_later_month_never_changes_an_earlier_one(old: int, young: int) -> None:
    before = cell_weights(cells(old_and_young()), {})
    after = cell_weights(cells([*old_and_young(), *old_and_young(JULY, old, young)]), {})
    pd.testing.assert_frame_equal(after[after["month"] == JUNE].reset_index(drop=True), before)


@settings(max_examples=6)
@given(st.lists(st.tuples(st.integers(0, 11), st.sampled_from(["n_answered", "n_silent", None]), st.integers(0, 90))))
def test_months_kept_from_the_last_run_weigh_what_they_would_now(
    changes: list[tuple[int, str | None, int]],
) -> None:
    """Two surveys over three months; cells change, go and come; a month that is kept is the one that would be counted."""
    months = [date(2026, month, 1) for month in range(5, 8)]
    old = cells(
        [row | {"survey": survey} for survey in ("a", "b") for month in months for row in old_and_young(month, 60, 70)]
    )
    now = old
    for place, column, value in changes:
        row = place % max(1, len(now))
        if column is None:  # a cell goes
            now = now.drop(now.index[row : row + 1])
        else:
            now = now.assign(**{column: now[column].where(np.arange(len(now)) != row, value)})
    before = Before(old, cell_weights(old, {"a": "customers"}))
    found, counted = weights_since(now, {"a": "customers"}, before)
    pd.testing.assert_frame_equal(found, cell_weights(now, {"a": "customers"}))
    assert counted == 0 if now.equals(old) else counted <= 6


@settings(max_examples=12)
@given(st.randoms())
def test_order_of_cells_does_not_matter(random: object) -> None:
    rows = cells([*old_and_young(), *old_and_young(JULY, 120, 130)])
    shuffled = rows.sample(frac=1, random_state=random.randint(0, 10**6))  # type: ignore[attr-defined]
    pd.testing.assert_frame_equal(cell_weights(rows, {}), cell_weights(shuffled, {}))


def test_small_levels_join_their_neighbour_by_number() -> None:
    bands = pd.Series(["0-3", "4-14", "15-36", "37+"])
    codes, shares = grouped_levels(bands, np.array([4.0, 50.0, 60.0, 90.0]), np.array([10.0, 20.0, 30.0, 40.0]))
    assert codes.tolist() == [0, 0, 1, 2]
    assert shares == pytest.approx([0.3, 0.3, 0.4])


def test_composition_tells_who_is_heard_too_much() -> None:
    rows = cells(old_and_young())
    found = composition(rows, cell_weights(rows, {}), ["age_band"])
    old = found.set_index("level").loc["75+"]
    assert (old["answered_share"], old["target_share"]) == (pytest.approx(0.6), pytest.approx(1 / 3))
    assert old["weighted_share"] == pytest.approx(1 / 3)
    assert gaps(found)[["variable", "level"]].values.tolist() == [["age_band", "75+"]]
    assert gaps(found, least=0.5).empty
