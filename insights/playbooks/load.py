"""Playbooks from data/reference/playbooks/*.yaml, checked; every problem is told with its file and line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from insights.errors import SettingsError
from insights.mentions.text import fold
from insights.playbooks.checks import file_problems
from insights.playbooks.entries import FileEntry
from insights.playbooks.model import Playbooks
from insights.yaml_files import SAFE, parse_yaml


def load_playbooks(folder: Path) -> Playbooks:
    """All playbooks of a folder. Raises SettingsError with every problem, one a line, as `file:line: what`."""
    found, problems = read_playbooks(folder)
    if problems:
        raise SettingsError("The playbooks cannot be used:\n" + "\n".join(problems))
    return found


def read_playbooks(folder: Path) -> tuple[Playbooks, list[str]]:
    """What could be read, and the problems as `file:line: what`; empty where all is well."""
    files = {path: _read(path) for path in sorted(folder.glob("*.yaml"))}
    problems = [problem for _entry, own in files.values() for problem in own]
    entries = {path: entry for path, (entry, _own) in files.items() if entry is not None}
    made = [one.made(path.stem) for path, entry in entries.items() for one in entry.playbooks]
    words = {path.stem: tuple(fold(word) for word in entry.theme_words) for path, entry in entries.items()}
    if not files:
        problems.append(f"{folder}: there is no playbook here")
    elif len(entries) == len(files):
        problems += _together(folder, entries)
    return Playbooks(tuple(made), words), problems


def _read(path: Path) -> tuple[FileEntry | None, list[str]]:
    try:
        text = path.read_text(encoding="utf-8")
        entry = FileEntry.model_validate(parse_yaml(text))
    except ValidationError as error:
        node = yaml.compose(text, SAFE)
        return None, [
            _told(path, line_of(node, one["loc"]), f"{_place(one['loc'])}: {one['msg']}") for one in error.errors()
        ]
    except (OSError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        return None, [_told(path, mark.line + 1 if mark else 1, f"cannot be read ({str(error).splitlines()[0]})")]
    found = list(file_problems(entry))
    node = yaml.compose(text, SAFE) if found else None
    return entry, [_told(path, line_of(node, place), what) for place, what in found]


def _together(folder: Path, entries: dict[Path, FileEntry]) -> Iterator[str]:
    """What is wrong between the files: an id twice, no default or two."""
    ids = [one.id for entry in entries.values() for one in entry.playbooks]
    replies = [reply.id for entry in entries.values() for one in entry.playbooks for reply in one.replies]
    for name, known in (("playbook", ids), ("reply", replies)):
        for one in sorted(key for key, n in Counter(known).items() if n > 1):
            yield f"{folder}: the {name} id {one!r} stands twice: an id is for ever, as the ledger keeps it"
    defaults = [one.id for entry in entries.values() for one in entry.playbooks if one.default]
    if len(defaults) != 1:
        yield f"{folder}: exactly one playbook must say `default: true`; found {', '.join(defaults) or 'none'}"


def line_of(node: yaml.Node | None, path: tuple[Any, ...]) -> int:
    """Line (from 1) of the place a path of keys and numbers leads to, or of the last part of it that is there."""
    line = node.start_mark.line + 1 if node else 1
    for key in path:
        found = _child(node, key)
        if found is None:
            break
        node, line = found
    return line


def _child(node: yaml.Node | None, key: Any) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == str(key):
                return value, name.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        value = node.value[key]
        return value, value.start_mark.line + 1
    return None


def _place(path: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in path)


def _told(path: Path, line: int, what: str) -> str:
    return f"{path}:{line}: {what}."
