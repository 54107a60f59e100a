"""What a priority supposes beside the euros: reachable share, chance to fix, effort, margin factor. Edited by people.

Values come from data/reference/priorities.yaml; a change is a ledger event `assumption.changed`, taken back by
`assumption.undone`. The euros stay as they are: the priority is a column beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from insights.errors import SettingsError
from insights.yaml_files import read_yaml

FILE = "priorities.yaml"
CHANGED, UNDONE = "assumption.changed", "assumption.undone"
NAMES = ("reachable_share", "fix_chance", "effort", "margin_factor")


class Assumption(BaseModel):
    """What is supposed of one irritant."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    reachable_share: float = Field(default=0.7, ge=0, le=1)
    fix_chance: float = Field(default=0.5, ge=0, le=1)
    effort: float = Field(default=4.0, gt=0, le=1000)
    margin_factor: float = Field(default=1.0, ge=0, le=100)

    def priority(self, value_eur: float) -> float:
        """Euros expected back for a week of work: value x factor x reachable share x chance / effort."""
        return value_eur * self.margin_factor * self.reachable_share * self.fix_chance / self.effort

    def changed(self, name: str, value: float) -> Self:
        """The same with one value changed. Raises SettingsError for a name or a value that cannot be."""
        try:
            return type(self).model_validate({**self.model_dump(), name: value})
        except ValidationError as error:
            problem = error.errors()[0]["msg"]
            raise SettingsError(f"{name} cannot be {value:g}: {problem[0].lower()}{problem[1:]}.") from error


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    defaults: Assumption = Assumption()
    irritants: dict[str, dict[str, float]] = {}


class Recorded(Protocol):
    """An event of the ledger."""

    @property
    def event_id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def actor(self) -> str: ...
    @property
    def payload(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Change:
    """One change, newest last in a history; `undone_by` is who took it back."""

    event_id: int
    irritant_id: str
    name: str
    before: float
    after: float
    actor: str
    at: datetime
    undone_by: str = ""


@dataclass(frozen=True)
class Assumptions:
    """Values by irritant, and every change that was ever made."""

    start: _File
    values: Mapping[str, Assumption]
    history: tuple[Change, ...]
    resolve: Callable[[str], str] = str

    def of(self, irritant_id: str) -> Assumption:
        """What is supposed now of an irritant, or of the one it was merged into."""
        irritant_id = self.resolve(irritant_id)
        return self.values.get(irritant_id) or _started(self.start, irritant_id)


def load_assumptions(folder: Path, events: Iterable[Recorded], resolve: Callable[[str], str] = str) -> Assumptions:
    """The file of the reference folder, then the events in order; ids as the registry resolves them now.

    A missing file leaves the built-in defaults. Raises SettingsError for one that cannot be read.
    """
    start = _resolved(_read(folder / FILE), resolve)
    events = list(events)
    taken_back = {int(one.payload["event"]): one.actor for one in events if one.kind == UNDONE}
    values: dict[str, Assumption] = {}
    history = []
    for one in events:
        if one.kind != CHANGED:
            continue
        irritant = resolve(one.subject)
        name, after = str(one.payload["name"]), float(one.payload["value"])
        current = values.get(irritant) or _started(start, irritant)
        undone = taken_back.get(one.event_id, "")
        before = float(getattr(current, name))
        history.append(Change(one.event_id, irritant, name, before, after, one.actor, one.at, undone))
        if not undone:
            values[irritant] = current.changed(name, after)
    return Assumptions(start, values, tuple(history), resolve)


def _resolved(start: _File, resolve: Callable[[str], str]) -> _File:
    """The file by the ids of now; what it says of an irritant itself wins over what it says of one merged into it."""
    merged = {resolve(one): given for one, given in start.irritants.items()}
    own = {one: given for one, given in start.irritants.items() if resolve(one) == one}
    return start.model_copy(update={"irritants": merged | own})


def _started(start: _File, irritant_id: str) -> Assumption:
    found = start.defaults
    for name, value in start.irritants.get(irritant_id, {}).items():
        found = found.changed(name, value)
    return found


def _read(path: Path) -> _File:
    if not path.exists():
        return _File()
    try:
        found = _File.model_validate(read_yaml(path) or {})
        for irritant_id in found.irritants:
            _started(found, irritant_id)
        return found
    except yaml.YAMLError as error:
        raise SettingsError(f"{path} is not valid YAML: {' '.join(str(error).split())}.") from error
    except ValidationError as error:
        raise SettingsError(
            f"{path} cannot be used: {error.errors()[0]['msg']} ({error.errors()[0]['loc']})."
        ) from error
