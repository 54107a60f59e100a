"""What one backup holds. Its manifest is written last: files that no manifest names are what a killed backup left."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from insights.backup.pool import Stored
from insights.errors import BackupError

FORMAT = 1
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Manifest:
    """One backup. `name` is its instant in UTC and orders backups; `keys` tells its installation's keys from others'.

    `lake` and `ledger` count rows by table; `n_erasures` the lines of the erasure log at that moment. `sealed`: whether
    the lake's files are encrypted; the backup itself adds no encryption.
    """

    name: str
    taken_at: str
    version: str
    duckdb: str
    team: bool
    sealed: bool
    ledger_revision: str
    snapshot_id: int
    keys: str
    n_erasures: int
    lake: dict[str, int]
    ledger: dict[str, int]
    files: tuple[Stored, ...]
    format: int = FORMAT

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(one.size for one in self.files)

    def write(self, folder: Path) -> Path:
        """Keep it, once everything it names is on the disk."""
        path = folder / f"{self.name}.json"
        told = asdict(self)
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps({**told, "sha256": _digest(told)}, indent=1), encoding="utf-8")
        draft.chmod(0o600)
        os.sync()
        os.replace(draft, path)
        return path


def read(path: Path) -> Manifest:
    """Raises BackupError for a file that is no manifest, was changed, or is of a later version."""
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        digest = told.pop("sha256")
        if told["format"] > FORMAT:
            raise BackupError(f"{path} was made by a later version ({told['version']}): restore it with that one.")
        if digest != _digest(told):
            raise BackupError(f"{path} is damaged: choose another backup of this folder (--name).")
        files = tuple(Stored(**one) for one in told.pop("files"))
        if odd := [one.path for one in files if not _is_ours(one)]:  # a hash alone proves no origin
            raise BackupError(f"{path} names {odd[0]!r}, which is no file of a backup: do not trust this folder.")
        return Manifest(**told, files=files)
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise BackupError(f"{path} is damaged ({error}): choose another backup of this folder (--name).") from error


def _is_ours(one: Stored) -> bool:
    """Whether a file lies below the place it is restored to, and its hash is one."""
    parts = PurePosixPath(one.path).parts
    return bool(parts) and not one.path.startswith("/") and ".." not in parts and bool(_SHA256.fullmatch(one.sha256))


def all_in(folder: Path) -> list[Path]:
    """Manifests of the whole backups of a folder, oldest first."""
    return sorted(folder.glob("????????T??????.???Z.json"))


def chosen(folder: Path, name: str = "") -> Manifest:
    """The newest backup of a folder, or the one named. Raises BackupError when there is none."""
    found = all_in(folder)
    if not found:
        raise BackupError(f"{folder} holds no whole backup: make one with `voc backup {folder}`.")
    if not name:
        return read(found[-1])
    path = folder / f"{name}.json"
    if path not in found:
        raise BackupError(f"{folder} holds no backup {name!r}; there are: {', '.join(one.stem for one in found)}.")
    return read(path)


def _digest(told: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
