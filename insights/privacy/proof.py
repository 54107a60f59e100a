"""The proof of an erasure: a control search that must find every term before, and one that must find none after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from insights.ledger import Ledger
from insights.privacy.search import Found, Search
from insights.privacy.terms import Term
from insights.settings import Settings


@dataclass(frozen=True)
class Control:
    """What the search before the erasure saw. Terms are counted, never told."""

    n_terms: int
    n_required: int
    n_found: int
    places: dict[str, int] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=dict)

    @property
    def valid(self) -> bool:
        """Whether every required term was found: else an empty search afterwards says nothing."""
        return self.n_required > 0 and self.n_found == self.n_required


@dataclass(frozen=True)
class After:
    """What the search after the erasure saw."""

    n_terms: int
    n_found: int
    places: dict[str, int] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=dict)


def control(settings: Settings, ledger: Ledger, terms: Sequence[Term], customer_id: str) -> Control:
    """Search for the terms while they are still there."""
    found = _searched(settings, ledger, terms, customer_id)
    required = [term for term in terms if term.required]
    n_found = sum(term.text in found.places for term in required)
    return Control(len(terms), len(required), n_found, found.by_place(), dict(found.read))


def after(settings: Settings, ledger: Ledger, terms: Sequence[Term], customer_id: str) -> After:
    """Search for the same terms when they should be gone."""
    found = _searched(settings, ledger, terms, customer_id)
    return After(len(terms), len(found.places), found.by_place(), dict(found.read))


def with_index(found: After, n_segments: int) -> After:
    """What was seen, with the segments of the search index in which the person's feedback still stands."""
    if not n_segments:
        return found
    places = {**found.places, "search index": n_segments}
    return replace(found, n_found=max(found.n_found, 1), places=places)


def _searched(settings: Settings, ledger: Ledger, terms: Sequence[Term], customer_id: str) -> Found:
    return Search(terms, ledger.keys, customer_id).everything(settings, ledger)
