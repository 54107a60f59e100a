"""Move lake and ledger to other stores: resumable, verified by rows and hashes, the source left as it is.

The target begins with a fresh history: what an erasure took out of the source is in none of its snapshots and comes not
back. While the lake is copied nobody writes the source; the ledger is looked at again at the end.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from insights.errors import LakeError, LedgerError, VocError
from insights.keys import replace_file
from insights.lake import open_lake
from insights.lake.locks import write_lock
from insights.lake.place import there
from insights.ledger import Ledger, open_ledger
from insights.privacy.scrub import scrub_lake, scrub_ledger
from insights.settings import PREFIX, Settings
from insights.stores.lake_copy import FROM, TO, Content, both, contents, copy_tables
from insights.stores.ledger_copy import copy_ledger, ledger_contents
from insights.stores.target import ADDRESSES, moves_lake, moves_ledger

LOCK_SECONDS = 300
Say = Callable[[str], None]


@dataclass(frozen=True)
class Moved:
    """One table that was moved, the same on both sides."""

    store: str
    table: str
    content: Content


def move(settings: Settings, target: Settings, say: Say) -> list[Moved]:
    """Copy what the target lacks, and prove that it holds the same; returns every table.

    Raises LakeError or LedgerError when the target holds other data, a store does not answer, or the source was written
    meanwhile: then it can be run again and goes on.
    """
    begun = _Begun(settings, target)
    moved: list[Moved] = []
    with ExitStack() as stack:
        if lake := there(settings):
            stack.enter_context(write_lock(settings, LOCK_SECONDS))
        if moves_ledger(settings, target):  # before the lake is written
            _refuse_ledger(settings, target, begun)
        if lake and moves_lake(settings, target):
            moved += _lake(settings, target, begun, say)
        if moves_ledger(settings, target):
            moved += _ledger(settings, target, begun, say)
    begun.forget()
    return moved


def new_settings(settings: Settings, target: Settings) -> list[str]:
    """The lines of .env to change."""
    names = [name for name in Settings.model_fields if name in ADDRESSES or name.startswith("s3_")]
    changed = [name for name in names if getattr(settings, name) != getattr(target, name)]
    return [
        f"{PREFIX}{name.upper()}={'(your secret)' if name == 's3_secret' else getattr(target, name)}"
        for name in changed
    ]


class _Begun:
    """A file that says which stores a move began to write, and where: only there may half a copy be overwritten."""

    def __init__(self, settings: Settings, target: Settings) -> None:
        self.path = settings.data_dir / "migration.json"
        self.target = {name: str(getattr(target, name)) for name in ADDRESSES}
        found = json.loads(self.path.read_text(encoding="utf-8")) if self.path.is_file() else {}
        self.stores: list[str] = found.get("stores", []) if found.get("target") == self.target else []

    def note(self, store: str) -> None:
        self.stores = sorted({*self.stores, store})
        replace_file(self.path, json.dumps({"target": self.target, "stores": self.stores}).encode())

    def forget(self) -> None:
        self.path.unlink(missing_ok=True)


def _lake(settings: Settings, target: Settings, begun: _Begun, say: Say) -> list[Moved]:
    with open_lake(target):  # makes its tables
        pass
    with write_lock(target, LOCK_SECONDS), both(settings, target, read_only=False) as connection:
        wanted, found = contents(connection, FROM), contents(connection, TO)
        if "lake" not in begun.stores:
            _refuse_other(wanted, found, f"lake at {target.catalog_url or target.lake_dir}", LakeError)
        if wanted != found:  # a target that holds all of it is not one that a move has begun to write
            begun.note("lake")
        copy_tables(connection, wanted, found, say)
    if "lake" in begun.stores:
        say("  cleaning the target: one snapshot, no file of an interrupted copy")
        scrub_lake(target)
    with both(settings, target, read_only=True) as connection:
        return _proven("lake", wanted, contents(connection, TO), LakeError)


def _refuse_ledger(settings: Settings, target: Settings, begun: _Begun) -> None:
    if "ledger" not in begun.stores:
        with _both_ledgers(settings, target) as (old, new):
            found = ledger_contents(new.engine)
            _refuse_other(ledger_contents(old.engine), found, f"ledger at {new.engine.url!r}", LedgerError)


def _ledger(settings: Settings, target: Settings, begun: _Begun, say: Say) -> list[Moved]:
    with _both_ledgers(settings, target) as (old, new):
        wanted, found = ledger_contents(old.engine), ledger_contents(new.engine)
        if wanted != found:
            begun.note("ledger")
        copy_ledger(old.engine, new.engine, wanted, found, say)
        if "ledger" in begun.stores:
            scrub_ledger(new)
        if ledger_contents(old.engine) != wanted:
            raise LedgerError(
                "The ledger was written while it was copied: stop `voc serve`, the intake and the dashboard, "
                "and run again. It goes on where it stands."
            )
        return _proven("ledger", wanted, ledger_contents(new.engine), LedgerError)


@contextmanager
def _both_ledgers(settings: Settings, target: Settings) -> Iterator[tuple[Ledger, Ledger]]:
    with open_ledger(settings) as old, open_ledger(target) as new:
        yield old, new


def _refuse_other(
    wanted: Mapping[str, Content], found: Mapping[str, Content], where: str, kind: type[VocError]
) -> None:
    other = [name for name, content in found.items() if content.n_rows and content != wanted[name]]
    if other:
        raise kind(
            f"The {where} holds other data ({', '.join(other[:5])}): nothing was copied. "
            "Name an empty database and an empty bucket or prefix."
        )


def _proven(
    store: str, wanted: Mapping[str, Content], found: Mapping[str, Content], kind: type[VocError]
) -> list[Moved]:
    differ = [name for name, content in wanted.items() if found[name] != content]
    if differ:
        raise kind(f"After the copy these tables of the {store} differ: {', '.join(differ)}. Run again.")
    return [Moved(store, name, content) for name, content in wanted.items()]
