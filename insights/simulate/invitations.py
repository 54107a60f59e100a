"""Surveys sent, suppressed and answered, week by week: quarantine, who answers, and what the answer is about."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from insights.simulate import calendar
from insights.simulate.customers import Bools, Floats, Ints, Population

SURVEYS = ("relational", "post_call", "post_digital", "welcome", "post_complaint")
RELATIONAL, POST_CALL, POST_DIGITAL, WELCOME, POST_COMPLAINT = range(5)
REASONS = ("", "quarantine", "open_complaint", "opt_out", "no_address", "not_sampled")
QUARANTINE_DAYS, RELATIONAL_DAYS, CROSS_DAYS = 90, 180, 14
AGE_ANSWER = np.array((0.84, 0.88, 0.94, 1.34, 1.38))
HABIT_ANSWER = np.array((1.52, 1.08, 0.60))


@dataclass
class Invitations:
    """Columns of invitations, one row each. `reason` indexes REASONS (0: sent), `contact` a row of contacts (or -1)."""

    customer: Ints
    survey: Ints
    at: Ints
    reason: Ints
    answered: Bools
    answered_at: Ints
    k1: Ints
    k2: Ints
    solved: Bools
    leave: Bools
    contact: Ints

    def __len__(self) -> int:
        return len(self.customer)

    def take(self, rows: Ints | Bools) -> Invitations:
        """The chosen rows."""
        return Invitations(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    @staticmethod
    def join(parts: list[Invitations]) -> Invitations:
        """Rows of all parts, one after the other."""
        return Invitations(**{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Invitations)})


@dataclass
class Asked:
    """What the survey tool remembers of each customer."""

    transactional: Ints
    relational: Ints
    formal: Ints
    silent_run: Ints

    @classmethod
    def nobody(cls, n: int) -> Asked:
        never = np.full(n, -(10**6))
        return cls(never.copy(), never.copy(), never.copy(), np.zeros(n, dtype=np.int64))

    def reasons(self, pop: Population, who: Ints, day: Ints, relational: bool) -> Ints:
        """Why each customer is not asked (index of REASONS), 0 when nothing speaks against it."""
        near, far = (self.relational, self.transactional) if relational else (self.transactional, self.relational)
        rest = RELATIONAL_DAYS if relational else QUARANTINE_DAYS
        blocked = (day - near[who] < rest) | (day - far[who] < CROSS_DAYS)
        complaint = day - self.formal[who] < 25
        return np.select([pop.opted_out[who], pop.no_address[who], complaint, blocked], [3, 4, 2, 1], default=0)

    def sent(self, who: Ints, day: Ints, answered: Bools, relational: bool) -> None:
        """Remember what was sent; silence adds up, an answer clears it."""
        memory = self.relational if relational else self.transactional
        np.maximum.at(memory, who, day)
        self.silent_run[who] = np.where(answered, 0, self.silent_run[who] + 1)


def answers(
    rng: np.random.Generator,
    pop: Population,
    share: float,
    who: Ints,
    k1: Ints,
    leave: Bools,
    order: Floats | None = None,
) -> Bools:
    """Who answers: seniors and those who avoid technology more, and the discontented a little more.

    With `order` (one number per row) the draw is systematic along it: the answers then hold their fair part of every
    level, and a small wave does not hang on luck.
    """
    weights = AGE_ANSWER[pop.age] * HABIT_ANSWER[pop.habit]
    mood = np.where(leave, 1.12, np.where(k1 >= 0, 1.03, 0.98))
    chance = np.minimum(share * weights[who] / weights.mean() * mood, 0.95)
    if order is None:
        return np.asarray(rng.random(len(who)) < chance)
    rows = np.lexsort((rng.random(len(who)), order))
    steps = np.floor(np.cumsum(chance[rows]) + rng.random())
    out = np.zeros(len(who), dtype=bool)
    out[rows] = np.diff(steps, prepend=0.0) > 0
    return out


def answer_lag(rng: np.random.Generator, survey: int, size: int) -> Ints:
    """Seconds from the invitation to the answer: minutes by SMS, days by e-mail."""
    median = 2_400.0 if survey == POST_CALL else 30_000.0
    return np.minimum(rng.lognormal(np.log(median), 1.3, size), 10 * calendar.DAY_S).astype(np.int64) + 40


def experience(rng: np.random.Generator, weights: Floats, exposure: Floats, recent: Ints, chance: float) -> Ints:
    """What each customer would speak of now (-1: nothing wrong): the recent trouble, else one never voiced.

    `weights` shape (irritants,), `exposure` shape (customers, irritants), `recent` the last irritant or -1.
    """
    n = len(recent)
    table = np.cumsum(exposure * weights, axis=1)
    total = table[:, -1:]
    drawn = (rng.random((n, 1)) * total > table).sum(axis=1)
    unvoiced = np.where((rng.random(n) < chance) & (total[:, 0] > 0), drawn, -1)
    return np.where((recent >= 0) & (rng.random(n) < 0.72), recent, unvoiced)
