"""endpoints.yaml and the settings, as the endpoints that deliveries go to and the people who are told things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from insights.calendar import parse_interval
from insights.errors import SettingsError
from insights.keys import WEBHOOK, KeyRing
from insights.outbox import endpoint as kinds
from insights.outbox.endpoint import Endpoint
from insights.outbox.fold import Route
from insights.outbox.webhook import parse_keys
from insights.settings import Settings
from insights.yaml_files import read_yaml

FILE = "endpoints.yaml"
DRY_URL = "https://dry-run.invalid/"
SECRETS = "VOC_OUTBOX_SECRETS"
ON_CALL = "on_call"
OWN_WEBHOOK = "webhook"  # among `on_call`: the endpoint of VOC_WEBHOOK_URL
OPTIONS = (
    *("limit_calls", "limit_seconds", "language", "path", "pipeline", "version", "outcome_field"),
    *("fields", "status_of", "steps", "outcomes", "poll", "address", "project", "issue_type", "label_prefix"),
)


@dataclass(frozen=True)
class Recipient:
    """A team or a person who is told things: over which endpoints, in which language, when not.

    `quiet`: intervals of local minutes; None: whenever the team's calendar is closed.
    """

    recipient_id: str
    to: tuple[str, ...]
    language: str = "fr"
    quiet: tuple[tuple[int, int], ...] | None = None
    timezone: str = "Europe/Paris"


@dataclass(frozen=True)
class Directory:
    """All endpoints by name, and who is told over which."""

    endpoints: Mapping[str, Endpoint]
    teams: Mapping[str, Recipient] = field(default_factory=dict)
    people: Mapping[str, Recipient] = field(default_factory=dict)
    on_call: Recipient | None = None

    def named(self, name: str) -> Endpoint:
        """The endpoint of this name. Raises SettingsError naming those there are."""
        if name not in self.endpoints:
            known = ", ".join(self.endpoints) or "none"
            raise SettingsError(f"There is no endpoint {name!r} in {FILE} or the settings; there are: {known}.")
        return self.endpoints[name]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _EndpointEntry(_Strict):
    kind: Literal["webhook", "hubspot", "zendesk", "salesforce", "mail", "slack", "teams", "jira"]
    enabled: bool = True
    url: str = ""
    secret: str = ""  # name in VOC_OUTBOX_SECRETS; empty: the endpoint's own
    address: str = ""  # of a mail endpoint
    teams: list[str] = []
    reasons: list[str] = []
    allow_private: list[str] = []
    connections: int = Field(4, ge=1, le=16)
    timeout_seconds: float = Field(15.0, gt=0, le=19)  # three in a row end within the lease of a claim
    limit_calls: int | None = Field(None, ge=1)
    limit_seconds: float | None = Field(None, gt=0)
    language: Literal["fr", "en"] = "fr"
    path: str = ""
    pipeline: str = "0"
    version: str = "v62.0"
    outcome_field: str = ""
    fields: dict[str, str] = {}
    status_of: dict[Literal["open", "ended"], str] = {}
    steps: dict[str, str] = {}
    outcomes: dict[str, str] = {}
    poll: bool = False
    project: str = ""  # of a jira endpoint: the key of the project its issues are made in
    issue_type: str = "Task"
    label_prefix: str = "voc"


class _RecipientEntry(_Strict):
    to: list[str] = Field(min_length=1)
    language: Literal["fr", "en"] = "fr"
    quiet: list[str] | None = None
    timezone: str = "Europe/Paris"

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{value!r} is no time zone") from error
        return value


class _Told(_Strict):
    teams: dict[str, _RecipientEntry] = {}
    people: dict[str, _RecipientEntry] = {}
    on_call: _RecipientEntry | None = None


class _File(_Strict):
    endpoints: dict[str, _EndpointEntry] = {}
    told: _Told = _Told()


def load_directory(settings: Settings, *, dry_run: bool = False) -> Directory:
    """Every enabled endpoint and recipient. A dry run needs neither secrets nor addresses.

    Raises SettingsError with the file, the endpoint and what was found.
    """
    path = settings.reference_dir / FILE
    entry = _read(path) if path.is_file() else _File()
    enabled = {name: found for name, found in entry.endpoints.items() if found.enabled}
    endpoints = {name: _endpoint(path, name, found, settings, dry_run) for name, found in enabled.items()}
    own = webhook_of_settings(settings, dry_run=dry_run, invented=not endpoints)
    if own is not None:
        endpoints = {own.endpoint_id: own, **endpoints}
    teams = {name: _recipient(path, name, found, entry) for name, found in entry.told.teams.items()}
    people = {name: _recipient(path, name, found, entry) for name, found in entry.told.people.items()}
    return Directory(endpoints, teams, people, _on_call(path, entry, own))


def webhook_of_settings(settings: Settings, *, dry_run: bool, invented: bool = True) -> Endpoint | None:
    """The endpoint of VOC_WEBHOOK_URL; where it is empty None, or on a dry run one that is `invented`.

    Signed with VOC_WEBHOOK_SECRET, else with the key `webhook` of the keys' folder. Raises SettingsError for an address
    without either, but on a dry run.
    """
    url = settings.webhook_url or (DRY_URL if dry_run and invented else "")
    if not url:
        return None
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""
    made = tuple(reversed(KeyRing(settings.keys_dir).signature_versions(WEBHOOK).values()))
    if not secret and not made and not dry_run:
        raise SettingsError(
            "VOC_WEBHOOK_URL is set without VOC_WEBHOOK_SECRET, and no key was made (`voc keys make`): deliveries must be "
            "signed."
        )
    return Endpoint(url, parse_keys(secret) if secret else made, allow_private=settings.webhook_allow_private)


def _read(path: Path) -> _File:
    try:
        return _File.model_validate(read_yaml(path) or {})
    except (OSError, yaml.YAMLError, ValidationError, ValueError) as error:
        raise SettingsError(f"{path}: the endpoints cannot be read ({error}). Correct this entry.") from error


def _endpoint(path: Path, name: str, entry: _EndpointEntry, settings: Settings, dry_run: bool) -> Endpoint:
    where = f"{path}: endpoint {name!r}"
    found = settings.outbox_secrets.get(entry.secret or name)
    secret = found.get_secret_value() if found else ""
    if not secret and entry.kind != kinds.MAIL and not dry_run:
        raise SettingsError(f"{where} has no secret: put {entry.secret or name!r} into {SECRETS} as JSON.")
    url = _url(where, entry, secret, dry_run)
    signs = entry.kind == kinds.WEBHOOK and secret
    is_crm = entry.kind in kinds.CRMS
    if entry.kind == kinds.JIRA and not entry.project:
        raise SettingsError(f"{where} is a jira endpoint: give it a `project`, the key that stands before its issues.")
    return Endpoint(
        url,
        parse_keys(secret, f"{SECRETS}[{entry.secret or name}]") if signs else (),
        allow_private=(urlsplit(url).hostname or "") in entry.allow_private,
        timeout_seconds=entry.timeout_seconds,
        name=name,
        kind=entry.kind,
        token=secret if is_crm or entry.kind == kinds.JIRA else "",
        route=Route(
            frozenset(entry.teams), frozenset(entry.reasons), entry.kind not in (*kinds.CHATS, kinds.JIRA), is_crm
        ),
        connections=entry.connections if entry.kind == kinds.WEBHOOK else 1,
        options=_options(entry, settings),
    )


def _url(where: str, entry: _EndpointEntry, secret: str, dry_run: bool) -> str:
    """The address: written in the file, or for a chat the secret itself. Raises SettingsError when there is none."""
    if entry.kind == kinds.MAIL:
        if "@" not in entry.address:
            raise SettingsError(f"{where} is a mail endpoint: give it an `address`.")
        return f"mailto:{entry.address}"
    url = entry.url or (secret if entry.kind in (kinds.SLACK, kinds.TEAMS) else "") or (DRY_URL if dry_run else "")
    if not url:
        raise SettingsError(f"{where} has no `url`.")
    return url


def _options(entry: _EndpointEntry, settings: Settings) -> dict[str, Any]:
    told: dict[str, Any] = {name: getattr(entry, name) for name in OPTIONS}
    if entry.kind in kinds.CHATS:
        told |= {"dashboard_url": settings.dashboard_url, "company": settings.company}
    if entry.kind == kinds.MAIL:
        told["relay"] = relay_of(settings)
    return told


def relay_of(settings: Settings) -> Any:
    """The mail relay of the settings."""
    from insights.outbox.smtp import Relay

    return Relay(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_user,
        settings.smtp_password.get_secret_value() if settings.smtp_password else None,
        settings.smtp_starttls,
        settings.mail_from,
    )


def _recipient(path: Path, name: str, entry: _RecipientEntry, file: _File) -> Recipient:
    unknown = [one for one in entry.to if one not in file.endpoints or file.endpoints[one].kind not in kinds.CHATS]
    if unknown:
        raise SettingsError(f"{path}: {name!r} is told over {unknown[0]!r}, which is no mail, slack or teams endpoint.")
    quiet = None if entry.quiet is None else tuple(span for text in entry.quiet for span in _spans(text))
    return Recipient(name, tuple(entry.to), entry.language, quiet, entry.timezone)


def _on_call(path: Path, file: _File, own: Endpoint | None) -> Recipient | None:
    """Who is told of an incident at once, at any hour: mail, chat and webhook endpoints; OWN_WEBHOOK is the settings'."""
    entry = file.told.on_call
    if entry is None:
        return None
    known = {name for name, one in file.endpoints.items() if one.kind in (*kinds.CHATS, kinds.WEBHOOK)}
    for name in entry.to:
        if name not in known | {OWN_WEBHOOK}:
            raise SettingsError(
                f"{path}: on_call is told over {name!r}, which is no mail, slack, teams or webhook endpoint."
            )
    to = [own.endpoint_id if own and name == OWN_WEBHOOK else name for name in entry.to]
    return Recipient(ON_CALL, tuple(dict.fromkeys(to)), entry.language, (), entry.timezone)


def _spans(text: str) -> list[tuple[int, int]]:
    """Minutes of "20:00-08:00", cut at midnight."""
    start, _, end = (part.strip() for part in text.partition("-"))
    if start > end:
        return [parse_interval(f"{start}-24:00"), *([parse_interval(f"00:00-{end}")] if end != "00:00" else [])]
    return [parse_interval(text)]
