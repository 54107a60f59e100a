"""Keys, in their own folder outside the data: identity (HMAC), names, lasting ids, links, inbox (Fernet), signatures, and
one per customer.

Made on first use with the right file mode. Deleting a customer's key makes what it closed unreadable for good.
Identity, inbox, links and signatures have versions and are rotated: the newest is used, the older ones still open what
they closed. The lasting key is not rotated, as what it hashed can never be hashed again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from filelock import FileLock

from insights.errors import LedgerError

IDENTITY, INBOX, LINKS = "identity", "inbox", "links"
WEBHOOK, CASE_EVENTS = "webhook", "case-events"
SIGNATURES = (WEBHOOK, CASE_EVENTS)
FILES = {IDENTITY: "identity.json", INBOX: "inbox.key", LINKS: "links.json", WEBHOOK: "webhook.json"}
FILES |= {CASE_EVENTS: "case-events.json"}
MADE = "versions.json"  # when each version was made
LINK_DAYS = 410  # a link works for 400 days after its week at most (digest/links.py), and may be mailed some days late
SIGNATURE_PREFIX = "whsec_"


class KeyRing:
    """All keys of one installation, below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def identity_versions(self) -> dict[int, bytes]:
        """HMAC keys by version, newest last; lookups try them all, writes use the newest."""
        return _versions(self.folder / FILES[IDENTITY])

    def rotate_identity(self) -> int:
        """Add a version of the identity key and return its number. Older ones stay until `retire_identity`."""
        self._lasting()  # was version 1 in older installations: keep it before that version can retire
        return self._rotate(IDENTITY)

    def retire_identity(self, versions: Iterable[int]) -> list[int]:
        """Delete versions of the identity key for good, never the newest. Returns those that went."""
        self._lasting()
        return self._retire(IDENTITY, versions)

    def made(self, name: str) -> dict[int, datetime]:
        """When each version of a key was made; where nobody noted it, when its file was last written."""
        path = self.folder / FILES[name]
        if not path.exists():
            return {}
        noted = self._noted().get(name, {})
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        found = {version: noted.get(str(version)) for version in _versions(path)}
        return {version: datetime.fromisoformat(at) if at else written for version, at in found.items()}

    def _noted(self) -> dict[str, dict[str, str]]:
        with suppress(OSError, ValueError):
            return dict(json.loads((self.folder / MADE).read_text(encoding="utf-8")))
        return {}

    def _rotate(self, name: str) -> int:
        """Add a version; the older ones stay."""
        path = self.folder / FILES[name]
        _versions(path)  # the first is made where there is none
        with FileLock(self.folder / "versions.lock", mode=0o600):
            before = {version: at.isoformat() for version, at in self.made(name).items()}
            versions = _versions(path)
            newest = max(versions) + 1
            fresh = Fernet.generate_key() if name == INBOX else secrets.token_bytes(32)
            _write_versions(path, {**versions, newest: fresh})
            told = {str(version): at for version, at in before.items()} | {str(newest): datetime.now(UTC).isoformat()}
            replace_file(self.folder / MADE, json.dumps({**self._noted(), name: told}).encode())
        return newest

    def _retire(self, name: str, versions: Iterable[int]) -> list[int]:
        """Delete versions for good, never the newest; returns those that went."""
        path = self.folder / FILES[name]
        if not path.exists():
            return []
        with FileLock(self.folder / "versions.lock", mode=0o600):
            live = _versions(path)
            gone = sorted(set(versions) & set(live) - {max(live)})
            if gone:
                _write_versions(path, {number: key for number, key in live.items() if number not in gone})
        return gone

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
        return _versions(self.folder / FILES[LINKS])

    def rotate_links(self, *, revoke: bool = False, now: datetime | None = None) -> int:
        """Add a version of the links' key and return its number.

        Links already mailed work until they expire: a version goes once the last link it signed has. `revoke`, for a key
        that was stolen, deletes every older version at once.
        """
        since = (now or datetime.now(UTC)) - timedelta(days=LINK_DAYS)
        newest = self._rotate(LINKS)
        made = self.made(LINKS)
        self._retire(LINKS, [one for one in made if revoke or made.get(one + 1, since) < since])
        return newest

    def signature_versions(self, name: str) -> dict[int, bytes]:
        """Keys of WEBHOOK (what we send) or CASE_EVENTS (what is posted to us), newest last; empty before the first start."""
        path = self.folder / FILES[name]
        return _versions(path) if path.exists() else {}

    def signature_secrets(self, name: str) -> list[str]:
        """The same as Standard Webhooks writes them (`whsec_...`), newest first."""
        keys = reversed(self.signature_versions(name).values())
        return [SIGNATURE_PREFIX + base64.b64encode(key).decode() for key in keys]

    def rotate_signature(self, name: str) -> int:
        """Add a version and return its number: both sign, and are accepted, until `retire_signature`."""
        return self._rotate(name)

    def retire_signature(self, name: str) -> list[int]:
        """Delete every version but the newest; returns those that went."""
        return self._retire(name, self.signature_versions(name))

    def make_all(self) -> None:
        """Make every key that is not there yet (those of customers are made with their first note)."""
        for file in FILES.values():
            _versions(self.folder / file)
        self._lasting()
        for file in ("names.key", "rows.key"):
            _read_or_create(self.folder / file)

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
        """Encrypt with the newest inbox key (quarantined and raw rows)."""
        return self._inbox().encrypt(raw.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """Decrypt what `seal` closed, under any version. Raises LedgerError when the key is another one."""
        return _decrypt(self._inbox(), sealed, self.folder)

    def inbox_versions(self) -> dict[int, bytes]:
        """Fernet keys by version, newest last: the newest seals, all of them open."""
        return _versions(self.folder / FILES[INBOX])

    def rotate_inbox(self) -> int:
        """Add a version of the inbox key and return its number. Older ones stay until `retire_inbox`."""
        return self._rotate(INBOX)

    def retire_inbox(self, versions: Iterable[int]) -> list[int]:
        """Delete versions for good, never the two newest: a process may just be sealing with the one before."""
        live = sorted(self.inbox_versions())
        return self._retire(INBOX, set(versions) & set(live[:-2]))

    def _inbox(self) -> MultiFernet:
        return MultiFernet([Fernet(key) for key in reversed(self.inbox_versions().values())])

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
        """The folder, folders in it and files that others than the owner may open."""
        found = [self.folder, *self.folder.rglob("*")] if self.folder.exists() else []
        wrong = [path for path in found if not path.is_symlink() and path.stat().st_mode & 0o077]
        return [f"{path} can be read by others: chmod {700 if path.is_dir() else 600}" for path in wrong]


def keyed_hash(key: bytes, value: str) -> str:
    """HMAC-SHA256 of a value, blanks and case aside."""
    return hmac.new(key, value.strip().casefold().encode(), hashlib.sha256).hexdigest()


def _versions(path: Path) -> dict[int, bytes]:
    """Keys by version, newest last; the first is made on first use. The inbox key stands alone until it is rotated."""
    if not path.exists():
        single = path.name == FILES[INBOX]
        _create(path, Fernet.generate_key() if single else json.dumps({"1": secrets.token_hex(32)}).encode())
    content = path.read_bytes()
    stored = json.loads(content) if content.startswith(b"{") else {"1": content.strip().hex()}
    return {int(version): bytes.fromhex(key) for version, key in sorted(stored.items(), key=lambda kv: int(kv[0]))}


def _write_versions(path: Path, versions: Mapping[int, bytes]) -> None:
    replace_file(path, json.dumps({str(number): key.hex() for number, key in versions.items()}).encode())


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


def _decrypt(fernet: Fernet | MultiFernet, sealed: str, folder: Path) -> str:
    try:
        return fernet.decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise LedgerError(f"A stored text was closed with another key than the one in {folder}.") from error
