"""Cases that end, shrink or are marked because their ground has gone: a feedback deleted at its source, a customer who no
longer wants to be contacted or scored.

Nothing of this is a contact: a cancelled case counts neither as a promise kept nor as one missed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime

from insights.cases.decision import ACTOR
from insights.cases.model import (
    CANCELLED,
    DELETED,
    DO_NOT_CONTACT,
    MARKED,
    MOMENT,
    OBJECTION,
    PREFIX,
    RISK,
    SIGNAL_REMOVED,
    Case,
    EventDraft,
)

NOT_FEEDBACK = (RISK, MOMENT)


def feedback_of(case: Case) -> dict[str, str]:
    """Feedback id by signal id of a case; a risk and a moment stand on no feedback."""
    parts = {signal: signal.partition(":") for signal in case.signals}
    return {signal: feedback for signal, (kind, _, feedback) in parts.items() if kind not in NOT_FEEDBACK}


def endings(
    cases: Iterable[Case],
    *,
    deleted: Collection[str],
    refused: Mapping[str, datetime],
    objected: Collection[str],
    is_proactive: Callable[[str], bool],
    now: datetime,
) -> list[EventDraft]:
    """Events to record, at most one a case and ground; a second call on their fold gives none.

    `deleted`: feedback ids taken out at their source. `refused`: customers who do not want to be contacted, and when
    they said so. `objected`: customers who objected to scoring.
    """
    drafts: list[EventDraft] = []
    for case in cases:
        if case.is_open:
            drafts += _deleted(case, deleted, now) or _barred(case, refused, objected, is_proactive, now)
    return drafts


def _deleted(case: Case, deleted: Collection[str], now: datetime) -> list[EventDraft]:
    """Without any ground left the case is cancelled, once somebody has spoken only marked; else the signal leaves it."""
    gone = sorted(signal for signal, feedback in feedback_of(case).items() if feedback in deleted)
    if not gone:
        return []
    if len(gone) == len(case.signals):
        if case.waits_for_contact:
            return [_cancel(case, DELETED, now)]
        return [] if DELETED in case.marks else [_mark(case, DELETED, now)]
    return [
        EventDraft(
            SIGNAL_REMOVED,
            case.case_id,
            {"signal": one, "why": DELETED},
            ACTOR,
            now,
            f"case:{case.case_id}:removed:{one}",
        )
        for one in gone
    ]


def _barred(
    case: Case,
    refused: Mapping[str, datetime],
    objected: Collection[str],
    is_proactive: Callable[[str], bool],
    now: datetime,
) -> list[EventDraft]:
    """A proactive call and a service contact end; an answer the customer is owed is marked, and people decide."""
    ours = is_proactive(case.reason) or case.family == MOMENT
    said_at = refused.get(case.customer_id)
    if ours and case.waits_for_contact and (said_at is not None or case.customer_id in objected):
        return [_cancel(case, DO_NOT_CONTACT if said_at is not None else OBJECTION, now)]
    if said_at is not None and said_at > case.opened_at and DO_NOT_CONTACT not in case.marks:
        return [_mark(case, DO_NOT_CONTACT, now)]
    return []


def _cancel(case: Case, why: str, now: datetime) -> EventDraft:
    kind = PREFIX + CANCELLED
    return EventDraft(kind, case.case_id, {"why": why}, ACTOR, now, case.next_key(kind))


def _mark(case: Case, mark: str, now: datetime) -> EventDraft:
    return EventDraft(MARKED, case.case_id, {"mark": mark}, ACTOR, now, f"case:{case.case_id}:marked:{mark}")
