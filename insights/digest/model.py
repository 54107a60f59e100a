"""What a digest says, before anybody has laid it out: plain values and sentences already in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

UP, DOWN, STEADY, UNKNOWN = "up", "down", "steady", "unknown"
COMPANY, SLICE = "company", "slice"  # whose scores: of all, or of the owner's products and journeys
EUR, VOLUME = "eur", "volume_severity"


@dataclass(frozen=True)
class Quote:
    """A customer's own words. `text` is an exact piece of the mention; `cut`: the mention goes on.

    `start`: where it begins in the verbatim, or in turn `turn_no` of the transcript; None in digests of older versions.
    """

    mention_id: str
    text: str
    cut: bool
    channel: str
    said_on: date
    language: str | None = None
    feedback_id: str = ""
    turn_no: int | None = None
    start: int | None = None


@dataclass(frozen=True)
class Point:
    """One week of a trend: negative mentions per 100 feedback; None when nothing was collected."""

    week: date
    rate: float | None


@dataclass(frozen=True)
class Item:
    """One irritant to act on."""

    irritant_id: str
    label: str
    rank: int
    rank_low: int
    rank_high: int
    tied: bool
    value_eur: float | None
    value_low_eur: float | None
    value_high_eur: float | None
    n_mentions: int
    n_customers: int
    nps_effect: float | None
    trend: str  # up, down, steady, unknown: up and down only when the change is real
    trend_ratio: float | None
    trend_low: float | None
    trend_high: float | None
    owner: str | None
    points: tuple[Point, ...]
    quotes: tuple[Quote, ...]
    effect_of: tuple[str, str, str] = ("nps", "relational", "0-10")  # metric, questionnaire, scale of nps_effect
    trend_weeks: int = 4  # 8: against the eighteen before
    model_share: float | None = None  # of the change of the last four weeks: by the model; the rest is customers'
    n_yours: int | None = None  # negative mentions from the reader's products and journeys; None where not asked
    n_heard: int | None = None  # of so many
    action: str | None = None  # title of the one under way


@dataclass(frozen=True)
class Score:
    """A score of the last four weeks against the four before, in the metric's unit (points, % or min)."""

    metric: str
    survey: str
    unit: str
    value: float
    low: float
    high: float
    n: int
    before: float | None
    change: float | None
    change_low: float | None
    change_high: float | None
    verdict: str
    better: str = UP
    corrected: float | None = None  # for who answered; None where it cannot be


@dataclass(frozen=True)
class New:
    """An irritant seen for the first time, or a weak signal: one that rises, or the loudest where nothing else is."""

    irritant_id: str
    label: str
    n_mentions: int
    since: date | None
    weak: bool
    rising: bool = True


@dataclass(frozen=True)
class Fix:
    """One action that has begun, and the sentence of what it was shown to do."""

    action_id: str
    title: str
    irritant_id: str
    label: str
    verdict: str  # proven, not_shown, worse, too_early
    sentence: str
    owner: str | None = None


@dataclass(frozen=True)
class Callbacks:
    """Promises due in the period, and what is open now."""

    n_due: int = 0
    n_kept: int = 0
    n_missed: int = 0
    n_tried_in_time: int = 0  # missed, though somebody called in time
    n_opened: int = 0
    n_open: int = 0
    n_overdue: int = 0
    n_urgent_overdue: int = 0


@dataclass(frozen=True)
class Digest:
    """One issue for one owner (or for the whole company) and language. `company_line`: what moved in the company, told
    to an owner who has nothing this week."""

    publication_id: str
    company: str
    week: date
    first_day: date
    last_day: date
    language: str
    timezone: str
    as_of: datetime
    snapshot_id: int
    basis: str
    subject: str
    headline: tuple[str, ...]
    decision: str
    items: tuple[Item, ...] = ()
    scores: tuple[Score, ...] = ()
    news: tuple[New, ...] = ()
    callbacks: Callbacks = field(default_factory=Callbacks)
    window_days: int | None = None
    dashboard_url: str = ""
    example: bool = False  # made-up data: said at the top
    owner_id: str = "all"
    owner_name: str = ""
    fixes: tuple[Fix, ...] = ()
    company_line: str = ""
    scores_of: str = COMPANY
    everything: bool = True  # of the whole company, not of an owner's irritants

    @property
    def quotes(self) -> tuple[Quote, ...]:
        return tuple(quote for item in self.items for quote in item.quotes)

    @property
    def is_empty(self) -> bool:
        """Nothing of the reader's this week."""
        return not (self.items or self.news or self.fixes or self.callbacks.n_due or self.callbacks.n_open)
