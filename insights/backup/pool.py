"""Files of all backups of one folder, each once, named by their sha256: a second backup copies only what is new."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from insights.errors import BackupError

PIECE = 1024 * 1024
DRAFT = ".draft-"


@dataclass(frozen=True)
class Stored:
    """One file of a backup. `path`: where it belongs, such as `lake/files/main/feedback/x.parquet`; `size` in bytes."""

    path: str
    sha256: str
    size: int


class Pool:
    """The folder `objects`. `trusted`: hashes that a whole backup names; others are read again before they are believed."""

    def __init__(self, folder: Path, trusted: Collection[str] = ()) -> None:
        self.folder = folder / "objects"
        self.trusted = trusted
        self.n_new = self.new_bytes = 0

    def path_of(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def put(self, source: BinaryIO, path: str) -> Stored:
        """Keep what a stream holds. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self.folder / f"{DRAFT}{secrets.token_hex(8)}"
        try:
            found, size = copied(source, draft)
            if self._has(found, size):
                return Stored(path, found, size)
            target = self.path_of(found)
            target.parent.mkdir(exist_ok=True, mode=0o700)
            os.replace(draft, target)
        finally:
            draft.unlink(missing_ok=True)
        self.n_new, self.new_bytes = self.n_new + 1, self.new_bytes + size
        return Stored(path, found, size)

    def has(self, one: Stored) -> bool:
        """Whether a file of an earlier backup is there."""
        return self._has(one.sha256, one.size)

    def _has(self, sha256: str, size: int) -> bool:
        """Whether the file is there, whole: what no backup names yet may be what a power cut left."""
        target = self.path_of(sha256)
        if not target.is_file() or target.stat().st_size != size:
            return False
        return sha256 in self.trusted or sha256_of(target) == sha256

    def damaged(self, files: Collection[Stored]) -> Iterator[str]:
        """A sentence for each file that is missing or is not what was put in."""
        for one in files:
            target = self.path_of(one.sha256)
            if not target.is_file():
                yield f"{one.path} is missing ({target})"
            elif target.stat().st_size != one.size or sha256_of(target) != one.sha256:
                yield f"{one.path} is damaged ({target})"

    def give(self, one: Stored, target: Path) -> None:
        """Copy a file out, whole or not at all; one that is there already, whole, stays. Raises BackupError, OSError."""
        if target.is_file() and target.stat().st_size == one.size and sha256_of(target) == one.sha256:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f"{DRAFT}{secrets.token_hex(8)}")
        try:
            with self.path_of(one.sha256).open("rb") as source:
                found, _ = copied(source, draft)
            if found != one.sha256:
                raise BackupError(f"{one.path} is damaged ({self.path_of(one.sha256)}): nothing was put in its place.")
            os.replace(draft, target)
        finally:
            draft.unlink(missing_ok=True)

    def sweep(self, wanted: Collection[str]) -> int:
        """Delete what no backup names; returns the bytes that came free."""
        freed = 0
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and path.name not in wanted:
                freed += path.stat().st_size
                path.unlink()
        return freed


def copied(source: BinaryIO, target: Path) -> tuple[str, int]:
    """Copy, readable by the owner only; the sha256 and the size in bytes of what was read."""
    digest, size = hashlib.sha256(), 0
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as written:
        while piece := source.read(PIECE):
            digest.update(piece)
            written.write(piece)
            size += len(piece)
    return digest.hexdigest(), size


def sha256_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
