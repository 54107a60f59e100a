"""Files a run wrote that hold a person's ids or words: they go whole, as every one of them can be made again."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from insights.keys import KeyRing
from insights.privacy.search import Search
from insights.privacy.terms import Term
from insights.settings import Settings


def files_with(settings: Settings, terms: Sequence[Term], keys: KeyRing, customer_id: str) -> list[Path]:
    """Digests, mails and webhook files, and models as a whole folder or file, in which a term stands."""
    out = settings.out_dir
    written = [path for path in sorted(out.rglob("*")) if path.is_file() and "erasures" not in path.parts]
    models = sorted(settings.models_dir.iterdir()) if settings.models_dir.exists() else []
    return [
        entry
        for entry in [*written, *models]
        if any(Search(terms, keys, customer_id).file(path, "") for path in _inside(entry))
    ]


def _inside(entry: Path) -> list[Path]:
    return [path for path in sorted(entry.rglob("*")) if path.is_file()] if entry.is_dir() else [entry]


def delete_all(paths: Sequence[Path]) -> int:
    """Delete files and folders; returns how many."""
    for path in paths:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    return len(paths)


def unreadable(settings: Settings) -> list[Path]:
    """Folders of files that hold customers' sentences and cannot be searched: the situation sheets, packed PDFs.

    They go whole at each erasure; a sheet is made again in a second.
    """
    return [path for path in (settings.out_dir / "sheets",) if path.exists()]


def dropped_with(settings: Settings, terms: Sequence[Term], keys: KeyRing, customer_id: str) -> list[str]:
    """Files of the drop folder that still hold the person: they are the company's to delete, so they are only named."""
    files = [path for path in sorted(settings.drop_dir.rglob("*")) if path.is_file()]
    return [path.name for path in files if Search(terms, keys, customer_id).file(path, "")]
