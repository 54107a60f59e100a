"""Of several versions of one feedback in one batch, a deletion wins, and a refusal is told to the store."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from insights.border import Border
from insights.ledger import Ledger
from insights.redaction import Redactor
from insights.settings import Settings
from insights.sources.base import Item, RawRecord, feedback_id

AT = datetime(2026, 10, 1, tzinfo=UTC)
RECORD = RawRecord("f", 1, {})


def item(said: str = "trop long", **values: Any) -> Item:
    feedback = {"kind": "survey", "occurred_at": AT, "available_at": AT, "verbatim": said}
    return Item("p1", feedback | values)


def test_an_edit_further_down_does_not_undo_a_deletion(settings: Settings, ledger: Ledger) -> None:
    edited = item("edited", revised_at=datetime(2026, 10, 3, tzinfo=UTC))
    border = Border.of(ledger, settings, Redactor(()), AT)
    batch = border.pass_items("s", [(item(), RECORD), (Item("p1", deleted=True), RECORD), (edited, RECORD)], Counter())
    assert batch.deleted == [feedback_id("s", "p1")]
    assert batch.feedback.empty


def test_a_refused_answer_leaves_no_row_and_takes_the_stored_one_out(settings: Settings, ledger: Ledger) -> None:
    border = Border.of(ledger, settings, Redactor(()), AT)
    batch = border.pass_items("s", [(item(consent="no"), RECORD)], Counter())
    assert (batch.withdrawn, batch.n_refused, len(batch.feedback)) == ([feedback_id("s", "p1")], 1, 0)
