"""Part `scores` of the benchmark: coverage of the NPS interval, raw and corrected against the truth, a million rows."""

from __future__ import annotations

from insights.bench.report import Entry
from insights.bench.scores_bias import bias_entries, lake_entries
from insights.bench.scores_intervals import interval_entries
from insights.bench.scores_million import million_entries
from insights.bench.scores_shared import Say


def entries(say: Say) -> list[Entry]:
    """All figures of the part."""
    return [*interval_entries(say), *bias_entries(say), *lake_entries(say), *million_entries(say)]
