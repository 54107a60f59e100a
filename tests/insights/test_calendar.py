"""Business time: public holidays, clock changes, year ends, and laws that hold for any instant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.calendar import MINUTES_A_DAY, WEEKDAYS, Calendar, load_teams, parse_interval
from insights.errors import SettingsError

PARIS = ZoneInfo("Europe/Paris")
WEEK = {**{day: ((480, 1200),) for day in range(5)}, 5: ((540, 1080),)}
OFFICE = Calendar("Europe/Paris", WEEK)
MOSELLE = Calendar("Europe/Paris", WEEK, subdivision="57")
SPLIT = Calendar("Europe/Paris", {day: ((510, 750), (810, 1110)) for day in range(5)})
ALWAYS = Calendar("Europe/Paris", {day: ((0, MINUTES_A_DAY),) for day in range(7)}, country=None)
NIGHT = Calendar("Europe/Paris", {day: ((150, 190),) for day in range(7)}, country=None)  # 02:30-03:10
CALENDARS = [OFFICE, MOSELLE, SPLIT, ALWAYS, NIGHT]

instants = st.datetimes(
    datetime.fromisoformat("2024-11-01"), datetime.fromisoformat("2027-01-10"), timezones=st.just(UTC)
)
hours = st.integers(0, 60 * 60).map(lambda minutes: minutes / 60)
calendars = st.sampled_from(CALENDARS)
law = settings(deadline=None, max_examples=60)


def paris(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=PARIS)  # type: ignore[misc,arg-type]


@law
@given(calendars, instants, hours)
def test_adding_then_measuring_gives_the_hours_back(calendar: Calendar, start: datetime, span: float) -> None:
    due = calendar.add_business_hours(start, span)
    assert calendar.business_minutes(start, due) == pytest.approx(span * 60, abs=1e-6)


@law
@given(calendars, instants, instants, hours)
def test_a_later_start_is_never_due_earlier(calendar: Calendar, one: datetime, two: datetime, span: float) -> None:
    first, second = sorted((one, two))
    assert calendar.add_business_hours(first, span) <= calendar.add_business_hours(second, span)
    assert calendar.add_working_day_hours(first, span) <= calendar.add_working_day_hours(second, span)


@law
@given(calendars, instants, hours, hours)
def test_more_hours_are_never_due_earlier(calendar: Calendar, start: datetime, one: float, two: float) -> None:
    small, large = sorted((one, two))
    assert calendar.add_business_hours(start, small) <= calendar.add_business_hours(start, large)
    assert calendar.add_working_day_hours(start, small) <= calendar.add_working_day_hours(start, large)


@law
@given(calendars, instants, instants, instants)
def test_measuring_in_two_parts_gives_the_whole(calendar: Calendar, a: datetime, b: datetime, c: datetime) -> None:
    parts = calendar.business_minutes(a, b) + calendar.business_minutes(b, c)
    assert parts == pytest.approx(calendar.business_minutes(a, c), abs=1e-6)


@law
@given(instants, hours)
def test_a_team_that_never_closes_works_on_the_clock(start: datetime, span: float) -> None:
    assert abs(ALWAYS.add_business_hours(start, span) - start - timedelta(hours=span)) < timedelta(milliseconds=1)


@law
@given(calendars, instants, hours)
def test_due_times_lie_in_opening_hours_or_at_closing(calendar: Calendar, start: datetime, span: float) -> None:
    due = calendar.add_working_day_hours(start, span)
    assert calendar.is_open(due) or any(due == closes for _, closes in calendar.intervals(due.astimezone(PARIS).date()))


def hard_days() -> list[date]:
    """Clock changes, year ends and public holidays of 2025 and 2026, Alsace-Moselle's too, with the days around them."""
    clocks = [date(2025, 3, 30), date(2025, 10, 26), date(2026, 3, 29), date(2026, 10, 25)]
    days = [date(2024, 12, 28) + timedelta(days=n) for n in range(2 * 365 + 10)]
    closed = [day for day in days if MOSELLE.is_holiday(day)]
    return sorted({day + timedelta(days=n) for day in [*clocks, *closed] for n in (-1, 0, 1)})


