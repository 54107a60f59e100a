"""The company of tests/privacy_people.py, made once; who changes it takes a copy."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from chain import Once
from privacy_people import fill

from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def people(own_copy: Once, extension_dir: Path) -> Settings:
    """Settings of the company: read it, never write it."""

    def at(folder: Path) -> Settings:
        return load_settings(
            data_dir=folder / "data",
            keys_dir=folder / "keys",
            drop_dir=folder / "drop",
            extension_dir=extension_dir,
            reference_dir=ROOT / "data" / "reference",
            as_of=date(2026, 10, 31),
            workers=1,
        )

    def make(folder: Path) -> None:
        with open_lake(at(folder)) as lake, open_ledger(at(folder)) as ledger:
            fill(lake, ledger)

    return at(own_copy("people", make))
