"""An action at Jira: one issue whatever the network does, its state read back, and a person who confirms it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from crms import Server, serving
from jiras import USER, JiraCloud
from receivers import NOW
from sqlalchemy import update

from insights.actions import DONE, DROPPED, PLANNED, RUNNING, Action
from insights.actions.edit import declare, set_state
from insights.errors import DeliveryError, LedgerError, SettingsError
from insights.ledger import Ledger
from insights.ledger.schema import CURSOR
from insights.outbox import Deliverer, DeliveryReport, Endpoint, replay
from insights.outbox.endpoints import load_directory
from insights.outbox.fold import Route
from insights.outbox.jira import SETTLE_SECONDS, Jira
from insights.outbox.trial import trial
from insights.settings import Settings
from insights.steps import actions, jira

SETTLED = timedelta(seconds=SETTLE_SECONDS + 1)


class Tracker:
    """One Jira on loopback, one action, and the deliverer between them."""

    def __init__(self, ledger: Ledger, settings: Settings, server: Server, state: JiraCloud, out: Path) -> None:
        self.ledger, self.settings, self.server, self.state, self.out = ledger, settings, server, state, out
        options = {"project": "VOC", "limit_calls": 10_000, "limit_seconds": 1.0}
        self.endpoint = Endpoint(
            server.url, name="jira", kind="jira", token=USER, allow_private=True, options=options,
            route=Route(cases=False), timeout_seconds=5.0,
        )  # fmt: skip
        told = {"title": "Prévenir deux mois avant", "irritant_id": "IR-0001", "owner": "PO Facturation"}
        self.action_id = actions.record(ledger, lambda known: declare(known, told), actor="Nadia", at=NOW)

    @property
    def action(self) -> Action:
        return actions.book(self.ledger).actions[self.action_id]

    @property
    def link(self) -> jira.Link:
        return jira.links(self.ledger)[self.action_id]

    def send(self) -> bool:
        return jira.send(
            self.ledger, self.settings, self.endpoint, self.action, "Facture de régularisation", "1 200 €", "fr",
            actor="Nadia", at=NOW,
        )  # fmt: skip

    def run(self, at: datetime | None = None, dry_run: bool = False, **changes: Any) -> DeliveryReport:
        endpoint = replace(self.endpoint, **changes)
        return Deliverer(self.ledger, endpoint).deliver_due(self.now(at), dry_run=dry_run, out_dir=self.out)

    def now(self, at: datetime | None) -> datetime:
        """Deliveries go by the wall clock, and so does what is queued for them."""
        queued = self.ledger.events(("message.queued",))
        return at or datetime.fromisoformat(queued[-1].payload["not_before"])

    def poll(self) -> str:
        return jira.poll(self.ledger, self.endpoint, NOW)


@pytest.fixture
def tracker(ledger: Ledger, settings: Settings, tmp_path: Path) -> Iterator[Tracker]:
    state = JiraCloud()
    with serving(state) as server:
        yield Tracker(ledger, settings, server, state, tmp_path / "out")


def test_an_action_becomes_one_issue_with_its_way_back(tracker: Tracker) -> None:
    assert tracker.send() and not tracker.send(), "the second click queues nothing"
    assert tracker.link.state == jira.WAITING
    assert tracker.run().n_delivered == 1
    (issue,) = tracker.state.issues
    told = issue["fields"]
    assert (told["summary"], told["labels"]) == ("Prévenir deux mois avant", ["voc-insights", "voc-ACT-0001"])
    words = json.dumps(told["description"], ensure_ascii=False)
    assert "Irritant : Facture de régularisation" in words and "actions?action=ACT-0001" in words
    assert (tracker.link.state, tracker.link.key) == (jira.THERE, "VOC-1")
    assert jira.address(tracker.link, [tracker.endpoint]).endswith("/browse/VOC-1")
    assert tracker.run().n_delivered == 0


def test_an_issue_that_is_there_already_is_linked_not_made_again(tracker: Tracker) -> None:
    tracker.send()
    tracker.run()
    other = tracker.endpoint.__class__(**{**tracker.endpoint.__dict__, "name": "jira_again"})
    tracker.endpoint = other
    assert tracker.send() and tracker.run().n_delivered == 1
    assert len(tracker.state.issues) == 1 and tracker.link.key == "VOC-1"


def test_a_lost_answer_makes_no_second_issue_even_while_the_search_lags(tracker: Tracker) -> None:
    tracker.state.lags, tracker.state.slow = True, threading.Event()
    tracker.send()
    start = tracker.now(None)
    report = tracker.run(timeout_seconds=0.5)
    tracker.state.slow.set()
    assert (report.n_failed, report.paused_until) == (1, start + timedelta(seconds=SETTLE_SECONDS))
    assert tracker.run(start + timedelta(seconds=30)).n_delivered == 0, "the search may not know it yet"
    tracker.state.index()
    assert tracker.run(start + SETTLED).n_delivered == 1
    assert len(tracker.state.issues) == 1 and tracker.link.key == "VOC-1"


def test_a_gateway_that_fails_after_the_creation_makes_no_second_issue(tracker: Tracker) -> None:
    tracker.state.lags, tracker.state.breaks = True, 1
    tracker.send()
    start = tracker.now(None)
    report = tracker.run()
    assert (report.n_failed, report.paused_until) == (1, start + timedelta(seconds=SETTLE_SECONDS))
    tracker.state.index()
    assert tracker.run(start + SETTLED).n_delivered == 1
    assert len(tracker.state.issues) == 1


@pytest.mark.parametrize(("headers", "seconds"), [({"retry-after": "42"}, 42), ({}, 1)])
def test_over_its_limit_it_is_left_alone(tracker: Tracker, headers: dict[str, str], seconds: int) -> None:
    tracker.send()
    start = tracker.now(None)
    tracker.server.script = [(429, headers, {})]
    assert tracker.run().paused_until == start + timedelta(seconds=seconds)
    assert tracker.run(start + timedelta(seconds=seconds - 0.5)).n_delivered == 0
    assert tracker.run(start + timedelta(seconds=seconds + 8)).n_delivered == 1


def test_a_wrong_token_keeps_the_action_waiting_until_it_is_mended(tracker: Tracker) -> None:
    tracker.send()
    start = tracker.now(None)
    report = tracker.run(token="voc@lumarelle.example:old")
    assert report.n_failed == 1 and "401" in report.errors[0]
    assert tracker.state.issues == [] and tracker.link.state == jira.WAITING
    assert tracker.run(start + timedelta(minutes=1)).n_delivered == 1
    assert trial(tracker.endpoint, NOW).ok and trial(replace(tracker.endpoint, token="x:y"), NOW).status == 401


def test_an_issue_that_jira_refuses_is_given_up_told_and_sent_again(tracker: Tracker) -> None:
    tracker.send()
    start = tracker.now(None)
    tracker.state.project = "OTHER"
    assert tracker.run().n_dead == 1
    assert (tracker.link.state, tracker.link.why) == (jira.GIVEN_UP, "400")
    tracker.state.project = "VOC"
    assert replay(tracker.ledger, tracker.endpoint, tracker.link.message_id, actor="ada", at=start)
    assert tracker.link.state == jira.WAITING
    assert tracker.run(start + timedelta(seconds=1)).n_delivered == 1


def test_a_dry_run_writes_the_issue_and_sends_nothing(tracker: Tracker) -> None:
    tracker.send()
    (path,) = tracker.run(dry_run=True).files
    assert json.loads(path.read_bytes())["fields"]["project"] == {"key": "VOC"}
    assert tracker.server.calls == [] and tracker.link.state == jira.WAITING


def test_jiras_state_comes_back_as_a_proposal_and_moves_nothing(tracker: Tracker) -> None:
    tracker.send()
    tracker.run()
    assert tracker.poll() == "jira: 1 issues looked at, 1 changed."
    assert (tracker.link.category, jira.proposed(tracker.action, tracker.link)) == ("new", None)
    tracker.state.move("VOC-1", "En cours")
    tracker.poll()
    assert jira.proposed(tracker.action, tracker.link) == RUNNING and tracker.action.state == PLANNED
    tracker.state.move("VOC-1", "Terminé")
    tracker.poll()
    assert (tracker.link.status, jira.proposed(tracker.action, tracker.link)) == ("Terminé", DONE)
    assert tracker.action.state == PLANNED and tracker.action.began_on is None, "a person says so, not Jira"
    assert tracker.poll().endswith("0 changed.")


def test_what_is_settled_is_not_asked_for_again_and_a_deleted_issue_is_said(tracker: Tracker) -> None:
    tracker.send()
    tracker.run()
    tracker.state.move("VOC-1", "Terminé")
    tracker.poll()
    actions.record(
        tracker.ledger, lambda known: set_state(known, tracker.action_id, DONE, NOW.date()), actor="Nadia", at=NOW
    )
    assert jira.proposed(tracker.action, tracker.link) is None
    n_calls = len(tracker.server.calls)
    assert tracker.poll() == "jira: 0 issues looked at, 0 changed." and len(tracker.server.calls) == n_calls


def test_a_deleted_issue_is_said_once(tracker: Tracker) -> None:
    tracker.send()
    tracker.run()
    tracker.state.delete("VOC-1")
    tracker.poll()
    assert tracker.link.category == "gone"
    assert tracker.poll() == "jira: 0 issues looked at, 0 changed."


def test_an_issue_moved_to_another_project_is_followed_under_its_new_key(tracker: Tracker) -> None:
    tracker.send()
    tracker.run()
    tracker.state.take_to("VOC-1", "OPS-7")
    tracker.state.move("OPS-7", "En cours")
    tracker.poll()
    assert (tracker.link.key, tracker.link.category) == ("OPS-7", "indeterminate")
    assert jira.address(tracker.link, [tracker.endpoint]).endswith("/browse/OPS-7")
    assert tracker.poll().endswith("0 changed.")
    assert tracker.server.calls[-1].body["issueIdsOrKeys"] == ["10000"], "asked for by its id"


def test_an_issue_shown_again_speaks_again_a_day_later(tracker: Tracker) -> None:
    tracker.send()
    tracker.run()
    tracker.poll()
    tracker.state.hidden = True
    tracker.poll()
    assert (tracker.link.category, tracker.link.key) == ("gone", "VOC-1")
    tracker.state.hidden = False
    assert tracker.poll() == "jira: 0 issues looked at, 0 changed.", "once a day is enough"
    a_day_ago = datetime.now(UTC) - jira.GONE_PAUSE
    with tracker.ledger.engine.begin() as connection:
        connection.execute(update(CURSOR).where(CURSOR.c.feed == jira.GONE_FEED).values(saved_at=a_day_ago))
    assert tracker.poll() == "jira: 1 issues looked at, 1 changed."
    assert (tracker.link.category, tracker.link.status) == ("new", "À faire")


def test_an_issue_that_jira_cannot_read_now_is_not_gone(tracker: Tracker) -> None:
    tracker.send()
    tracker.run()
    tracker.poll()
    tracker.state.unread = ["10000"]
    assert tracker.poll() == "jira: 1 issues looked at, 0 changed." and tracker.link.category == "new"
    adapter = Jira(tracker.endpoint)
    assert adapter.states(["VOC-1"]) == {}, "the error names an id, it was asked for by its key"
    adapter.close()


def test_states_are_read_a_hundred_at_a_time(tracker: Tracker) -> None:
    adapter = Jira(tracker.endpoint)
    assert len(adapter.states([f"VOC-{number}" for number in range(130)])) == 130
    adapter.close()
    assert [len(call.body["issueIdsOrKeys"]) for call in tracker.server.calls] == [100, 30]


def test_an_answer_of_another_shape_or_none_is_a_sentence(tracker: Tracker) -> None:
    tracker.send()
    tracker.run()
    tracker.server.script = [(200, {}, {"values": []})]
    with pytest.raises(DeliveryError, match="another shape"):
        tracker.poll()
    tracker.server.script = [(401, {}, {})]
    with pytest.raises(DeliveryError, match="check its token in VOC_OUTBOX_SECRETS"):
        tracker.poll()


def test_a_dropped_action_is_not_sent(tracker: Tracker) -> None:
    actions.record(
        tracker.ledger, lambda known: set_state(known, tracker.action_id, DROPPED, NOW.date()), actor="Nadia", at=NOW
    )
    with pytest.raises(LedgerError, match="was dropped"):
        tracker.send()


@pytest.fixture
def told_by(tmp_path: Path) -> Callable[[str], Settings]:
    def write(entry: str) -> Settings:
        (tmp_path / "endpoints.yaml").write_text(f"endpoints:\n  jira:\n{entry}", encoding="utf-8")
        return Settings(
            data_dir=tmp_path / "data", reference_dir=tmp_path, outbox_secrets={"jira": USER}, _env_file=None
        )

    return write


def test_a_jira_of_the_file_has_its_project_and_token(told_by: Callable[[str], Settings]) -> None:
    settings = told_by(
        "    kind: jira\n    url: https://lumarelle.atlassian.net\n    project: VOC\n    issue_type: Story\n"
    )
    found = load_directory(settings).named("jira")
    assert (found.token, found.options["project"], found.options["issue_type"]) == (USER, "VOC", "Story")
    assert [one.name for one in jira.trackers(settings)] == ["jira"] and not found.route.cases


def test_the_only_jira_needs_no_name(told_by: Callable[[str], Settings]) -> None:
    settings = told_by("    kind: jira\n    url: https://lumarelle.atlassian.net\n    project: VOC\n")
    assert jira.tracker_of(settings).name == jira.tracker_of(settings, "jira").name == "jira"
    with pytest.raises(SettingsError, match="there are: jira"):
        jira.tracker_of(settings, "another")


def test_a_jira_without_project_is_refused(told_by: Callable[[str], Settings]) -> None:
    with pytest.raises(SettingsError, match="give it a `project`"):
        load_directory(told_by("    kind: jira\n    url: https://lumarelle.atlassian.net\n"))
