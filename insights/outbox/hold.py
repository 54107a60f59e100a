"""After a restore nothing leaves by itself: what was sent since the backup is not known here, and may be there already.

Two ledger events of the subject `restore`: `restore.done` (payload: backup, taken_at) holds everything, `restore.released`
lets it go. What was open at the backup is marked in doubt: a dead letter each, which a person sends again or leaves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from insights.outbox import fold
from insights.outbox.control import folded
from insights.outbox.endpoint import Endpoint
from insights.outbox.mailed import OF_A_MAIL, fold_mailed
from insights.outbox.record import ACTOR, LedgerLike

SUBJECT, HELD, RELEASED = "restore", "restore.done", "restore.released"
IN_DOUBT = "in doubt since a restore"
CONFLICT = 409  # a status that speaks of the message, so that no breaker counts it


@dataclass(frozen=True)
class Doubtful:
    """A message that was open when the backup was made: it may have arrived since."""

    endpoint_id: str
    message_id: str
    case_id: str
    kind: str


def held_since(ledger: LedgerLike) -> datetime | None:
    """When the restore was that holds what leaves; None when nothing is held."""
    last = max(ledger.events(("restore.",), subject=SUBJECT), key=lambda event: event.event_id, default=None)
    return last.at if last is not None and last.kind == HELD else None


def hold(ledger: LedgerLike, backup: str, taken_at: str, *, actor: str, at: datetime) -> bool:
    """Hold everything; False when this restore did so already."""
    key = f"restore:{backup}:{at.isoformat()}"
    return ledger.append(HELD, SUBJECT, {"backup": backup, "taken_at": taken_at}, actor=actor, at=at, key=key)


def release(ledger: LedgerLike, *, actor: str, at: datetime) -> bool:
    """Let deliveries, notices and digests go again; False when nothing was held."""
    if held_since(ledger) is None:
        return False
    return ledger.append(RELEASED, SUBJECT, {}, actor=actor, at=at, key=f"restore:released:{at.isoformat()}")


def doubt(ledger: LedgerLike, endpoints: Iterable[Endpoint], backup: str, at: datetime) -> list[Doubtful]:
    """Mark what was open at the backup as in doubt; doing it twice changes nothing."""
    found, rows = [], []
    for endpoint in endpoints:
        for one in folded(ledger, endpoint).live():
            name = endpoint.endpoint_id
            found.append(Doubtful(name, one.message_id, one.case_id, one.kind))
            said = {"endpoint": name, "status": CONFLICT, "error": IN_DOUBT, "n": one.n_attempts}
            key = f"delivery:{name}:{one.message_id}:restored:{backup}:{at.isoformat()}"
            rows.append(
                {"kind": fold.DEAD, "subject": one.message_id, "payload": said, "actor": ACTOR, "at": at, "key": key}
            )
    ledger.append_many(rows)
    return found


def doubtful(ledger: LedgerLike, endpoints: Iterable[Endpoint]) -> list[Doubtful]:
    """What restores have marked in doubt and nobody has sent again."""
    return [
        Doubtful(endpoint.endpoint_id, one.message_id, one.case_id, one.kind)
        for endpoint in endpoints
        for one in folded(ledger, endpoint).deliveries.values()
        if one.state == "dead" and one.why == IN_DOUBT
    ]


def mails_in_doubt(ledger: LedgerLike) -> list[str]:
    """Digests whose sending had begun and not ended, as week and recipient."""
    mails = fold_mailed(ledger.events(OF_A_MAIL)).mails
    return [f"{week} to {who}" for (week, who), one in sorted(mails.items()) if one.state == "in_doubt"]


__all__ = ["Doubtful", "doubt", "doubtful", "held_since", "hold", "mails_in_doubt", "release"]
