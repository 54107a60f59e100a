"""What the benchmark of growth says of its three runs: reading for the whole from two parts, ratios over a full run."""

from __future__ import annotations

import pytest

from insights.bench.scale_growth import FULL, IDLE, MORE, Cost, Growth, _costs, _memory, reading


def test_reading_of_all_is_what_a_row_adds_over_what_a_start_costs() -> None:
    start, each = 10.0, 0.008
    full, more = (Cost(0, start + each * n, 0, n) for n in (4_000, 1_000))
    assert reading(full, more, 100_000) == pytest.approx(start + each * 100_000)
    dearer = Cost(0, 99, 0, 1_000)  # on a busy machine: never less than what was read for real
    assert reading(full, dearer, 100_000) == full.cpu_seconds


def test_one_per_cent_is_told_beside_a_full_run() -> None:
    def run(cpu: float, n: int, peak: float) -> dict[str, Cost]:
        return {"enrich": Cost(0, cpu, peak, n), "score": Cost(0, cpu / 2, peak / 2, 0)}

    runs = {FULL: run(40, 4_000, 900), MORE: run(16, 1_000, 600), IDLE: run(1, 0, 500)}
    found = {one.name: one for one in _costs(Growth(100_000, 1_000, runs))}
    whole = 40 + 0.008 * 96_000 + 20
    ratio = found["all steps: processor, 1 % more over a full run"]
    assert ratio.value == pytest.approx((16 + 8) / whole) and ratio.aim == "<= 0.03"
    assert found["score: processor, 1 % more"].rival_value == 20
    assert found["enrich: processor a feedback"].value == pytest.approx(1000 * (40 + 0.008 * 96_000) / 100_000)
    peaks = list(_memory(Growth(25_000, 1_000, {**runs, MORE: run(16, 1_000, 590)}), Growth(100_000, 1_000, runs)))
    assert [(one.value, one.rival_value) for one in peaks] == [(900, 900), (600, 590)]
