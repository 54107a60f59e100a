"""Whose digest speaks of which irritants: those an owner answers for, and those named in their products and journeys."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from insights.contracts import UNCLASSIFIED
from insights.digest.owners import Owner, owner_of, plain

FEWEST = 5  # negative mentions from the owner's products and journeys, or they name the irritant by accident


@dataclass(frozen=True)
class Scope:
    """What one digest speaks of. `own`: irritants the reader answers for. `named`: irritants of others that are named in
    the reader's products and journeys. `heard`: (mentions there, mentions in all) by id of both kinds. `without`: those
    of which the reader has said that they are not theirs."""

    everything: bool = True
    own: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    heard: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    without: frozenset[str] = frozenset()

    def __contains__(self, irritant_id: object) -> bool:
        inside = self.everything or irritant_id in self.own or irritant_id in self.named
        return inside and irritant_id not in self.without


WHOLE = Scope()


def accountable(
    owners: Sequence[Owner], registry: pd.DataFrame, moved: Mapping[str, str] | None = None
) -> dict[str, str | None]:
    """Owner id by irritant (IRRITANT rows); None: nobody of the file.

    Where an answer to a digest gave it to another (`moved`), that one; then an id listed in the file; then the owner in
    the registry, by name or id; words decide where it has none.
    """
    listed = {irritant: one.owner_id for one in reversed(owners) for irritant in one.irritants} | dict(moved or {})
    names = {plain(name): one.owner_id for one in reversed(owners) for name in (one.owner_id, one.name)}
    found: dict[str, str | None] = {}
    for row in registry.to_dict("records"):
        irritant_id, owner = str(row["irritant_id"]), row.get("owner")
        if irritant_id in listed:
            found[irritant_id] = listed[irritant_id]
        elif isinstance(owner, str) and owner.strip():
            found[irritant_id] = names.get(plain(owner))
        else:
            fits = owner_of(owners, *(text for text in (row["label_fr"], row["label_en"]) if isinstance(text, str)))
            found[irritant_id] = fits.owner_id if fits else None
    return found


def scope_of(
    owner: Owner | None,
    owners: Sequence[Owner],
    registry: pd.DataFrame,
    heard: pd.DataFrame,
    moved: Mapping[str, str] | None = None,
    declined: Collection[tuple[str, str]] = (),
) -> Scope:
    """What an owner's digest speaks of; None: the whole company's. `declined`: (owner id, irritant) never told them.

    `heard`: negative mentions by irritant_id, product, journey_stage (column n). Feedback is of the owner's slice when it
    is of one of their products and, where stages are given too, of one of those.
    """
    if owner is None:
        return WHOLE
    refused = frozenset(irritant for who, irritant in declined if who == owner.owner_id)
    if owner.sees_all:
        return Scope(without=refused)
    own = frozenset(one for one, who in accountable(owners, registry, moved).items() if who == owner.owner_id) - refused
    if not owner.has_slice:
        return Scope(False, own)
    total = heard.groupby("irritant_id")["n"].sum()
    here = heard[in_slice(owner, heard)].groupby("irritant_id")["n"].sum()
    counted = {str(one): (int(here.get(one, 0)), int(n)) for one, n in total.items() if one != UNCLASSIFIED}
    named = frozenset(one for one, (n, _) in counted.items() if n >= FEWEST and one not in own | refused)
    return Scope(False, own, named, {one: counted[one] for one in sorted(counted) if one in own | named})


def in_slice(owner: Owner, rows: pd.DataFrame) -> pd.Series:
    """Whether each row (columns product, journey_stage) is of the owner's products and journeys; True without any."""
    inside = pd.Series(True, index=rows.index)
    for column, starts in (("product", owner.products), ("journey_stage", owner.journey_stages)):
        if starts:
            inside &= rows[column].map(lambda value, starts=starts: _begins(value, starts)).astype(bool)
    return inside


def _begins(value: object, starts: Sequence[str]) -> bool:
    """True when a name begins with one of these, whole words only."""
    text = f"{plain(value)} " if isinstance(value, str) else ""
    return any(text.startswith(f"{start} ") for start in starts)
