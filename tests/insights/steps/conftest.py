"""A company that a test may change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from chain import Company


@pytest.fixture
def copied(company: Company, tmp_path: Path) -> Company:
    """The company with a lake, ledger and keys of its own, for tests that write."""
    for name in ("data", "keys"):
        shutil.copytree(company.folder / name, tmp_path / name)
    moved = {"data_dir": tmp_path / "data", "keys_dir": tmp_path / "keys"}
    return Company(company.settings.model_copy(update=moved), company.folder, company.said)
