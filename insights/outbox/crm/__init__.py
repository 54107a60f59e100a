"""CRMs that mirror cases: HubSpot, Zendesk, Salesforce."""

from __future__ import annotations

from collections.abc import Sequence

from insights.outbox import endpoint as kinds
from insights.outbox.crm.hubspot import HubSpot
from insights.outbox.crm.salesforce import Salesforce
from insights.outbox.crm.upsert import Change, Changes, Crm
from insights.outbox.crm.zendesk import Zendesk
from insights.outbox.endpoint import Endpoint

ADAPTERS: dict[str, type[Crm]] = {kinds.HUBSPOT: HubSpot, kinds.ZENDESK: Zendesk, kinds.SALESFORCE: Salesforce}

__all__ = ["ADAPTERS", "Change", "Changes", "Crm", "HubSpot", "Salesforce", "Zendesk", "crm_for"]


def crm_for(endpoint: Endpoint, used: Sequence[float] = ()) -> Crm:
    """The adapter of an endpoint. `used`: seconds since each recent attempt there."""
    return ADAPTERS[endpoint.kind](endpoint, used)
