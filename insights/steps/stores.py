"""Open both stores together, for flows and commands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from insights.lake import Lake, open_lake
from insights.ledger import Ledger, open_ledger
from insights.settings import Settings
from insights.troubles import check_room


@contextmanager
def stores(settings: Settings) -> Iterator[tuple[Lake, Ledger]]:
    """The lake (to write) and the ledger, closed at the end. Raises VocError where nothing can be written."""
    check_room(settings.data_dir)
    with open_lake(settings) as lake, open_ledger(settings) as ledger:
        yield lake, ledger
