"""Who sits at the screen: a name, roles, and the rows the rights cover."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from insights.access.names import Signed, reserved
from insights.access.policy import Policy
from insights.access.roles import ROLES, Capability, capabilities
from insights.access.rows import EVERYTHING, RowRights

LOCAL = "local"
FIRST = "analyst"
AT = "@"  # of an address


@dataclass(frozen=True)
class Viewer:
    """A reader of the dashboard. `subject`: what the audit log calls them; `name`: what stands beside their decisions."""

    subject: str
    name: str
    roles: tuple[str, ...]
    role: str  # the one whose home is shown
    rights: RowRights = EVERYTHING
    signed_in: bool = False
    groups: tuple[str, ...] = ()  # as the sign-in told them
    holds_until: float = 0.0  # when the token of the sign-in runs out, seconds since 1970

    def may(self, capability: Capability) -> bool:
        return capability in capabilities((self.role,))

    @property
    def signed(self) -> str:
        """The name beside what they decide, with the subject where they signed in."""
        return Signed(self.name, self.subject) if self.signed_in else self.name

    def as_role(self, role: str) -> Viewer:
        """The same reader in another of their roles; the same where it is not theirs."""
        return replace(self, role=role) if role in self.roles else self


def at_home(role: str = FIRST) -> Viewer:
    """The reader of an unshared dashboard, on loopback and without sign-in: may take any role."""
    return Viewer(LOCAL, "", tuple(ROLES), role if role in ROLES else FIRST)


def viewer_of(claims: Mapping[str, Any], policy: Policy, pseudonym: Callable[[str], str]) -> Viewer:
    """The reader that a provider's claims describe. No role in the claims: `roles` is empty and nothing is shown.

    No e-mail address and no name of the program's own is a reader's name, no address a subject, as decisions are kept
    for ever: `pseudonym` stands for it.
    """
    groups = policy.groups(claims)
    roles = () if policy.untold(claims) else policy.roles_of(groups)
    who = str(claims.get("sub") or "")
    told = (str(claims.get(name) or "").strip() for name in (policy.name_claim, "preferred_username"))
    name = next((one for one in told if one and AT not in one and not reserved(one)), "") or pseudonym(who)
    subject = pseudonym(who) if AT in who or not who else who
    role, rights = roles[0] if roles else "", policy.rights(groups)
    return Viewer(subject, name, roles, role, rights, signed_in=True, groups=groups, holds_until=ends(claims))


def ends(claims: Mapping[str, Any]) -> float:
    """When the token of these claims runs out, in seconds since 1970; 0 where it does not say."""
    try:
        return float(claims.get("exp") or 0)
    except (TypeError, ValueError):
        return 0.0
