"""Claims of the sign-in to roles and row rights: data/reference/access.yaml, checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from insights.access.roles import ROLES
from insights.access.rows import RowRights
from insights.errors import SettingsError
from insights.yaml_files import read_yaml


class Limits(BaseModel):
    """Rows that members of a group are kept to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    products: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()


class Policy(BaseModel):
    """What the provider's claims mean here."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    groups_claim: str = Field(default="groups", min_length=1)
    name_claim: str = Field(default="name", min_length=1)
    roles: dict[str, str] = {}
    rows: dict[str, Limits] = {}
    default_role: str | None = None
    default_rows: Limits | None = None  # of those in no group of `rows`

    @field_validator("roles")
    @classmethod
    def _known_roles(cls, value: dict[str, str]) -> dict[str, str]:
        for group, role in value.items():
            _known(role, f"roles.{group}")
        return value

    @field_validator("default_role")
    @classmethod
    def _known_default(cls, value: str | None) -> str | None:
        return _known(value, "default_role") if value is not None else None

    def groups(self, claims: Mapping[str, Any]) -> tuple[str, ...]:
        """The groups a reader's claims name. `a.b` in `groups_claim` goes down into nested claims."""
        found: Any = claims
        for part in self.groups_claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return (
            tuple(map(str, found))
            if isinstance(found, Iterable) and not isinstance(found, str | Mapping)
            else ((found,) if isinstance(found, str) else ())
        )

    def untold(self, claims: Mapping[str, Any]) -> bool:
        """Whether the provider left the groups out of the token, having too many (Entra ID): nobody knows them then."""
        elsewhere = claims.get("_claim_names")
        first = self.groups_claim.partition(".")[0]
        return (isinstance(elsewhere, Mapping) and first in elsewhere) or bool(claims.get("hasgroups"))

    def roles_of(self, groups: Iterable[str]) -> tuple[str, ...]:
        """The roles these groups give, in the order of ROLES; else the default one."""
        given = {self.roles[one] for one in groups if one in self.roles}
        return tuple(role for role in ROLES if role in given) or ((self.default_role,) if self.default_role else ())

    def rights(self, groups: Iterable[str]) -> RowRights:
        """The rows these groups are kept to, all limited groups together; no limited group: `default_rows`, or everything."""
        limits = [self.rows[one] for one in groups if one in self.rows]
        if not limits and self.default_rows is not None:
            limits = [self.default_rows]

        def union(kind: str) -> tuple[str, ...]:
            return tuple(sorted({value for one in limits for value in getattr(one, kind)}))

        return RowRights(union("products"), union("regions"), union("teams"))


def _known(role: str, where: str) -> str:
    if role not in ROLES:
        raise ValueError(f"{where}: {role!r} is no role; use one of {', '.join(ROLES)}")
    return role


def load_policy(path: Path) -> Policy:
    """The policy of a file; without the file nobody who signs in has a role. Raises SettingsError."""
    if not path.is_file():
        return Policy()
    try:
        return Policy.model_validate(read_yaml(path) or {})
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error
