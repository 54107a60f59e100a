"""Edges through which something leaves the house: signed webhooks, CRMs, chats and mail."""

from insights.outbox.control import enable, replay
from insights.outbox.delivery import Deliverer, DeliveryReport, deliver_due
from insights.outbox.endpoint import Endpoint
from insights.outbox.webhook import parse_keys

__all__ = ["Deliverer", "DeliveryReport", "Endpoint", "deliver_due", "enable", "parse_keys", "replay"]
