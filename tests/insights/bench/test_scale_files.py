"""Small commits and a night's maintenance: the files of a table do not grow with the number of runs."""

from __future__ import annotations

import pytest

from insights.bench.scale_files import night
from insights.lake import Lake


@pytest.mark.faults
def test_small_commits_and_maintenance_leave_as_few_files_after_every_night(lake: Lake) -> None:
    nights = [night(lake, day, commits=6, rows=40) for day in range(2)]
    assert nights[0] == nights[1] == 1
    assert lake.scalar("SELECT count(*) FROM feedback") == 2 * 6 * 40
