"""The panel as models read it: typed, split forward with an embargo, free of columns that must not rate people."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from insights.churn.panel import (
    BY_NAME,
    FAMILIES,
    TERMS,
    customers_exposed,
    irritant_matrix,
    lines,
    prepare,
    resolve_irritants,
    temporal_split,
)
from insights.contracts import CHURN_PANEL
from insights.errors import ContractError


def test_prepare_types_the_columns_the_lake_gives(panel: pd.DataFrame) -> None:
    rows = prepare(panel)
    assert set(rows["label"].dropna().unique()) == {0.0, 1.0}
    assert rows["label"].isna().sum() == panel["label"].isna().sum() > 0
    assert (rows["closes_on"] - rows["t0"]).dt.days.unique().tolist() in ([104, 210], [210, 104])
    assert rows["irritants_90d"].map(type).eq(list).all()


def test_prepare_names_the_missing_column(panel: pd.DataFrame) -> None:
    with pytest.raises(ContractError, match="nps_last"):
        prepare(panel.drop(columns="nps_last"))


def test_age_and_digital_habit_never_enter(panel: pd.DataFrame) -> None:
    assert {"age_band", "digital_habit"}.isdisjoint(CHURN_PANEL.column_names)
    asked: set[str] = set()

    class Watched(pd.DataFrame):
        def __getitem__(self, key: object) -> object:
            asked.add(str(key))
            return super().__getitem__(key)

    rows = Watched(prepare(panel).head(5).assign(age_band="65+", digital_habit="low"))
    for term in BY_NAME.values():
        term.compute(rows)
    assert asked
    assert asked <= set(CHURN_PANEL.column_names)


def test_every_term_has_a_family_and_quotes_panel_columns() -> None:
    assert len(BY_NAME) == len(TERMS) + 2, "and those of the attribution: named, in touch"
    for term in BY_NAME.values():
        assert term.family in FAMILIES
        assert set(term.values) <= set(CHURN_PANEL.column_names)


def test_split_keeps_an_embargo_and_goes_forward(panel: pd.DataFrame) -> None:
    rows = prepare(panel)
    found = lines(rows)
    assert found[0] == (14, 90)
    for line in found:
        split = temporal_split(rows, line)
        assert split is not None
        assert len(split.test_months) == 3
        tune_start = rows.loc[split.tune, "t0"].min()
        assert rows.loc[split.train, "closes_on"].max() <= split.test_months[0]
        assert rows.loc[split.learn, "closes_on"].max() <= tune_start
        assert rows.loc[split.test, "t0"].min() == split.test_months[0]
        assert not (split.train & split.test).any()
        assert rows.loc[split.train | split.test, "label"].notna().all()


def test_a_short_history_has_no_split(panel: pd.DataFrame) -> None:
    rows = prepare(panel[pd.to_datetime(panel["t0"]) >= pd.Timestamp(2026, 4, 1)])
    assert temporal_split(rows, (14, 90)) is None


def test_merged_irritants_count_once(panel: pd.DataFrame) -> None:
    frame = pd.DataFrame({"irritants_90d": [["IR-0001", "IR-0002"], None, ["IR-0003"], ["IR-0004"]]})
    merged = resolve_irritants(frame, {"IR-0002": "IR-0001", "IR-0004": "unclassified"})
    assert merged["irritants_90d"].tolist() == [["IR-0001"], [], ["IR-0003"], []]


def test_irritant_matrix_and_exposed_customers() -> None:
    named = [["B"], [], ["A", "B", "Z"]]
    assert irritant_matrix(named, ["A", "B"]).tolist() == [[0, 1], [0, 0], [1, 1]]
    assert irritant_matrix([], ["A"]).shape == (0, 1)
    rows = pd.DataFrame({"customer_id": ["C1", "C1", "C2"], "irritants_90d": [["A"], ["A"], ["A", "B"]]})
    assert customers_exposed(rows) == {"A": 2, "B": 1}


def test_split_dates_of_the_two_years(panel: pd.DataFrame) -> None:
    rows = prepare(panel)
    household, business = (temporal_split(rows, line) for line in ((14, 90), (30, 180)))
    assert household is not None and business is not None
    assert [month.date() for month in household.test_months] == [
        date(2026, 4, 30),
        date(2026, 5, 31),
        date(2026, 6, 30),
    ]
    assert [month.date() for month in business.test_months] == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]
    assert np.count_nonzero(household.test) > 0
