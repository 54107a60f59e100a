"""Drafts of files that a killed process left beside the file they were to replace (insights/keys.py makes them)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from insights.settings import Settings

DRAFT = re.compile(r"\..+\.\d+\.[0-9a-f]{8}")
OLD = timedelta(days=1)  # a younger one may be somebody's at work


def drafts(settings: Settings) -> list[Path]:
    """All drafts below the data and the keys, in order."""
    folders = (settings.data_dir, settings.keys_dir)
    return sorted(path for folder in folders for path in folder.rglob(".*") if DRAFT.fullmatch(path.name))


def sweep_drafts(settings: Settings, now: datetime | None = None) -> int:
    """Delete those older than a day; how many went. `now` is the wall clock, as are the times of files."""
    since = ((now or datetime.now(UTC)) - OLD).timestamp()
    n_gone = 0
    for path in drafts(settings):
        try:
            if path.stat().st_mtime < since:
                path.unlink()
                n_gone += 1
        except FileNotFoundError:  # its owner has just put it in place
            continue
    return n_gone
