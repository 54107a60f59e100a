"""The ledger: what cannot be computed. What a person decided, what we promised, what we sent."""

from insights.ledger.ledger import Event, Ledger, open_ledger

__all__ = ["Event", "Ledger", "open_ledger"]
