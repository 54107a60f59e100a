"""One small simulation, written once for all tests of this folder."""

from __future__ import annotations

import pytest
from simulate_written import Written

from insights import simulate


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """The small company, default seed."""
    folder = tmp_path_factory.mktemp("small")
    return Written(folder, simulate.write("small", folder))
