"""Record what people suppose of an irritant, and take it back."""

from __future__ import annotations

from datetime import datetime

from insights.errors import LedgerError
from insights.ledger import Ledger
from insights.priorities.assumptions import CHANGED, NAMES, UNDONE, Assumptions, load_assumptions
from insights.settings import Settings
from insights.steps.resolved import registry

KINDS = ("assumption.",)


def assumptions(settings: Settings, ledger: Ledger) -> Assumptions:
    """What is supposed at this ledger version."""
    return load_assumptions(settings.reference_dir, ledger.events(KINDS), registry(ledger).resolve)


def change(
    settings: Settings,
    ledger: Ledger,
    irritant_id: str,
    name: str,
    value: float,
    *,
    actor: str,
    at: datetime,
    confirmed: bool = False,
) -> bool:
    """Record one value; False when it stands already (`confirmed`: also one that was only supposed so far).

    Raises SettingsError for a value that cannot be, LedgerError for an irritant or a name that nobody knows.
    """
    known = registry(ledger)
    if name not in NAMES or known.resolve(irritant_id) not in known.irritants:
        raise LedgerError(f"There is no assumption {name!r} of irritant {irritant_id!r}.")
    current = load_assumptions(settings.reference_dir, ledger.events(KINDS), known.resolve).of(
        known.resolve(irritant_id)
    )
    if getattr(current.changed(name, value), name) == getattr(current, name) and not confirmed:
        return False
    key = f"{CHANGED}:{irritant_id}:{name}:{value:g}:{ledger.version()}"
    return ledger.append(CHANGED, irritant_id, {"name": name, "value": float(value)}, actor=actor, at=at, key=key)


def undo(ledger: Ledger, event_id: int, *, actor: str, at: datetime) -> bool:
    """Take one change back; False when somebody did already. Raises LedgerError where it is no such change."""
    found = [one for one in ledger.events((CHANGED,)) if one.event_id == event_id]
    if not found:
        raise LedgerError(f"Event {event_id} is no change of an assumption.")
    return ledger.append(UNDONE, found[0].subject, {"event": event_id}, actor=actor, at=at, key=f"{UNDONE}:{event_id}")
