"""Keys, in their own folder outside the data: identity (HMAC), names, lasting ids, links, inbox (Fernet), one per customer.

Made on first use with the right file mode. Deleting a customer's key makes what it closed unreadable for good.
The identity key has versions and is rotated; the lasting key is not, as what it hashed can never be hashed again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from filelock import FileLock

from insights.errors import LedgerError


class KeyRing:
    """All keys of one installation, below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def identity_versions(self) -> dict[int, bytes]:
        """HMAC keys by version, newest last; lookups try them all, writes use the newest."""
        return _versions(self.folder / "identity.json")

    def rotate_identity(self) -> int:
        """Add a version of the identity key and return its number. Older ones stay until `retire_identity`."""
        self._lasting()  # was version 1 in older installations: keep it before that version can retire
        with self._rotating():
            versions = self.identity_versions()
            newest = max(versions) + 1
            self._write_versions({**versions, newest: secrets.token_bytes(32)})
        return newest

    def retire_identity(self, versions: Iterable[int]) -> list[int]:
        """Delete versions of the identity key for good, never the newest. Returns those that went."""
        self._lasting()
        with self._rotating():
            live = self.identity_versions()
            gone = sorted(set(versions) & set(live) - {max(live)})
            if gone:
                self._write_versions({number: key for number, key in live.items() if number not in gone})
        return gone

    def _rotating(self) -> FileLock:
        return FileLock(self.folder / "identity.lock", mode=0o600)

    def _write_versions(self, versions: Mapping[int, bytes]) -> None:
        told = json.dumps({str(number): key.hex() for number, key in versions.items()})
        replace_file(self.folder / "identity.json", told.encode())

    def identity_hash(self, value: str, version: int | None = None) -> str:
        """Keyed hash of an e-mail, phone or account, normalised. The value itself is stored nowhere."""
        versions = self.identity_versions()
        return keyed_hash(versions[max(versions) if version is None else version], value)

    def lasting_hash(self, value: str) -> str:
        """Keyed hash that never changes: of public authors, customers' key files and the erasure log."""
        return keyed_hash(self._lasting(), value)

    def _lasting(self) -> bytes:
        path = self.folder / "lasting.json"
        if not path.exists():
            versions = self.identity_versions()
            key = versions.get(1, secrets.token_bytes(32))  # version 1 hashed authors before there was a lasting key
            _create(path, json.dumps(key.hex()).encode())
        return bytes.fromhex(json.loads(path.read_text(encoding="utf-8")))

    def link_versions(self) -> dict[int, bytes]:
        """HMAC keys of the links in digests by version, newest last: the newest signs, all of them verify."""
        return _versions(self.folder / "links.json")

    def rotate_links(self) -> int:
        """Add a version of the links' key and return its number. Only the one before stays: older links are refused."""
        with FileLock(self.folder / "links.lock", mode=0o600):
            versions = self.link_versions()
            newest = max(versions) + 1
            kept = {max(versions): versions[max(versions)], newest: secrets.token_bytes(32)}
            told = json.dumps({str(number): key.hex() for number, key in kept.items()})
            replace_file(self.folder / "links.json", told.encode())
        return newest

    def name_key(self) -> bytes:
        """Key of the hashes of customers' names."""
        return _read_or_create(self.folder / "names.key")

    def renew_name_key(self) -> None:
        """Delete the names' key: hashes made with it match nothing any more. The next CRM picture fills them anew."""
        (self.folder / "names.key").unlink(missing_ok=True)

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
        return self.folder / "customers" / f"{self.lasting_hash('customer:' + customer_id)[:32]}.key"

    def problems(self) -> list[str]:
        """Files that others than the owner may read."""
        files = [path for path in self.folder.rglob("*") if path.is_file()] if self.folder.exists() else []
        return [f"{path} can be read by others: chmod 600" for path in files if path.stat().st_mode & 0o077]


def keyed_hash(key: bytes, value: str) -> str:
    """HMAC-SHA256 of a value, blanks and case aside."""
    return hmac.new(key, value.strip().casefold().encode(), hashlib.sha256).hexdigest()


def _versions(path: Path) -> dict[int, bytes]:
    """Keys by version, newest last; the first is made on first use."""
    if not path.exists():
        _create(path, json.dumps({"1": secrets.token_hex(32)}).encode())
    stored = json.loads(path.read_text(encoding="utf-8"))
    return {int(version): bytes.fromhex(key) for version, key in sorted(stored.items(), key=lambda kv: int(kv[0]))}


def _read_or_create(path: Path) -> bytes:
    if not path.exists():
        _create(path, Fernet.generate_key())
    return path.read_bytes()


def replace_file(path: Path, content: bytes) -> None:
    """Write a file readable by its owner only, whole or not at all, in place of what was there."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(draft, path)


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
