"""The keys of an installation as its operator sees them: what each protects, its version, age and file mode; never a value."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from insights.errors import LedgerError, SettingsError
from insights.keys import CASE_EVENTS, FILES, IDENTITY, INBOX, LINKS, WEBHOOK, KeyRing
from insights.lake import Lake
from insights.ledger import Ledger
from insights.ledger.schema import INBOX as INBOX_TABLE
from insights.settings import Settings

PROTECTS = {
    IDENTITY: "hashes of e-mails, phones and accounts in the ledger; rotates",
    INBOX: "posted bodies and quarantined rows at rest; rotates",
    "names": "hashes of customers' names; `voc rotate-keys --names`",
    "lasting": "public authors, erased people, signed files; never changes",
    "rows": "ids of rows that have none; never changes",
    LINKS: "answer and unsubscribe links of digests; rotates",
    WEBHOOK: "deliveries to VOC_WEBHOOK_URL, by signature; rotates",
    CASE_EVENTS: "what is posted to /cases/{id}/events, by signature; rotates",
}
PLACES = {**FILES, "names": "names.key", "lasting": "lasting.json", "rows": "rows.key"}
FROM_SETTING = {WEBHOOK: "webhook_secret", CASE_EVENTS: "case_event_secret"}  # a setting rules over the file


@dataclass(frozen=True)
class KeyLine:
    """One key. `version` 0: not made yet. `mode` as in 0600; `setting`: its name, where a setting rules over the file."""

    name: str
    version: int
    n_versions: int
    age_days: float
    mode: str
    ok: bool
    setting: str = ""

    def sentence(self) -> str:
        """One line, without the value."""
        if self.setting:
            return f"given by {self.setting}: {PROTECTS[self.name]}"
        if not self.version:
            return f"not made yet: {PROTECTS[self.name]}"
        older = f" and {self.n_versions - 1} older" if self.n_versions > 1 else ""
        return f"version {self.version}{older}, {self.age_days:.0f} days old, mode {self.mode}: {PROTECTS[self.name]}"


def key_lines(settings: Settings, now: datetime | None = None) -> list[KeyLine]:
    """Every key of the installation; makes none."""
    keys, now = KeyRing(settings.keys_dir), now or datetime.now(UTC)
    return [_line(settings, keys, name, now) for name in PLACES]


def _line(settings: Settings, keys: KeyRing, name: str, now: datetime) -> KeyLine:
    setting = FROM_SETTING.get(name, "")
    given = f"VOC_{setting.upper()}" if setting and getattr(settings, setting) else ""
    path = keys.folder / PLACES[name]
    if not path.exists():
        return KeyLine(name, 0, 0, 0.0, "", True, given)
    at = stat.S_IMODE(path.stat().st_mode)
    made = keys.made(name) if name in FILES else {1: datetime.fromtimestamp(path.stat().st_mtime, UTC)}
    age = max((now - made[max(made)]).total_seconds() / 86_400, 0.0)
    return KeyLine(name, max(made), len(made), age, f"{at:04o}", not at & 0o077, given)


def first_start(settings: Settings) -> list[str]:
    """Make every key that is missing and close what others could open; a sentence for each thing done.

    Raises SettingsError for a folder or file that is not ours to close.
    """
    keys = KeyRing(settings.keys_dir)
    told = mend(keys.folder) if keys.folder.exists() else []
    missing = [name for name, file in PLACES.items() if not (keys.folder / file).exists()]
    keys.make_all()
    if missing:
        told.append(f"Keys made in {keys.folder}: {', '.join(missing)}. Keep a copy apart from that of the data.")
    return told


def mend(folder: Path) -> list[str]:
    """Close the keys' folder and all in it to others (0700, 0600); a sentence for each. Raises SettingsError."""
    told = []
    for path in [folder, *sorted(folder.rglob("*"))]:
        seen = path.lstat()
        if path.is_symlink() or not seen.st_mode & 0o077:
            continue
        wanted = 0o700 if path.is_dir() else 0o600
        if seen.st_uid != os.geteuid():
            raise SettingsError(
                f"{path} can be read by others (mode {stat.S_IMODE(seen.st_mode):04o}) and belongs to another user: as "
                f"its owner, chmod {wanted:o} it. Nothing was started."
            )
        path.chmod(wanted)
        told.append(
            f"{path} could be read by others (mode {stat.S_IMODE(seen.st_mode):04o}): closed, {wanted:04o} now."
        )
    return told


def sealed_by_version(lake: Lake | None, ledger: Ledger) -> dict[int, int]:
    """Texts that each live version of the inbox key closes: posted bodies, quarantined rows, erasures under way.

    Raises LedgerError where one opens with no version.
    """
    versions = ledger.keys.inbox_versions()
    counts: Counter[int] = Counter(dict.fromkeys(versions, 0))
    for sealed in _sealed(lake, ledger):
        counts[_closed_by(sealed, versions)] += 1
    if lost := counts.pop(0, 0):
        raise LedgerError(
            f"{lost} sealed texts open with no version of the inbox key in {ledger.keys.folder}: restore {FILES[INBOX]} "
            "from the copy of the keys. No version was deleted."
        )
    return dict(sorted(counts.items()))


def _sealed(lake: Lake | None, ledger: Ledger) -> Iterator[str]:
    with ledger.engine.connect() as connection:
        for sealed in connection.execute(select(INBOX_TABLE.c.sealed)).scalars():
            yield str(sealed)
    if lake is not None:
        yield from lake.read_arrow("SELECT raw_encrypted FROM quarantine WHERE raw_encrypted IS NOT NULL")[
            0
        ].to_pylist()
    for path in (ledger.keys.folder / "erasing").glob("*.sealed"):
        yield path.read_text(encoding="utf-8")


def _closed_by(sealed: str, versions: dict[int, bytes]) -> int:
    """The version, 0 for none."""
    from cryptography.fernet import Fernet, InvalidToken

    for version, key in reversed(versions.items()):
        try:
            Fernet(key).decrypt(sealed.encode())
        except InvalidToken:
            continue
        return version
    return 0


def signature_keys_of_settings(settings: Settings, names: Iterable[str]) -> list[str]:
    """Names of those signature keys that a setting rules over: rotating their file would change nothing."""
    return [f"VOC_{FROM_SETTING[name].upper()}" for name in names if getattr(settings, FROM_SETTING[name])]
