"""Open both stores together, for flows and commands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from insights.lake import Lake, open_lake
from insights.ledger import Ledger, open_ledger
from insights.settings import Settings


@contextmanager
def stores(settings: Settings) -> Iterator[tuple[Lake, Ledger]]:
    """The lake (to write) and the ledger, closed at the end."""
    with open_lake(settings) as lake, open_ledger(settings) as ledger:
        yield lake, ledger
