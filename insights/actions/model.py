"""The words of the outer loop: an action, its state, the comparison and the measures declared before it began.

This is not insights/cases/actions.py, which holds the steps of a callback case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from insights.proof.series import Plan

FIX, TRAINING, MESSAGE = "fix", "training", "message"
KINDS = (FIX, TRAINING, MESSAGE)
PLANNED, RUNNING, DONE, DROPPED = "planned", "running", "done", "dropped"
STATES = (PLANNED, RUNNING, DONE, DROPPED)
RANDOM, GROUPS, NONE = "random", "groups", "none"
COMPARISONS = (RANDOM, GROUPS, NONE)

MENTIONS, CONTACTS = "mentions", "contacts"  # weekly counts
CSAT, REPEAT, DURATION = "csat", "repeat", "duration"  # after a contact on the irritant, by team
COUNTED, AFTER_CONTACT = (MENTIONS, CONTACTS), (CSAT, REPEAT, DURATION)
MEASURES = COUNTED + AFTER_CONTACT

CONTACT_DIMENSIONS = ("team", "site", "channel")
MENTION_DIMENSIONS = ("agent_team", "product", "segment", "region", "brand", "channel")
SCOPE = ("site", "team", "product", "segment", "region", "channel", "brand")


@dataclass(frozen=True)
class Comparison:
    """Who is compared with whom, declared before the action began.

    `kind`: random (units drawn), groups (chosen groups), none. `dimension` names the units: team, site, product, ...
    `seed` and `strata` say how units were drawn.
    """

    kind: str = NONE
    dimension: str = ""
    treated: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    seed: int | None = None
    strata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Action:
    """One piece of work on one irritant, as the ledger tells it.

    `expected_share`: part of the mentions it was said to remove, 0 to 1. `delay_weeks`: weeks from the start until an
    effect was expected, declared with it. `reasons`: contact reasons that stand for the irritant in the contact system.
    `measures`: what it is judged on, declared with it. `start_on`: the start that was planned; `began_on`: the day on
    which it really began, from the events of its state, never from a declaration.
    """

    action_id: str
    title: str
    irritant_id: str
    owner: str | None = None
    kind: str = FIX
    state: str = PLANNED
    expected_share: float | None = None
    effort_days: float | None = None
    cost_eur: float | None = None
    decided_on: date | None = None
    start_on: date | None = None
    planned_on: date | None = None
    done_on: date | None = None
    delay_weeks: int = 0
    scope: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    comparison: Comparison = field(default_factory=Comparison)
    reasons: tuple[str, ...] = ()
    measures: tuple[str, ...] = (MENTIONS,)
    declared_by: str = ""
    declared_on: date | None = None
    event_id: int = 0
    began_on: date | None = None

    @property
    def plan(self) -> Plan | None:
        """The days the proof goes by: from the real start, from the planned one until then; None before either."""
        start = self.began_on or self.start_on
        if start is None:
            return None
        return Plan(min(self.decided_on or start, start), start, start + timedelta(weeks=self.delay_weeks))

    def overdue(self, today: date) -> bool:
        """Planned or running past its planned date."""
        return self.state in (PLANNED, RUNNING) and self.planned_on is not None and self.planned_on < today

    def days_late(self, today: date) -> int:
        """Days past the planned date; 0 when not overdue."""
        return (today - self.planned_on).days if self.planned_on is not None and self.overdue(today) else 0


def begun(action: Action) -> bool:
    """Whether work on an action has begun: it ran or was done once. Dropping it later, or planning it anew, ends no proof."""
    return action.began_on is not None
