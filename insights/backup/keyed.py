"""Keys and backups: whose keys a backup needs, and a copy of the keys' folder in another place."""

from __future__ import annotations

from pathlib import Path

from insights.errors import BackupError
from insights.keys import KeyRing, replace_file
from insights.privacy.log import ErasureLog

PURPOSE = "backup:fingerprint"
LASTING = "lasting.json"


def fingerprint(keys: KeyRing) -> str:
    """Tells one installation's keys from another's, and nothing else."""
    return keys.lasting_hash(PURPOSE)[:16]


def n_erasures(keys: KeyRing) -> int:
    """Lines of the erasure log. Raises LedgerError when it is damaged."""
    return len(ErasureLog(keys).entries())


def check_keys(keys: KeyRing, wanted: str, n_lines: int) -> None:
    """Raises BackupError unless these are the keys of the backup, with a log of erasures that is no older than it."""
    if not (keys.folder / LASTING).is_file() or fingerprint(keys) != wanted:
        raise BackupError(
            f"VOC_KEYS_DIR ({keys.folder}) does not hold the keys of this backup: put the newest copy of that folder "
            "there first. Without it sealed rows stay closed and erased people could come back. Nothing was restored."
        )
    found = n_erasures(keys)
    if found < n_lines:
        raise BackupError(
            f"{ErasureLog(keys).path} has {found} lines, and had {n_lines} when this backup was made: it is an older "
            "copy, and erased people could come back. Put the newest copy there first. Nothing was restored."
        )


def mirror(keys: KeyRing, target: Path, *apart: Path) -> int:
    """Make `target` the same as the keys' folder, owner only; returns the files copied.

    A key that was deleted leaves the copy too: one copy, the newest, is all the law and a restore want.
    Raises BackupError when the target lies in one of the folders `apart`, or holds other things.
    """
    target = target.expanduser().resolve()
    for folder in (keys.folder, *apart):
        if target == folder or folder in target.parents or target in folder.parents:
            raise BackupError(f"--with-keys {target}: keys go to a place of their own, apart from {folder}.")
    if target.exists() and any(target.iterdir()) and not (target / LASTING).is_file():
        raise BackupError(f"--with-keys {target} holds other things than a copy of keys: name an empty folder.")
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    target.chmod(0o700)
    n_new = 0
    for source in sorted(keys.folder.rglob("*")):
        if source.is_file() and not source.name.startswith(".") and source.suffix != ".lock":
            n_new += _copied(source, target / source.relative_to(keys.folder))
    for copy in sorted(target.rglob("*"), reverse=True):
        if copy.is_file() and not (keys.folder / copy.relative_to(target)).exists():
            copy.unlink()
    return n_new


def _copied(source: Path, target: Path) -> bool:
    """Copy whole, unless it is there; a key that is deleted meanwhile is none."""
    try:
        content = source.read_bytes()
    except FileNotFoundError:
        return False
    if target.is_file() and target.read_bytes() == content:
        return False
    replace_file(target, content)
    return True
