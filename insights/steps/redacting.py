"""The redactor of one installation: its brands, and the names of its customers as keyed hashes."""

from __future__ import annotations

from collections.abc import Sequence

from insights.ledger import Ledger
from insights.redaction import Redactor
from insights.settings import Settings


def redactor_for(ledger: Ledger, settings: Settings, brands: Sequence[str] = (), workers: int = 1) -> Redactor:
    """A Redactor that knows every customer's name the CRM has given so far. `brands` add to the setting's."""
    known = sorted({*settings.brands, *brands})
    return Redactor(known, workers, name_key=ledger.keys.name_key(), gazetteer=ledger.name_gazetteer())
