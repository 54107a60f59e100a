"""The conditions of a case rule: every one given must hold, one not given holds for all."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from insights.cases.model import Signal

FeedbackKind = Literal["survey", "post", "review", "call", "chat", "mail", "ticket"]
Names = tuple[str, ...]


class Bounds(BaseModel):
    """Both ends included. A value that is not known lies outside."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _some_and_in_order(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("give min, max or both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min} lies above max {self.max}")
        return self

    def hold(self, value: float | None) -> bool:
        if value is None:
            return False
        return (self.min is None or value >= self.min) and (self.max is None or value <= self.max)

    def below(self, value: float) -> bool:
        """Whether everything within lies below a value."""
        return self.max is not None and self.max < value


class When(BaseModel):
    """Conditions on one signal. `intent`: says they leave.

    `score`: answer 0-10 of a detractor, lowest polarity of a post, or the place on its scale, 0 to 1, of a low answer on
    satisfaction or effort.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    score: Bounds | None = None
    risk: Bounds | None = None
    value_eur: Bounds | None = None
    intent: bool | None = None
    irritants: Names | None = Field(default=None, min_length=1)
    segments: Names | None = Field(default=None, min_length=1)
    sources: Names | None = Field(default=None, min_length=1)
    channels: Names | None = Field(default=None, min_length=1)
    kinds: tuple[FeedbackKind, ...] | None = Field(default=None, min_length=1)

    def holds(self, signal: Signal, value_eur_year: float) -> bool:
        """Whether every condition given holds for the signal."""
        bounds = ((self.score, signal.score), (self.risk, signal.risk), (self.value_eur, value_eur_year))
        named = (
            (self.irritants, signal.irritant_id),
            (self.segments, signal.segment),
            (self.sources, signal.source),
            (self.channels, signal.channel),
            (self.kinds, signal.said_in),
        )
        return (
            all(limits is None or limits.hold(value) for limits, value in bounds)
            and all(names is None or value in names for names, value in named)
            and (self.intent is None or self.intent == signal.intent)
        )


ANYTHING = When()
