"""The stages of the customer's journey in their order, and names of points of contact, from `journey.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from insights.errors import SettingsError
from insights.yaml_files import read_yaml


class Named(BaseModel):
    """A name in both languages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fr: str
    en: str

    def name(self, language: str) -> str:
        return self.fr if language == "fr" else self.en


class Stage(Named):
    """One stage: the `code` that feedback carries, and other codes of the same stage."""

    code: str
    also: tuple[str, ...] = ()


class Journey(BaseModel):
    """The stages in the customer's order."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))

    stages: tuple[Stage, ...] = ()
    touchpoints: Mapping[str, Named] = {}

    @model_validator(mode="after")
    def _each_code_once(self) -> Journey:
        said = [code for stage in self.stages for code in (stage.code, *stage.also)]
        twice = sorted({code for code in said if said.count(code) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)}: named by two stages")
        return self

    @cached_property
    def codes(self) -> dict[str, str]:
        """Every name of a stage -> its code."""
        return {said: stage.code for stage in self.stages for said in (stage.code, *stage.also)}

    def in_order(self, met: Iterable[str]) -> tuple[list[str], list[str]]:
        """Codes met, in the customer's order; then those the file does not know, by name."""
        found = set(met)
        known = [stage.code for stage in self.stages if stage.code in found]
        return known, sorted(found - set(known))

    def stage_name(self, code: str, language: str) -> str:
        """Name of a stage; the code itself where the file does not know it."""
        return next((stage.name(language) for stage in self.stages if stage.code == code), code)

    def touchpoint_name(self, code: str, language: str) -> str:
        """Name of a point of contact; the code itself where the file does not know it."""
        return self.touchpoints[code].name(language) if code in self.touchpoints else code


def load_journey(reference_dir: Path) -> Journey:
    """The journey of `journey.yaml`; without stages where it is absent. Raises SettingsError naming the bad entry."""
    path = reference_dir / "journey.yaml"
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else Journey()


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> Journey:
    try:
        return Journey.model_validate(read_yaml(path) or {})
    except yaml.YAMLError as error:
        raise SettingsError(f"{path} is not valid YAML: {str(error).splitlines()[0]}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "stages"
        raise SettingsError(f"{path}, {where}: {first['msg']}.") from error
