"""Who owns which irritants and who gets a digest: data/reference/owners.yaml, checked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from insights.errors import SettingsError
from insights.yaml_files import read_yaml

ADDRESS = re.compile(r"[^@\s,;]+@[^@\s,;]+")
IRRITANT_ID = re.compile(r"IR-\d{4,}")
ALL = "all"
MAIL = "mail"
OWNER_ID = re.compile(r"[a-z0-9][a-z0-9_]*")


@dataclass(frozen=True)
class Owner:
    """A product owner. `words`: pieces of an irritant's label or theme that are theirs.

    `irritants`: ids they answer for whatever the words say; ("all",): the digest of the whole company. `products` and
    `journey_stages`: beginnings of the names their customers' feedback carries; irritants often named there are told
    them too. `by`: mail, or slack or teams over `endpoint` of endpoints.yaml.
    """

    owner_id: str
    name: str
    email: str
    language: str
    words: tuple[str, ...]
    digest: str  # weekly or never
    products: tuple[str, ...] = ()
    journey_stages: tuple[str, ...] = ()
    irritants: tuple[str, ...] = ()
    by: str = MAIL
    endpoint: str = ""

    @property
    def has_slice(self) -> bool:
        return bool(self.products or self.journey_stages)

    @property
    def sees_all(self) -> bool:
        return ALL in self.irritants


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1)
    email: str = ""
    language: Literal["fr", "en"] = "fr"
    words: list[str] = []
    digest: Literal["weekly", "never"] = "weekly"
    products: list[str] = []
    journey_stages: list[str] = []
    irritants: list[str] = []
    by: Literal["mail", "slack", "teams"] = "mail"
    endpoint: str = ""


def load_owners(path: Path) -> list[Owner]:
    """Owners in the order of the file. Raises SettingsError naming the file and what was found."""
    try:
        raw = read_yaml(path)["owners"]
        entries = {owner_id: _Entry.model_validate(found) for owner_id, found in raw.items()}
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError, ValidationError) as error:
        raise SettingsError(f"{path}: the owners cannot be read ({error}).") from error
    for owner_id, entry in entries.items():
        if wrong := _wrong(owner_id, entry):
            raise SettingsError(f"{path}: owner {owner_id!r} {wrong}")
    return [_owner(owner_id, entry) for owner_id, entry in entries.items()]


def _wrong(owner_id: str, entry: _Entry) -> str:
    """What is wrong with an entry; empty when nothing is."""
    if not OWNER_ID.fullmatch(owner_id) or owner_id == ALL:
        return "has an id that cannot stand in a file name: use small letters, digits and _, and not « all »."
    if (entry.by == MAIL or entry.email) and not ADDRESS.fullmatch(entry.email):
        return f"has {entry.email!r} as e-mail: give one address."
    if entry.by != MAIL and not entry.endpoint:
        return f"is told by {entry.by} and has no `endpoint`: name one of endpoints.yaml."
    unknown = [one for one in entry.irritants if one != ALL and not IRRITANT_ID.fullmatch(one)]
    if unknown:
        return f"lists {unknown[0]!r} as irritant: give ids as `voc irritants list` shows them (IR-0001), or all."
    return ""


def _owner(owner_id: str, entry: _Entry) -> Owner:
    return Owner(
        owner_id,
        entry.name,
        entry.email,
        entry.language,
        tuple(map(plain, entry.words)),
        entry.digest,
        tuple(filter(None, map(plain, entry.products))),
        tuple(filter(None, map(plain, entry.journey_stages))),
        tuple(entry.irritants),
        entry.by,
        entry.endpoint,
    )


def unreachable(owners: Sequence[Owner], kinds: Mapping[str, str]) -> list[str]:
    """Owners told over an endpoint that is not there, as sentences. `kinds`: kind of each enabled endpoint by name."""
    return [
        f"owner {one.owner_id!r} is told by {one.by} over {one.endpoint!r}, which is no enabled {one.by} endpoint"
        for one in owners
        if one.digest != "never" and one.by != MAIL and kinds.get(one.endpoint) != one.by
    ]


def owner_of(owners: Sequence[Owner], *texts: str | None) -> Owner | None:
    """The owner whose words fit best in an irritant's labels, keywords or theme; None when no word fits.

    A word counts where a word of the text begins with it; longer words count more, the file's order settles ties.
    """
    found = " " + " ".join(plain(text) for text in texts if text)
    best = max(owners, key=lambda owner: _fit(owner, found), default=None)
    return best if best is not None and _fit(best, found) > 0 else None


def _fit(owner: Owner, text: str) -> int:
    return sum(len(word) for word in owner.words if f" {word}" in text)


def plain(text: str) -> str:
    """Lower case, without accents, words parted by single spaces."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))
    return " ".join(re.findall(r"[a-z0-9]+", bare))