hard = st.builds(
    lambda day, minute: datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minute),
    st.sampled_from(hard_days()),
    st.integers(-180, MINUTES_A_DAY),
)
minutes = st.integers(1, 40 * 60)


@law
@given(calendars, hard, minutes, minutes)
def test_adding_in_two_steps_gives_the_whole(calendar: Calendar, start: datetime, one: int, two: int) -> None:
    halfway = calendar.add_business_hours(start, one / 60)
    whole = calendar.add_business_hours(start, (one + two) / 60)
    assert abs(calendar.add_business_hours(halfway, two / 60) - whole) < timedelta(milliseconds=1)


@law
@given(calendars, hard, minutes)
def test_opening_hours_never_end_in_closed_time(calendar: Calendar, start: datetime, span: int) -> None:
    due = calendar.add_business_hours(start, span / 60)
    closings = [closes for _, closes in calendar.intervals(due.astimezone(PARIS).date())]
    if due.astimezone(PARIS).time() == datetime.min.time():  # a closing at midnight belongs to the day before
        closings += [closes for _, closes in calendar.intervals(due.astimezone(PARIS).date() - timedelta(days=1))]
    assert calendar.is_open(due) or due in closings
    assert due > start


@law
@given(calendars, hard, minutes)
def test_no_promise_falls_on_a_holiday_or_a_sunday(calendar: Calendar, start: datetime, span: int) -> None:
    last = calendar.add_working_day_hours(start, span / 60) - timedelta(seconds=1)
    assert calendar.intervals(last.astimezone(PARIS).date())
    assert not calendar.is_holiday(last.astimezone(PARIS).date())


@law
@given(calendars, hard, st.integers(1, 20))
def test_the_last_opening_before_an_instant_is_open_and_before_it(
    calendar: Calendar, start: datetime, days: int
) -> None:
    by = start + timedelta(days=days)
    found = calendar.last_open_before(by, start)
    if found is None:
        assert calendar.business_minutes(start, by) == 0
    else:
        assert start < found <= by
        assert calendar.business_minutes(found, by) == 0


def test_forty_eight_working_hours_skip_the_weekend() -> None:
    assert OFFICE.add_working_day_hours(paris(2026, 10, 2, 10), 48) == paris(2026, 10, 5, 10)  # Friday, Saturday works
    assert SPLIT.add_working_day_hours(paris(2026, 10, 2, 10), 24) == paris(2026, 10, 5, 10)
    assert OFFICE.add_working_day_hours(paris(2026, 10, 1, 19), 48) == paris(2026, 10, 3, 18)  # Saturday closes at 18
    assert OFFICE.add_working_day_hours(paris(2026, 10, 4, 15), 24) == paris(2026, 10, 5, 20)  # from a Sunday
    assert OFFICE.add_working_day_hours(paris(2026, 10, 2, 5), 48) == paris(2026, 10, 3, 18)  # never later


def test_opening_hours_run_over_nights_lunch_and_holidays() -> None:
    assert OFFICE.add_business_hours(paris(2026, 10, 30, 19, 30), 1) == paris(2026, 10, 31, 9, 30)
    assert SPLIT.add_business_hours(paris(2026, 10, 1, 12), 1) == paris(2026, 10, 1, 14)
    assert OFFICE.add_business_hours(paris(2026, 4, 30, 19), 2) == paris(2026, 5, 2, 10)  # 1 May
    assert OFFICE.add_business_hours(paris(2025, 12, 31, 19), 2) == paris(2026, 1, 2, 9)  # year end


@pytest.mark.parametrize("day", [date(2026, 4, 3), date(2026, 12, 26), date(2025, 12, 26)])
def test_alsace_moselle_has_two_more_holidays(day: date) -> None:
    assert MOSELLE.is_holiday(day)
    assert not OFFICE.is_holiday(day)


def test_france_has_eleven_holidays_and_moselle_thirteen() -> None:
    days = [date(2026, 1, 1) + timedelta(days=offset) for offset in range(365)]
    assert [sum(calendar.is_holiday(day) for day in days) for calendar in (OFFICE, MOSELLE)] == [11, 13]


