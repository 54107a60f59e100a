"""Alerts about the models themselves, as folds of ledger events: raised once, open until cleared, then free to come again.

An alert has a subject (what is watched, such as `churn.drift:feature:n_contacts_90d`), a code and facts in plain values.
It names no customer. Who sends alerts reads the same events (`alert.raised`, `alert.cleared`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from insights.events import LedgerEvent

RAISED, CLEARED = "alert.raised", "alert.cleared"
KINDS = ("alert.",)
ACTOR = "watch"


@dataclass(frozen=True)
class Finding:
    """Something out of bounds now. `facts`: plain values, JSON as they are."""

    subject: str
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Alert:
    """One alert's life. `number` counts how often this subject was raised; `cleared_at` None while it is open."""

    subject: str
    code: str
    facts: Mapping[str, Any]
    first_seen_at: datetime
    number: int
    cleared_at: datetime | None = None


def fold_alerts(events: Iterable[LedgerEvent]) -> dict[str, Alert]:
    """The last life of every subject, in the order they were first raised."""
    found: dict[str, Alert] = {}
    for event in events:
        known = found.get(event.subject)
        if event.kind == RAISED:
            number = known.number + 1 if known else 1
            payload = event.payload
            found[event.subject] = Alert(event.subject, str(payload["code"]), payload["facts"], event.at, number)
        elif event.kind == CLEARED and known and known.cleared_at is None:
            found[event.subject] = Alert(
                known.subject, known.code, known.facts, known.first_seen_at, known.number, event.at
            )
    return found


def open_alerts(events: Iterable[LedgerEvent], prefix: str = "") -> list[Alert]:
    """Alerts that stand, oldest first; of subjects that begin with `prefix`."""
    standing = [
        one for one in fold_alerts(events).values() if one.cleared_at is None and one.subject.startswith(prefix)
    ]
    return sorted(standing, key=lambda one: (one.first_seen_at, one.subject))


def changes(
    known: Mapping[str, Alert], now: Sequence[Finding], still: Iterable[str], prefix: str, at: datetime
) -> list[dict[str, Any]]:
    """Rows for the ledger: findings that no open alert tells yet, and open alerts under `prefix` whose cause is gone.

    `still`: subjects near their limit, which neither raise nor clear, so that a figure at the limit does not flicker.
    The same findings twice give rows with the same keys: the ledger writes them once.
    """
    standing = {one.subject: one for one in known.values() if one.cleared_at is None and one.subject.startswith(prefix)}
    rows = []
    for finding in sorted(now, key=lambda one: one.subject):
        if finding.subject not in standing:
            number = known[finding.subject].number + 1 if finding.subject in known else 1
            payload = {"code": finding.code, "facts": dict(finding.facts)}
            rows.append(_row(RAISED, finding.subject, payload, at, number))
    gone = set(standing) - {one.subject for one in now} - set(still)
    rows += [_row(CLEARED, subject, {}, at, standing[subject].number) for subject in sorted(gone)]
    return rows


def _row(kind: str, subject: str, payload: dict[str, Any], at: datetime, number: int) -> dict[str, Any]:
    return {
        **{"kind": kind, "subject": subject, "payload": payload, "actor": ACTOR, "at": at},
        "key": f"{kind}:{subject}:{number}",
    }
