"""The links of one digest for one person: four answers for each irritant, how often it comes, and no more of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from insights.answers.model import ANSWERS, OPEN_FREQUENCY, UNSUBSCRIBE
from insights.answers.token import Token, sign

UNSUBSCRIBE_DAYS = 400  # a digest found a year later can still be stopped
PATHS = {OPEN_FREQUENCY: "preferences", UNSUBSCRIBE: "unsubscribe"}


@dataclass(frozen=True)
class Links:
    """Addresses to put into a digest. `answers` by (irritant_id, answer): accept, known, wrong, not_mine."""

    answers: Mapping[tuple[str, str], str]
    frequency: str
    unsubscribe: str


def links_for(
    base_url: str,
    publication_id: str,
    recipient_id: str,
    address: str,
    irritant_ids: Sequence[str],
    keys: Mapping[int, bytes],
    week: date,
    answer_days: int,
) -> Links | None:
    """Links of one issue for one recipient; None where the intake has no public address.

    Expiry counts from the issue's Monday, not from now: the same issue made again has the same links. `keys`: by version.
    """
    base = base_url.strip().rstrip("/")
    if not base:
        return None
    monday = datetime.combine(week, time(), tzinfo=UTC)

    def link(irritant_id: str, answer: str) -> str:
        days = UNSUBSCRIBE_DAYS if answer in PATHS else 7 + answer_days
        token = Token(publication_id, recipient_id, irritant_id, answer, monday + timedelta(days=days))
        return f"{base}/{PATHS.get(answer, 'answers')}/{sign(token, address, keys)}"

    answers = {(irritant, answer): link(irritant, answer) for irritant in irritant_ids for answer in ANSWERS}
    return Links(answers, link("", OPEN_FREQUENCY), link("", UNSUBSCRIBE))
