"""A small company with one backup, made once; who changes it takes a copy."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from privacy_people import copied

from insights.backup.take import back_up
from insights.settings import Settings


@dataclass(frozen=True)
class Home:
    """Read both, change neither."""

    settings: Settings
    backups: Path


@pytest.fixture(scope="module")
def home(people: Settings, tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("home")
    settings = copied(people, folder)
    back_up(settings, folder / "backups")
    return Home(settings, folder / "backups")


@pytest.fixture
def own(home: Home, tmp_path: Path) -> Home:
    """A copy of the company and of its backups."""
    for name in ("data", "keys", "backups"):
        shutil.copytree(home.backups.parent / name, tmp_path / "own" / name)
    places = {"data_dir": tmp_path / "own" / "data", "keys_dir": tmp_path / "own" / "keys"}
    return Home(home.settings.model_copy(update=places), tmp_path / "own" / "backups")
