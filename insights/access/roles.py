"""The six roles and what each may do. A page or a button asks for a capability, never for a role."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

Capability = Literal[
    "read",  # figures, irritants and redacted verbatims
    "customers",  # one customer at a time: risk, history
    "curate",  # change the irritants, judge texts
    "decide",  # actions, assumptions, hold-out, alarms' verdicts
    "callbacks",  # take cases, note what was done
    "comment",  # write to colleagues on an irritant or an action
    "export",  # download tables
    "privacy",  # who saw what, erasure, retention
    "operate",  # quarantine, runs, checks
]
CAPABILITIES: tuple[Capability, ...] = get_args(Capability)

ROLES: dict[str, frozenset[Capability]] = {
    "viewer": frozenset({"read"}),
    "analyst": frozenset({"read", "customers", "curate", "decide", "callbacks", "comment", "export", "operate"}),
    "adviser": frozenset({"read", "customers", "callbacks", "comment"}),
    "owner": frozenset({"read", "decide", "comment", "export"}),
    "privacy_officer": frozenset({"read", "customers", "export", "privacy"}),
    "administrator": frozenset(CAPABILITIES),
}


def capabilities(roles: Iterable[str]) -> frozenset[Capability]:
    """What somebody with these roles may do; unknown roles give nothing."""
    return frozenset().union(*(ROLES.get(role, frozenset()) for role in roles))
