"""What a mapping file may say, checked when it is read: docs/sources.md explains the keys."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from insights.contracts import FEEDBACK
from insights.errors import SettingsError, SourceError
from insights.sources.paths import fits
from insights.sources.reading import zone
from insights.yaml_files import read_yaml

TARGETS = set(FEEDBACK.column_names) - {
    "feedback_id", "source", "ingested_at", "available_basis", "author_key", "language", "retention_until",
}  # fmt: skip
INSTANTS = ("occurred_at", "available_at", "revised_at")
SCALE = re.compile(r"(-?\d+(?:\.\d+)?)-(-?\d+(?:\.\d+)?)(?: \((?:low|high) is good\))?")


Model = TypeVar("Model", bound=BaseModel)


class AnswerMapping(BaseModel):
    """One scored question. `values` turns words into numbers, such as ONE to 1; a word it does not know is refused."""

    model_config = ConfigDict(extra="forbid")
    column: str
    metric: Literal["nps", "csat", "ces", "other"]
    scale: str
    question_id: str = ""
    values: dict[str, float] = {}

    @model_validator(mode="after")
    def _check(self) -> AnswerMapping:
        if not SCALE.fullmatch(self.scale):
            raise ValueError(f"scale {self.scale!r} must be minimum-maximum, for example 1-5")
        return self


class Deleted(BaseModel):
    """The column, and its value, by which a file says that its source took a record out."""

    model_config = ConfigDict(extra="forbid")
    column: str
    value: str


class FileMapping(BaseModel):
    """A mapping file. Unknown keys are refused, so that a typing error is not a silent loss."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    source: str = Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")
    title: str = ""
    format: Literal["csv", "xlsx", "jsonl", "json"]
    kind: Literal["survey", "post", "review", "call", "chat", "mail", "ticket", "employee"]
    fields: dict[str, str | list[str]]
    constants: dict[str, Any] = {}
    values: dict[str, dict[str, str]] = {}
    answers: list[AnswerMapping] = []
    key: list[str] = []
    author: str = ""
    email: str = ""
    phone: str = ""
    names: list[str] = []
    deleted: Deleted | None = None
    records: str = ""
    files: str = "*"
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    sheet: str | int = 0
    skip_rows: int = Field(default=0, ge=0)
    skip_after_header: int = Field(default=0, ge=0)
    date_formats: list[str] = ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"]
    timezone: str = "Europe/Paris"
    available_delay_days: float = Field(default=0, ge=0)

    @field_validator("values", mode="before")
    @classmethod
    def _as_written(cls, given: Any) -> Any:
        """YAML reads an unquoted `yes` as true: it is taken as the word."""
        if not isinstance(given, dict):
            return given
        return {target: _words(words) if isinstance(words, dict) else words for target, words in given.items()}

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            return zone(name).key
        except SettingsError as error:
            raise ValueError(f"there is no time zone {name!r}; write it as Europe/Paris") from error

    @model_validator(mode="after")
    def _check(self) -> FileMapping:
        unknown = sorted((set(self.fields) | set(self.constants) | set(self.values)) - TARGETS)
        if unknown:
            raise ValueError(f"unknown field(s) {', '.join(unknown)}; use {', '.join(sorted(TARGETS))}")
        lists = [
            target for target, columns in self.fields.items() if isinstance(columns, list) and target != "verbatim"
        ]
        if lists:
            raise ValueError(f"{lists[0]} must name one column; only verbatim may be made of several")
        if "occurred_at" not in self.fields:
            raise ValueError("fields must map occurred_at: without a date nothing can be followed over time")
        if "verbatim" not in self.fields and not self.answers:
            raise ValueError("fields must map verbatim, or answers must map a score")
        bad = [path for path in (*self.columns(), self.records) if self.format == "json" and path and not fits(path)]
        if bad:
            raise ValueError(f"{bad[0]!r} is no path; write customer.id, answers.0.value or answers[type=nps].value")
        return self

    def columns(self) -> list[str]:
        """Every column the file must have."""
        deleted = [self.deleted.column] if self.deleted else []
        named = [*self._fields(), *(a.column for a in self.answers), *self.key, self.author, self.email, self.phone]
        return list(dict.fromkeys(name for name in [*named, *self.names, *deleted] if name))

    def _fields(self) -> list[str]:
        return [
            name for columns in self.fields.values() for name in ([columns] if isinstance(columns, str) else columns)
        ]

    def column(self, target: str) -> str:
        """The one column of a field; empty where it is not mapped."""
        found = self.fields.get(target, "")
        return found if isinstance(found, str) else ""


def _words(given: dict[Any, Any]) -> dict[str, str]:
    return {_word(found): _word(meant) for found, meant in given.items()}


def _word(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def load_mapping(path: Path) -> FileMapping:
    """Read a mapping file. Raises SourceError saying which key is wrong."""
    return read_mapping(path, FileMapping)


def read_mapping(path: Path, model: type[Model]) -> Model:
    """A mapping file as `model`. Raises SourceError naming the file and the wrong key."""
    try:
        return model.model_validate(read_yaml(path))
    except OSError as error:
        raise SourceError(f"The mapping {path} cannot be read ({error.strerror}).") from error
    except yaml.YAMLError as error:
        raise SourceError(f"The mapping {path.name} is not valid YAML: {str(error).splitlines()[0]}.") from error
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'mapping'}: {e['msg']}" for e in error.errors())
        raise SourceError(f"The mapping {path.name} cannot be used: {problems}.") from error
