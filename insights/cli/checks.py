"""What `voc doctor` checks: versions, disk, stores, keys, reference files and people's rights."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from sqlalchemy import func, select, text

from insights.cli.reference_check import reference_checks
from insights.errors import VocError
from insights.key_book import key_lines
from insights.keys import KeyRing
from insights.lake import open_lake
from insights.lake.connect import extensions, wheel_extension
from insights.lake.place import there, told
from insights.ledger import open_ledger
from insights.ledger.ledger import ledger_engine, ledger_url
from insights.ledger.migrate import head, revision
from insights.ledger.schema import INBOX
from insights.outbox.hold import held_since
from insights.privacy.log import DONE, ErasureLog
from insights.settings import Settings
from insights.steps.clock import doubt
from insights.steps.purge import overdue

MIN_FREE_MB = 500
Check = tuple[str, bool, str]


def all_checks(settings: Settings) -> Iterator[Check]:
    """Each check: name, passed, and what was seen."""
    yield from _versions()
    yield from _extensions(settings)
    yield _disk(settings)
    yield _lake(settings)
    yield _ledger(settings)
    yield from _keys(settings)
    yield from reference_checks(settings)
    yield from _rights(settings)


def store_checks(settings: Settings) -> Iterator[Check]:
    """Those of both stores, the keys and people's rights: what a restore ends with."""
    yield _lake(settings)
    yield _ledger(settings)
    yield from _keys(settings)
    yield from _rights(settings)


def below_floor() -> list[str]:
    """Installed versions that do not fit pyproject's ranges: resolvers go backwards in silence."""
    bad = []
    for line in importlib.metadata.requires("voc-insights") or []:
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            found = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            bad.append(f"{requirement.name} is not installed (needs {requirement.specifier})")
            continue
        if not requirement.specifier.contains(found, prereleases=True):
            bad.append(f"{requirement.name} {found} (needs {requirement.specifier})")
    return bad


def _versions() -> Iterator[Check]:
    try:
        bad = below_floor()
    except importlib.metadata.PackageNotFoundError:
        yield "versions", False, "voc-insights is not installed: pip install -e . --no-deps"
        return
    yield "versions", not bad, "; ".join(bad) or "every dependency within its range"


def _extensions(settings: Settings) -> Iterator[Check]:
    for name in extensions(settings):
        try:
            yield f"extension {name}", True, str(wheel_extension(name))
        except VocError as error:
            yield f"extension {name}", False, str(error)


def _disk(settings: Settings) -> Check:
    folder = next(path for path in (settings.data_dir, *settings.data_dir.parents) if path.exists())
    free = shutil.disk_usage(folder).free // 2**20
    writable = os.access(folder, os.W_OK)
    seen = f"{free} MB free at {folder}" + ("" if writable else ", not writable")
    return "disk", free >= MIN_FREE_MB and writable, seen


def _lake(settings: Settings) -> Check:
    try:
        if not there(settings):
            return "lake", True, f"none yet at {told(settings)}: `voc run` makes it"
        with open_lake(settings, read_only=True) as lake:
            problems = lake.check_keys()
            seen = f"snapshot {lake.snapshot_id()}, {lake.counts()['feedback']} feedback, {len(problems)} keys twice"
            return "lake", not problems, seen
    except VocError as error:
        return "lake", False, str(error)


def _ledger(settings: Settings) -> Check:
    url = ledger_url(settings)
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        return "ledger", True, f"none yet at {url.removeprefix('sqlite:///')}: `voc run` makes it"
    try:
        engine = ledger_engine(settings)
    except VocError as error:
        return "ledger", False, str(error)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        found = revision(engine)
        return "ledger", found == head(), f"migration {found} of {head()} at {engine.url!r}"
    except Exception as error:
        return "ledger", False, f"cannot be reached: {str(error).splitlines()[0]}"
    finally:
        engine.dispose()


def _keys(settings: Settings) -> Iterator[Check]:
    problems = KeyRing(settings.keys_dir).problems()
    seen = f"{'; '.join(problems)} (`voc keys mend` does it)" if problems else ""
    yield "keys", not problems, seen or f"{settings.keys_dir}, readable by their owner only"
    for line in key_lines(settings):
        yield f"key {line.name}", line.ok, line.sentence()


def _rights(settings: Settings) -> Iterator[Check]:
    """Keys by version, erasures begun and done, and what is kept past its date."""
    try:
        yield from _past_dates(settings)
        if _ledger_is_there(settings):
            yield from _of_people(settings)
        yield _erasures(settings)
    except VocError as error:
        yield "privacy", False, str(error)


def _ledger_is_there(settings: Settings) -> bool:
    path = ledger_url(settings).removeprefix("sqlite:///")
    return Path(path).exists() or not ledger_url(settings).startswith("sqlite:///")


def _of_people(settings: Settings) -> Iterator[Check]:
    with open_ledger(settings) as ledger:
        rows, live = ledger.identity_rows(), ledger.keys.identity_versions()
        lost = [version for version, n in rows.items() if n and version not in live]
        seen = ", ".join(f"version {version}: {n} rows" for version, n in rows.items())
        if held := held_since(ledger):
            yield "messages", True, f"held since the restore of {held:%Y-%m-%d %H:%M} UTC: `voc restore --release`"
        yield "identity keys", not lost, f"{seen}; key of version {lost} is gone" if lost else seen
        past = select(func.count()).select_from(INBOX).where(INBOX.c.expires_on < settings.business_day())
        with ledger.engine.connect() as connection:
            n_past = int(connection.execute(past).scalar() or 0)
        yield "inbox", not n_past, f"{n_past} raw posts past their date" + (": run govern" if n_past else "")


def _past_dates(settings: Settings) -> Iterator[Check]:
    if there(settings):
        with open_lake(settings, read_only=True) as lake:
            late, waits = overdue(lake), doubt(lake)
        seen = ", ".join(f"{name} {n}" for name, n in late.items()) or "nothing past its date"
        yield "retention", True, f"{seen}: {waits or 'the next govern removes it'}" if late else seen


def _erasures(settings: Settings) -> Check:
    log = ErasureLog(KeyRing(settings.keys_dir))
    n_done = sum(entry.state == DONE for entry in log.entries())
    left = len(log.open_requests())
    told = f"{n_done} done" + (f", {left} begun and not ended: run govern, or `voc erase` again" if left else "")
    return "erasures", not left, f"{told} ({log.path})"
