"""How the moments of moments.yaml stand on today's CRM picture; `callbacks` opens their cases."""

from __future__ import annotations

from insights.calendar import load_teams
from insights.cases.moments import FILE, Due, load_moments, status
from insights.lake import Lake
from insights.ledger import Ledger
from insights.privacy.objection import marked, objectors
from insights.steps.callbacks import CUSTOMERS, unreachable
from insights.steps.endings import do_not_contact
from insights.steps.window import analysis_day


def moment_status(lake: Lake, ledger: Ledger) -> list[Due]:
    """Each moment: whether its column exists, and how many customers it fits on the analysis day."""
    folder, day = lake.settings.reference_dir, analysis_day(lake)
    moments = load_moments(folder / FILE, load_teams(folder / "teams.yaml"))
    customers = unreachable(marked(lake.read(CUSTOMERS, day=day), objectors(ledger)), do_not_contact(ledger))
    return status(customers, moments, day)
