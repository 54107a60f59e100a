"""The carrier of each kind of endpoint."""

from __future__ import annotations

from collections.abc import Sequence

from insights.errors import SettingsError
from insights.outbox import endpoint as kinds
from insights.outbox.carrier import Carrier
from insights.outbox.endpoint import Endpoint
from insights.outbox.webhook import Sender


def carrier_for(endpoint: Endpoint, used: Sequence[float] = ()) -> Carrier:
    """What takes messages there. `used`: seconds since each recent attempt, for the rate limits of CRMs."""
    if endpoint.kind == kinds.WEBHOOK:
        return Sender(endpoint)
    if endpoint.kind in kinds.CRMS:
        from insights.outbox.crm import crm_for

        return crm_for(endpoint, used)
    if endpoint.kind == kinds.JIRA:
        from insights.outbox.jira import Jira

        return Jira(endpoint, used)
    if endpoint.kind in kinds.CHATS:
        from insights.outbox.chat import chat_for

        return chat_for(endpoint)
    raise SettingsError(f"Endpoint {endpoint.name}: {endpoint.kind!r} is no kind; use one of {', '.join(kinds.KINDS)}.")
