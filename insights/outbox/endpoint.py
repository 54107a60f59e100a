"""One place deliveries go to."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from insights.outbox.fold import Route
from insights.outbox.http import TIMEOUT_SECONDS

WEBHOOK, HUBSPOT, ZENDESK, SALESFORCE = "webhook", "hubspot", "zendesk", "salesforce"
MAIL, SLACK, TEAMS = "mail", "slack", "teams"
JIRA = "jira"
CRMS, CHATS = (HUBSPOT, ZENDESK, SALESFORCE), (MAIL, SLACK, TEAMS)
KINDS = (WEBHOOK, *CRMS, *CHATS, JIRA)


@dataclass(frozen=True)
class Endpoint:
    """Where deliveries go, the keys or token that prove who sends, and what is wanted there.

    `keys` sign webhooks, the newest first; `token` opens a CRM. `options` are those of the kind (endpoints.yaml).
    """

    url: str = field(repr=False)  # of a chat the address is the secret
    keys: tuple[bytes, ...] = field(default=(), repr=False)
    allow_private: bool = False
    timeout_seconds: float = TIMEOUT_SECONDS
    tls: ssl.SSLContext | None = field(default=None, compare=False)
    name: str = ""
    kind: str = WEBHOOK
    token: str = field(default="", repr=False)
    route: Route = Route()
    connections: int = 1
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def endpoint_id(self) -> str:
        """Stable name in the ledger; the address itself may hold a token and is not kept there."""
        return self.name or f"endpoint-{hashlib.sha256(self.url.encode()).hexdigest()[:12]}"
