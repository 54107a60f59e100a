"""Cases as a fold of ledger events: the state machine of the inner loop.

An event that is impossible in its case's state changes nothing and is listed in `Case.refused`: two writers may meet,
but no order of events leads to an impossible state. `check` refuses such an event before it is recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from insights.cases.labels import label
from insights.cases.model import (
    ASSIGNED,
    ATTEMPTED,
    CLOSED,
    NOT_REACHED,
    OPEN,
    OPENED,
    PREFIX,
    REACHED,
    REOPENED,
    RESOLVED,
    SCHEDULED,
    SIGNAL_ADDED,
    Case,
)
from insights.errors import LedgerError
from insights.events import LedgerEvent
from insights.i18n import translator

# Which states an event may find. An attempt, a contact and a resolution also need somebody who has taken the case.
POSSIBLE: Mapping[str, tuple[str, ...]] = {
    SIGNAL_ADDED: (OPEN, ASSIGNED, SCHEDULED, ATTEMPTED, REACHED, REOPENED),
    PREFIX + ASSIGNED: (OPEN, ASSIGNED, SCHEDULED, ATTEMPTED, REACHED, REOPENED, NOT_REACHED),
    PREFIX + SCHEDULED: (OPEN, ASSIGNED, SCHEDULED, ATTEMPTED, REOPENED),
    PREFIX + ATTEMPTED: (ASSIGNED, SCHEDULED, ATTEMPTED),
    PREFIX + REACHED: (ASSIGNED, SCHEDULED, ATTEMPTED, NOT_REACHED),
    PREFIX + RESOLVED: (REACHED,),
    PREFIX + NOT_REACHED: (ATTEMPTED, SCHEDULED),
    PREFIX + CLOSED: (RESOLVED, NOT_REACHED),
    PREFIX + REOPENED: (RESOLVED, CLOSED),
}
_SENTENCES = {
    PREFIX + CLOSED: "Case {case} is “{state}”: note a contact and its outcome, or give it up after calls, first.",
    PREFIX + RESOLVED: "Case {case} is “{state}”: note the contact before its outcome.",
}
FRAME_TYPES = {
    "case_id": "str",
    "customer_id": "str",
    "reason": "str",
    "state": "str",
    "owner_team": "str",
    "assignee": "str",
    "promise": "str",
    "opened_at": "datetime64[us, UTC]",
    "waiting_since": "datetime64[us, UTC]",
    "due_at": "datetime64[us, UTC]",
    "overdue": "bool",
    "n_signals": "int64",
    "irritant_id": "str",
    "segment": "str",
    "language": "str",
    "value_eur_year": "float64",
    "net_eur": "float64",
    "explored": "bool",
    "outcome": "str",
    "n_attempts": "int64",
    "scheduled_at": "datetime64[us, UTC]",
    "first_attempt_at": "datetime64[us, UTC]",
    "reached_at": "datetime64[us, UTC]",
    "closed_at": "datetime64[us, UTC]",
    "kept_promise": "boolean",
    "loop_closed": "bool",
}


def refusal(case: Case | None, kind: str, language: str = "en") -> str | None:
    """Why an event is impossible now, as a sentence in the reader's language; None when it is possible."""
    _ = translator(language)
    if kind == OPENED:
        return _("Case {case} is already open.").format(case=case.case_id) if case else None
    if case is None:
        return _("There is no such case: reload the list.")
    if kind not in POSSIBLE:
        return _("{kind} is no event of a case.").format(kind=kind)
    names = {"case": case.case_id, "state": label(case.state, language)}
    needs_taker = kind in (PREFIX + ATTEMPTED, PREFIX + REACHED, PREFIX + RESOLVED)
    if needs_taker and case.assignee is None and case.state not in (RESOLVED, CLOSED):
        return _("Case {case} has not been taken by anyone: take it first.").format(**names)
    if case.state not in POSSIBLE[kind]:
        return _(_SENTENCES.get(kind, "Case {case} is “{state}”: this step is not possible now.")).format(**names)
    if kind == PREFIX + NOT_REACHED and case.n_attempts == 0:
        return _("Case {case} cannot be given up: no call has been noted.").format(**names)
    return None


def check(case: Case | None, kind: str, language: str = "en") -> None:
    """Refuse an impossible event. Raises LedgerError with one sentence."""
    sentence = refusal(case, kind, language)
    if sentence:
        raise LedgerError(sentence)


def apply(case: Case | None, event: LedgerEvent) -> Case | None:
    """The case after an event; an impossible event only adds its id to `refused`."""
    if refusal(case, event.kind):
        return None if case is None else replace(case, refused=(*case.refused, event.event_id))
    after = _opened(event) if case is None else _STEPS[event.kind](case, event)
    counts = {**after.counts, event.kind: after.counts.get(event.kind, 0) + 1}
    return replace(after, counts=counts, history=(*after.history, (event.at, event.kind, event.actor)))


def fold_cases(events: Iterable[LedgerEvent]) -> dict[str, Case]:
    """All cases by id from ledger events in order; other kinds are passed over."""
    cases: dict[str, Case] = {}
    for event in events:
        if event.kind.startswith(PREFIX):
            after = apply(cases.get(event.subject), event)
            if after is not None:
                cases[event.subject] = after
    return cases


