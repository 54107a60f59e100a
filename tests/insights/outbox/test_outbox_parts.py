"""The breaker, the rate limit, the file of endpoints, routes, replay, and what an erasure leaves."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from receivers import NOW, Receiver, receiver
from typer.testing import CliRunner

from insights.cases import events_for, fold_cases
from insights.cli import main as cli
from insights.cli import outbox as outbox_cli
from insights.errors import DeliveryError, SettingsError
from insights.ledger import Ledger
from insights.outbox import Deliverer, Endpoint, enable, replay
from insights.outbox.breaker import CLOSED, HALF_OPEN, OPEN, Breaker
from insights.outbox.control import dead_letters, folded
from insights.outbox.crm.rate import Bucket
from insights.outbox.endpoints import load_directory
from insights.outbox.fold import Outbox, Route
from insights.outbox.report import DeliveryReport, told
from insights.outbox.trial import trial
from insights.settings import Settings
from insights.steps.deliver import deliver_all

REFERENCE = Path(__file__).parents[3] / "data" / "reference"
KEY = f"whsec_{base64.b64encode(b'k' * 24).decode()}"
SECOND = timedelta(seconds=1)


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def endpoint(url: str, name: str = "tool", **more: Any) -> Endpoint:
    return Endpoint(url, (b"k" * 24,), allow_private=True, name=name, **more)


def run(ledger: Ledger, found: Endpoint, at: Any, folder: Path) -> DeliveryReport:
    return Deliverer(ledger, found).deliver_due(at, dry_run=False, out_dir=folder)


def act(ledger: Ledger, case_id: str, action: str, **details: Any) -> None:
    case = fold_cases(ledger.events(("case.",)))[case_id]
    for draft in events_for(case, action, actor="ada", at=NOW, **details):
        assert ledger.append(**draft.row())


def test_the_breaker_opens_after_five_failures_and_doubles_its_pause_at_each_failed_try():
    breaker = Breaker()
    for _ in range(4):
        breaker.note(500, None, NOW)
    assert breaker.state(NOW) == CLOSED
    breaker.note(None, "timeout", NOW)
    assert breaker.state(NOW + 29 * SECOND) == OPEN
    assert breaker.state(NOW + 30 * SECOND) == HALF_OPEN
    breaker.note(500, None, NOW + SECOND)  # one of those that opened it, told late
    assert breaker.state(NOW + 30 * SECOND) == HALF_OPEN
    at = NOW + 30 * SECOND
    for seconds in (60, 120, 240, 480, 960, 1800, 1800):
        breaker.note(503, None, at)
        assert breaker.state(at + (seconds - 1) * SECOND) == OPEN
        at += seconds * SECOND
        assert breaker.state(at) == HALF_OPEN
    breaker.note(204, None, at)
    assert (breaker.state(at), breaker.failures, breaker.opened) == (CLOSED, 0, 0)


@pytest.mark.parametrize("status", [400, 409, 413, 422, 429])
def test_a_bad_message_or_a_rate_limit_says_nothing_of_the_endpoint(status: int):
    breaker = Breaker()
    for _ in range(20):
        breaker.note(status, None, NOW)
    assert breaker.state(NOW) == CLOSED


def test_the_breaker_of_one_endpoint_holds_up_no_other_and_survives_the_process(
    ledger: Ledger, open_case: Any, there: Receiver, tmp_path: Path
):
    for number in range(8):
        open_case(f"k{number}")
    with receiver() as broken:
        bad, good = endpoint(broken.url, "bad"), endpoint(there.url, "good")
        broken.script = [(500, {})] * 6
        assert run(ledger, bad, NOW, tmp_path).breaker == OPEN
        assert run(ledger, good, NOW, tmp_path).n_delivered == 8
        assert run(ledger, bad, NOW + 10 * SECOND, tmp_path).n_failed == 0  # another process: the fold says the same
        assert run(ledger, bad, NOW + 31 * SECOND, tmp_path).breaker == OPEN  # one try, one more failure
        assert len(broken.got) == 6
        assert run(ledger, bad, NOW + 80 * SECOND, tmp_path).breaker == OPEN  # now for a minute
        assert run(ledger, bad, NOW + 95 * SECOND, tmp_path).n_delivered == 7
        assert run(ledger, bad, NOW + 600 * SECOND, tmp_path).n_delivered == 1  # the one that tried waits longer


@given(
    limit=st.integers(5, 400),
    seconds=st.sampled_from([1.0, 10.0, 60.0]),
    gaps=st.lists(st.floats(0, 5), min_size=1, max_size=300),
)
def test_no_window_holds_more_than_seventy_per_cent_of_the_plan(limit: int, seconds: float, gaps: list[float]):
    clock = [1000.0]
    bucket = Bucket(limit, seconds, clock=lambda: clock[0])
    passed: list[float] = []
    for gap in gaps:
        clock[0] += gap * seconds / 100
        while not bucket.wait_seconds():
            bucket.take()
            passed.append(clock[0])
            if len(passed) > 3000:
                break
    for start in passed:
        assert sum(start <= at < start + seconds for at in passed) <= max(0.7 * limit, 1.0) + 1


def test_the_rate_limit_knows_what_other_processes_have_used():
    clock = [0.0]
    fresh = Bucket(700, 60.0, clock=lambda: clock[0])
    used = Bucket(700, 60.0, [0.0] * 100, clock=lambda: clock[0])
    assert fresh.wait_seconds() == 0
    assert used.wait_seconds() > 0
    clock[0] += used.wait_seconds() + 0.01
    assert used.wait_seconds() == 0


def test_endpoints_get_only_the_cases_of_their_teams_and_reasons(
    ledger: Ledger, open_case: Any, there: Receiver, tmp_path: Path
):
    open_case("k1")
    callbacks = endpoint(there.url, "callbacks", route=Route(teams=frozenset({"callbacks"})))
    others = endpoint(there.url, "others", route=Route(teams=frozenset({"solidarity"})))
    urgent = endpoint(there.url, "urgent", route=Route(reasons=frozenset({"urgency"})))
    assert [run(ledger, one, NOW, tmp_path).n_delivered for one in (callbacks, others, urgent)] == [1, 0, 0]
    act(ledger, "k1", "transfer", team="solidarity")
    assert [run(ledger, one, NOW, tmp_path).n_delivered for one in (callbacks, others, urgent)] == [1, 1, 0]
    assert [json.loads(body)["type"] for _headers, body in there.got[-2:]] == ["case.transferred"] * 2


def test_a_tool_that_has_the_case_is_told_when_it_ends_elsewhere(
    ledger: Ledger, open_case: Any, there: Receiver, tmp_path: Path
):
    open_case("k1")
    tool = endpoint(there.url)
    run(ledger, tool, NOW, tmp_path)
    act(ledger, "k1", "take")
    assert run(ledger, tool, NOW, tmp_path).n_delivered == 0
    act(ledger, "k1", "conclude", outcome="solved")
    assert run(ledger, tool, NOW, tmp_path).n_delivered == 1
    body = json.loads(there.got[-1][1])
    assert (body["type"], body["data"]["outcome"]) == ("case.resolved", "solved")


def test_a_dead_letter_is_sent_again_by_a_named_person_under_its_old_id(
    ledger: Ledger, open_case: Any, there: Receiver, tmp_path: Path
):
    open_case("k1")
    tool = endpoint(there.url)
    there.script = [(500, {})] * 10
    at = NOW
    for _ in range(10):
        run(ledger, tool, at, tmp_path)
        at += timedelta(hours=30)
    (dead,) = dead_letters(folded(ledger, tool))
    assert (dead.n_attempts, dead.why) == (10, "500")
    assert run(ledger, tool, at, tmp_path).n_pending == 0
    assert replay(ledger, tool, dead.message_id, actor="ada", at=at)
    (event,) = ledger.events(("delivery.replayed",))
    assert (event.actor, event.subject) == ("ada", dead.message_id)
    there.script = [(500, {})]
    assert run(ledger, tool, at, tmp_path).n_failed == 1
    assert run(ledger, tool, at + timedelta(hours=1), tmp_path).n_delivered == 1
    assert len(set(there.ids)) == 1
    with pytest.raises(DeliveryError, match="is delivered, not given up"):
        replay(ledger, tool, dead.message_id, actor="ada", at=at)
    with pytest.raises(DeliveryError, match="has no message"):
        replay(ledger, tool, "msg_none", actor="ada", at=at)


def test_a_message_claimed_and_not_sent_is_given_back_at_once(
    ledger: Ledger, open_case: Any, there: Receiver, tmp_path: Path
):
    for number in range(3):
        open_case(f"k{number}")
    there.script = [(503, {"retry-after": "10"})]
    assert run(ledger, endpoint(there.url), NOW, tmp_path).n_failed == 1
    assert len(ledger.events(("delivery.released",))) == 2
    report = run(ledger, endpoint(there.url), NOW + 10 * SECOND, tmp_path)
    assert (report.n_delivered, report.n_in_doubt) == (3, 0)


def test_several_connections_deliver_each_message_once(ledger: Ledger, open_case: Any, there: Receiver, tmp_path: Path):
    for number in range(30):
        open_case(f"k{number}")
    report = run(ledger, endpoint(there.url, connections=4), NOW, tmp_path)
    assert report.n_delivered == 30 and len(set(there.ids)) == len(there.ids) == 30
    assert len(ledger.events(("delivery.",))) == 90
    assert len({event.payload["by"] for event in ledger.events(("delivery.attempted",))}) == 1


def test_a_deliverer_that_lives_on_forgets_an_erased_customer(
    ledger: Ledger, open_case: Any, there: Receiver, tmp_path: Path
):
    from sqlalchemy import delete

    from insights.ledger.schema import EVENT

    open_case("k1")
    open_case("k2")
    deliverer = Deliverer(ledger, endpoint(there.url))
    deliverer.catch_up()
    assert len(deliverer.outbox.due(NOW)) == 2
    with ledger.engine.begin() as connection:  # what erasing a customer does to an open case
        connection.execute(delete(EVENT).where(EVENT.c.subject == "k1"))
    ledger.append("privacy.erased", "erased-1", {}, actor="privacy", at=NOW, key="privacy:1")
    assert deliverer.deliver_due(NOW, dry_run=False, out_dir=tmp_path).n_delivered == 1
    assert b"C-k1" not in b"".join(one.body for one in deliverer.outbox.deliveries.values())
    assert b"C-k1" not in b"".join(body for _headers, body in there.got)


def test_events_of_the_first_outbox_fold_as_before():
    class Old:
        def __init__(self, number: int, kind: str, subject: str, payload: dict[str, Any]) -> None:
            self.event_id, self.kind, self.subject, self.payload = number, kind, subject, payload
            self.at, self.actor, self.idempotency_key = NOW, "outbox", str(number)

    opened = {"customer_id": "C1", "reason": "detractor", "owner_team": "callbacks", "promise": "standard"}
    opened["due_at"] = (NOW + timedelta(days=2)).isoformat()
    outbox = Outbox("endpoint-abc")
    outbox.add([Old(7, "case.opened", "k1", opened)])
    (message,) = outbox.deliveries
    more = {"endpoint": "endpoint-abc", "n": 1}
    failed = {**more, "status": 500, "error": None, "next_at": (NOW + 5 * SECOND).isoformat()}
    outbox.add([Old(8, "delivery.requested", message, more), Old(9, "delivery.attempted", message, more)])
    outbox.add([Old(10, "delivery.failed", message, failed)])
    assert (message, outbox.due(NOW), len(outbox.due(NOW + 5 * SECOND))) == ("msg_f5284c10133f9e09d0f6d016", [], 1)
    outbox.add([Old(11, "delivery.attempted", message, {**more, "n": 2}), Old(12, "delivery.delivered", message, more)])
    assert outbox.live() == []


def test_what_a_clock_that_was_ahead_put_off_is_due_when_it_is_put_right(ledger, there, tmp_path, open_case):
    open_case("k1")
    found, tomorrow = endpoint(there.url), NOW + timedelta(days=1)
    there.script = [(500, {})] * 5 + [(429, {"retry-after": "3600"})]
    for seconds in (0, 10, 700, 3600, 20_000, 60_000):
        assert run(ledger, found, tomorrow + seconds * SECOND, tmp_path).n_delivered == 0
    outbox = folded(ledger, found)
    assert not outbox.accepts(tomorrow + 60_001 * SECOND) and outbox.due(tomorrow + 60_001 * SECOND) == []
    assert outbox.next_due(NOW) == NOW
    assert run(ledger, found, NOW, tmp_path).n_delivered == 1
    assert run(ledger, found, tomorrow, tmp_path).n_delivered == 0  # ahead again: nothing is sent twice
    assert len(set(there.ids)) == 1 and len(there.ids) == 7


def directory_with(settings: Settings, tmp_path: Path, entries: Any, told_: Any = None, **more: Any) -> Settings:
    folder = tmp_path / "reference"
    folder.mkdir(exist_ok=True)
    for name in ("teams.yaml", "case_rules.yaml", "unit_costs.yaml"):
        (folder / name).write_bytes((REFERENCE / name).read_bytes())
    (folder / "endpoints.yaml").write_text(yaml.safe_dump({"endpoints": entries, "told": told_ or {}}))
    return settings.model_copy(update={"reference_dir": folder, "dry_run": False, **more})


def test_the_file_that_ships_is_read_and_reaches_nobody(settings: Settings):
    assert load_directory(settings.model_copy(update={"reference_dir": REFERENCE})).endpoints == {}


def test_the_settings_alone_still_make_one_endpoint(settings: Settings, tmp_path: Path):
    url = "https://tool.example/hook"
    found = directory_with(settings, tmp_path, {}, webhook_url=url, webhook_secret=SecretStr(KEY))
    (only,) = load_directory(found).endpoints.values()
    assert only.endpoint_id == Endpoint(url).endpoint_id and only.endpoint_id.startswith("endpoint-")
    with pytest.raises(SettingsError, match="VOC_WEBHOOK_SECRET"):
        load_directory(found.model_copy(update={"webhook_secret": None}))


def test_names_routes_secrets_and_private_hosts_come_from_the_file(settings: Settings, tmp_path: Path):
    entries = {
        "tool": {"kind": "webhook", "url": "https://crm.lan/x", "secret": "shared", "allow_private": ["crm.lan"]},
        "other": {"kind": "webhook", "url": "https://crm.lan.example/x", "secret": "shared", "teams": ["callbacks"]},
        "desk": {"kind": "slack"},
        "hub": {"kind": "hubspot", "url": "https://api.hubapi.com", "enabled": False},
    }
    secrets = {"shared": SecretStr(KEY), "desk": SecretStr("https://hooks.slack.example/T/B/x")}
    people = {"teams": {"callbacks": {"to": ["desk"], "quiet": ["20:00-08:00"], "language": "en"}}}
    found = load_directory(directory_with(settings, tmp_path, entries, people, outbox_secrets=secrets))
    assert set(found.endpoints) == {"tool", "other", "desk"}
    assert (found.named("tool").allow_private, found.named("other").allow_private) == (True, False)
    assert found.named("other").route == Route(teams=frozenset({"callbacks"}))
    assert found.named("desk").url == "https://hooks.slack.example/T/B/x"
    assert found.teams["callbacks"].quiet == ((1200, 1440), (0, 480))
    assert "hooks.slack" not in repr(found)
    with pytest.raises(SettingsError, match="there are: desk, other, tool"):
        found.named("nobody")


@pytest.mark.parametrize(
    ("entries", "people", "sentence"),
    [
        (
            {"a": {"kind": "webhook", "url": "https://x.example"}},
            {},
            "'a' has no secret: put 'a' into VOC_OUTBOX_SECRETS",
        ),
        ({"a": {"kind": "pigeon"}}, {}, "cannot be read"),
        ({"a": {"kind": "mail"}}, {}, "give it an `address`"),
        ({"a": {"kind": "mail", "address": "a@b.example", "colour": 1}}, {}, "colour"),
        ({}, {"teams": {"callbacks": {"to": ["nobody"]}}}, "told over 'nobody'"),
        ({}, {"teams": {"callbacks": {"to": ["x"], "timezone": "Mars/Base"}}}, "cannot be read"),
    ],
)
def test_a_mistake_in_the_file_is_named(settings: Settings, tmp_path: Path, entries: Any, people: Any, sentence: str):
    with pytest.raises(SettingsError, match=sentence):
        load_directory(directory_with(settings, tmp_path, entries, people))


def test_one_round_reaches_every_endpoint_and_tells_it_in_one_line(
    settings: Settings, ledger: Ledger, open_case: Any, there: Receiver, tmp_path: Path
):
    open_case("k1")
    entries = {
        name: {"kind": "webhook", "url": there.url, "secret": "s", "allow_private": ["127.0.0.1"]}
        for name in ("a", "b")
    }
    found = directory_with(settings, tmp_path, entries, outbox_secrets={"s": SecretStr(KEY)})
    reports = deliver_all(ledger, found, dry_run=False)
    assert told(reports) == "2 delivered to 2 endpoints, 0 to be tried again, 0 given up."
    assert told(deliver_all(ledger, found, dry_run=True)).startswith("0 delivered")
    open_case("k2")
    assert told(deliver_all(ledger, found, dry_run=True)).startswith("2 deliveries to 2 endpoints written to files")
    assert len(there.got) == 2


def test_a_trial_is_signed_and_touches_no_case(there: Receiver):
    assert trial(endpoint(there.url), NOW).ok
    assert json.loads(there.got[0][1])["type"] == "voc.test"
    slack = Endpoint(there.url, allow_private=True, name="s", kind="slack", options={"dashboard_url": "x"})
    assert trial(slack, NOW).ok
    assert "Test" in json.loads(there.got[1][1])["text"]


def test_the_commands_show_enable_and_replay(
    settings: Settings, ledger: Ledger, open_case: Any, there: Receiver, tmp_path: Path, monkeypatch: Any
):
    open_case("k1")
    entry = {"kind": "webhook", "url": there.url, "secret": "s", "allow_private": ["127.0.0.1"]}
    found = directory_with(settings, tmp_path, {"tool": entry}, outbox_secrets={"s": SecretStr(KEY)})
    monkeypatch.setattr(outbox_cli, "default_settings", lambda: found)
    ask: Callable[..., str] = lambda *words: CliRunner().invoke(cli.app, ["outbox", *words]).output  # noqa: E731
    there.script = [(410, {})]
    deliver_all(ledger, found, dry_run=False)
    assert "tool  webhook  off (410)  1 waiting, 0 delivered, 0 given up" in ask("list")
    assert "deliveries go on" in ask("enable", "tool", "--by", "ada")
    assert ledger.events(("endpoint.enabled",))[0].actor == "ada"
    assert "closed" in ask("list")
    key = f"delivery:tool:{folded(ledger, load_directory(found).named('tool')).live()[0].message_id}"
    message = key.rpartition(":")[2]
    dead = {"endpoint": "tool", "status": 400, "error": None, "n": 1}
    ledger.append("delivery.dead", message, dead, actor="outbox", at=NOW, key=f"{key}:dead:9")
    assert f"{message}  tool  case k1  case.opened  1 tries  400" in ask("dead")
    assert "1 dead letters of tool will be sent again" in ask("replay", "tool", "--by", "ada")
    assert "No dead letter" in ask("dead", "tool")
    assert "tool answered 200" in ask("test", "tool", "--send")
    assert "No endpoint has" in ask("poll")
    assert enable(ledger, load_directory(found).named("tool"), actor="ada", at=NOW)
