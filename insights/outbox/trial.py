"""Whether an endpoint can be reached with its address and key, without touching a case."""

from __future__ import annotations

from datetime import datetime

import httpx

from insights.errors import DeliveryError
from insights.outbox import endpoint as kinds
from insights.outbox.carrier import Parcel
from insights.outbox.chat import probe_body
from insights.outbox.crm import crm_for
from insights.outbox.endpoint import Endpoint
from insights.outbox.http import Answer, no_answer
from insights.outbox.jira import Jira
from insights.outbox.kinds import carrier_for
from insights.outbox.thin import as_bytes, stamp


def trial(endpoint: Endpoint, at: datetime) -> Answer:
    """A webhook gets a signed `voc.test`, a channel a sentence; a CRM is only asked who we are."""
    if endpoint.kind in (*kinds.CRMS, kinds.JIRA):
        crm = Jira(endpoint) if endpoint.kind == kinds.JIRA else crm_for(endpoint)
        try:
            return crm.probe()
        except (DeliveryError, httpx.HTTPError) as error:
            return no_answer(error)
        finally:
            crm.close()
    carrier = carrier_for(endpoint)
    body = as_bytes({"type": "voc.test", "timestamp": stamp(at), "data": {}})
    if endpoint.kind in kinds.CHATS:
        body = probe_body(str(endpoint.options.get("language", "fr")))
    try:
        return carrier.carry([Parcel(f"msg_test_{int(at.timestamp())}", "voc.test", body)], at)[0]
    finally:
        carrier.close()
