"""The calendar as truth/events.json tells it: instants in UTC, actions and whether they work."""

from __future__ import annotations

from datetime import date

from insights.simulate import calendar as c

Told = dict[str, object]


def at(on: date, seconds: int) -> str:
    """UTC text of a local second of a day."""
    return c.stamp(c.day_of(on) * c.DAY_S + seconds)


def incidents() -> Told:
    """The two bursts: when they began, when the first post and the first transcript spoke of them."""
    return {
        "outage": {
            "irritant_id": "IRR-16",
            "started_at": at(c.OUTAGE_ON, c.OUTAGE_START_S),
            "ended_at": at(c.OUTAGE_ON, c.OUTAGE_END_S),
            "first_post_at": at(c.OUTAGE_ON, c.OUTAGE_FIRST_POST_S),
            "first_transcript_at": at(c.OUTAGE_ON, c.OUTAGE_FIRST_CALL_S),
        },
        "double_debit": {
            "irritant_id": "IRR-06",
            "started_at": at(c.DOUBLE_DEBIT_ON, 4 * 3600 + 600),
            "recredited_on": "2025-03-21",
            "first_post_at": at(c.DOUBLE_DEBIT_ON, c.DEBIT_FIRST_POST_S),
        },
    }


def actions() -> list[Told]:
    """Three actions: one that works, one that does not, one proven by a draw of teams."""
    return [
        {
            "id": "A",
            "irritant_id": "IRR-04",
            "on": c.ACTION_A_ON.isoformat(),
            "effect_from": c.ACTION_A_WORKS_ON.isoformat(),
            "works": True,
            "rate_ratio": 0.52,
        },
        {
            "id": "B",
            "irritant_id": "IRR-10",
            "on": c.ACTION_B_ON.isoformat(),
            "works": False,
            "rate_ratio": 1.0,
            "cost_eur": 310_000,
        },
        {
            "id": "C",
            "irritant_id": "IRR-01",
            "on": c.ACTION_C_ON.isoformat(),
            "works": True,
            "randomised": True,
            "acts_on": ["csat after IRR-01 calls", "repeat within seven days", "duration of IRR-01 calls"],
        },
    ]


def events() -> Told:
    """Everything the calendar plants, and the causes that no action of the company explains."""
    return incidents() | {
        "first_day": c.FIRST_DAY.isoformat(),
        "last_day": c.LAST_DAY.isoformat(),
        "price_rise": {
            "irritant_id": "IRR-07",
            "notice_on": c.PRICE_NOTICE_ON.isoformat(),
            "effective_on": c.PRICE_RISE_ON.isoformat(),
        },
        "births": [{"irritant_id": "IRR-22", "born_on": c.OFF_PEAK_ON.isoformat(), "grows_from": "2026-09-01"}],
        "copied_reviews": {"irritant_id": "IRR-23", "from": c.COPIED_REVIEWS_ON.isoformat(), "hours": 31},
        "outside_causes": [
            {"irritant_id": "IRR-23", "on": c.OPT_IN_LAW_ON.isoformat(), "rate_ratio": 0.65, "what": "opt-in law"},
            {"irritant_id": "IRR-09", "on": "2026-04-01", "what": "regression to the mean after the winter peak"},
        ],
        "actions": actions(),
    }
