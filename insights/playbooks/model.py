"""What an adviser is offered on a case: a short decision tree, and replies to pick from and edit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

Words = tuple[str, str]  # French, English


def said(words: Words, language: str) -> str:
    """One of the two texts."""
    return words[0] if language == "fr" else words[1]


@dataclass(frozen=True)
class Answer:
    """One way to answer a step's question, and the step it leads to."""

    words: Words
    to: str


@dataclass(frozen=True)
class Step:
    """A question with its answers, or (without answers) what to do. `reply`: the template that goes with it."""

    step_id: str
    words: Words
    answers: tuple[Answer, ...] = ()
    reply: str | None = None


@dataclass(frozen=True)
class Reply:
    """A template. `when`: how a customer says what it answers, to compare wordings; `text` holds {placeholders}."""

    reply_id: str
    title: Words
    when: Words
    text: Words


@dataclass(frozen=True)
class Playbook:
    """What to do about one irritant. `words`: beginnings of words, as in labels.yaml. The first step is where it starts.

    `reasons` of a case take this playbook whatever the irritant; `fallback_reasons` only where no other fits.
    """

    playbook_id: str
    name: Words
    theme: str
    words: tuple[str, ...]
    steps: tuple[Step, ...]
    replies: tuple[Reply, ...]
    reasons: tuple[str, ...] = ()
    fallback_reasons: tuple[str, ...] = ()
    default: bool = False

    def step(self, step_id: str) -> Step:
        return next(step for step in self.steps if step.step_id == step_id)


@dataclass(frozen=True)
class Playbooks:
    """All playbooks in the order of their files; exactly one is the default. `theme_words`: by theme (a file's name)."""

    playbooks: tuple[Playbook, ...]
    theme_words: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def default(self) -> Playbook:
        return next(one for one in self.playbooks if one.default)

    def replies(self) -> Iterator[tuple[Playbook, Reply]]:
        """Every reply with its playbook, in order."""
        for playbook in self.playbooks:
            for reply in playbook.replies:
                yield playbook, reply
