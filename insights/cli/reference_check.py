"""What `voc doctor` says of the files people edit in the reference folder: each is read as the steps read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from insights.errors import SettingsError, VocError
from insights.settings import Settings


def reference_checks(settings: Settings) -> Iterator[tuple[str, bool, str]]:
    """Each file: name, whether it can be used, and what was seen."""
    for name, read in READERS.items():
        try:
            yield name, True, read(settings)
        except VocError as error:
            yield name, False, str(error)


def _teams(settings: Settings) -> str:
    from insights.calendar import load_teams
    from insights.cases.capacity import load_capacity

    path = settings.reference_dir / "teams.yaml"
    found = load_teams(path)
    load_capacity(path, found)
    return f"{len(found)} teams"


def _cases(settings: Settings) -> str:
    from insights.calendar import load_teams
    from insights.cases import load_rules

    folder = settings.reference_dir
    found = load_rules(folder / "case_rules.yaml", settings, load_teams(folder / "teams.yaml"))
    reasons = len(found.complaints.reasons)
    return f"{len(found.rules)} rules, {len(found.moments)} moments, {reasons} legal reasons of complaints"


def _contacts(settings: Settings) -> str:
    from insights.steps.contact_facts import contact_rules

    return f"{len(contact_rules(settings).rules)} rules of law and choice"


def _endpoints(settings: Settings) -> str:
    from insights.outbox.endpoints import load_directory

    found = load_directory(settings, dry_run=settings.dry_run)
    return f"{len(found.endpoints)} endpoints; messages to {len(found.teams)} teams and {len(found.people)} people"


def _playbooks(settings: Settings) -> str:
    from insights.playbooks.load import load_playbooks

    return f"{len(load_playbooks(settings.reference_dir / 'playbooks').playbooks)} playbooks"


def _questionnaires(settings: Settings) -> str:
    from insights.questionnaires import load_questionnaires

    return f"{len(load_questionnaires(settings.reference_dir))} questionnaires"


def _owners(settings: Settings) -> str:
    from insights.digest.owners import MAIL, load_owners, unreachable
    from insights.outbox.endpoints import load_directory

    path = settings.reference_dir / "owners.yaml"
    found = load_owners(path)
    directory = load_directory(settings, dry_run=settings.dry_run)
    if wrong := unreachable(found, {name: one.kind for name, one in directory.endpoints.items()}):
        raise SettingsError(f"{path}: {wrong[0]}. Enable it in endpoints.yaml, or change `by`.")
    chats = sum(one.by != MAIL for one in found)
    return f"{len(found)} owners, {len(found) - chats} told by mail and {chats} in a chat"


def _retention(settings: Settings) -> str:
    from insights.retention import load_policy

    load_policy(settings)
    return "read"


def _sources(settings: Settings) -> str:
    from insights.sources.options import load_options

    return f"{len(load_options(settings.reference_dir))} sources with options of their own"


def _priorities(settings: Settings) -> str:
    from insights.priorities.assumptions import load_assumptions

    load_assumptions(settings.reference_dir, ())
    return "read"


def _events(settings: Settings) -> str:
    from insights.proof.known import known_paths, load_known

    found = load_known(*known_paths(settings.reference_dir, settings.data_dir))
    return f"{len(found)} events marked on trends, {sum(one.moves for one in found)} of them told from actions"


def _journey(settings: Settings) -> str:
    from insights.journey import load_journey

    found = load_journey(settings.reference_dir)
    return f"{len(found.stages)} stages in the customer's order, {len(found.touchpoints)} points of contact named"


def _access(settings: Settings) -> str:
    from insights.access import load_policy
    from insights.cli.dashboard import check_address

    path = settings.reference_dir / "access.yaml"
    found = load_policy(path)
    check_address(settings)
    groups = f"{len(found.roles)} groups with a role, {len(found.rows)} with limited rows"
    if not settings.oidc_metadata_url:
        return f"{groups}; nobody signs in: the dashboard is for this machine alone"
    if not found.roles and not found.default_role:
        raise SettingsError(f"{path} gives nobody a role: everybody who signs in would be refused.")
    return f"{groups}; people sign in at {settings.oidc_metadata_url}"


READERS: dict[str, Callable[[Settings], str]] = {
    "teams.yaml": _teams,
    "case_rules.yaml": _cases,
    "contact_rules.yaml": _contacts,
    "endpoints.yaml": _endpoints,
    "playbooks": _playbooks,
    "questionnaires.yaml": _questionnaires,
    "owners.yaml": _owners,
    "retention.yaml": _retention,
    "journey.yaml": _journey,
    "sources.yaml": _sources,
    "priorities.yaml": _priorities,
    "access.yaml": _access,
    "events.yaml": _events,
}
