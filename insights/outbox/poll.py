"""Outcomes read from CRMs: what changed there since the last look becomes events of our cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from insights.cases.fold import fold_cases
from insights.errors import DeliveryError, LedgerError
from insights.ledger import Ledger
from insights.ledger.cursors import position_of, save_position
from insights.outbox import outcomes as steps
from insights.outbox.crm import Change, crm_for
from insights.outbox.endpoint import CRMS, Endpoint
from insights.outbox.outcomes import Said, path_to

FEED = "outcomes"


@dataclass
class Polled:
    """What one look at one CRM brought."""

    endpoint: str
    n_seen: int = 0
    n_recorded: int = 0
    refused: list[str] = field(default_factory=list)

    def sentence(self) -> str:
        """One line for the run's log."""
        line = f"{self.endpoint}: {self.n_seen} records changed there, {self.n_recorded} steps recorded here."
        return line + "".join(f" {why}" for why in self.refused[:3])


def poll(ledger: Ledger, endpoint: Endpoint, outcomes: Sequence[str], now: datetime | None = None) -> Polled:
    """Read what changed and record it; the position is kept after that, never before. Raises DeliveryError."""
    at = now or datetime.now(UTC)
    name = endpoint.endpoint_id
    report = Polled(name)
    crm = crm_for(endpoint)
    try:
        found = crm.changes(position_of(ledger, name, FEED), at)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DeliveryError(f"{name}: its answer has another shape than expected ({type(error).__name__}).") from error
    finally:
        crm.close()
    for change in sorted(found.found, key=lambda one: (one.at, one.case_id)):
        report.n_seen += 1
        try:
            report.n_recorded += follow(ledger, endpoint, change, outcomes, at)
        except LedgerError as error:  # somebody here was quicker, or it is no case of ours
            report.refused.append(str(error))
    if found.position:
        save_position(ledger, name, FEED, found.position)
    return report


def polled(endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    """Those that are to be read."""
    return [one for one in endpoints if one.kind in CRMS and one.options.get("poll")]


def follow(ledger: Ledger, endpoint: Endpoint, change: Change, outcomes: Sequence[str], now: datetime) -> int:
    """Steps recorded for one change; 0 for a status that says nothing here, or nothing new."""
    step = endpoint.options.get("steps", {}).get(change.status)
    case = fold_cases(ledger.events(("case.",), subject=change.case_id)).get(change.case_id)
    if step is None or case is None or (case.n_reopened and change.at <= case.round_opened_at):
        return 0  # what it says was said of the round before
    name = endpoint.endpoint_id
    outcome = endpoint.options.get("outcomes", {}).get(change.outcome)
    by = f"{name}:{change.by}" if change.by else name
    n_done = 0
    for event in path_to(case, step):
        if event == steps.RESOLVED and outcome is None:
            break  # closed there without a word of what came of it: the contact is noted, the case stays open here
        said = Said(event, max(min(change.at, now), case.round_opened_at), by, outcome=outcome)
        message = f"{change.case_id}:{change.at.isoformat()}:{event}"
        n_done += steps.record(ledger, change.case_id, said, message=message, via=name, outcomes=outcomes, now=now)
    return n_done
