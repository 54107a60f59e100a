"""A call of our own making that the law forbids for a week or more opens no case; one that waits for its hour does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd

from insights.calendar import Calendar
from insights.cases import Planning, Rules, Signal, open_cases
from insights.cases.labels import refusal_label
from insights.contactability import FILE, Wish, barring, load_contact_rules

LAW = load_contact_rules(Path(__file__).parents[3] / "data" / "reference" / FILE)
DAY = timedelta(days=1)


def test_what_customers_told_us_bars_a_proactive_call_and_no_answer(
    make_rules: Callable[..., Rules], customers: pd.DataFrame, calendars: dict[str, Calendar], now: datetime
) -> None:
    wishes = {
        "C01": Wish(do_not_at=now - DAY),
        "C02": Wish(refused_at=now - 10 * DAY),
        "C03": Wish(refused_at=now - 56 * DAY),  # free within the week
        "C04": Wish(calls=tuple(now - n * DAY for n in (3, 2, 1, 1))),
        "C05": Wish(calls=tuple(now - n * DAY for n in (29, 28, 2, 1))),  # the first falls out in a day
        "C10": Wish(withdrawn_at=now - DAY),
    }
    risks = [
        Signal(f"C{n:02d}", "risk", f"C{n:02d}:2026-10-29", now - timedelta(hours=1), score=0.9)
        for n in (1, 2, 3, 4, 5, 10, 11)
    ]
    words = Signal("C12", "detractor", "F12", now - timedelta(hours=2), score=0)
    wishes["C12"] = Wish(refused_at=now - DAY)
    opened = open_cases(
        [*risks, words], {}, customers, rules=make_rules(), calendars=calendars, now=now,
        planning=Planning(barred=barring(LAW, wishes, now)),
    )  # fmt: skip
    assert sorted(case.customer_id for case in opened.cases) == ["C03", "C05", "C11", "C12"]
    why = {one.signal.customer_id: one.why for one in opened.refused}
    assert why == {"C01": "do_not_contact", "C02": "refusal_silence", "C04": "attempts", "C10": "consent_withdrawn"}
    assert all(refusal_label(code, language) != code for code in why.values() for language in ("fr", "en"))


def test_at_night_a_call_is_planned_for_its_hour(
    make_rules: Callable[..., Rules], customers: pd.DataFrame, calendars: dict[str, Calendar], now: datetime
) -> None:
    night = now + timedelta(hours=12)
    one = Signal("C11", "risk", "C11:2026-10-29", now, score=0.9)
    planning = Planning(barred=barring(LAW, {}, night))
    opened = open_cases([one], {}, customers, rules=make_rules(), calendars=calendars, now=night, planning=planning)
    assert [case.customer_id for case in opened.cases] == ["C11"]
