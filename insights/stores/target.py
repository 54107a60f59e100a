"""Where to move: the settings of today with other stores, and what is refused before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from insights.errors import SettingsError
from insights.ledger.ledger import ledger_url
from insights.settings import PREFIX, Settings, load_settings

ADDRESSES = ("catalog_url", "files_url", "ledger_url")
MOVED = (*ADDRESSES, *(name for name in Settings.model_fields if name.startswith("s3_")))
STAY = ("data_dir", "keys_dir")  # models, keys, digests and the search index stay where they are


def from_file(path: Path) -> dict[str, str]:
    """The stores an env file names. Raises SettingsError for a file that is not there or names none."""
    if not path.is_file():
        raise SettingsError(
            f"{path} is not there: name an env file with VOC_CATALOG_URL, VOC_FILES_URL, VOC_LEDGER_URL."
        )
    given = {name.upper(): value or "" for name, value in dotenv_values(path).items()}
    found = {name: given[PREFIX + name.upper()] for name in (*MOVED, *STAY) if PREFIX + name.upper() in given}
    if not set(found) & set(ADDRESSES):
        raise SettingsError(f"{path} names no store: set VOC_CATALOG_URL, VOC_FILES_URL or VOC_LEDGER_URL in it.")
    return found


def target_settings(settings: Settings, given: Mapping[str, str]) -> Settings:
    """The settings of today with `given` ones in place of their like. Raises SettingsError for what cannot be moved to."""
    mine = {name: getattr(settings, name) for name in Settings.model_fields}
    target = load_settings(**{**mine, **given})
    for name in STAY:
        if getattr(target, name) != getattr(settings, name):
            raise SettingsError(f"{PREFIX}{name.upper()} must stay: a folder is moved by copying it.")
    other_files = settings.files_url != target.files_url
    if other_files != moves_lake(settings, target) and (other_files or settings.files_url):
        raise SettingsError("A lake moves whole: VOC_CATALOG_URL and VOC_FILES_URL change together.")
    if not (moves_lake(settings, target) or moves_ledger(settings, target)):
        raise SettingsError("The target is where the stores are now: nothing to move.")
    return target


def moves_lake(settings: Settings, target: Settings) -> bool:
    """Whether the lake's catalog, and with it the lake, changes its place."""
    return settings.catalog_url != target.catalog_url


def moves_ledger(settings: Settings, target: Settings) -> bool:
    """Whether the ledger changes its place."""
    return ledger_url(settings) != ledger_url(target)
