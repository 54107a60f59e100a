"""The colleagues a comment can call: who owns irritants, who is told things, and who has decided something here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from insights.access.names import folded, reserved

HELD = "\ue000"  # private use: no text of ours holds it


@dataclass(frozen=True)
class Person:
    """A colleague. `to`: endpoints over which they are told; none: they read it here only."""

    name: str
    to: tuple[str, ...] = ()
    language: str = "fr"

    @property
    def told_outside(self) -> bool:
        return bool(self.to)


def directory(known: Sequence[Person], seen: Iterable[str]) -> dict[str, Person]:
    """Everybody by name, those who can be told first. `seen`: who stands beside decisions in the ledger."""
    found: dict[str, Person] = {}
    for one in known:
        found.setdefault(folded(one.name), one)
    for name in seen:
        if name.strip() and not reserved(name):
            found.setdefault(folded(name), Person(" ".join(name.split())))
    return {one.name: one for one in sorted(found.values(), key=lambda one: (not one.told_outside, folded(one.name)))}


def named_in(text: str, names: Iterable[str]) -> list[str]:
    """Colleagues called by « @name » in a text, the longest name first where two fit."""
    return [name for name in _longest(names) if _call(name).search(text)]


def redacted(text: str, names: Iterable[str], clean: Callable[[str], str]) -> str:
    """The text without customers' data; « @name » of a colleague stays as it is."""
    held = [name for name in _longest(names) if _call(name).search(text)]
    for number, name in enumerate(held):
        text = _call(name).sub(f"{HELD}{number}{HELD}", text)
    parts = re.split(f"{HELD}(\\d+){HELD}", text)
    return "".join(f"@{held[int(part)]}" if place % 2 else _cleaned(part, clean) for place, part in enumerate(parts))


def _cleaned(part: str, clean: Callable[[str], str]) -> str:
    """A piece redacted between its own blanks."""
    bare = part.strip()
    return part.replace(bare, clean(bare)) if bare else part


def _longest(names: Iterable[str]) -> list[str]:
    return sorted({name for name in names if name}, key=lambda name: (-len(name), name))


def _call(name: str) -> re.Pattern[str]:
    return re.compile(rf"@{re.escape(name)}(?!\w)", re.IGNORECASE)
