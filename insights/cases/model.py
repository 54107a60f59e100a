"""The words of the inner loop: a signal, a case, the event that is about to be recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

RISK, DETRACTOR, LEAVE_INTENT, URGENCY = "risk", "detractor", "leave_intent", "urgency"
COMPLAINT, PUBLIC, MOMENT, DISSATISFIED = "complaint", "public", "moment", "dissatisfied"
SIGNAL_KINDS = (URGENCY, COMPLAINT, PUBLIC, LEAVE_INTENT, DETRACTOR, DISSATISFIED, RISK, MOMENT)

# What never merges: one open case per customer and matter, and a matter lies in one family.
DANGER, ANSWER = "danger", "answer"
FAMILIES = (DANGER, COMPLAINT, PUBLIC, ANSWER, MOMENT)
FAMILY_OF = {URGENCY: DANGER, COMPLAINT: COMPLAINT, PUBLIC: PUBLIC, MOMENT: MOMENT}  # by kind of signal; else ANSWER
UNKNOWN = "feedback:"  # opens the customer_id of a case whose customer nobody knows; the feedback's id follows

OPEN, ASSIGNED, SCHEDULED, ATTEMPTED = "open", "assigned", "scheduled", "attempted"
REACHED, RESOLVED, NOT_REACHED, CLOSED, REOPENED = "reached", "resolved", "not_reached", "closed", "reopened"
WAITING, TRANSFERRED, CANCELLED = "waiting", "transferred", "cancelled"
STATES = (
    *(OPEN, ASSIGNED, SCHEDULED, ATTEMPTED, REACHED, WAITING, TRANSFERRED),
    *(RESOLVED, NOT_REACHED, CLOSED, REOPENED, CANCELLED),
)
BEFORE_CONTACT = (OPEN, ASSIGNED, SCHEDULED, ATTEMPTED, TRANSFERRED, REOPENED)
ENDED = (RESOLVED, NOT_REACHED, CLOSED, CANCELLED)  # takes no more signals; only CLOSED and CANCELLED are final
OPEN_STATES = tuple(state for state in STATES if state not in ENDED)

PREFIX = "case."
OPENED, SIGNAL_ADDED, SIGNAL_REMOVED = "case.opened", "case.signal_added", "case.signal_removed"
REMINDED, ESCALATED = "case.reminded", "case.escalated"
ACKNOWLEDGED, MARKED = "case.acknowledged", "case.marked"
REPLY_CHOSEN = "case.reply_chosen"  # an adviser took a suggested reply: insights/playbooks
HELD, RELEASED = "case.held", "case.released"  # behind one answer for all of an incident: insights/alarms/holding.py
# events that move no state
BESIDE = (SIGNAL_ADDED, SIGNAL_REMOVED, REMINDED, ESCALATED, ACKNOWLEDGED, MARKED, REPLY_CHOSEN, HELD, RELEASED)
KINDS = (OPENED, *BESIDE, *(PREFIX + state for state in STATES if state != OPEN))
INCIDENT = "incident:"  # opens the mark of a case that an incident explains; its id follows
DO_NOT_CONTACT, DELETED, OBJECTION = "do_not_contact", "deleted_at_source", "objection"  # marks, and why cancelled
HELD_OUT = "holdout.withheld"  # a proactive call the hold-out kept back: the proof counts these customers too


@dataclass(frozen=True)
class EventDraft:
    """An event to record: `ledger.append(**draft.row())` or `ledger.append_many([draft.row(), ...])`."""

    kind: str
    subject: str
    payload: Mapping[str, Any]
    actor: str
    at: datetime
    key: str

    def row(self) -> dict[str, Any]:
        """The arguments of `ledger.append`, by name."""
        return {
            "kind": self.kind,
            "subject": self.subject,
            "payload": dict(self.payload),
            "actor": self.actor,
            "at": self.at,
            "key": self.key,
        }


@dataclass(frozen=True)
class Signal:
    """One reason to call one customer. `score`: 0-10 answer of a detractor, 0-1 risk, polarity of a post, else 0.

    A dissatisfied customer's `score` is how far up its own scale the lowest answer stands, 0 (worst) to 1.

    `matter`: legal reason of a formal complaint, name of a moment. `by`: a moment's own instant. `intent`: the same
    feedback says they leave. `risk`: the customer's probability to leave, where rules ask for it.
    `urgent_about` (safety, medical, infant, cut_off, distress) routes the case and is never written to the ledger.
    """

    customer_id: str
    kind: str
    feedback_id: str
    at: datetime
    score: float = 0.0
    value_eur_year: float = 0.0
    segment: str | None = None
    irritant_id: str | None = None
    language: str | None = None
    recontact: str = "not_asked"
    anonymous: bool = False
    urgent_about: str | None = None
    is_probability: bool = True  # of a risk: `score` is a probability, not a card's index over 100
    explored: bool = False  # of a risk: drawn for the random calls, whatever the risk
    source: str | None = None
    said_in: str | None = None  # kind of the feedback: survey, post, call, ...
    channel: str | None = None
    intent: bool = False
    risk: float | None = None
    matter: str = ""
    by: datetime | None = None

    @property
    def family(self) -> str:
        return FAMILY_OF.get(self.kind, ANSWER)

    @property
    def signal_id(self) -> str:
        """The same signal seen twice has the same id; a risk has one per scoring day (`feedback_id` is that day)."""
        return f"{self.kind}:{self.feedback_id}"


@dataclass(frozen=True)
class Round:
    """What a case promised and kept before it was reopened."""

    number: int  # from 1
    team: str
    opened_at: datetime
    due_at: datetime
    reached_at: datetime | None
    kept: bool
    resolve_by: datetime | None
    resolved_at: datetime | None
    kept_resolution: bool | None


@dataclass(frozen=True)
class Case:
    """One customer to answer, as the events so far tell it. Instants are UTC."""

    case_id: str
    customer_id: str
    reason: str
    owner_team: str
    promise: str
    opened_at: datetime
    due_at: datetime
    state: str = OPEN
    waiting_since: datetime | None = None  # when the customer spoke: their waiting, in clock time
    assignee: str | None = None
    signals: tuple[str, ...] = ()
    irritant_id: str | None = None
    segment: str | None = None
    language: str | None = None
    value_eur_year: float = 0.0
    outcome: str | None = None
    n_attempts: int = 0  # calls made in this round, answered or not
    scheduled_at: datetime | None = None
    first_attempt_at: datetime | None = None
    reached_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    kept_promise: bool | None = None  # of this round: first human contact by the due time of that moment
    counts: Mapping[str, int] = field(default_factory=dict)  # accepted events by kind
    written: Mapping[str, int] = field(default_factory=dict)  # events by kind, refused ones too: numbers the keys
    rounds: tuple[Round, ...] = ()  # those before this one
    history: tuple[tuple[datetime, str, str], ...] = ()  # (at, kind, actor)
    plan: Mapping[str, Any] = field(default_factory=dict)  # of a proactive call: day, probability, net value, arm
    refused: tuple[int, ...] = ()  # event ids that were impossible when they came (two writers met)
    family: str = ANSWER
    opened_as: str = ANSWER  # family that its opening key counts; events older than families count as answers
    matter: str = ""  # legal reason, moment or feedback id; of an answer the irritant is its matter
    resolve_by: datetime | None = None
    kept_resolution: bool | None = None
    first_reached_at: datetime | None = None  # over all rounds; `reached_at` is that of this round
    legal: Mapping[str, Any] = field(default_factory=dict)  # of a formal complaint: reason, due instants as ISO text
    acknowledged_at: datetime | None = None
    waiting_on: str | None = None  # third party of whom an answer is awaited
    waiting_until: datetime | None = None
    marks: tuple[str, ...] = ()
    told: tuple[str, ...] = ()  # thresholds of reminders and escalations already said
    cancelled_why: str | None = None
    reply: str | None = None  # last suggested reply chosen in this round
    held_by: str | None = None  # incident whose one answer for all it waits behind
    released_from: tuple[str, ...] = ()  # incidents that hold it no more, for good

    @property
    def customer_known(self) -> bool:
        """False of a case that stands on a public post or a letter whose author nobody knows."""
        return not self.customer_id.startswith(UNKNOWN)

    @property
    def round_opened_at(self) -> datetime:
        """When this round began: the opening, or the last reopening."""
        again = [at for at, kind, _actor in self.history if kind == PREFIX + REOPENED]
        return again[-1] if again else self.opened_at

    def next_key(self, kind: str) -> str:
        """Idempotency key of the next event of a kind: two who write it at the same moment write the same key."""
        return f"case:{self.case_id}:{kind.removeprefix(PREFIX)}:{self.written.get(kind, 0) + 1}"

    @property
    def n_reopened(self) -> int:
        return self.counts.get(PREFIX + REOPENED, 0)

    @property
    def explored(self) -> bool:
        """A proactive call drawn at random."""
        return bool(self.plan.get("explored"))

    @property
    def net_eur(self) -> float | None:
        """Euros a proactive call was expected to bring when it was planned; None for other cases."""
        return self.plan.get("net_eur")

    @property
    def is_open(self) -> bool:
        """New signals join this case. A case given up, resolved or cancelled takes none: they open the next one."""
        return self.state in OPEN_STATES

    @property
    def waits_for_contact(self) -> bool:
        """Nobody has spoken to the customer in this round yet, and the case has not been given up."""
        return self.state in BEFORE_CONTACT and self.reached_at is None

    @property
    def loop_closed(self) -> bool:
        """Closed with a recorded human contact and an outcome."""
        return self.state == CLOSED and self.reached_at is not None and self.outcome is not None

    def legal_at(self, name: str) -> datetime | None:
        """`acknowledge_by`, `answer_by` or `ombudsman_at` of a formal complaint; None elsewhere."""
        return datetime.fromisoformat(self.legal[name]) if self.legal.get(name) else None

    def ombudsman_open(self, now: datetime) -> bool:
        """The customer may go to the ombudsman: the formal complaint has stood too long without an end."""
        at = self.legal_at("ombudsman_at")
        return at is not None and self.is_open and now >= at
