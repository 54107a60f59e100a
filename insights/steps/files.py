"""The files of an ingest: which source reads each, and what each gave."""

from __future__ import annotations

import fnmatch
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from insights.errors import SourceError
from insights.sources.base import RecordSource
from insights.sources.tables import TableSource


@dataclass
class FileReport:
    """What one file gave."""

    file: str
    source: str
    n_read: int = 0
    n_new: int = 0
    n_known: int = 0
    n_quarantined: int = 0
    n_refused: int = 0
    n_revised: int = 0
    n_deleted: int = 0
    n_erased: int = 0
    set_aside: Counter[str] = field(default_factory=Counter)
    skipped: bool = False
    error: str = ""

    def sentence(self) -> str:
        """One line for people."""
        if self.error:
            return f"REFUSED {self.error}"
        if self.skipped:
            return f"{self.file}: already ingested, nothing to do"
        parts = [f"{self.n_new} new", f"{self.n_known} already known"]
        parts += [f"{self.n_quarantined} in quarantine"] if self.n_quarantined else []
        parts += [f"{self.n_refused} refused by the customer"] if self.n_refused else []
        parts += [f"{self.n_revised} replaced by a later version"] if self.n_revised else []
        parts += [f"{self.n_deleted} deleted at the source"] if self.n_deleted else []
        parts += [f"{self.n_erased} of erased people, left out"] if self.n_erased else []
        parts += [f"{n} set aside ({code})" for code, n in sorted(self.set_aside.items())]
        return f"{self.file} ({self.source}): {self.n_read} read, " + ", ".join(parts)


def find_files(paths: Sequence[Path], sources: Sequence[RecordSource | TableSource]) -> list[tuple[Path, Any]]:
    """Files with the source that reads each: tables first, so that identities are known when feedback arrives.

    Raises SourceError for a path that does not exist or that no source reads.
    """
    found: list[tuple[Path, Any]] = []
    for path in paths:
        if not path.exists():
            raise SourceError(f"{path}: no such file or folder.")
        out = set(links_out(path))
        candidates = sorted(p for p in path.rglob("*") if p.is_file() and p not in out) if path.is_dir() else [path]
        named = len(sources) == 1 and path.is_file()  # the caller says who reads this very file
        matched = [(file, source) for file in candidates for source in sources if named or matches(file, source)]
        if not matched:
            patterns = ", ".join(pattern for source in sources for pattern in source.patterns)
            raise SourceError(f"{path}: no source reads it (looked for {patterns}). Give a mapping with --mapping.")
        found += matched
    return sorted(found, key=lambda pair: (isinstance(pair[1], RecordSource), str(pair[0])))


def links_out(folder: Path) -> list[Path]:
    """Files of a folder that are links out of it: who may drop files must not have others read. They are refused by name."""
    home = folder.resolve()
    every = sorted(folder.rglob("*")) if folder.is_dir() else []
    return [file for file in every if file.is_file() and not file.resolve().is_relative_to(home)]


def matches(file: Path, source: RecordSource | TableSource) -> bool:
    """Whether a file lies where the source looks for its own."""
    return any(fnmatch.fnmatch(file.as_posix(), f"*/{pattern}") or file.match(pattern) for pattern in source.patterns)