def cases_frame(cases: Mapping[str, Case], now: datetime) -> pd.DataFrame:
    """One row per case, columns `FRAME_TYPES`; key case_id; most pressing first.

    `overdue`: nobody has spoken to the customer and the due time has passed at `now`. `kept_promise`: first human
    contact by the due time; False too when overdue or given up late; NULL while it can still be kept.
    """
    rows = [_row(case, now) for case in cases.values()]
    frame = pd.DataFrame(rows, columns=list(FRAME_TYPES))
    for column, kind in FRAME_TYPES.items():
        values = pd.to_datetime(frame[column], utc=True) if kind.startswith("datetime64") else frame[column]
        frame[column] = values.astype(kind)
    done = frame["state"].isin([CLOSED, RESOLVED, NOT_REACHED])
    order = frame.assign(_done=done).sort_values(["_done", "due_at", "case_id"]).index
    return frame.loc[order].reset_index(drop=True)


def _row(case: Case, now: datetime) -> dict[str, Any]:
    late = now > case.due_at
    kept = case.kept_promise
    if kept is None and (late or case.state in (NOT_REACHED, CLOSED)):
        kept = False
    plain = {name: getattr(case, name) for name in FRAME_TYPES if hasattr(case, name)}
    return {
        **plain,
        "overdue": case.waits_for_contact and late,
        "n_signals": len(case.signals),
        "kept_promise": pd.NA if kept is None else kept,
    }


def _opened(event: LedgerEvent) -> Case:
    data = event.payload
    return Case(
        case_id=event.subject,
        customer_id=str(data["customer_id"]),
        reason=str(data["reason"]),
        owner_team=str(data["owner_team"]),
        promise=str(data["promise"]),
        opened_at=event.at,
        due_at=_instant(data["due_at"]),
        waiting_since=_instant(data.get("waiting_since") or event.at.isoformat()),
        signals=tuple(data.get("signals") or ()),
        irritant_id=data.get("irritant_id"),
        segment=data.get("segment"),
        language=data.get("language"),
        value_eur_year=float(data.get("value_eur_year") or 0.0),
        plan=data.get("plan") or {},
    )


def _signal_added(case: Case, event: LedgerEvent) -> Case:
    """A raised case goes to its new team free of its first taker, so that the team on call can take it."""
    data = event.payload
    after = replace(
        case,
        signals=(*case.signals, str(data["signal"])),
        irritant_id=case.irritant_id or data.get("irritant_id"),
        reason=data.get("reason", case.reason),
        promise=data.get("promise", case.promise),
        owner_team=data.get("owner_team", case.owner_team),
        due_at=_instant(data["due_at"]) if data.get("due_at") else case.due_at,
    )
    if after.owner_team != case.owner_team and case.waits_for_contact:
        return replace(after, assignee=None, state=OPEN)
    return after


def _assigned(case: Case, event: LedgerEvent) -> Case:
    """A hand-over keeps what has been reached; taking a waiting case makes it assigned."""
    state = ASSIGNED if case.state in (OPEN, REOPENED, NOT_REACHED) else case.state
    return replace(case, state=state, outcome=None, assignee=str(event.payload.get("assignee") or event.actor))


def _scheduled(case: Case, event: LedgerEvent) -> Case:
    return replace(case, state=SCHEDULED, scheduled_at=_instant(event.payload["scheduled_at"]))


def _attempted(case: Case, event: LedgerEvent) -> Case:
    first = case.first_attempt_at or event.at
    return replace(case, state=ATTEMPTED, n_attempts=case.n_attempts + 1, first_attempt_at=first)


def _reached(case: Case, event: LedgerEvent) -> Case:
    kept = event.at <= case.due_at if case.kept_promise is None else case.kept_promise
    first = case.first_attempt_at or event.at
    n_attempts = case.n_attempts + 1
    after = replace(case, state=REACHED, outcome=None, reached_at=event.at, kept_promise=kept)
    return replace(after, n_attempts=n_attempts, first_attempt_at=first)


def _resolved(case: Case, event: LedgerEvent) -> Case:
    return replace(case, state=RESOLVED, outcome=str(event.payload["outcome"]), resolved_at=event.at)


def _not_reached(case: Case, _event: LedgerEvent) -> Case:
    return replace(case, state=NOT_REACHED, outcome=NOT_REACHED)


def _closed(case: Case, event: LedgerEvent) -> Case:
    return replace(case, state=CLOSED, closed_at=event.at)


def _reopened(case: Case, event: LedgerEvent) -> Case:
    """A new round: taken by nobody, with its own due time; the promise of the first round stays as it was judged."""
    due = _instant(event.payload["due_at"]) if event.payload.get("due_at") else case.due_at
    return replace(
        case,
        state=REOPENED,
        assignee=None,
        outcome=None,
        due_at=due,
        reached_at=None,
        resolved_at=None,
        closed_at=None,
        scheduled_at=None,
        kept_promise=case.kept_promise if case.kept_promise is not None else False,
    )


def _instant(text: Any) -> datetime:
    return datetime.fromisoformat(str(text)).astimezone(UTC)


_STEPS = {
    SIGNAL_ADDED: _signal_added,
    PREFIX + ASSIGNED: _assigned,
    PREFIX + SCHEDULED: _scheduled,
    PREFIX + ATTEMPTED: _attempted,
    PREFIX + REACHED: _reached,
    PREFIX + RESOLVED: _resolved,
    PREFIX + NOT_REACHED: _not_reached,
    PREFIX + CLOSED: _closed,
    PREFIX + REOPENED: _reopened,
}
