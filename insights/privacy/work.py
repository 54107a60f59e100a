"""An erasure under way, sealed beside the keys: what to look for is known again after a crash, when half is gone."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from insights.keys import KeyRing, replace_file
from insights.privacy.held import Held
from insights.privacy.log import customer_hash
from insights.privacy.proof import Control
from insights.privacy.terms import Term


@dataclass(frozen=True)
class Work:
    """What one erasure set out to do. `control` is None until the search before the erasure has ended."""

    held: Held
    terms: tuple[Term, ...]
    requested_at: str
    erased_on: str
    snapshot_before: int
    control: Control | None = None
    lake_rows: dict[str, int] | None = None
    ledger_rows: dict[str, int] | None = None
    n_files: int = 0


def path_of(keys: KeyRing, customer_id: str) -> Path:
    """Where the work on one customer is kept until it is done."""
    return keys.folder / "erasing" / f"{customer_hash(keys, customer_id)[:32]}.sealed"


def save(keys: KeyRing, work: Work) -> None:
    """Write it whole, in place of what was there."""
    told = json.dumps(asdict(work), ensure_ascii=False, default=str)
    replace_file(path_of(keys, work.held.customer_id), keys.seal(told).encode())


def load(keys: KeyRing, customer_id: str) -> Work | None:
    """The unfinished work on a customer; None when there is none."""
    path = path_of(keys, customer_id)
    return _read(json.loads(keys.unseal(path.read_text(encoding="utf-8")))) if path.is_file() else None


def unfinished(keys: KeyRing) -> list[Work]:
    """Every erasure that was begun and not ended."""
    return [
        _read(json.loads(keys.unseal(path.read_text(encoding="utf-8"))))
        for path in sorted((keys.folder / "erasing").glob("*.sealed"))
    ]


def _read(told: dict[str, Any]) -> Work:
    held = told.pop("held")
    until = date.fromisoformat(held.pop("until")) if held["until"] else held.pop("until")
    identities = tuple((int(version), str(found)) for version, found in held.pop("identities"))
    lists: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in held.items()}
    terms = tuple(Term(**term) for term in told.pop("terms"))
    given = told.pop("control")
    control = Control(**given) if given else None
    return Work(Held(until=until, identities=identities, **lists), terms, control=control, **told)
