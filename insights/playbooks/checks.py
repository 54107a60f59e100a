"""What is wrong in a file of playbooks, beyond its shape: steps that lead nowhere, unequal texts, personal data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import Formatter
from typing import Any

from insights.playbooks.entries import FileEntry, PlaybookEntry, ReplyEntry
from insights.playbooks.facts import FACTS

Path = tuple[Any, ...]  # keys and places from the top of the file
Problem = tuple[Path, str]
# an e-mail address, or the digits of a telephone number or an account: those stay in the CRM
PERSONAL = re.compile(r"[^\s@]+@[^\s@]+\.\w+|(?:\d[ .-]?){9,}\d")
FEWEST_ANSWERS = 2


def file_problems(entry: FileEntry) -> Iterator[Problem]:
    """Every problem of one file, with the place where it stands."""
    for place, playbook in enumerate(entry.playbooks):
        at: Path = ("playbooks", place)
        if not (playbook.words or playbook.reasons or playbook.fallback_reasons or playbook.default):
            yield (*at, "id"), f"{playbook.id!r} is found by nothing: give it words, or reasons"
        yield from _steps(playbook, at)
        for number, reply in enumerate(playbook.replies):
            yield from _reply(reply, (*at, "replies", number))


def _steps(playbook: PlaybookEntry, at: Path) -> Iterator[Problem]:
    known = {step.id for step in playbook.steps}
    replies = {reply.id for reply in playbook.replies}
    if len(known) < len(playbook.steps):
        yield (*at, "steps"), f"{playbook.id!r} has two steps of one id"
    reached = _reached(playbook)
    for number, step in enumerate(playbook.steps):
        here: Path = (*at, "steps", number)
        if len(step.answers) == FEWEST_ANSWERS - 1:
            yield (*here, "answers"), f"step {step.id!r} has one answer: give two or more, or none"
        for place, answer in enumerate(step.answers):
            if answer.to not in known:
                yield (*here, "answers", place, "to"), f"answer leads to {answer.to!r}, which is no step here"
        if step.reply is not None and step.reply not in replies:
            yield (*here, "reply"), f"step {step.id!r} names the reply {step.reply!r}, which is not in this playbook"
        if step.id not in reached:
            yield here, f"step {step.id!r} is reached by no answer"
    if circle := _circle(playbook):
        yield (*at, "steps"), f"the steps go round in a circle at {circle!r}: an adviser would never come to an end"


def _reached(playbook: PlaybookEntry) -> set[str]:
    leads = {step.id: [answer.to for answer in step.answers] for step in playbook.steps}
    found, todo = set(), [playbook.steps[0].id]
    while todo:
        step = todo.pop()
        if step not in found:
            found.add(step)
            todo += leads.get(step, [])
    return found


def _circle(playbook: PlaybookEntry) -> str | None:
    """A step that can be come to again; None when every way ends."""
    left = {step.id: {answer.to for answer in step.answers} for step in playbook.steps}
    while ends := [step for step, leads in left.items() if not leads & set(left)]:
        for step in ends:
            del left[step]
    return next(iter(left), None)


def _reply(reply: ReplyEntry, at: Path) -> Iterator[Problem]:
    named = {}
    for language in ("fr", "en"):
        text = str(getattr(reply.text, language))
        try:
            named[language] = placeholders(text)
        except ValueError as error:
            yield (*at, "text", language), f"the braces of reply {reply.id!r} do not close ({error})"
            return
        if unknown := sorted(named[language] - set(FACTS)):
            told = ", ".join(f"{{{one}}}" for one in unknown)
            known = ", ".join(f"{{{one}}}" for one in FACTS)
            yield (*at, "text", language), f"reply {reply.id!r} asks for {told}; only {known} can be filled"
        if PERSONAL.search(text):
            yield (*at, "text", language), f"reply {reply.id!r} holds an address or a number: those stay in the CRM"
    if named["fr"] != named["en"]:
        yield (*at, "text"), f"reply {reply.id!r} has other placeholders in French than in English"


def placeholders(text: str) -> set[str]:
    """Names in braces. Raises ValueError for braces that do not close."""
    return {name for _literal, name, _spec, _conversion in Formatter().parse(text) if name is not None}
