"""Brands that feedback carries are known to the naming without being declared."""

from __future__ import annotations

import pandas as pd

from insights.lake import Lake
from insights.steps.naming import knowing_brands


def test_brands_of_the_feedback_and_competitors_are_known(lake: Lake) -> None:
    rows = [
        {"feedback_id": f"f{n}", "source": "s", "source_id": f"{n}", "kind": "review", "brand": brand,
         "occurred_at": pd.Timestamp("2026-01-01", tz="UTC"), "available_at": pd.Timestamp("2026-01-01", tz="UTC")}
        for n, brand in enumerate(["Assur Un", "Mutuelle Deux", "Assur Un", None])
    ]  # fmt: skip
    with lake.write() as writer:
        writer.insert_new("feedback", pd.DataFrame(rows))
    known = knowing_brands(lake).brands
    assert {"Assur Un", "Mutuelle Deux", *lake.settings.brands, *lake.settings.competitors} == set(known)
    assert len(known) == len(set(known))
