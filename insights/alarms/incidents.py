"""Incidents as a fold of ledger events: opened by an alarm, joined by further ones, taken and closed by people.

An incident has the id of its first alarm. What a person decided can be taken back, the newest decision first; an event
taken back counts nowhere. Payloads hold ids, codes, counts and times; notes and answers lie encrypted (`note_key`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from insights.alarms.model import POOLED, Alarm
from insights.events import LedgerEvent

PREFIX = "incident."
OPENED, JOINED, TAKEN, CLOSED = "incident.opened", "incident.joined", "incident.taken", "incident.closed"
REOPENED, ANSWERED, UNDONE = "incident.reopened", "incident.answered", "incident.undone"
KINDS = (PREFIX,)
BY_PEOPLE = (TAKEN, CLOSED, REOPENED, ANSWERED)
REAL, FALSE_ALARM, PLANNED, DUPLICATE = "real", "false_alarm", "planned", "duplicate"
REASONS = (REAL, FALSE_ALARM, PLANNED, DUPLICATE)
COOL_DOWN = timedelta(minutes=120)  # METHODS 3; an alarm later than this after the last one is another incident
ACTOR = "watch"


@dataclass(frozen=True)
class Incident:
    """What the events so far tell. Instants in UTC. `series`: first the one it is named after.

    `replayed`: found in a replay over history, never open and told to nobody; a person may still judge it.
    """

    incident_id: str
    series: tuple[str, ...]
    alarm_ids: tuple[str, ...]
    started_at: datetime
    raised_at: datetime
    last_at: datetime  # last alarm
    n_authors: int  # when it first rang
    expected: float
    replayed: bool = False
    taken_by: str | None = None
    taken_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    reason: str | None = None
    answer_key: str | None = None  # of the newest answer for all: text at note_key
    answered_at: datetime | None = None
    note: str | None = None  # idempotency key of the closing event: its note
    counts: Mapping[str, int] = field(default_factory=dict)  # events by kind, those taken back too: numbers the keys
    rang: tuple[tuple[str, datetime, str], ...] = ()  # (series, raised_at, alarm_id) of every alarm
    decisions: tuple[int, ...] = ()  # event ids of what people decided and did not take back

    @property
    def is_open(self) -> bool:
        return self.closed_at is None and not self.replayed

    @property
    def lead(self) -> str:
        """The series it is named after: the first irritant, else all together."""
        return next((one for one in self.series if one != POOLED), POOLED)

    @property
    def ended_at(self) -> datetime:
        """When it no longer takes alarms or explains cases: the cool-down after the last alarm, or its closing."""
        quiet = self.last_at + COOL_DOWN
        return quiet if self.closed_at is None else min(quiet, self.closed_at)


def note_key(idempotency_key: str, place: int | None = None) -> str:
    """Key of the text that belongs to an event, or of one of several."""
    return f"note:{idempotency_key}" + ("" if place is None else f"#{place}")


def fold_incidents(events: Iterable[LedgerEvent]) -> dict[str, Incident]:
    """All incidents by id, in the order they were opened; other kinds are passed over."""
    rows = [event for event in events if event.kind.startswith(PREFIX)]
    gone = {int(event.payload["event_id"]) for event in rows if event.kind == UNDONE}
    found: dict[str, Incident] = {}
    for event in rows:
        after = _apply(found.get(event.subject), event, event.event_id in gone)
        if after is not None:
            found[event.subject] = after
    return found


def _apply(before: Incident | None, event: LedgerEvent, taken_back: bool) -> Incident | None:
    if before is None:
        return _opened(event) if event.kind == OPENED else None
    step = None if taken_back else _STEPS.get(event.kind)
    after = step(before, event) if step else before
    counts = {**after.counts, event.kind: after.counts.get(event.kind, 0) + 1}
    decided = event.kind in BY_PEOPLE and not taken_back
    return replace(after, counts=counts, decisions=(*after.decisions, *([event.event_id] if decided else [])))


def _opened(event: LedgerEvent) -> Incident:
    data = event.payload
    raised = _instant(data["raised_at"])
    return Incident(
        incident_id=event.subject,
        series=(str(data["series"]),),
        alarm_ids=(event.subject,),
        started_at=_instant(data["started_at"]),
        raised_at=raised,
        last_at=raised,
        n_authors=int(data["n_authors"]),
        expected=float(data["expected"]),
        replayed=bool(data.get("replayed", False)),
        counts={OPENED: 1},
        rang=((str(data["series"]), raised, event.subject),),
    )


def _joined(before: Incident, event: LedgerEvent) -> Incident:
    data = event.payload
    series = str(data["series"])
    return replace(
        before,
        series=before.series if series in before.series else (*before.series, series),
        alarm_ids=(*before.alarm_ids, str(data["alarm_id"])),
        rang=(*before.rang, (series, _instant(data["raised_at"]), str(data["alarm_id"]))),
        started_at=min(before.started_at, _instant(data["started_at"])),
        last_at=max(before.last_at, _instant(data["raised_at"])),
    )


def _taken(before: Incident, event: LedgerEvent) -> Incident:
    return replace(before, taken_by=event.actor, taken_at=event.at)


def _closed(before: Incident, event: LedgerEvent) -> Incident:
    reason, key = str(event.payload["reason"]), event.idempotency_key
    return replace(before, closed_at=event.at, closed_by=event.actor, reason=reason, note=key)


def _reopened(before: Incident, _event: LedgerEvent) -> Incident:
    return replace(before, closed_at=None, closed_by=None, reason=None, note=None)


def _answered(before: Incident, event: LedgerEvent) -> Incident:
    return replace(before, answer_key=event.idempotency_key, answered_at=event.at)


_STEPS = {JOINED: _joined, TAKEN: _taken, CLOSED: _closed, REOPENED: _reopened, ANSWERED: _answered}


def home_of(
    alarm: Alarm, known: Iterable[Incident], posts_of: Mapping[str, frozenset[str]], parents: Mapping[str, str]
) -> Incident | None:
    """The incident an alarm joins: within the cool-down of its last alarm, of the same or a related series; the newest.

    `posts_of`: feedback ids by incident_id. `parents`: theme by irritant. Related: the same theme, all irritants
    together, or a third of the smaller one's feedback in common. A person's closing ends an incident.
    """
    near = [
        one
        for one in known
        if one.closed_at is None
        and one.started_at - COOL_DOWN <= alarm.raised_at
        and alarm.started_at <= one.last_at + COOL_DOWN
    ]
    fits = [one for one in near if _related(alarm, one, posts_of.get(one.incident_id, frozenset()), parents)]
    return max(fits, key=lambda one: (alarm.series in one.series, one.raised_at, one.incident_id), default=None)


def _related(alarm: Alarm, one: Incident, posts: frozenset[str], parents: Mapping[str, str]) -> bool:
    if alarm.series in one.series or POOLED in (alarm.series, one.lead):
        return True
    theme = parents.get(alarm.series)
    if theme and theme in {parents.get(series) for series in one.series}:
        return True
    smaller = min(len(alarm.feedback_ids), len(posts))
    return smaller > 0 and len(posts & set(alarm.feedback_ids)) * 3 >= smaller


def known_as(alarm: Alarm, known: Iterable[Incident]) -> tuple[Incident, str] | None:
    """The incident and alert_id under which an alarm rang before; None for a new one.

    A series is silent for the cool-down after an alarm: two of one series within it are one, whose start a post that
    came late has moved.
    """
    for one in known:
        for series, raised, alarm_id in one.rang:
            if alarm_id == alarm.alarm_id or (series == alarm.series and abs(raised - alarm.raised_at) < COOL_DOWN):
                return one, alarm_id
    return None


def opening(alarm: Alarm, *, replayed: bool, at: datetime) -> dict[str, Any]:
    """The event that opens an incident, as `ledger.append_many` takes it; twice the same alarm is once the same event."""
    payload = _told(alarm) | ({"replayed": True} if replayed else {})
    return _row(OPENED, alarm.alarm_id, payload, ACTOR, at, f"incident:{alarm.alarm_id}:opened")


def joining(alarm: Alarm, one: Incident, at: datetime) -> dict[str, Any]:
    """The event by which a further alarm joins an incident."""
    payload = _told(alarm) | {"alarm_id": alarm.alarm_id}
    return _row(JOINED, one.incident_id, payload, ACTOR, at, f"incident:{one.incident_id}:joined:{alarm.alarm_id}")


def _told(alarm: Alarm) -> dict[str, Any]:
    return {
        "series": alarm.series,
        "started_at": alarm.started_at.isoformat(),
        "raised_at": alarm.raised_at.isoformat(),
        "n_authors": alarm.n_authors,
        "expected": round(alarm.expected, 4),
        "statistic": round(alarm.statistic, 4),
        "threshold": round(alarm.threshold, 4),
    }


def decision(one: Incident, kind: str, payload: Mapping[str, Any], actor: str, at: datetime) -> dict[str, Any]:
    """An event by which a person decides; numbered, so that a double click records once."""
    key = f"incident:{one.incident_id}:{kind.partition('.')[2]}:{one.counts.get(kind, 0) + 1}"
    return _row(kind, one.incident_id, dict(payload), actor, at, key)


def _row(kind: str, subject: str, payload: dict[str, Any], actor: str, at: datetime, key: str) -> dict[str, Any]:
    return {"kind": kind, "subject": subject, "payload": payload, "actor": actor, "at": at, "key": key}


def masked(known: Iterable[Incident]) -> list[tuple[datetime, datetime]]:
    """Stretches that say nothing of an ordinary week. What a person called a false alarm was an ordinary week."""
    return [(one.started_at, one.last_at + COOL_DOWN) for one in known if one.reason != FALSE_ALARM]


def false_alarms(known: Iterable[Incident], since: datetime, until: datetime) -> int:
    """Incidents raised in [since, until) that a person called false alarms."""
    return sum(one.reason == FALSE_ALARM and since <= one.raised_at < until for one in known)


def similar(
    one: Incident,
    known: Iterable[Incident],
    terms: Mapping[str, frozenset[str]],
    *,
    most: int = 3,
) -> list[tuple[Incident, frozenset[str]]]:
    """Earlier incidents like this one with the terms in common: the same irritant first, then the nearest by terms.

    `terms`: emerging terms by incident_id. A pooled series alone makes nothing alike.
    """
    own, series = terms.get(one.incident_id, frozenset()), set(one.series) - {POOLED}
    ranked = []
    for other in known:
        if other.incident_id == one.incident_id or other.raised_at >= one.started_at:
            continue
        theirs = terms.get(other.incident_id, frozenset())
        common, either = own & theirs, own | theirs
        same = bool(series & set(other.series))
        nearness = len(common) / len(either) if either else 0.0
        if same or nearness > 0:
            ranked.append((same, nearness, other.raised_at, other, common))
    ranked.sort(key=lambda row: (row[0], row[1], row[2], row[3].incident_id), reverse=True)
    return [(other, common) for *_, other, common in ranked[:most]]


def _instant(text: Any) -> datetime:
    return datetime.fromisoformat(str(text)).astimezone(UTC)
