"""Keys, in their own folder outside the data: identity (HMAC), inbox (Fernet) and one per customer for notes.

Made on first use with the right file mode. Deleting a customer's key makes what it closed unreadable for good.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from insights.errors import LedgerError


class KeyRing:
    """All keys of one installation, below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def identity_versions(self) -> dict[int, bytes]:
        """HMAC keys by version, newest last; lookups try them all, writes use the newest."""
        path = self.folder / "identity.json"
        if not path.exists():
            _create(path, json.dumps({"1": secrets.token_hex(32)}).encode())
        stored = json.loads(path.read_text(encoding="utf-8"))
        return {int(version): bytes.fromhex(key) for version, key in sorted(stored.items(), key=lambda kv: int(kv[0]))}

    def identity_hash(self, value: str, version: int | None = None) -> str:
        """Keyed hash of an e-mail, phone or account, normalised. The value itself is stored nowhere."""
        versions = self.identity_versions()
        return keyed_hash(versions[max(versions) if version is None else version], value)

    def row_hash(self, value: str) -> str:
        """Keyed hash that stands for the id of a row without one. Its key is never rotated: ids must last."""
        return hmac.new(_read_or_create(self.folder / "rows.key"), value.encode(), hashlib.sha256).hexdigest()

    def seal(self, raw: str) -> str:
        """Encrypt with the inbox key (quarantined and raw rows)."""
        return self._inbox().encrypt(raw.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """Decrypt what `seal` closed. Raises LedgerError when the key is another one."""
        return _decrypt(self._inbox(), sealed, self.folder)

    def _inbox(self) -> Fernet:
        return Fernet(_read_or_create(self.folder / "inbox.key"))

    def seal_for(self, customer_id: str, text: str) -> str:
        """Encrypt a note with the customer's own key."""
        return Fernet(_read_or_create(self._customer_key(customer_id))).encrypt(text.encode()).decode()

    def unseal_for(self, customer_id: str, sealed: str) -> str | None:
        """Decrypt a note; None when the customer's key has been erased."""
        path = self._customer_key(customer_id)
        return _decrypt(Fernet(path.read_bytes()), sealed, self.folder) if path.exists() else None

    def forget(self, customer_id: str) -> bool:
        """Delete a customer's key; False when there was none."""
        path = self._customer_key(customer_id)
        existed = path.exists()
        path.unlink(missing_ok=True)
        return existed

    def _customer_key(self, customer_id: str) -> Path:
        return self.folder / "customers" / f"{self.identity_hash('customer:' + customer_id, 1)[:32]}.key"

    def problems(self) -> list[str]:
        """Files that others than the owner may read."""
        files = [path for path in self.folder.rglob("*") if path.is_file()] if self.folder.exists() else []
        return [f"{path} can be read by others: chmod 600" for path in files if path.stat().st_mode & 0o077]


def keyed_hash(key: bytes, value: str) -> str:
    """HMAC-SHA256 of a value, blanks and case aside."""
    return hmac.new(key, value.strip().casefold().encode(), hashlib.sha256).hexdigest()


def _read_or_create(path: Path) -> bytes:
    if not path.exists():
        _create(path, Fernet.generate_key())
    return path.read_bytes()


def _create(path: Path, content: bytes) -> None:
    """Write a key once, whole: another process that comes first wins and its key is kept."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _decrypt(fernet: Fernet, sealed: str, folder: Path) -> str:
    try:
        return fernet.decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise LedgerError(f"A stored text was closed with another key than the one in {folder}.") from error
