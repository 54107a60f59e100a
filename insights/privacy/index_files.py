"""Segments of the search index that hold a person's words, as numbers: they go whole, and are made again from the lake."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from insights.lake import Lake
from insights.search.finder import manifest

KEYS = "SELECT hash(id) AS key FROM (SELECT unnest($ids::VARCHAR[]) AS id)"


def segments_with(lake: Lake, feedback_ids: Sequence[str]) -> list[Path]:
    """Folders of the segments in which one of these feedback stands; a segment that cannot be read is one of them."""
    folder = lake.settings.search_dir
    held = lake.read_arrow(KEYS, ids=list(feedback_ids)).column("key").to_numpy()
    segments = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.exists() else []
    return [path for path in segments if _holds(path / "keys.npy", held)]


def torn(folder: Path) -> bool:
    """Whether the index in `folder` names a segment that is gone: its search waits until it is brought up."""
    told = manifest(folder)
    return told is not None and not all((folder / name).is_dir() for name in told["segments"])


def _holds(path: Path, held: np.ndarray[tuple[int, ...], np.dtype[np.uint64]]) -> bool:
    try:
        return bool(np.isin(held, np.load(path, mmap_mode="r", allow_pickle=False)).any())
    except (OSError, ValueError):
        return True
