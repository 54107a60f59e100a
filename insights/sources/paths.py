"""Paths into a JSON record: `customer.id`, `answers.0.value`, `answers[question.type=nps].value`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

PART = re.compile(r"(?P<name>[^.\[\]]+)?(?:\[(?P<field>[^\[\]=]+)=(?P<wanted>[^\[\]]*)\])?(?:\.|$)")


def at(data: Any, path: str) -> Any:
    """What stands at a path; None where a part is missing. A key that is the whole path itself comes first.

    A number is an index of a list; `[field=value]` takes the first element of a list whose field has that value.
    """
    if isinstance(data, Mapping) and path in data:
        return data[path]
    found = data
    for part in PART.finditer(path):
        if part.group():
            found = _step(found, part)
    return found


def _step(data: Any, part: re.Match[str]) -> Any:
    found = data
    if part["name"] is not None:
        found = _named(data, part["name"])
    if part["field"] is None:
        return found
    elements = found if isinstance(found, list) else []
    return next((one for one in elements if str(_plain(at(one, part["field"]))) == part["wanted"]), None)


def _plain(value: Any) -> Any:
    """A JSON truth as JSON writes it."""
    return str(value).lower() if isinstance(value, bool) else value


def _named(data: Any, name: str) -> Any:
    if isinstance(data, Mapping):
        return data.get(name)
    if isinstance(data, list) and name.isdecimal() and len(name) < 7 and int(name) < len(data):
        return data[int(name)]
    return None


def fits(path: str) -> bool:
    """Whether a path is written as one."""
    parts = [part for part in PART.finditer(path) if part.start() < len(path)]
    whole = "".join(part.group() for part in parts) == path and not path.endswith(".")
    return bool(parts) and whole and all(part["name"] or part["field"] for part in parts)
