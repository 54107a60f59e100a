"""Who owns which irritants and who gets a digest: data/reference/owners.yaml, checked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from insights.errors import SettingsError
from insights.yaml_files import read_yaml

ADDRESS = re.compile(r"[^@\s,;]+@[^@\s,;]+")


@dataclass(frozen=True)
class Owner:
    """A product owner. `words`: pieces of an irritant's label or theme that are theirs."""

    owner_id: str
    name: str
    email: str
    language: str
    words: tuple[str, ...]
    digest: str  # weekly or never


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1)
    email: str
    language: Literal["fr", "en"] = "fr"
    words: list[str] = []
    digest: Literal["weekly", "never"] = "weekly"


def load_owners(path: Path) -> list[Owner]:
    """Owners in the order of the file. Raises SettingsError naming the file and what was found."""
    try:
        raw = read_yaml(path)["owners"]
        entries = {owner_id: _Entry.model_validate(found) for owner_id, found in raw.items()}
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError, ValidationError) as error:
        raise SettingsError(f"{path}: the owners cannot be read ({error}).") from error
    for owner_id, entry in entries.items():
        if not ADDRESS.fullmatch(entry.email):
            raise SettingsError(f"{path}: owner {owner_id!r} has {entry.email!r} as e-mail: give one address.")
    return [
        Owner(owner_id, entry.name, entry.email, entry.language, tuple(map(plain, entry.words)), entry.digest)
        for owner_id, entry in entries.items()
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