def test_clock_changes_move_the_instant_not_the_opening_hour() -> None:
    before, after = paris(2026, 10, 24, 9, 30), paris(2026, 10, 26, 9, 30)
    assert [at.astimezone(UTC).hour for at in (before, after)] == [7, 8]
    assert OFFICE.business_minutes(paris(2026, 10, 24, 9), paris(2026, 10, 26, 20)) == 540 + 720
    long_day, short_day = paris(2026, 10, 25), paris(2026, 3, 29)
    assert ALWAYS.business_minutes(long_day, paris(2026, 10, 26)) == 25 * 60
    assert ALWAYS.business_minutes(short_day, paris(2026, 3, 30)) == 23 * 60


def test_an_opening_inside_the_skipped_hour_starts_when_the_clock_lands() -> None:
    assert NIGHT.business_minutes(paris(2026, 3, 29), paris(2026, 3, 30)) == 10
    assert NIGHT.business_minutes(paris(2026, 3, 30), paris(2026, 3, 31)) == 40


def test_open_from_the_first_instant_and_closed_at_the_last() -> None:
    assert OFFICE.is_open(paris(2026, 10, 1, 8))
    assert not OFFICE.is_open(paris(2026, 10, 1, 20))
    assert not OFFICE.is_open(paris(2026, 11, 11, 12))
    assert OFFICE.next_open(paris(2026, 10, 31, 19)) == paris(2026, 11, 2, 8)  # 1 November is a Sunday and a holiday
    assert OFFICE.next_open(paris(2026, 11, 2, 9)) == paris(2026, 11, 2, 9)


def test_a_declared_closing_day_counts_as_a_holiday() -> None:
    bridge = Calendar("Europe/Paris", WEEK, closed_on=frozenset({date(2026, 5, 15)}))
    assert bridge.add_business_hours(paris(2026, 5, 13, 19), 2) == paris(2026, 5, 16, 10)  # Ascension, then the bridge


def test_impossible_questions_are_refused() -> None:
    with pytest.raises(SettingsError, match="never opens"):
        Calendar("Europe/Paris", {}).add_business_hours(paris(2026, 1, 1), 1)
    with pytest.raises(ValueError, match="no time zone"):
        OFFICE.is_open(datetime.fromisoformat("2026-01-01"))
    with pytest.raises(ValueError, match="lies in the past"):
        OFFICE.add_business_hours(paris(2026, 1, 1), -1)


@pytest.mark.parametrize("text", ["8-20", "20:00-08:00", "08:00-25:00", "08:00", ""])
def test_a_bad_interval_says_what_was_found(text: str) -> None:
    with pytest.raises(ValueError, match="no opening interval"):
        parse_interval(text)


def test_the_reference_file_gives_teams_with_names_in_both_languages() -> None:
    teams = load_teams(Path("data/reference/teams.yaml"))
    assert {"callbacks", "small_business", "solidarity"} <= set(teams)
    assert all(team.name("fr") != team.name("en") for team in teams.values())
    assert teams["solidarity"].calendar.is_open(paris(2026, 12, 25, 12))
    assert not teams["callbacks"].calendar.is_open(paris(2026, 12, 25, 12))


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("teams: {a: {name: {fr: A}, opening: {monday: ['08:00-20:00']}}}", "unknown day monday"),
        ("teams: {a: {name: {fr: A}, opening: {mon: ['08:00-12:00', '11:00-20:00']}}}", "overlap"),
        ("teams: {a: {name: {fr: A}, opening: {}, escalates_to: b}}", "names 'b', which is no team"),
        ("teams: {a: {name: {fr: A}, timezone: Europe/Nowhere, opening: {}}}", "Nowhere"),
        ("other: 1", "teams"),
    ],
)
def test_a_bad_file_is_refused_with_its_name_and_what_was_found(tmp_path: Path, body: str, found: str) -> None:
    path = tmp_path / "teams.yaml"
    path.write_text(body, encoding="utf-8")
    with pytest.raises(SettingsError, match=found) as refusal:
        load_teams(path)
    assert str(path) in str(refusal.value)


def test_weekdays_are_in_python_order() -> None:
    assert [WEEKDAYS[date(2026, 10, 26 + offset).weekday()] for offset in range(3)] == ["mon", "tue", "wed"]
