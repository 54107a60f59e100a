"""Cases as records of HubSpot, Zendesk and Salesforce: once each, whatever the network does; outcomes come back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from crms import HubSpotPortal, SalesforceOrg, Server, ZendeskDesk, serving
from receivers import NOW

from insights.cases import events_for, fold_cases
from insights.cases.model import Case
from insights.errors import DeliveryError
from insights.ledger import Ledger
from insights.outbox import Deliverer, DeliveryReport, Endpoint
from insights.outbox.fold import Route
from insights.outbox.poll import poll

OUTCOMES = ("solved", "explained")
MINUTE = timedelta(minutes=1)
MIRROR = Route(mirrors=True)


class Account:
    """One CRM on loopback, its state, and the deliverer that feeds it."""

    def __init__(self, ledger: Ledger, server: Server, state: Any, kind: str, token: str, folder: Any) -> None:
        self.ledger, self.server, self.state, self.folder = ledger, server, state, folder
        options = {"steps": {"4": "resolved", "2": "reached", "solved": "resolved", "Closed": "resolved"}}
        options |= {"outcomes": {"ok": "solved"}, "outcome_field": "77", "limit_calls": 10_000, "limit_seconds": 1.0}
        self.endpoint = Endpoint(
            server.url, name=kind, kind=kind, token=token, allow_private=True, route=MIRROR, options=options
        )

    def run(self, at: datetime = NOW, **changes: Any) -> DeliveryReport:
        from dataclasses import replace

        deliverer = Deliverer(self.ledger, replace(self.endpoint, **changes), wall=lambda: at)
        return deliverer.deliver_due(at, dry_run=False, out_dir=self.folder)


def account(kind: str, state: Any, token: str) -> Any:
    @pytest.fixture
    def made(ledger: Ledger, tmp_path: Any) -> Iterator[Account]:
        with serving(state := STATES[kind]()) as server:
            yield Account(ledger, server, state, kind, token, tmp_path / "out")

    return made


STATES = {"hubspot": HubSpotPortal, "zendesk": ZendeskDesk, "salesforce": SalesforceOrg}
hubspot = account("hubspot", HubSpotPortal, "pat-right")
zendesk = account("zendesk", ZendeskDesk, "voc@lumarelle.example:token")
salesforce = account("salesforce", SalesforceOrg, "id:s:e")


def act(ledger: Ledger, case_id: str, action: str, at: datetime = NOW, **details: Any) -> None:
    case = fold_cases(ledger.events(("case.",)))[case_id]
    for draft in events_for(case, action, actor="ada", at=at, **details):
        assert ledger.append(**draft.row())


def case_of(ledger: Ledger, case_id: str = "k1") -> Case:
    return fold_cases(ledger.events(("case.",)))[case_id]


def test_hubspot_takes_a_hundred_tickets_in_one_call(hubspot: Account, open_case: Callable[..., None]) -> None:
    for number in range(130):
        open_case(f"k{number}")
    assert hubspot.run().n_delivered == 130
    assert [len(call.body["inputs"]) for call in hubspot.server.calls] == [100, 30]
    ticket = hubspot.state.tickets["k7"]
    assert (ticket["voc_customer_id"], ticket["voc_due_at"], ticket["hs_pipeline_stage"]) == (
        "C-k7",
        "2026-10-31T10:00:00Z",
        "1",
    )
    assert ticket["subject"] == "Rappel : détracteur"
    assert hubspot.run(NOW + MINUTE).n_delivered == 0


def test_hubspot_one_bad_ticket_does_not_hold_up_its_batch(hubspot: Account, open_case: Callable[..., None]) -> None:
    for number in range(9):
        open_case(f"k{number}")
    hubspot.state.bad_ids = {"k4"}
    report = hubspot.run()
    assert (report.n_delivered, report.n_dead, report.n_pending) == (8, 1, 0)
    assert set(hubspot.state.tickets) == {f"k{number}" for number in range(9)} - {"k4"}


def test_hubspot_a_mixed_answer_is_read_ticket_by_ticket(hubspot: Account, open_case: Callable[..., None]) -> None:
    for number in range(4):
        open_case(f"k{number}")
    hubspot.state.bad_ids, hubspot.state.partial = {"k0", "k3"}, True
    report = hubspot.run()
    assert (report.n_delivered, report.n_dead) == (2, 2)
    assert len(hubspot.server.calls) == 1


@pytest.mark.parametrize(
    ("headers", "policy", "seconds"),
    [({}, "TEN_SECONDLY_ROLLING", 10), ({"retry-after": "42"}, "TEN_SECONDLY_ROLLING", 42), ({}, "DAILY", 3600)],
)
def test_hubspot_over_its_limit_is_left_alone_until_it_may_be_asked(
    hubspot: Account, open_case: Callable[..., None], headers: dict[str, str], policy: str, seconds: int
) -> None:
    open_case()
    hubspot.server.script = [(429, headers, {"policyName": policy})]
    report = hubspot.run()
    assert (report.n_failed, report.paused_until) == (1, NOW + timedelta(seconds=seconds))
    assert hubspot.run(NOW + timedelta(seconds=seconds - 1)).n_delivered == 0
    assert hubspot.run(NOW + timedelta(seconds=seconds + 2)).n_delivered == 1


def test_a_case_is_mirrored_with_its_newest_state_only(hubspot: Account, open_case: Callable[..., None]) -> None:
    open_case()
    raised = {"signal": "urgency:f3", "reason": "urgency", "owner_team": "solidarity", "promise": "urgent"}
    raised["due_at"] = (NOW + timedelta(hours=1)).isoformat()
    hubspot.ledger.append("case.signal_added", "k1", raised, actor="rules", at=NOW, key="case:k1:signal:urgency:f3")
    assert hubspot.run().n_delivered == 1
    assert hubspot.state.tickets["k1"]["voc_team"] == "solidarity"
    assert hubspot.state.tickets["k1"]["hs_ticket_priority"] == "URGENT"
    act(hubspot.ledger, "k1", "take")
    hubspot.state.tickets["k1"]["hs_pipeline_stage"] = "2"  # somebody there has moved it on
    assert hubspot.run(NOW + MINUTE).n_delivered == 1
    assert hubspot.state.tickets["k1"]["hs_pipeline_stage"] == "2"
    act(hubspot.ledger, "k1", "conclude", NOW + MINUTE, outcome="solved")
    assert hubspot.run(NOW + 2 * MINUTE).n_delivered == 1
    assert hubspot.state.tickets["k1"]["hs_pipeline_stage"] == "4"
    assert len(hubspot.server.calls) == 3


def test_a_case_that_ended_before_it_was_ever_told_is_not_told(
    hubspot: Account, open_case: Callable[..., None]
) -> None:
    open_case()
    act(hubspot.ledger, "k1", "take")
    act(hubspot.ledger, "k1", "conclude", outcome="solved")
    assert hubspot.run().n_delivered == 0
    assert hubspot.server.calls == []


def test_zendesk_finds_the_ticket_and_comments_once(zendesk: Account, open_case: Callable[..., None]) -> None:
    open_case()
    zendesk.server.apply_then_fail = 1  # the ticket is made, the answer is lost
    assert zendesk.run().n_failed == 1
    assert zendesk.run(NOW + MINUTE).n_delivered == 1
    (ticket,) = zendesk.state.tickets
    assert (ticket["external_id"], ticket["status"], len(ticket["comments"])) == ("voc-k1", "new", 1)
    assert not any(one["public"] for one in ticket["comments"])
    act(zendesk.ledger, "k1", "take")
    zendesk.server.apply_then_fail = 1
    assert zendesk.run(NOW + 2 * MINUTE).n_failed == 1
    assert zendesk.run(NOW + 4 * MINUTE).n_delivered == 1
    assert len(zendesk.state.tickets) == 1
    assert len(ticket["comments"]) == 2


def test_zendesk_an_agent_who_writes_at_the_same_time_loses_nothing(
    zendesk: Account, open_case: Callable[..., None]
) -> None:
    open_case()
    zendesk.run()
    act(zendesk.ledger, "k1", "take")
    before = dict(zendesk.state.tickets[0])
    zendesk.server.script = [(200, {}, {"tickets": [{**before, "updated_at": "2020-01-01T00:00:00Z"}]})]
    report = zendesk.run(NOW + MINUTE)
    assert (report.n_failed, report.n_dead) == (1, 0)
    assert zendesk.run(NOW + 3 * MINUTE).n_delivered == 1


def test_zendesk_a_closed_ticket_is_followed_by_another_when_the_case_is_opened_again(
    zendesk: Account, open_case: Callable[..., None]
) -> None:
    open_case()
    zendesk.run()
    act(zendesk.ledger, "k1", "take")
    act(zendesk.ledger, "k1", "conclude", outcome="solved")
    zendesk.run(NOW + MINUTE)
    assert zendesk.state.tickets[0]["status"] == "solved"
    zendesk.state.tickets[0]["status"] = "closed"
    act(zendesk.ledger, "k1", "reopen", NOW + MINUTE)
    assert zendesk.run(NOW + 2 * MINUTE).n_delivered == 1
    assert [one["status"] for one in zendesk.state.tickets] == ["closed", "new"]


def test_zendesk_a_refused_ticket_is_a_dead_letter_at_once(zendesk: Account, open_case: Callable[..., None]) -> None:
    open_case()
    zendesk.server.script = [(200, {}, {"tickets": []}), (422, {}, {"error": "RecordInvalid"})]
    report = zendesk.run()
    assert (report.n_dead, report.breaker) == (1, "closed")
    assert "RecordInvalid" in report.errors[0]


def test_salesforce_upserts_and_renews_its_token(salesforce: Account, open_case: Callable[..., None]) -> None:
    open_case()
    assert salesforce.run().n_delivered == 1
    kept = salesforce.state.cases["k1"]
    assert (kept["Status"], kept["VoC_Team__c"], kept["Origin"]) == ("New", "callbacks", "VoC")
    salesforce.state.token = "t2"
    act(salesforce.ledger, "k1", "take")
    assert salesforce.run(NOW + MINUTE).n_delivered == 1
    assert (salesforce.state.n_logins, len(salesforce.state.cases)) == (2, 1)


def test_salesforce_a_used_up_day_pauses_and_loses_nothing(salesforce: Account, open_case: Callable[..., None]) -> None:
    for number in range(3):
        open_case(f"k{number}")
    salesforce.state.used = salesforce.state.limit
    report = salesforce.run()
    assert (report.n_failed, report.n_pending, report.breaker) == (1, 3, "closed")
    assert report.paused_until == NOW + timedelta(minutes=15)
    salesforce.state.used = 10
    assert salesforce.run(NOW + timedelta(minutes=16)).n_delivered == 3


def test_salesforce_leaves_thirty_per_cent_of_the_day_to_others(
    salesforce: Account, open_case: Callable[..., None]
) -> None:
    for number in range(5):
        open_case(f"k{number}")
    salesforce.state.used = 69_999
    report = salesforce.run()
    assert report.n_delivered == 1 and report.n_failed == 0
    assert report.paused_until == NOW + timedelta(minutes=15)


def test_salesforce_two_records_with_one_id_are_for_people_to_merge(
    salesforce: Account, open_case: Callable[..., None]
) -> None:
    open_case()
    salesforce.state.twice = {"k1"}
    report = salesforce.run()
    assert report.n_dead == 1 and "merge" in report.errors[0]


@pytest.mark.parametrize("kind", list(STATES))
def test_a_slow_or_failing_crm_is_tried_again(
    kind: str, request: pytest.FixtureRequest, open_case: Callable[..., None]
) -> None:
    crm: Account = request.getfixturevalue(kind)
    open_case()
    crm.server.stall = threading.Event()
    report = crm.run(timeout_seconds=0.2)
    assert (report.n_failed, report.errors[0].rpartition(": ")[2]) == (1, "ReadTimeout")
    crm.server.stall.set()
    crm.server.stall = None
    crm.server.script = [(503, {}, {})]
    assert crm.run(NOW + MINUTE).n_failed == 1
    assert crm.run(NOW + timedelta(hours=1)).n_delivered == 1


@pytest.mark.parametrize("kind", list(STATES))
def test_nothing_personal_leaves(kind: str, request: pytest.FixtureRequest, open_case: Callable[..., None]) -> None:
    crm: Account = request.getfixturevalue(kind)
    open_case()
    crm.run()
    sent = str([call.body for call in crm.server.writes()])
    assert "C-k1" in sent
    for word in ("IR-0001", "62.0", "household"):  # neither worth nor words nor segment
        assert word not in sent


def test_a_solved_ticket_with_its_outcome_closes_the_case_and_says_so_to_nobody(
    hubspot: Account, open_case: Callable[..., None]
) -> None:
    open_case()
    hubspot.run()
    ticket = hubspot.state.tickets["k1"]
    ticket |= {"hs_pipeline_stage": "4", "voc_outcome": "ok", "hubspot_owner_id": "9"}
    ticket |= {"hs_lastmodifieddate": "2026-10-29T15:00:00Z"}
    at = NOW + timedelta(hours=6)
    report = poll(hubspot.ledger, hubspot.endpoint, OUTCOMES, at)
    assert (report.n_seen, report.n_recorded, report.refused) == (1, 4, [])
    case = case_of(hubspot.ledger)
    assert (case.loop_closed, case.outcome, case.assignee, case.kept_promise) == (True, "solved", "hubspot:9", True)
    assert case.reached_at == datetime.fromisoformat("2026-10-29T15:00:00Z")
    assert poll(hubspot.ledger, hubspot.endpoint, OUTCOMES, at).n_recorded == 0
    assert hubspot.run(at).n_delivered == 0  # it need not be told what it told us


def test_a_ticket_closed_without_outcome_leaves_the_case_reached(
    hubspot: Account, open_case: Callable[..., None]
) -> None:
    open_case()
    hubspot.run()
    hubspot.state.tickets["k1"] |= {"hs_pipeline_stage": "4", "hs_lastmodifieddate": "2026-10-29T15:00:00Z"}
    poll(hubspot.ledger, hubspot.endpoint, OUTCOMES, NOW + timedelta(hours=6))
    case = case_of(hubspot.ledger)
    assert (case.state, case.outcome) == ("reached", None)


def test_zendesk_and_salesforce_tell_their_outcomes(
    zendesk: Account, salesforce: Account, open_case: Callable[..., None]
) -> None:
    open_case("k1")
    zendesk.run()
    zendesk.state.tickets[0] |= {"status": "solved", "custom_fields": [{"id": 77, "value": "ok"}], "assignee_id": 4}
    at = NOW + timedelta(hours=2)
    assert poll(zendesk.ledger, zendesk.endpoint, OUTCOMES, at).n_recorded == 4
    assert case_of(zendesk.ledger).loop_closed
    open_case("k2")
    salesforce.run()
    salesforce.state.cases["k2"] |= {"Status": "Closed", "VoC_Outcome__c": "ok"}
    assert poll(salesforce.ledger, salesforce.endpoint, OUTCOMES, at).n_recorded == 4
    assert case_of(salesforce.ledger, "k2").loop_closed


def test_a_dry_run_writes_the_records_and_asks_nobody(hubspot: Account, open_case: Callable[..., None]) -> None:
    open_case()
    report = Deliverer(hubspot.ledger, hubspot.endpoint).deliver_due(NOW, dry_run=True, out_dir=hubspot.folder)
    assert [path.parent.name for path in report.files] == ["hubspot"]
    assert b"voc_customer_id" in report.files[0].read_bytes()
    assert hubspot.server.calls == []


def test_what_was_said_of_the_round_before_closes_no_reopened_case(
    hubspot: Account, open_case: Callable[..., None]
) -> None:
    open_case()
    hubspot.run()
    hubspot.state.tickets["k1"] |= {"hs_pipeline_stage": "4", "voc_outcome": "ok"}
    hubspot.state.tickets["k1"] |= {"hs_lastmodifieddate": "2026-10-29T15:00:00Z"}
    at = NOW + timedelta(hours=6)
    poll(hubspot.ledger, hubspot.endpoint, OUTCOMES, at)
    case = case_of(hubspot.ledger)
    for draft in events_for(case, "reopen", actor="ann", at=at, due_at=at + timedelta(days=2)):
        hubspot.ledger.append(**draft.row())
    assert poll(hubspot.ledger, hubspot.endpoint, OUTCOMES, at + MINUTE).n_recorded == 0
    assert case_of(hubspot.ledger).state == "reopened"
    hubspot.state.tickets["k1"] |= {"hs_lastmodifieddate": (at + MINUTE).isoformat()}
    poll(hubspot.ledger, hubspot.endpoint, OUTCOMES, at + 2 * MINUTE)
    assert case_of(hubspot.ledger).state == "closed"


def test_an_answer_of_another_shape_is_a_delivery_error(hubspot: Account, open_case: Callable[..., None]) -> None:
    open_case()
    hubspot.server.script = [(200, {}, {"strange": True})]
    with pytest.raises(DeliveryError, match="another shape"):
        poll(hubspot.ledger, hubspot.endpoint, OUTCOMES, NOW)
