"""The voice of advisers: short comments, kept apart from customers', mapped to the same irritants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from insights.simulate import calendar
from insights.simulate.bank import Irritant
from insights.simulate.compose import Piece, Writer
from insights.simulate.contacts import SITES, TEAM_SITE, TEAMS
from insights.simulate.personal import Person
from insights.simulate.slots import Filler
from insights.simulate.truth import Truth

SOURCE = "lumarelle_employee"
NOT_BEFORE = {"IRR-22": calendar.OFF_PEAK_ON, "IRR-10": calendar.ACTION_B_ON, "IRR-29": calendar.PAPER_OPT_IN_ON}


def records(
    count: int, catalogue: tuple[Irritant, ...], writer: Writer, truth: Truth, rng: np.random.Generator, prefix: str
) -> Iterator[dict[str, Any]]:
    """Records of comments.jsonl in time order: working days, working hours."""
    weekdays = np.flatnonzero(~calendar.CLOSED & (calendar.WEEKDAY < 5))
    days = np.sort(weekdays[rng.integers(0, len(weekdays), count)])
    at = days * calendar.DAY_S + rng.integers(9 * 3_600, 18 * 3_600, count)
    stamps, received = calendar.stamps(at), calendar.stamps(at + 900)
    known = {row.id: row for row in catalogue}
    pool = [(key, line) for key, lines in sorted(writer.bank.lines["employee"].items()) for line in lines]
    for number in range(count):
        on = calendar.date_of(int(days[number]))
        fit = [(key, line) for key, line in pool if on >= NOT_BEFORE.get(key, calendar.FIRST_DAY)]
        key, line = writer.rng.choice(fit)
        comment_id = f"{prefix}E{number + 1:06d}"
        filler = Filler(writer.rng, Person("", "", "", "", 0), int(days[number]))
        text = writer.dirty(filler.fill(line, "cou"), "cou")
        text = text[:1].upper() + text[1:] + ("." if writer.rng.random() < 0.6 else "")
        irritant = known.get(key)
        piece = Piece(text.removesuffix("."), "irritant" if irritant else "neutral")
        if irritant:
            piece.irritant_id, piece.polarity = irritant.id, irritant.strength
        truth.text(SOURCE, comment_id, [piece])
        team = writer.rng.randrange(len(TEAMS))
        yield {
            "comment_id": comment_id,
            "written_at": stamps[number],
            "received_at": received[number],
            "team": TEAMS[team],
            "site_country": SITES[TEAM_SITE[team]][1],
            "text": text,
        }
