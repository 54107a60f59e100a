"""The shape of a file in data/reference/playbooks, as people write it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from insights.mentions.text import fold
from insights.playbooks.model import Answer, Playbook, Reply, Step


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Both(_Strict):
    """A text in both languages."""

    fr: str = Field(min_length=1)
    en: str = Field(min_length=1)

    @property
    def pair(self) -> tuple[str, str]:
        return self.fr, self.en


class AnswerEntry(Both):
    to: str


class StepEntry(Both):
    id: str
    answers: list[AnswerEntry] = []
    reply: str | None = None

    def made(self) -> Step:
        answers = tuple(Answer(one.pair, one.to) for one in self.answers)
        return Step(self.id, self.pair, answers, self.reply)


class ReplyEntry(_Strict):
    id: str
    title: Both
    when: Both
    text: Both

    def made(self) -> Reply:
        return Reply(self.id, self.title.pair, self.when.pair, self.text.pair)


class PlaybookEntry(Both):
    id: str
    words: list[str] = []
    reasons: list[str] = []
    fallback_reasons: list[str] = []
    default: bool = False
    steps: list[StepEntry] = Field(min_length=1)
    replies: list[ReplyEntry] = Field(min_length=1)

    def made(self, theme: str) -> Playbook:
        return Playbook(
            playbook_id=self.id,
            name=self.pair,
            theme=theme,
            words=tuple(fold(word) for word in self.words),
            steps=tuple(step.made() for step in self.steps),
            replies=tuple(reply.made() for reply in self.replies),
            reasons=tuple(self.reasons),
            fallback_reasons=tuple(self.fallback_reasons),
            default=self.default,
        )


class FileEntry(_Strict):
    theme_words: list[str] = []
    playbooks: list[PlaybookEntry] = Field(min_length=1)
