"""Who may see and do what in the dashboard: roles, what each may do, and which rows a reader's rights cover."""

from insights.access.names import Signed, reserved, same_person
from insights.access.policy import Policy, load_policy
from insights.access.roles import CAPABILITIES, ROLES, Capability, capabilities
from insights.access.rows import EVERYTHING, RowRights, limited
from insights.access.viewer import Viewer, at_home, viewer_of

__all__ = [
    "CAPABILITIES",
    "EVERYTHING",
    "ROLES",
    "Capability",
    "Policy",
    "RowRights",
    "Signed",
    "Viewer",
    "at_home",
    "capabilities",
    "limited",
    "load_policy",
    "reserved",
    "same_person",
    "viewer_of",
]
