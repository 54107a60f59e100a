"""Actions sent to Jira: queued by a person, delivered by the outbox, and what Jira says of them since."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from insights.actions.model import DONE, DROPPED, PLANNED, RUNNING, Action
from insights.errors import DeliveryError, LedgerError, SettingsError
from insights.events import LedgerEvent
from insights.jumps import within
from insights.ledger import Ledger
from insights.ledger.cursors import save_position, saved_at
from insights.outbox import endpoint as kinds
from insights.outbox import fold
from insights.outbox.endpoint import Endpoint
from insights.outbox.endpoints import load_directory
from insights.outbox.jira import FINISHED, GONE, SENT, UNDER_WAY, Issue, Jira, browse
from insights.settings import Settings
from insights.steps.actions import book

SAID = "jira.said"  # what Jira says of the issue of an action (the subject): endpoint, issue_id, key, status, category
KINDS = (fold.QUEUED, "delivery.", SAID)
FEED = "states"
LEAST_PAUSE = timedelta(minutes=5)  # between two looks at the states of one Jira
GONE_FEED, GONE_PAUSE = "gone", timedelta(days=1)  # those gone: deleted, or a permission taken away that may come back
WAITING, THERE, GIVEN_UP = "waiting", "there", "given_up"


@dataclass(frozen=True)
class Link:
    """An action at Jira. `state`: waiting to leave, there, given up. `status`: Jira's own word, `category` its meaning."""

    action_id: str
    endpoint: str
    message_id: str
    state: str = WAITING
    key: str = ""
    status: str = ""
    category: str = ""
    said_at: datetime | None = None
    why: str = ""
    issue_id: str = ""

    @property
    def asked_by(self) -> str:
        """What the issue is asked for by: its id, which a move to another project leaves; its key before that is known."""
        return self.issue_id or self.key


def trackers(settings: Settings) -> list[Endpoint]:
    """The Jira endpoints that are on. Raises SettingsError."""
    found = load_directory(settings, dry_run=True).endpoints.values()
    return [one for one in found if one.kind == kinds.JIRA]


def tracker_of(settings: Settings, name: str = "") -> Endpoint:
    """The Jira endpoint of this name, or the only one there is. Raises SettingsError."""
    found = {one.endpoint_id: one for one in trackers(settings)}
    if name in found or (len(found) == 1 and not name):
        return found[name or next(iter(found))]
    known = ", ".join(found) or "none"
    raise SettingsError(f"Name one jira endpoint of endpoints.yaml; there are: {known} (docs/jira.md).")


def send(
    ledger: Ledger, settings: Settings, endpoint: Endpoint, action: Action, irritant: str, euros: str, language: str,
    *, actor: str, at: datetime,
) -> bool:  # fmt: skip
    """Queue an action for Jira; False when it was before. The next delivery makes the issue.

    `irritant`: its name; `euros`: the margin at stake as it is written for people, "" where nobody knows it.
    """
    if action.state == DROPPED:
        raise LedgerError(f"{action.action_id} was dropped: plan it again before it goes to Jira.")
    link = (
        f"{settings.dashboard_url}/actions?action={action.action_id}&lang={language}" if settings.dashboard_url else ""
    )
    facts = {
        "action_id": action.action_id, "title": action.title, "irritant": irritant, "owner": action.owner or "",
        "due_on": action.planned_on.isoformat() if action.planned_on else "", "euros": euros, "link": link,
    }  # fmt: skip
    name = endpoint.endpoint_id
    payload = {
        "endpoint": name, "subject_code": SENT, "case_id": action.action_id, "language": language,
        "not_before": datetime.now(UTC).isoformat(), "facts": facts,
    }  # fmt: skip
    subject = f"act_{hashlib.sha256(f'{name}:{action.action_id}'.encode()).hexdigest()[:24]}"
    return ledger.append(
        fold.QUEUED, subject, payload, actor=actor, at=at, key=f"message:{name}:action:{action.action_id}"
    )


def links(ledger: Ledger) -> dict[str, Link]:
    """The newest link of each action that was sent, by action."""
    return folded(ledger.events(KINDS))


def folded(events: Iterable[LedgerEvent]) -> dict[str, Link]:
    """Links out of events: queued, delivered or given up, and what Jira said since."""
    by_message: dict[str, Link] = {}
    for event in events:
        told = event.payload
        if event.kind == fold.QUEUED and told.get("subject_code") == SENT:
            by_message[event.subject] = Link(str(told["case_id"]), str(told["endpoint"]), event.subject)
        elif event.kind == SAID:
            for name, one in by_message.items():
                if one.action_id == event.subject and one.endpoint == told["endpoint"]:
                    by_message[name] = _said(one, event)
        elif event.subject in by_message:
            by_message[event.subject] = _delivery(by_message[event.subject], event)
    return {one.action_id: one for one in by_message.values()}


