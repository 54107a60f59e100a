"""What people decide about deliveries: take an endpoint up again, send a dead letter again. Each is an event."""

from __future__ import annotations

from datetime import datetime

from insights.errors import DeliveryError
from insights.outbox import fold
from insights.outbox.endpoint import Endpoint
from insights.outbox.fold import Delivery, Outbox
from insights.outbox.record import LedgerLike


def folded(ledger: LedgerLike, endpoint: Endpoint) -> Outbox:
    """The endpoint's messages as the ledger tells them now."""
    outbox = Outbox(endpoint.endpoint_id, endpoint.route)
    outbox.add(ledger.events(fold.KINDS))
    return outbox


def enable(ledger: LedgerLike, endpoint: Endpoint, *, actor: str, at: datetime) -> bool:
    """Take deliveries up again after a 410, and close the breaker; False when this was already said at that instant."""
    key = f"{endpoint.endpoint_id}:enabled:{at.isoformat()}"
    return ledger.append(fold.ENABLED, endpoint.endpoint_id, {}, actor=actor, at=at, key=key)


def dead_letters(outbox: Outbox) -> list[Delivery]:
    """Messages that were given up and are still worth sending, oldest first."""
    return [one for one in outbox.deliveries.values() if one.state == "dead" and not outbox.obsolete(one)]


def replay(ledger: LedgerLike, endpoint: Endpoint, message_id: str, *, actor: str, at: datetime) -> bool:
    """Send a dead letter again, under its old id and with a whole new schedule; False when that was just said.

    Raises DeliveryError for a message that is unknown, not dead, or whose case has ended.
    """
    outbox = folded(ledger, endpoint)
    one, name = outbox.deliveries.get(message_id), endpoint.endpoint_id
    if one is None:
        raise DeliveryError(f"{name} has no message {message_id}: `voc outbox dead` lists those that were given up.")
    if one.state != "dead":
        raise DeliveryError(f"{message_id} to {name} is {one.state}, not given up: nothing is to be sent again.")
    if outbox.obsolete(one):
        raise DeliveryError(f"{message_id} to {name} speaks of a case that has ended or moved on: it stays unsent.")
    key = f"delivery:{name}:{message_id}:replayed:{one.n_replays + 1}"
    return ledger.append(fold.REPLAYED, message_id, {"endpoint": name}, actor=actor, at=at, key=key)
