"""Cases as a table: one row per case, most pressing first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from insights.cases.fold import ended_round
from insights.cases.model import (
    CANCELLED,
    CLOSED,
    DO_NOT_CONTACT,
    ENDED,
    INCIDENT,
    MOMENT,
    NOT_REACHED,
    Case,
)

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
    "family": "str",
    "matter": "str",
    "waited_hours": "float64",
    "first_reached_at": "datetime64[us, UTC]",
    "resolve_by": "datetime64[us, UTC]",
    "resolution_overdue": "bool",
    "resolved_at": "datetime64[us, UTC]",
    "kept_resolution": "boolean",
    "n_reopened": "int64",
    "waiting_on": "str",
    "waiting_until": "datetime64[us, UTC]",
    "answer_by": "datetime64[us, UTC]",
    "ombudsman_open": "bool",
    "do_not_contact": "bool",
    "customer_known": "bool",
    "incident": "str",
    "held_by": "str",
}


def cases_frame(cases: Mapping[str, Case], now: datetime) -> pd.DataFrame:
    """One row per case, columns `FRAME_TYPES`; key case_id; most pressing first.

    `overdue`: nobody has spoken to the customer and the due time has passed at `now`. `kept_promise`: first human
    contact by the due time; False too when overdue or given up late; NULL while it can still be kept, and for a
    cancelled case. `kept_resolution`: the same of `resolve_by`, NULL where nothing was promised. `waited_hours`: clock
    time from the customer's words to the first human contact, or to `now` while there is none.
    """
    rows = [_row(case, now) for case in cases.values()]
    frame = pd.DataFrame(rows, columns=list(FRAME_TYPES))
    for column, kind in FRAME_TYPES.items():
        values = pd.to_datetime(frame[column], utc=True) if kind.startswith("datetime64") else frame[column]
        frame[column] = values.astype(kind)
    done = frame["state"].isin(ENDED)
    order = frame.assign(_done=done).sort_values(["_done", "due_at", "case_id"]).index
    return frame.loc[order].reset_index(drop=True)


PROMISE_TYPES = {
    "case_id": "str",
    "round": "int64",
    "team": "str",
    "family": "str",
    "reason": "str",
    "segment": "str",
    "irritant_id": "str",
    "owed": "bool",
    "opened_at": "datetime64[us, UTC]",
    "due_at": "datetime64[us, UTC]",
    "contacted_at": "datetime64[us, UTC]",
    "kept": "boolean",
    "waited_hours": "float64",
    "resolve_by": "datetime64[us, UTC]",
    "resolved_at": "datetime64[us, UTC]",
    "kept_resolution": "boolean",
}


def promise_rows(cases: Mapping[str, Case], now: datetime) -> pd.DataFrame:
    """CASE_PROMISE rows: one a round of each case, without its customer; not of a cancelled case's last round.

    `owed`: no plan and no moment. `waited_hours`: from the customer's words, of a later round from its reopening.
    """
    rows = [_promised(case, one) for case in cases.values() for one in _rounds(case, now)]
    frame = pd.DataFrame(rows, columns=list(PROMISE_TYPES))
    for column, kind in PROMISE_TYPES.items():
        values = pd.to_datetime(frame[column], utc=True) if kind.startswith("datetime64") else frame[column]
        frame[column] = values.astype(kind)
    return frame.sort_values(["due_at", "case_id", "round"]).reset_index(drop=True)


def _rounds(case: Case, now: datetime) -> Iterator[dict[str, Any]]:
    yield from ({**vars(one), "round": one.number} for one in case.rounds)
    if case.state != CANCELLED:
        end = _resolution(case, now)["kept_resolution"]
        current = vars(ended_round(case)) | {"kept": _kept(case, now), "kept_resolution": end}
        yield {**current, "round": len(case.rounds) + 1}


def _promised(case: Case, told: Mapping[str, Any]) -> dict[str, Any]:
    """One row; `told`: a round."""
    reached = told["reached_at"]
    since = (case.waiting_since or case.opened_at) if told["round"] == 1 else told["opened_at"]
    return {
        "case_id": case.case_id,
        **{name: told[name] for name in ("round", "team", "opened_at", "due_at", "resolve_by", "resolved_at")},
        **{name: getattr(case, name) for name in ("family", "reason", "segment", "irritant_id")},
        **{name: pd.NA if told[name] is None else told[name] for name in ("kept", "kept_resolution")},
        "owed": not (case.plan or case.family == MOMENT),
        "contacted_at": reached,
        "waited_hours": None if reached is None else (reached - since) / timedelta(hours=1),
    }


def _kept(case: Case, now: datetime) -> bool | None:
    """How the promise of this round went; None while it can still be kept, and for a cancelled case."""
    ended = case.state in (NOT_REACHED, CLOSED)
    missed = case.kept_promise is None and case.state != CANCELLED and (now > case.due_at or ended)
    return False if missed else case.kept_promise


def _row(case: Case, now: datetime) -> dict[str, Any]:
    late = now > case.due_at
    kept = _kept(case, now)
    plain = {name: getattr(case, name) for name in FRAME_TYPES if hasattr(case, name)}
    return {
        **plain,
        "overdue": case.waits_for_contact and late,
        "n_signals": len(case.signals),
        "kept_promise": pd.NA if kept is None else kept,
        "waited_hours": _waited(case, now),
        **_resolution(case, now),
        "answer_by": case.legal_at("answer_by"),
        "ombudsman_open": case.ombudsman_open(now),
        "do_not_contact": DO_NOT_CONTACT in case.marks,
        "incident": incident_of(case),
    }


def incident_of(case: Case) -> str | None:
    """The incident that explains a case, the newest of several; None without one."""
    return next((mark.removeprefix(INCIDENT) for mark in reversed(case.marks) if mark.startswith(INCIDENT)), None)


def _resolution(case: Case, now: datetime) -> dict[str, Any]:
    """Whether the end is late, and whether the promise on it was kept."""
    late = case.resolve_by is not None and now > case.resolve_by
    unfinished = case.is_open or (case.state == NOT_REACHED)
    kept = False if case.kept_resolution is None and unfinished and late else case.kept_resolution
    return {"resolution_overdue": case.is_open and late, "kept_resolution": pd.NA if kept is None else kept}


def _waited(case: Case, now: datetime) -> float | None:
    """Hours on the clock; None for a case that ended before anybody spoke to the customer."""
    until = case.first_reached_at or (None if case.state in ENDED else now)
    return None if until is None else (until - (case.waiting_since or case.opened_at)) / timedelta(hours=1)
