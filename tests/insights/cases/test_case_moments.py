"""Service contacts before a moment: N days before, within a limit, never for who objected, once for each moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from insights.calendar import Calendar
from insights.cases import Rules, Signal, fold_cases, open_cases
from insights.cases.decision import Opened
from insights.cases.moments import Moment, load_moments, moment_signals, status
from insights.errors import SettingsError

SHIPPED = Path("data/reference/moments.yaml")
NOW = datetime(2026, 10, 29, 10, tzinfo=UTC)
TODAY = date(2026, 10, 29)
END = Moment(moment="end_of_fixed_price", column="contract_end_on", days_before=30, until_days_before=5, daily_limit=2)
NO_SIGNAL: list[Signal] = []


def people(days: Mapping[str, int], **columns: object) -> pd.DataFrame:
    """Customers whose fixed term ends in so many days."""
    shared = {"segment": "household", "margin_eur_year": 62.0, "objection": False, "leaving": False}
    frame = pd.DataFrame({"customer_id": list(days)}).assign(**shared, recontact="not_asked", preferred_language="fr")
    ends = pd.to_datetime([TODAY + timedelta(days=n) for n in days.values()])
    return frame.assign(contract_end_on=ends, **columns)


def decide(
    customers: pd.DataFrame,
    rules: Rules,
    calendars: Mapping[str, Calendar],
    known=None,
    now: datetime = NOW,
    more=NO_SIGNAL,
) -> Opened:
    told = {signal for case in (known or {}).values() for signal in case.signals}
    found = moment_signals(customers, rules.moments, now, told)
    return open_cases([*found, *more], known or {}, customers, rules=rules, calendars=calendars, now=now)


@pytest.fixture
def rules(make_rules: Callable[..., Rules]) -> Rules:
    return replace(make_rules(), moments=(END,))


def test_a_contact_opens_inside_the_window_and_is_due_before_the_moment(rules: Rules, calendars) -> None:
    opened = decide(people({"C1": 4, "C2": 5, "C3": 30, "C4": 31, "C5": -1}), rules, calendars)
    assert {case.customer_id for case in opened.cases} == {"C2", "C3"}
    first = opened.cases[0]
    assert (first.customer_id, first.reason, first.family, first.matter) == (
        *("C2", "moment", "moment", "end_of_fixed_price"),
    )
    assert first.due_at == datetime(2026, 11, 2, 20, tzinfo=ZoneInfo("Europe/Paris"))  # 3 November is the day itself
    assert first.plan == {}


def test_who_objected_is_leaving_or_refused_is_left_alone(rules: Rules, calendars) -> None:
    customers = people(
        dict.fromkeys(["C1", "C2", "C3", "C4"], 10),
        objection=[True, False, False, False],
        leaving=[False, True, False, False],
        recontact=["yes", "yes", "no", "not_asked"],
    )
    assert [case.customer_id for case in decide(customers, rules, calendars).cases] == ["C4"]
    forced = Signal("C1", "moment", "C1:x:2026-11-08", NOW, matter="end_of_fixed_price")
    refused = open_cases([forced], {}, customers, rules=rules, calendars=calendars, now=NOW).refusals()
    assert refused == {"objection": 1}


def test_the_days_limit_holds_over_several_runs_and_the_soonest_come_first(rules: Rules, calendars, record) -> None:
    customers = people({"C1": 20, "C2": 10, "C3": 15, "C4": 12})
    opened = decide(customers, rules, calendars)
    assert {case.customer_id for case in opened.cases} == {"C2", "C4"}
    known = fold_cases(record(opened.events()))
    assert decide(customers, rules, calendars, known, NOW + timedelta(hours=2)).cases == []
    tomorrow = decide(customers, rules, calendars, known, NOW + timedelta(days=1))
    assert {case.customer_id for case in tomorrow.cases} == {"C1", "C3"}


def test_a_moment_opens_once_even_after_its_case_is_over(rules: Rules, calendars, record) -> None:
    opened = decide(people({"C1": 20}), rules, calendars)
    known = {key: replace(case, state="closed") for key, case in fold_cases(record(opened.events())).items()}
    assert decide(people({"C1": 20}), rules, calendars, known, NOW + timedelta(days=1)).cases == []
    moved = people({"C1": 20}).assign(contract_end_on=pd.Timestamp(TODAY + timedelta(days=25)))
    assert len(decide(moved, rules, calendars, known, NOW + timedelta(days=1)).cases) == 1


def test_a_customer_who_is_called_for_something_else_is_left_alone(rules: Rules, calendars, record) -> None:
    angry = Signal("C1", "detractor", "f1", NOW - timedelta(hours=1), score=2.0)
    opened = decide(people({"C1": 20, "C2": 20}), rules, calendars, more=[angry])
    assert sorted((case.customer_id, case.family) for case in opened.cases) == [("C1", "answer"), ("C2", "moment")]
    assert opened.refusals() == {"case_open": 1}
    known = fold_cases(record([case.draft() for case in opened.cases if case.customer_id == "C1"]))
    assert decide(people({"C1": 20}), rules, calendars, known).refusals() == {"case_open": 1}


def test_nothing_opens_on_a_day_on_which_nobody_can_call(rules: Rules, calendars) -> None:
    sunday = datetime(2026, 11, 1, 10, tzinfo=UTC)
    opened = decide(people({"C1": 20}), rules, calendars, now=sunday)
    assert (opened.cases, opened.refusals()) == ([], {"capacity": 1})


def test_only_keeps_customers_by_their_columns(rules: Rules, calendars) -> None:
    only = END.model_copy(update={"only": {"segment": ("household",), "paper_bill": (True,)}})
    customers = people({"C1": 20, "C2": 20}, paper_bill=[True, False])
    opened = decide(customers, replace(rules, moments=(only,)), calendars)
    assert [case.customer_id for case in opened.cases] == ["C1"]
    gone = decide(customers.drop(columns="paper_bill"), replace(rules, moments=(only,)), calendars)
    assert gone.cases == []


def test_an_offset_counts_from_the_column(rules: Rules, calendars) -> None:
    first = Moment(moment="first_bill", column="contract_start_on", offset_days=35, days_before=7, daily_limit=9)
    starts = pd.to_datetime([TODAY - timedelta(days=n) for n in (27, 28, 34, 35)])
    customers = people(dict.fromkeys(["C1", "C2", "C3", "C4"], 99)).assign(contract_start_on=starts)
    opened = decide(customers, replace(rules, moments=(first,)), calendars)
    assert {case.customer_id for case in opened.cases} == {"C2", "C3"}


def test_the_status_says_what_has_no_column(rules: Rules) -> None:
    found = status(people({"C1": 10, "C2": 50}), load_moments(SHIPPED, ["callbacks"]), TODAY)
    told = {one.moment.moment: (one.state, one.n_customers) for one in found}
    assert told["end_of_fixed_price"] == ("ready", 1)
    assert told["catch_up_bill"] == told["move"] == ("no_column", 0)


def test_the_shipped_moments_are_the_five_of_the_journey() -> None:
    moments = load_moments(SHIPPED, [])
    assert {one.moment for one in moments} == {
        "first_bill",
        "catch_up_bill",
        "price_change",
        "end_of_fixed_price",
        "move",
    }


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (("moment: move", "moment: price_change"), "stands twice"),
        (
            ("days_before: 15\n    until_days_before: 2", "days_before: 1\n    until_days_before: 2"),
            "starts after it ends",
        ),
        (("column: move_on", "column: move_on\n    team: nobody"), "names team 'nobody'"),
        (("column: move_on", "columns: move_on"), "columns"),
    ],
)
def test_a_mistake_is_named_with_its_file(tmp_path: Path, change: tuple[str, str], found: str) -> None:
    source = SHIPPED.read_text(encoding="utf-8")
    assert change[0] in source
    path = tmp_path / "moments.yaml"
    path.write_text(source.replace(*change), encoding="utf-8")
    with pytest.raises(SettingsError, match=found) as refusal:
        load_moments(path, ["callbacks"])
    assert str(path) in str(refusal.value)
