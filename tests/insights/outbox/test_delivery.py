"""At least once, never under another id, on the schedule, and nothing after success; against a real receiver."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from receivers import NOW, receiver
from standardwebhooks import Webhook

from insights.cases import events_for, fold_cases
from insights.outbox import Deliverer, Endpoint, deliver_due
from insights.outbox.control import enable
from insights.outbox.fold import SCHEDULE, Delivery, message_id, next_attempt

KEY = b"k" * 24
SECOND = timedelta(seconds=1)


@pytest.fixture
def there():
    with receiver() as found:
        yield found


@pytest.fixture
def run(ledger, there, tmp_path: Path):
    def once(at=NOW, dry_run=False, **changes):
        endpoint = Endpoint(there.url, (KEY,), **{"allow_private": True, **changes})
        return deliver_due(ledger, endpoint, at, dry_run=dry_run, out_dir=tmp_path / "out")

    return once


def kinds(ledger) -> list[str]:
    return [event.kind for event in ledger.events(("delivery.", "endpoint."))]


def test_a_case_is_delivered_once_and_a_replay_sends_nothing(ledger, open_case, there, run):
    open_case()
    report = run()
    assert (report.n_requested, report.n_delivered, report.n_pending) == (1, 1, 0)
    headers, body = there.got[0]
    message = Webhook(KEY).verify(body, headers)
    assert message == {
        "type": "case.opened",
        "timestamp": "2026-10-29T10:00:00Z",
        "data": {
            **{"case_id": "k1", "customer_id": "C-k1", "reason": "detractor", "promise": "standard"},
            **{"due_at": "2026-10-31T10:00:00Z", "owner_team": "callbacks"},
        },
    }
    assert kinds(ledger) == ["delivery.requested", "delivery.attempted", "delivery.delivered"]
    for later in (NOW, NOW + timedelta(days=3)):
        assert run(later).n_delivered == 0
    assert len(there.got) == 1


def test_a_failure_is_tried_again_on_the_schedule_under_the_same_id_and_bytes(open_case, there, run):
    open_case()
    there.script = [(500, {}), (500, {})]
    first = run()
    assert (first.n_failed, first.n_pending) == (1, 1)
    assert run(NOW + 4 * SECOND).n_failed == 0  # five seconds have not passed
    assert run(NOW + 7 * SECOND).n_failed == 1
    assert run(NOW + 200 * SECOND).n_delivered == 0  # five minutes have not passed
    assert run(NOW + 400 * SECOND).n_delivered == 1
    assert len(set(there.ids)) == 1
    assert len({body for _headers, body in there.got}) == 1


def test_after_ten_attempts_the_message_is_dead(ledger, open_case, there, run):
    open_case()
    there.script = [(500, {})] * 12
    at = NOW
    for _attempt in range(12):
        run(at)
        at += timedelta(hours=30)
    assert len(there.got) == len(SCHEDULE) == 10
    assert kinds(ledger)[-1] == "delivery.dead"
    assert run(at).n_pending == 0


def test_the_schedule_has_jitter_that_a_replay_repeats():
    one = Delivery("msg_a", "k", "case.opened", b"", NOW, NOW, n_failures=1)
    two = Delivery("msg_b", "k", "case.opened", b"", NOW, NOW, n_failures=1)
    waits = [next_attempt(delivery, NOW) - NOW for delivery in (one, two)]
    assert waits[0] != waits[1]
    assert all(timedelta(minutes=5) <= wait <= timedelta(minutes=6) for wait in waits)
    assert next_attempt(one, NOW) - NOW == waits[0]


def test_gone_disables_the_endpoint_until_somebody_enables_it(ledger, open_case, there, run):
    open_case("k1")
    open_case("k2")
    there.script = [(410, {})]
    report = run()
    assert report.disabled and "410" in report.sentence()
    assert len(there.got) == 1
    assert run(NOW + timedelta(days=1)).n_delivered == 0
    assert kinds(ledger).count("endpoint.disabled") == 1
    enable(ledger, Endpoint(there.url, (KEY,)), actor="ada", at=NOW + timedelta(days=2))
    assert run(NOW + timedelta(days=2)).n_delivered == 2


def test_retry_after_pauses_the_whole_endpoint(open_case, there, run):
    open_case("k1")
    open_case("k2")
    there.script = [(429, {"retry-after": "600"})]
    report = run()
    assert (report.n_failed, report.n_pending, len(there.got)) == (1, 2, 1)
    assert report.paused_until == NOW + timedelta(minutes=10)
    assert run(NOW + timedelta(minutes=9)).n_delivered == 0
    assert len(there.got) == 1
    assert run(NOW + timedelta(minutes=10)).n_delivered == 2


def test_a_receiver_that_is_down_stops_the_run_and_loses_nothing(open_case, there, run):
    for number in range(9):
        open_case(f"k{number}")
    there.script = [(500, {})] * 5
    report = run()
    assert (report.n_failed, report.n_delivered, report.n_pending) == (5, 0, 9)
    assert run(NOW + timedelta(minutes=1)).n_delivered == 9
    assert len(set(there.ids)) == 9


def test_a_redirect_and_an_internal_address_are_failures_not_deliveries(ledger, open_case, there, run):
    open_case()
    there.script = [(302, {"location": "https://example.org/"})]
    assert run().n_failed == 1
    refused = run(allow_private=False, at=NOW + timedelta(minutes=1))
    assert refused.n_failed == 1
    assert "internal address" in refused.errors[0]
    assert len(there.got) == 1
    failures = [event.payload for event in ledger.events(("delivery.failed",))]
    assert [(one["status"], one["error"]) for one in failures] == [(302, None), (None, "address")]
    assert "127.0.0.1" not in json.dumps(failures)


def test_the_most_pressing_case_goes_first(open_case, there, run):
    open_case("k1", due_hours=48)
    open_case("k2", due_hours=1)
    run()
    assert [json.loads(body)["data"]["case_id"] for _headers, body in there.got] == ["k2", "k1"]


def test_a_dry_run_writes_files_and_records_nothing(ledger, open_case, there, run, tmp_path):
    open_case()
    report = run(dry_run=True)
    assert [path.parent.name for path in report.files] == ["webhooks"]
    assert json.loads(report.files[0].read_text())["data"]["case_id"] == "k1"
    assert "none sent (dry run)" in report.sentence()
    assert (kinds(ledger), there.got) == ([], [])
    assert run(dry_run=True).files == report.files
    assert run().n_delivered == 1


def test_a_raised_and_a_reopened_case_are_messages_of_their_own(ledger, open_case, there, run):
    open_case()
    run()
    quiet = {"signal": "risk:f2"}
    ledger.append("case.signal_added", "k1", quiet, actor="rules", at=NOW, key="case:k1:signal:risk:f2")
    assert run().n_delivered == 0
    raised = {
        **{"signal": "urgency:f3", "reason": "urgency", "owner_team": "solidarity", "promise": "urgent"},
        "due_at": (NOW + timedelta(hours=1)).isoformat(),
    }
    ledger.append("case.signal_added", "k1", raised, actor="rules", at=NOW, key="case:k1:signal:urgency:f3")
    assert run().n_delivered == 1
    data = json.loads(there.got[-1][1])["data"]
    assert (data["reason"], data["due_at"]) == ("urgency", "2026-10-29T11:00:00Z")
    assert len(set(there.ids)) == 2


def test_a_case_that_has_ended_is_not_delivered_any_more(ledger, open_case, there, run):
    open_case()
    for action, details in (("take", {}), ("conclude", {"outcome": "solved"})):
        case = fold_cases(ledger.events(("case.",)))["k1"]
        for draft in events_for(case, action, actor="ada", at=NOW, **details):
            ledger.append(**draft.row())
    report = run()
    assert (report.n_delivered, report.n_pending, there.got) == (0, 0, [])


def test_a_sender_that_died_leaves_the_message_in_doubt_and_the_next_sends_it_again(ledger, open_case, there, run):
    open_case()
    endpoint = Endpoint(there.url, (KEY,), allow_private=True)
    event_id = ledger.events(("case.",))[0].event_id
    key = f"delivery:{endpoint.endpoint_id}:{message_id('k1', event_id)}:attempt:1"
    payload = {"endpoint": endpoint.endpoint_id, "n": 1}
    ledger.append("delivery.attempted", message_id("k1", event_id), payload, actor="outbox", at=NOW, key=key)
    assert run(NOW + 10 * SECOND).n_delivered == 0  # it may still be at it
    report = run(NOW + 61 * SECOND)
    assert (report.n_delivered, report.n_in_doubt) == (1, 1)
    assert there.ids == [message_id("k1", event_id)]


def test_two_senders_at_once_deliver_each_message_once(ledger, open_case, there, tmp_path):
    for number in range(12):
        open_case(f"k{number}")
    start = threading.Barrier(2)

    def deliver(_number: int):
        sender = Deliverer(ledger, Endpoint(there.url, (KEY,), allow_private=True))
        start.wait()
        return sender.deliver_due(NOW, dry_run=False, out_dir=tmp_path)

    with ThreadPoolExecutor(max_workers=2) as pool:
        reports = list(pool.map(deliver, range(2)))
    assert len(there.ids) == len(set(there.ids)) == 12
    assert sum(report.n_delivered for report in reports) == 12


def test_a_deliverer_reads_only_what_is_new(ledger, open_case, there, tmp_path):
    deliverer = Deliverer(ledger, Endpoint(there.url, (KEY,), allow_private=True))
    open_case("k1")
    assert deliverer.deliver_due(NOW, dry_run=False, out_dir=tmp_path).n_delivered == 1
    seen = deliverer.outbox.last_event_id
    open_case("k2")
    assert deliverer.deliver_due(NOW, dry_run=False, out_dir=tmp_path).n_delivered == 1
    assert deliverer.outbox.last_event_id > seen
    assert deliverer.deliver_due(NOW, dry_run=False, out_dir=tmp_path).n_delivered == 0


def test_nothing_personal_and_no_address_in_the_ledger(ledger, open_case, there, run):
    open_case()
    run()
    held = json.dumps([event.payload for event in ledger.events(("delivery.", "endpoint."))])
    assert there.url not in held
    assert "C-k1" not in held
