"""What a person may do with an incident now, and the event it makes: take, close, reopen, answer for all, take back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from insights.alarms.incidents import ANSWERED, CLOSED, REASONS, REOPENED, TAKEN, UNDONE, Incident, decision
from insights.errors import LedgerError
from insights.i18n import translator

STEPS: Mapping[str, str] = {"take": TAKEN, "close": CLOSED, "reopen": REOPENED, "answer": ANSWERED}


def refusal(one: Incident | None, step: str, actor: str, language: str = "en") -> str | None:
    """Why a step is impossible now, as a sentence in the reader's language; None when it is possible."""
    _ = translator(language)
    if one is None:
        return _("There is no such incident: reload the list.")
    said = {"incident": one.incident_id, "person": one.taken_by or ""}
    if step == "close" and one.closed_at is not None:
        return _("Incident {incident} is closed already.").format(**said)
    if step == "reopen" and one.closed_at is None:
        return _("Incident {incident} is not closed.").format(**said)
    if step in ("take", "answer") and not one.is_open:
        return _("Incident {incident} is over: there is nothing to take and nobody to answer.").format(**said)
    if step == "take" and one.taken_by == actor:
        return _("Incident {incident} was taken by {person} already.").format(**said)
    return None


def step_event(
    one: Incident | None, step: str, actor: str, at: datetime, *, reason: str = "", language: str = "en"
) -> dict[str, Any]:
    """The event of one step. `close` needs a reason of REASONS. Raises LedgerError with a sentence in `language`."""
    if step not in STEPS:
        raise LedgerError(f"{step!r} is no step of an incident: use one of {', '.join(STEPS)}.")
    sentence = refusal(one, step, actor, language)
    if sentence or one is None:
        raise LedgerError(str(sentence))
    _ = translator(language)
    if step == "close" and reason not in REASONS:
        raise LedgerError(_("Say what it was: choose a reason."))
    return decision(one, STEPS[step], {"reason": reason} if step == "close" else {}, actor, at)


def undo_event(one: Incident | None, event_id: int, actor: str, at: datetime, language: str = "en") -> dict[str, Any]:
    """The event that takes back a decision; only the newest one, as later ones rest on it. Raises LedgerError."""
    _ = translator(language)
    if one is None or event_id not in one.decisions:
        raise LedgerError(_("This decision is not there any more: it was taken back already."))
    if event_id != one.decisions[-1]:
        raise LedgerError(_("A later decision rests on this one: take that one back first."))
    row = decision(one, UNDONE, {"event_id": event_id}, actor, at)
    return row | {"key": f"incident:{one.incident_id}:undone:{event_id}"}
