"""When a model of whom a call helps most may be fitted at all, and when its ranking may be used."""

from __future__ import annotations

FEWEST_EVENTS = 300  # known departures in each arm: below, an uplift model fits noise (METHODS 1.7)


def missing_events(n_called: int, n_held: int, fewest: int = FEWEST_EVENTS) -> tuple[int, int]:
    """Departures still missing among those called and those held back; (0, 0) when a model may be fitted."""
    return max(fewest - n_called, 0), max(fewest - n_held, 0)