def _said(one: Link, event: LedgerEvent) -> Link:
    told = event.payload
    named = {name: str(told[name]) for name in ("key", "issue_id") if told.get(name)}
    return replace(one, status=str(told["status"]), category=str(told["category"]), said_at=event.at, **named)


def _delivery(one: Link, event: LedgerEvent) -> Link:
    if event.kind == fold.DELIVERED:
        key, issue_id = (str(event.payload.get(name) or "") for name in ("reference", "record_id"))
        return replace(one, state=THERE, key=key, issue_id=issue_id, why="")
    if event.kind == fold.DEAD:
        return replace(one, state=GIVEN_UP, why=str(event.payload.get("error") or event.payload.get("status")))
    return replace(one, state=WAITING) if event.kind == fold.REPLAYED else one


def proposed(action: Action, link: Link) -> str | None:
    """The state that Jira's word proposes for an action; None where it says nothing new. A person confirms it.

    Never a proof: « Done » there means that the work is over, not that customers complain less.
    """
    if link.category == UNDER_WAY and action.state == PLANNED:
        return RUNNING
    if link.category == FINISHED and action.state in (PLANNED, RUNNING):
        return DONE
    return None


def address(link: Link, endpoints: Sequence[Endpoint]) -> str:
    """Where a person reads the issue; empty before it is there."""
    found = next((one for one in endpoints if one.endpoint_id == link.endpoint), None)
    return browse(found.url, link.key) if found and link.key else ""


def read_states(ledger: Ledger, settings: Settings, *, at_once: bool = False) -> list[str]:
    """Ask each Jira for the states of the issues that are not settled; one sentence each. A failure is told, and tried
    again at the next look. `at_once`: without the pause between two looks."""
    try:
        endpoints = [one for one in load_directory(settings).endpoints.values() if one.kind == kinds.JIRA]
    except SettingsError as error:
        return [str(error)]
    said = []
    for endpoint in endpoints:
        last = saved_at(ledger, endpoint.endpoint_id, FEED)
        if not at_once and last is not None and within(last, LEAST_PAUSE, datetime.now(UTC)):
            continue
        try:
            said.append(poll(ledger, endpoint, settings.business_now()))
        except DeliveryError as error:
            said.append(str(error))
    return said


def poll(ledger: Ledger, endpoint: Endpoint, at: datetime) -> str:
    """Record what has changed at one Jira; the sentence for the run's log. Raises DeliveryError."""
    name = endpoint.endpoint_id
    looked = saved_at(ledger, name, GONE_FEED)
    again = looked is None or not within(looked, GONE_PAUSE, datetime.now(UTC))
    open_ = {one.asked_by: one for one in _unsettled(links(ledger), book(ledger).actions, name, gone=again)}
    issues = _asked(endpoint, list(open_))
    n_new = sum(_record(ledger, open_[wanted], issue, at) for wanted, issue in issues.items())
    save_position(ledger, name, FEED, at.isoformat())
    if again:
        save_position(ledger, name, GONE_FEED, at.isoformat())
    return f"{name}: {len(open_)} issues looked at, {n_new} changed."


def _asked(endpoint: Endpoint, wanted: Sequence[str]) -> dict[str, Issue]:
    if not wanted:
        return {}
    jira = Jira(endpoint)
    try:
        return jira.states(wanted)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DeliveryError(
            f"{endpoint.endpoint_id}: its answer has another shape than expected ({type(error).__name__})."
        ) from error
    finally:
        jira.close()


def _unsettled(
    known: Mapping[str, Link], actions: Mapping[str, Action], endpoint: str, *, gone: bool = False
) -> list[Link]:
    """Issues that may still say something: not done (or gone) on both sides. `gone`: those gone there as well."""
    there = [one for one in known.values() if one.endpoint == endpoint and one.key and (gone or one.category != GONE)]
    over = (DONE, DROPPED)
    ended = {one.action_id for one in there if (held := actions.get(one.action_id)) is None or held.state in over}
    return [one for one in there if not (one.category in (FINISHED, GONE) and one.action_id in ended)]


def _record(ledger: Ledger, link: Link, issue: Issue, at: datetime) -> bool:
    """One event for each change of status or of key."""
    name = issue.key or link.key  # one that is gone has none any more
    if (link.status, link.category, link.key) == (issue.status, issue.category, name):
        return False
    payload = {
        "endpoint": link.endpoint, "issue_id": issue.issue_id or link.issue_id, "key": name, "status": issue.status,
        "category": issue.category,
    }  # fmt: skip
    key = f"{SAID}:{link.endpoint}:{name}:{ledger.version((SAID,))}:{issue.category}"
    return ledger.append(SAID, link.action_id, payload, actor=link.endpoint, at=at, key=key)
