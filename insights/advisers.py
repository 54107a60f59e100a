"""No figure on a handful of people: a team smaller than the bar, or of unknown size, is no team here but `other`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import NonNegativeInt, TypeAdapter, ValidationError

from insights.errors import SettingsError
from insights.yaml_files import read_yaml

OTHER = "other"
_SIZES = TypeAdapter(dict[str, NonNegativeInt])


def team_sizes(reference_dir: Path) -> Mapping[str, int]:
    """Advisers by team from `advisers.yaml`; empty where it is absent. Raises SettingsError naming the bad entry."""
    path = reference_dir / "advisers.yaml"
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else {}


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> Mapping[str, int]:
    try:
        return _SIZES.validate_python(read_yaml(path) or {})
    except yaml.YAMLError as error:
        raise SettingsError(f"{path} is not valid YAML: {str(error).splitlines()[0]}.") from error
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise SettingsError(f"{path}, {where}: a team and its number of advisers are expected.") from error


def shown_team(team: str | None, sizes: Mapping[str, int], least: int) -> str | None:
    """The team when at least `least` advisers work in it, else `other`; None stays None."""
    if team is None:
        return None
    return team if sizes.get(team, 0) >= least else OTHER
