"""The border hands each text the hashed names that belong to it: the customer's in the CRM, and what the source says."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from insights.border import Border
from insights.ledger import Ledger
from insights.redaction import Redactor
from insights.settings import Settings
from insights.sources.base import Item, RawRecord

AT = datetime(2026, 10, 30, 9, tzinfo=UTC)
SAID = "le dossier brodequin attend encore"  # an unlikely surname, in lower case, without any cue


def redacted(ledger: Ledger, settings: Settings, *items: Item) -> list[str]:
    with Redactor(settings.brands, name_key=ledger.keys.name_key()) as redactor:
        border = Border.of(ledger, settings, redactor, AT)
        batch = border.pass_items("s", [(item, RawRecord("f", 1, {})) for item in items], Counter())
    return list(batch.feedback.sort_values("source_id")["verbatim"])


def item(source_id: str, **more: object) -> Item:
    feedback = {"kind": "mail", "occurred_at": AT, "available_at": AT, "verbatim": SAID}
    names = tuple(more.pop("names", ()))  # type: ignore[call-overload]
    return Item(source_id, feedback | more, names=names)


def test_a_name_is_masked_for_the_customer_who_bears_it_and_for_nobody_else(ledger: Ledger, settings: Settings) -> None:
    ledger.remember_identities([("last_name", "Brodequin", "C1"), ("first_name", "Ana", "C1")])
    hers, of_author, his = redacted(
        ledger, settings, item("1", customer_id="C1"), item("2", names=("Luc BRODEQUIN",)), item("3", customer_id="C2")
    )
    assert "brodequin" not in hers and "[NOM_1]" in hers
    assert "brodequin" not in of_author
    assert his == SAID
