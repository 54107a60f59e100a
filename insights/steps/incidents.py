"""What people decide about incidents: recorded in the ledger, texts encrypted under the incident's own key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from insights.alarms.decide import step_event, undo_event
from insights.alarms.incidents import Incident, note_key
from insights.errors import LedgerError
from insights.i18n import translator
from insights.ledger import Ledger
from insights.steps.watch_record import incidents

LEAST_ANSWER = 20  # characters: less says nothing to a customer


def decide(
    ledger: Ledger,
    incident_id: str,
    step: str,
    *,
    actor: str,
    at: datetime,
    reason: str = "",
    text: str = "",
    language: str = "en",
) -> Incident:
    """Take, close (with a reason), reopen an incident, or write the one answer for all; the incident after it.

    `text`: the note of a closing, or the answer. Raises LedgerError with a sentence in `language`.
    """
    words, _ = text.strip(), translator(language)
    if step == "answer" and len(words) < LEAST_ANSWER:
        told = _("Write the answer that all these customers are to get ({n} characters at least).")
        raise LedgerError(told.format(n=LEAST_ANSWER))
    row = step_event(incidents(ledger).get(incident_id), step, actor, at, reason=reason, language=language)
    if words:
        ledger.put_text(note_key(row["key"]), key_of(incident_id), words)
    return _recorded(ledger, incident_id, row, language)


def undo(
    ledger: Ledger, incident_id: str, event_id: int, *, actor: str, at: datetime, language: str = "en"
) -> Incident:
    """Take back the newest decision. Raises LedgerError with a sentence in `language`."""
    one = incidents(ledger).get(incident_id)
    return _recorded(ledger, incident_id, undo_event(one, event_id, actor, at, language), language)


def answer_of(ledger: Ledger, one: Incident) -> str | None:
    """The answer for all, as it was written last."""
    return ledger.text(note_key(one.answer_key)) if one.answer_key else None


def note_of(ledger: Ledger, one: Incident) -> str | None:
    """What was noted when it was closed."""
    return ledger.text(note_key(one.note)) if one.note else None


def key_of(incident_id: str) -> str:
    """Under whose key the texts of an incident lie: no person's."""
    return f"incident:{incident_id}"


def _recorded(ledger: Ledger, incident_id: str, row: dict[str, Any], language: str) -> Incident:
    _: Callable[[str], str] = translator(language)
    if not ledger.append(**row):
        raise LedgerError(_("Somebody else has just decided on this incident: reload the list."))
    return incidents(ledger)[incident_id]
