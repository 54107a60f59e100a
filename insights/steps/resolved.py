"""Irritants as they are now: readers see assignments through the registry, so that an edit shows at once."""

from __future__ import annotations

import pandas as pd

from insights.irritants.now import Sight, sight
from insights.irritants.registry import Registry, fold
from insights.lake import Lake
from insights.lake.lake import Reader
from insights.ledger import Ledger
from insights.ledger.placements import placements

KINDS = ("irritant.",)


def registry(ledger: Ledger) -> Registry:
    """The registry at this ledger version."""
    return fold(ledger.events(KINDS))


def sight_of(ledger: Ledger, known: Registry | None = None) -> Sight:
    """What a reader needs to see the irritants of this ledger version."""
    known = known or registry(ledger)
    return sight(known, placements(ledger, known.placing) if known.placing else ())


def seen(lake: Lake, ledger: Ledger, known: Registry | None = None) -> Reader:
    """The lake with the view `irritant_now` at this ledger version."""
    return lake.seen_through(sight_of(ledger, known))


def resolve_column(frame: pd.DataFrame, known: Registry, column: str = "irritant_id") -> pd.DataFrame:
    """The frame with its ids resolved; NULL stays NULL. For tables that hold no mentions, such as `priority`."""
    if frame.empty:
        return frame
    ids = {one: known.resolve(one) for one in frame[column].dropna().unique()}
    return frame.assign(**{column: frame[column].map(ids)})
