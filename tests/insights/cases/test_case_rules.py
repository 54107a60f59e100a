"""Which signals open a case: one per customer, urgency first, proactive calls within capacity, law and choice kept."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from insights.calendar import Calendar
from insights.cases import Opened, Rules, Signal, fold_cases, load_rules, open_cases
from insights.cases.actions import events_for
from insights.errors import SettingsError
from insights.settings import Settings

PARIS = ZoneInfo("Europe/Paris")
HOUR = timedelta(hours=1)


def signal(customer_id: str, kind: str, now: datetime, hours_ago: float = 5, **fields: object) -> Signal:
    at = now - timedelta(hours=hours_ago)
    defaults: dict[str, object] = {"score": 3.0 if kind == "detractor" else 0.4 if kind == "risk" else 0.0}
    found = {"feedback_id": f"f-{customer_id}-{kind}", **defaults, **fields}
    return Signal(customer_id=customer_id, kind=kind, at=at, **found)  # type: ignore[arg-type]


@pytest.fixture
def decide(
    make_rules: Callable[..., Rules], customers: pd.DataFrame, calendars: dict[str, Calendar], now: datetime
) -> Callable[..., Opened]:
    def run(signals: list[Signal], known=None, at: datetime | None = None, **settings: object) -> Opened:
        rules = make_rules(**settings)
        return open_cases(signals, known or {}, customers, rules=rules, calendars=calendars, now=at or now)

    return run


def test_each_kind_of_signal_opens_its_case_with_its_team_and_promise(decide, now):
    kinds = ["urgency", "leave_intent", "detractor", "risk"]
    opened = decide([signal(f"C0{place}", kind, now) for place, kind in enumerate(kinds, 1)])
    assert [(case.reason, case.owner_team, case.due_at) for case in opened.cases] == [
        ("urgency", "solidarity", now + HOUR),
        ("leave_intent", "callbacks", now + 48 * HOUR),
        ("detractor", "callbacks", now + 48 * HOUR),
        ("risk", "callbacks", now + 48 * HOUR),
    ]
    assert opened.cases[0].waiting_since == now - 5 * HOUR
    assert opened.cases[1].language == "en"


def test_a_detractor_of_high_value_is_called_within_a_working_day_by_the_segment_team(decide, now):
    case = decide([signal("C08", "detractor", now)]).cases[0]
    assert (case.reason, case.owner_team, case.promise) == ("high_value_detractor", "small_business", "high_value")
    assert case.due_at == now + 24 * HOUR


def test_promises_run_on_working_days(decide):
    saturday = datetime(2026, 10, 31, 18, tzinfo=UTC)  # closed; 1 November is a Sunday and a public holiday
    signals = [signal("C01", "urgency", saturday), signal("C02", "detractor", saturday)]
    urgent, detractor = decide(signals, at=saturday).cases
    assert detractor.due_at == datetime(2026, 11, 3, 20, tzinfo=PARIS) - timedelta(hours=1)
    assert urgent.due_at == saturday + HOUR


def test_one_call_answers_all_a_customer_said_and_a_danger_is_a_case_of_its_own(decide, now):
    opened = decide([signal("C01", kind, now) for kind in ("risk", "detractor", "urgency", "leave_intent")])
    assert [(case.reason, case.family, len(case.signals)) for case in opened.cases] == [
        ("urgency", "danger", 1),
        ("leave_intent", "answer", 3),
    ]


def test_what_else_stands_in_the_same_message_goes_with_the_danger(decide, now, record):
    kinds = ("detractor", "urgency", "leave_intent")
    opened = decide([signal("C01", kind, now, feedback_id="f1") for kind in kinds])
    assert [(case.reason, len(case.signals)) for case in opened.cases] == [("urgency", 3)]
    first = decide([signal("C01", "urgency", now, feedback_id="f1")])
    late = decide([signal("C01", "detractor", now, feedback_id="f1")], fold_cases(record(first.events())))
    assert (late.cases, [one.raised for one in late.joined]) == ([], [{}])


def test_the_order_of_signals_does_not_matter(decide, now):
    signals = [
        signal(f"C{n:02d}", kind, now, n) for n in range(1, 12) for kind in ("risk", "detractor", "leave_intent")
    ]
    shuffled = signals.copy()
    random.Random(4).shuffle(shuffled)
    assert decide(signals).cases == decide(shuffled).cases


@pytest.mark.parametrize(
    ("one", "why"),
    [
        ({"customer_id": "C01", "kind": "detractor", "anonymous": True}, "anonymous"),
        ({"customer_id": "C01", "kind": "detractor", "recontact": "no"}, "no_recontact"),
        ({"customer_id": "C01", "kind": "urgency", "recontact": "no"}, "no_recontact"),
        ({"customer_id": "C06", "kind": "risk"}, "objection"),
        ({"customer_id": "C06", "kind": "detractor"}, "objection"),
        ({"customer_id": "C07", "kind": "risk"}, "leaving"),
        ({"customer_id": "C09", "kind": "risk"}, "no_recontact"),
        ({"customer_id": "C99", "kind": "risk"}, "not_a_customer"),
        ({"customer_id": "C01", "kind": "detractor", "hours_ago": 24 * 7 + 1}, "too_old"),
        ({"customer_id": "C01", "kind": "detractor", "hours_ago": -1}, "in_the_future"),
        ({"customer_id": "C01", "kind": "detractor", "score": 7.0}, "no_rule"),
        ({"customer_id": "", "kind": "detractor"}, "no_customer"),
    ],
)
def test_who_must_not_be_called_is_not_and_the_reason_is_told(decide, now, one, why):
    opened = decide([signal(now=now, **one)])
    assert opened.cases == []
    assert opened.refusals() == {why: 1}


@pytest.mark.parametrize(
    ("customer", "kind"), [("C06", "urgency"), ("C07", "detractor"), ("C09", "detractor"), ("C99", "urgency")]
)
def test_danger_and_answers_to_own_words_pass_where_a_proactive_call_does_not(decide, now, customer, kind):
    assert [case.reason for case in decide([signal(customer, kind, now)]).cases] == [kind]


def test_capacity_takes_the_largest_expected_loss_first_and_counts_the_day(decide, now, record):
    chances = {"C01": 0.9, "C08": 0.5, "C02": 0.8}
    risks = [signal(one, "risk", now, score=score) for one, score in chances.items()]
    opened = decide(risks, daily_calls=2)
    assert {case.customer_id for case in opened.cases} == {"C08", "C01"}  # 120 and 55.8 EUR before 49.6; not by risk
    assert opened.refusals() == {"capacity": 1}
    known = fold_cases(record([case.draft() for case in opened.cases]))
    assert decide(risks, known, daily_calls=2).cases == []
    tomorrow = [signal("C02", "risk", now + 24 * HOUR)]
    assert len(decide(tomorrow, known, at=now + 24 * HOUR, daily_calls=2).cases) == 1


def test_capacity_never_binds_answers(decide, now):
    opened = decide([signal(f"C{n:02d}", "detractor", now) for n in range(1, 6)], daily_calls=0)
    assert len(opened.cases) == 5


def test_a_second_run_changes_nothing(decide, now, record):
    signals = [signal(f"C{n:02d}", kind, now) for n in range(1, 6) for kind in ("risk", "detractor")]
    first = decide(signals)
    known = fold_cases(record(first.events()))
    again = decide(signals, known)
    assert (again.cases, again.joined, again.events()) == ([], [], [])


def test_a_new_signal_joins_the_open_case_and_raises_it(decide, now, record):
    first = decide([signal("C08", "detractor", now)], high_value_eur=1000)
    case = next(iter(fold_cases(record(first.events())).values()))
    taken = events_for(case, "take", actor="ada", at=now)
    known = fold_cases(record(first.events(), taken))
    later = now + 2 * HOUR
    second = decide([signal("C08", "leave_intent", later, 1, feedback_id="f-2", segment="household")], known, at=later)
    assert (second.cases, len(second.joined)) == ([], 1)
    raised = next(iter(fold_cases(record(first.events(), taken, second.events())).values()))
    assert (raised.reason, raised.owner_team, raised.due_at) == ("leave_intent", "callbacks", later + 48 * HOUR)
    assert (raised.state, raised.assignee, len(raised.signals)) == ("open", None, 2)


def test_a_danger_opens_its_own_case_beside_an_open_one(decide, now, record):
    known = fold_cases(record(decide([signal("C01", "detractor", now)]).events()))
    later = now + 2 * HOUR
    second = decide([signal("C01", "urgency", later, 1, feedback_id="f-2")], known, at=later)
    assert (second.joined, second.cases[0].due_at) == ([], later + HOUR)
    assert second.cases[0].draft().key == "case:C01:danger:opened:1"


def test_a_danger_said_again_after_the_call_is_a_new_case(decide, now, record):
    first = decide([signal("C01", "urgency", now)])
    case = next(iter(fold_cases(record(first.events())).values()))
    steps = events_for(case, "take", actor="ada", at=now)
    taken = next(iter(fold_cases(record(first.events(), steps)).values()))
    again = signal("C01", "urgency", now + 2 * HOUR, 1, feedback_id="f-2")
    joined = decide([again], {taken.case_id: taken}, at=now + 2 * HOUR)
    assert (joined.cases, len(joined.joined)) == ([], 1)
    steps += events_for(taken, "reach", actor="ada", at=now + HOUR)
    known = fold_cases(record(first.events(), steps))
    opened = decide([again], known, at=now + 2 * HOUR)
    assert (opened.joined, [one.number for one in opened.cases]) == ([], [2])


def test_once_somebody_has_spoken_another_irritant_is_another_matter(decide, now, record):
    first = decide([signal("C01", "detractor", now, irritant_id="IR-0001")])
    case = next(iter(fold_cases(record(first.events())).values()))
    other = signal("C01", "detractor", now, 1, feedback_id="f-2", irritant_id="IR-0002")
    same = signal("C01", "detractor", now, 1, feedback_id="f-3", irritant_id="IR-0001")
    known = {case.case_id: case}
    assert len(decide([other, same], known).joined) == 2
    steps = events_for(case, "take", actor="ada", at=now)
    taken = next(iter(fold_cases(record(first.events(), steps)).values()))
    steps += events_for(taken, "reach", actor="ada", at=now)
    spoken = decide([other, same], fold_cases(record(first.events(), steps)))
    assert [one.signal.feedback_id for one in spoken.joined] == ["f-3"]
    assert [one.irritant_id for one in spoken.cases] == ["IR-0002"]


def test_nobody_with_an_open_case_gets_a_proactive_call(decide, now, record):
    known = fold_cases(record(decide([signal("C01", "urgency", now)]).events()))
    assert decide([signal("C01", "risk", now)], known).refusals() == {"case_open": 1}
    assert decide([signal("C01", "urgency", now), signal("C01", "risk", now)]).refusals() == {"case_open": 1}


def test_danger_and_public_posts_of_unknown_senders_are_answered(decide, now):
    gas = signal("", "urgency", now, feedback_id="f1", said_in="post", score=0.0)
    post = signal("", "public", now, feedback_id="f2", said_in="post", score=-0.8)
    mild = signal("", "public", now, feedback_id="f3", said_in="post", score=-0.1)
    review = signal("", "public", now, feedback_id="f4", said_in="review", score=-0.9)
    opened = decide([gas, post, mild, review, signal("", "detractor", now, feedback_id="f5")])
    found = {case.customer_id: (case.reason, case.owner_team, case.due_at, case.matter) for case in opened.cases}
    assert found == {
        "feedback:f1": ("urgency", "solidarity", now + HOUR, ""),
        "feedback:f2": ("public_complaint", "social", now + HOUR, "f2"),
    }
    assert opened.refusals() == {"no_rule": 2, "no_customer": 1}
    anonymous = decide([signal("", "urgency", now, feedback_id="f1", anonymous=True)])
    assert anonymous.refusals() == {"no_customer": 1}


def test_a_lower_signal_joins_without_moving_the_due_time_and_risk_joins_once(decide, now, record):
    first = decide([signal("C01", "leave_intent", now)])
    known = fold_cases(record(first.events()))
    second = decide([signal("C01", "detractor", now), signal("C01", "risk", now)], known, at=now + HOUR)
    case = next(iter(fold_cases(record(first.events(), second.events())).values()))
    assert (case.reason, case.due_at, len(case.signals)) == ("leave_intent", first.cases[0].due_at, 3)
    next_day = [signal("C01", "risk", now + 24 * HOUR, feedback_id="C01:2026-10-30")]
    assert decide(next_day, {case.case_id: case}, at=now + 24 * HOUR).joined == []


def closed_case(decide, now, record, kind="detractor"):
    opened = decide([signal("C01", kind, now)])
    case = next(iter(fold_cases(record(opened.events())).values()))
    steps = events_for(case, "take", actor="ada", at=now)
    case = next(iter(fold_cases(record(opened.events(), steps)).values()))
    steps += events_for(case, "conclude", actor="ada", at=now + HOUR, outcome="solved")
    return fold_cases(record(opened.events(), steps))


def test_after_closing_a_risk_stays_quiet_but_new_words_open_a_second_case(decide, now, record):
    known = closed_case(decide, now, record)
    later = now + 30 * 24 * HOUR
    assert decide([signal("C01", "risk", later)], known, at=later).refusals() == {"quiet_days": 1}
    opened = decide([signal("C01", "detractor", later, feedback_id="f-new")], known, at=later)
    assert [case.number for case in opened.cases] == [2]
    assert opened.cases[0].draft().key == "case:C01:opened:2"
    much_later = now + 61 * 24 * HOUR
    assert len(decide([signal("C01", "risk", much_later)], known, at=much_later).cases) == 1


def test_two_writers_cannot_open_two_cases_for_one_customer(decide, now, record):
    one = decide([signal("C01", "detractor", now, feedback_id="f-1")])
    two = decide([signal("C01", "leave_intent", now, feedback_id="f-2")])
    assert one.cases[0].case_id != two.cases[0].case_id
    assert len(fold_cases(record(one.events(), two.events()))) == 1


def test_a_danger_of_before_families_leaves_the_number_of_the_next_answer_free(decide, now, record):
    old = decide([signal("C01", "urgency", now)]).cases[0].draft()
    payload = {name: value for name, value in old.payload.items() if name != "family"}
    known = fold_cases(record([replace(old, payload=payload, key="case:C01:opened:1")]))
    opened = decide([signal("C01", "detractor", now)], known)
    assert opened.cases[0].draft().key == "case:C01:opened:2"


def test_the_opening_event_holds_no_health_detail_and_no_words(decide, now):
    payload = decide([signal("C01", "urgency", now, urgent_about="medical")]).cases[0].draft().payload
    assert "medical" not in str(payload)
    assert set(payload) == {
        *("customer_id", "reason", "owner_team", "promise", "due_at", "waiting_since", "signals"),
        *("irritant_id", "segment", "language", "value_eur_year", "family", "resolve_by"),
    }


def test_a_promise_may_start_with_the_customers_words(make_rules, customers, calendars, now):
    rules = replace(make_rules(), promise_starts="signal")
    one = signal("C01", "detractor", now, 26)
    case = open_cases([one], {}, customers, rules=rules, calendars=calendars, now=now).cases[0]
    assert case.due_at == one.at + 48 * HOUR


def test_a_team_without_calendar_is_named(make_rules, customers, now):
    with pytest.raises(SettingsError, match="solidarity"):
        open_cases([signal("C01", "urgency", now)], {}, customers, rules=make_rules(), calendars={}, now=now)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (("promise: urgent", "promise: soon"), "'urgency' promises 'soon'"),
        (("team: solidarity", "team: nobody"), "names nobody, which teams.yaml lacks"),
        (("signal: leave_intent", "signal: leave_intent\n    proactive: true"), "only a risk may be held out"),
        (("reason: urgency", "reason: urgency\n    colour: red"), "colour"),
        (("    when: {kinds: [post], score: {max: -0.3}}", "    when: {score: {min: 2, max: 1}}"), "above max"),
        (("    when: {kinds: [post], score: {max: -0.3}}", "    when: {sources: []}"), "sources"),
        (("    when: {kinds: [post], score: {max: -0.3}}", "    when: {kinds: [letters]}"), "letters"),
        (("    when: {kinds: [post], score: {max: -0.3}}", "    when: {mood: bad}"), "mood"),
        (("  - reason: urgency\n    signal: urgency", "  - reason: urgency\n    signal: risk"), "must stand first"),
        (("quiet_days: 60", "quiet_days: -1"), "quiet_days"),
    ],
)
def test_a_mistake_in_the_rules_is_named_with_its_file(tmp_path: Path, change, found, calendars):
    source = Path("data/reference/case_rules.yaml").read_text(encoding="utf-8")
    assert change[0] in source
    path = tmp_path / "case_rules.yaml"
    path.write_text(source.replace(*change), encoding="utf-8")
    settings = Settings(data_dir=tmp_path / "data", keys_dir=tmp_path / "keys", _env_file=None)
    with pytest.raises(SettingsError, match=found) as refusal:
        load_rules(path, settings, calendars)
    assert str(path) in str(refusal.value)
