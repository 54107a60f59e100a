"""Calls of a day: by team and language, on opening days only, in proportion of the opening hours."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from insights.cases.capacity import (
    Slots,
    TeamCapacity,
    calls_a_week,
    cells_for,
    load_capacity,
    open_share,
    plan_day,
    slots_on,
)
from insights.errors import SettingsError

TEAMS = Path("data/reference/teams.yaml")
THURSDAY = datetime(2026, 10, 29, 10, tzinfo=UTC)
SATURDAY_EVENING = datetime(2026, 10, 31, 18, tzinfo=UTC)  # closed; 1 November is a Sunday and a public holiday


@pytest.fixture
def capacity(calendars):
    return load_capacity(TEAMS, calendars)


def test_the_list_is_made_for_the_next_opening_day(calendars):
    assert plan_day(calendars["callbacks"], THURSDAY) == date(2026, 10, 29)
    assert plan_day(calendars["callbacks"], datetime(2026, 10, 29, 20, tzinfo=UTC)) == date(2026, 10, 30)
    assert plan_day(calendars["callbacks"], SATURDAY_EVENING) == date(2026, 11, 2)
    assert plan_day(calendars["callbacks"], datetime(2026, 11, 11, 9, tzinfo=UTC)) == date(2026, 11, 12)  # armistice


def test_a_short_day_has_its_share_of_the_calls(calendars, capacity):
    callbacks = calendars["callbacks"]
    assert open_share(callbacks, date(2026, 10, 31)) == pytest.approx(9 / 12)
    assert (open_share(callbacks, date(2026, 11, 1)), open_share(callbacks, date(2026, 10, 29))) == (0.0, 1.0)
    weekday = slots_on(capacity, calendars, THURSDAY, 25)
    saturday = slots_on(capacity, calendars, datetime(2026, 10, 31, 8, tzinfo=UTC), 25)
    assert (weekday.cells["callbacks", "fr"], saturday.cells["callbacks", "fr"]) == (20, 15)
    assert (weekday.teams["callbacks"], saturday.teams["callbacks"], weekday.overall) == (21, 15, 25)
    assert saturday.cells["small_business", "fr"] == 10  # closed on Saturday: its list is Monday's


def test_a_week_counts_opening_days_under_the_total_of_the_day(calendars, capacity):
    whole = calls_a_week(capacity, 1000, calendars, date(2026, 10, 19))
    assert whole == pytest.approx(5 * 31 + 21 * 9 / 12)
    assert calls_a_week(capacity, 25, calendars, date(2026, 10, 19)) == pytest.approx(5 * 25 + 21 * 9 / 12)
    assert calls_a_week(capacity, 25, calendars, date(2026, 11, 9)) == pytest.approx(
        4 * 25 + 21 * 9 / 12
    )  # 11 November
    assert calls_a_week({}, 25, calendars, date(2026, 10, 19)) == 25 * 7  # the solidarity desk opens every day


def test_who_can_call_whom(capacity):
    assert cells_for(capacity, "household", "en", "callbacks") == (("callbacks", "en"),)
    assert cells_for(capacity, "small_business", "fr", "small_business") == (
        ("small_business", "fr"), ("callbacks", "fr")
    )  # fmt: skip
    assert len(cells_for(capacity, "small_business", None, "small_business")) == 4
    assert cells_for(capacity, None, "fr", "callbacks") == ()
    assert cells_for({}, None, "fr", "callbacks") == (("callbacks", ""),)


def test_taken_calls_count_for_the_team_even_in_a_language_that_is_full():
    slots = Slots({("a", "fr"): 2, ("a", "en"): 0}, {"a": 2}, 5)
    left = slots.less([("a", "en"), ("a", "fr"), ("elsewhere", "fr")], overall=1)
    assert left == Slots({("a", "fr"): 1, ("a", "en"): 0}, {"a": 0}, 4)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("capacity: {nobody: {serves: [household], slots: {fr: 1}}}", "names nobody"),
        ("capacity: {callbacks: {serves: [household], slots: {fr: -1}}}", "greater than or equal to 0"),
        ("capacity: {callbacks: {slots: {fr: 1}}}", "serves"),
        ("capacity: {callbacks: {serves: [], slots: {}, seats: 3}}", "seats"),
    ],
)
def test_a_mistake_is_named_with_its_file(tmp_path, calendars, text, said):
    path = tmp_path / "teams.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=said) as refusal:
        load_capacity(path, calendars)
    assert str(path) in str(refusal.value)


def test_without_the_section_the_total_of_the_day_is_the_only_limit(tmp_path, calendars):
    path = tmp_path / "teams.yaml"
    path.write_text("teams: {}", encoding="utf-8")
    assert load_capacity(path, calendars) == {}
    assert slots_on({}, calendars, THURSDAY, 25) == Slots({}, {}, 25)
    assert TeamCapacity(serves=("household",), slots={"fr": 1}).total is None
