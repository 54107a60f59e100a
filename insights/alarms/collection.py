"""Whether we can see at all: a collector that has gone silent is no sign that customers are content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

OK, LATE, BLIND = "ok", "late", "blind"
RANK = (OK, LATE, BLIND)
GRACE = 1.5  # times the expected gap that a collector may take without a word
PATIENCE = 3.0  # times the expected gap after which we see nothing


@dataclass(frozen=True)
class SourceState:
    """One collector: `state`, when it was last seen, and since when it should have been (None while ok or never seen)."""

    source: str
    state: str
    last_seen_at: datetime | None
    since: datetime | None


@dataclass(frozen=True)
class CollectionState:
    """All collectors: the worst `state` of them, and since when the earliest of those is missing (None: never seen)."""

    state: str
    since: datetime | None
    sources: tuple[SourceState, ...]

    @property
    def blind(self) -> tuple[str, ...]:
        """Sources that are not seen any more."""
        return tuple(one.source for one in self.sources if one.state == BLIND)


def collection_state(
    last_seen: Mapping[str, datetime | None], expected_gaps: Mapping[str, timedelta], now: datetime
) -> CollectionState:
    """What is seen at `now`: ok, late or blind, by source and overall; without any source it is blind.

    `last_seen`: when each collector last ran to its end, whether or not it found a post; `expected_gaps`: how often
    it should, for every source that is watched (one that was never seen is blind).
    """
    found = tuple(_source(name, last_seen.get(name), gap, now) for name, gap in sorted(expected_gaps.items()))
    worst = max((one.state for one in found), key=RANK.index, default=BLIND)
    missing = [one.since for one in found if one.state == worst and one.since is not None]
    return CollectionState(worst, min(missing, default=None), found)


def _source(name: str, seen: datetime | None, gap: timedelta, now: datetime) -> SourceState:
    if seen is None:
        return SourceState(name, BLIND, None, None)
    silent = now - seen
    state = OK if silent <= gap * GRACE else LATE if silent <= gap * PATIENCE else BLIND
    return SourceState(name, state, seen, None if state == OK else seen + gap)
