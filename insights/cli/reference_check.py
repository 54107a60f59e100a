"""What `voc doctor` says of the files people edit in the reference folder: each is read as the steps read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from insights.errors import VocError
from insights.settings import Settings


def reference_checks(settings: Settings) -> Iterator[tuple[str, bool, str]]:
    """Each file: name, whether it can be used, and what was seen."""
    for name, read in _readers(settings).items():
        try:
            yield name, True, read()
        except VocError as error:
            yield name, False, str(error)


def _readers(settings: Settings) -> dict[str, Callable[[], str]]:
    from insights.calendar import load_teams
    from insights.cases import load_rules
    from insights.cases.capacity import load_capacity
    from insights.digest.owners import load_owners
    from insights.outbox.endpoints import load_directory
    from insights.playbooks.load import load_playbooks
    from insights.priorities.assumptions import load_assumptions
    from insights.questionnaires import load_questionnaires
    from insights.retention import load_policy
    from insights.sources.options import load_options
    from insights.steps.contact_facts import contact_rules

    folder = settings.reference_dir
    teams_file = folder / "teams.yaml"

    def teams() -> str:
        found = load_teams(teams_file)
        load_capacity(teams_file, found)
        return f"{len(found)} teams"

    def cases() -> str:
        found = load_rules(folder / "case_rules.yaml", settings, load_teams(teams_file))
        reasons = len(found.complaints.reasons)
        return f"{len(found.rules)} rules, {len(found.moments)} moments, {reasons} legal reasons of complaints"

    def endpoints() -> str:
        found = load_directory(settings, dry_run=settings.dry_run)
        return f"{len(found.endpoints)} endpoints; messages to {len(found.teams)} teams and {len(found.people)} people"

    def assumptions() -> str:
        load_assumptions(folder, ())
        return "read"

    return {
        "teams.yaml": teams,
        "case_rules.yaml": cases,
        "contact_rules.yaml": lambda: f"{len(contact_rules(settings).rules)} rules of law and choice",
        "endpoints.yaml": endpoints,
        "playbooks": lambda: f"{len(load_playbooks(folder / 'playbooks').playbooks)} playbooks",
        "questionnaires.yaml": lambda: f"{len(load_questionnaires(folder))} questionnaires",
        "owners.yaml": lambda: f"{len(load_owners(folder / 'owners.yaml'))} owners",
        "retention.yaml": lambda: "read" if load_policy(settings) else "",
        "sources.yaml": lambda: f"{len(load_options(folder))} sources with options of their own",
        "priorities.yaml": assumptions,
    }
