"""Reminders and escalations of the cases, recorded in the ledger; who sends them asks for what is not sent yet."""

from __future__ import annotations

from insights.calendar import load_teams
from insights.cases import fold_cases, load_rules
from insights.cases.model import ESCALATED, REMINDED
from insights.cases.notices import Notice
from insights.cases.reminders import notices_from
from insights.cases.reminders import reminders as due_reminders
from insights.ledger import Ledger
from insights.settings import Settings


def remind(ledger: Ledger, settings: Settings) -> dict[str, int]:
    """Record the reminders and escalations that are due now; how many, for the run's note, empty when none."""
    teams = load_teams(settings.reference_dir / "teams.yaml")
    rules = load_rules(settings.reference_dir / "case_rules.yaml", settings, teams)
    known = fold_cases(ledger.events(("case.",)))
    drafts = due_reminders(known.values(), rules=rules, teams=teams, now=settings.business_now())
    n = ledger.append_many([draft.row() for draft in drafts])
    return {"reminded": n} if n else {}


def notices(ledger: Ledger, after: int = 0) -> list[Notice]:
    """All notices recorded since an event id, oldest first. The sender notes the keys of those it has sent."""
    return notices_from(ledger.events((REMINDED, ESCALATED), after=after))
