"""Everything that leaves and comes back for cases: deliveries to every endpoint, notices, outcomes of CRMs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from insights.calendar import load_teams
from insights.cases import load_rules
from insights.cases.notices import Notice
from insights.errors import DeliveryError, SettingsError
from insights.ledger import Ledger
from insights.outbox.delivery import Deliverer
from insights.outbox.endpoints import Directory, load_directory
from insights.outbox.messages import Told, tell
from insights.outbox.poll import poll, polled
from insights.outbox.report import DeliveryReport
from insights.settings import Settings

MOST_AGE = timedelta(days=7)  # a notice that nobody was told by then has been overtaken by others


def deliver_all(
    ledger: Ledger, settings: Settings, dry_run: bool, directory: Directory | None = None
) -> list[DeliveryReport]:
    """Deliver what is due to each endpoint; one that is down holds up no other. Raises SettingsError."""
    known = directory or load_directory(settings, dry_run=dry_run)
    reports = []
    for endpoint in known.endpoints.values():
        out_dir = Path(settings.out_dir)
        reports.append(Deliverer(ledger, endpoint).deliver_due(_wall(), dry_run=dry_run, out_dir=out_dir, clock=_wall))
    return reports


def _wall() -> datetime:
    return datetime.now(UTC)


def tell_all(ledger: Ledger, settings: Settings, notices: Iterable[Notice], dry_run: bool) -> Told:
    """Queue the notices of the last week for teams and people; `deliver_all` sends them."""
    since = settings.business_now() - MOST_AGE
    teams = load_teams(settings.reference_dir / "teams.yaml")
    return tell(
        ledger,
        [notice for notice in notices if notice.at >= since],
        load_directory(settings, dry_run=dry_run),
        {team_id: team.calendar for team_id, team in teams.items()},
        datetime.now(UTC),
        dry_run=dry_run,
        out_dir=Path(settings.out_dir),
    )


def read_outcomes(ledger: Ledger, settings: Settings) -> list[str]:
    """Ask each CRM that is to be read; one sentence each. A CRM that does not answer is told, and asked again.

    A mistake in endpoints.yaml is only said here: no case stays unopened for it, and delivering stops at it.
    """
    try:
        endpoints = polled(list(load_directory(settings).endpoints.values()))
    except SettingsError as error:
        return [str(error)]
    if not endpoints:
        return []
    teams = load_teams(settings.reference_dir / "teams.yaml")
    outcomes = load_rules(settings.reference_dir / "case_rules.yaml", settings, teams).outcomes
    said = []
    for endpoint in endpoints:
        try:
            said.append(poll(ledger, endpoint, outcomes).sentence())
        except DeliveryError as error:
            said.append(str(error))
    return said
