"""What a company says of its own tools: which question is the NPS, which hidden field the customer, which account is ours.

`data/reference/sources.yaml` holds one entry per source name; a source without an entry works with the defaults.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from insights.errors import SettingsError
from insights.yaml_files import read_yaml

DEFAULT_LINE = "default"


class Question(BaseModel):
    """One scored question of a questionnaire, declared where its wording or type does not tell."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    metric: Literal["nps", "csat", "ces", "other"]
    scale: str = Field(pattern=r"^-?\d+(\.\d+)?-\d+(\.\d+)?( \((low|high) is good\))?$")
    question_id: str = ""
    touchpoint: str = ""


class Options(BaseModel):
    """Options of one source.

    `fields`: feedback column to hidden field, embedded datum, custom variable or column of the tool. `questions`: by
    the tool's question id, reference or exact wording. `own_handles`: accounts of the brand (without @, any case).
    `recording_share`: per line of business (segment), the share of calls that may be read at all; never 1.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    constants: dict[str, Any] = {}
    fields: dict[str, str] = {}
    questions: dict[str, Question] = {}
    email: str = ""
    phone: str = ""
    own_handles: frozenset[str] = frozenset()
    timezone: str = "Europe/Paris"
    available_delay_days: float = Field(default=0, ge=0)
    recording_share: dict[str, float] = {}
    url: str = ""

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{zone!r} is no time zone, for example Europe/Paris") from error
        return zone

    @field_validator("recording_share")
    @classmethod
    def _never_all(cls, shares: dict[str, float]) -> dict[str, float]:
        """Recording is never systematic: a share of 1 or more is refused, line by line."""
        for line, share in shares.items():
            if not 0 <= share < 1:
                raise ValueError(
                    f"{line}: {share:g} is not a share from 0 up to, and never, 1 (no systematic recording)"
                )
        return shares

    def is_own(self, handle: str | None) -> bool:
        """Whether an account is the brand's."""
        return bool(handle) and str(handle).lstrip("@").casefold() in {own.casefold() for own in self.own_handles}


NO_OPTIONS = Options()


def load_options(reference_dir: Path) -> dict[str, Options]:
    """Options by source name from `sources.yaml`; empty where the file is absent. Raises SettingsError naming the key."""
    path = reference_dir / "sources.yaml"
    if not path.is_file():
        return {}
    try:
        given = read_yaml(path) or {}
        return {name: Options.model_validate(entry or {}) for name, entry in given.items()}
    except yaml.YAMLError as error:
        raise SettingsError(f"{path} is not valid YAML: {str(error).splitlines()[0]}.") from error
    except (ValidationError, AttributeError) as error:
        problems = (
            "; ".join(f"{'.'.join(map(str, e['loc'])) or 'entry'}: {e['msg']}" for e in error.errors())
            if isinstance(error, ValidationError)
            else "one entry a source name is expected"
        )
        raise SettingsError(f"{path} cannot be used: {problems}.") from error
