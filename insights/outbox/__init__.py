"""Edges through which something leaves the house: signed webhooks and mail."""

from insights.outbox.delivery import Deliverer, DeliveryReport, deliver_due
from insights.outbox.webhook import Endpoint, parse_keys

__all__ = ["Deliverer", "DeliveryReport", "Endpoint", "deliver_due", "parse_keys"]
