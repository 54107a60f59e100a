"""docs/privacy.md: every file it rests on exists, every section has its summary, every right its command."""

from __future__ import annotations

import re
from pathlib import Path

from insights.cli.main import app

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`((?:insights|tests|data|docs|flows|dashboard)/[\w./-]+)`", PAGE)))


def test_every_named_file_exists() -> None:
    assert len(NAMED) > 30
    assert [name for name in NAMED if not (ROOT / name).is_file()] == []


def test_every_section_has_an_english_summary_and_names_what_makes_it_true() -> None:
    sections = PAGE.split("\n## ")[1:]
    assert len(sections) == 6
    for section in sections:
        title = section.splitlines()[0]
        assert "*English summary." in section, title
        assert re.search(r"`(insights|tests|data)/", section), title


def test_the_commands_it_names_are_there() -> None:
    known = {command.name for command in app.registered_commands}
    assert set(re.findall(r"`voc ([a-z-]+)", PAGE)) <= known
    assert {"erase", "export", "object", "rotate-keys"} <= known
