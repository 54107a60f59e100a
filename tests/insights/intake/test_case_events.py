"""Outcomes posted by other systems: signed, kept before they are answered, once each, impossible ones refused."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from intake_tools import Client
from pydantic import SecretStr
from standardwebhooks import Webhook

from insights.cases import events_for, fold_cases
from insights.cases.model import Case
from insights.errors import LedgerError
from insights.ledger import Ledger, open_ledger
from insights.outbox.outcomes import Said, record
from insights.settings import Settings

KEY, OLD_KEY = (f"whsec_{base64.b64encode(letter * 24).decode()}" for letter in (b"n", b"o"))
OPENED = datetime(2026, 10, 31, 12, tzinfo=UTC)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"case_event_secret": SecretStr(f"{KEY}, {OLD_KEY}")})


@pytest.fixture
def kept(intake_settings: Settings, client: Client) -> Iterator[Ledger]:
    with open_ledger(intake_settings) as ledger:
        for name in ("k1", "k2"):
            payload = {
                **{"customer_id": f"C-{name}", "reason": "detractor", "owner_team": "callbacks"},
                **{
                    "promise": "standard",
                    "due_at": (OPENED + timedelta(days=2)).isoformat(),
                    "signals": ["detractor:f"],
                },
            }
            ledger.append("case.opened", name, payload, actor="rules", at=OPENED, key=f"case:C-{name}:opened:1")
        yield ledger


@pytest.fixture
def post(client: Client, kept: Ledger) -> Callable[..., httpx.Response]:
    def once(event: str, message: str, case_id: str = "k1", key: str = KEY, **told: Any) -> httpx.Response:
        body = json.dumps({"event": event, "by": "adviser-7", "at": (OPENED + timedelta(hours=1)).isoformat(), **told})
        return raw(client, body, message, case_id, key)

    return once


def raw(client: Client, body: str, message: str, case_id: str = "k1", key: str = KEY, **more: str) -> httpx.Response:
    now = datetime.now(UTC)
    headers = {"connection": "close", "webhook-id": message, "webhook-timestamp": str(int(now.timestamp()))}
    headers["webhook-signature"] = Webhook(key).sign(message, now, body)
    return client.http.post(f"/cases/{case_id}/events", content=body, headers={**headers, **more})


def case(ledger: Ledger, case_id: str = "k1") -> Case:
    return fold_cases(ledger.events(("case.",)))[case_id]


def test_the_whole_way_from_taken_to_closed_is_told_step_by_step(post: Any, kept: Ledger) -> None:
    steps: list[tuple[str, dict[str, Any]]] = [
        ("assigned", {}),
        ("scheduled", {"scheduled_at": (OPENED + timedelta(hours=3)).isoformat()}),
        ("attempted", {}),
        ("reached", {"at": (OPENED + timedelta(hours=4)).isoformat()}),
        ("resolved", {"outcome": "solved"}),
        ("closed", {}),
    ]
    for number, (event, more) in enumerate(steps):
        answer = post(event, f"m{number}", **more)
        assert (answer.status_code, answer.json()) == (200, {"accepted": True, "duplicate": False}), event
    found = case(kept)
    assert (found.loop_closed, found.outcome, found.assignee, found.kept_promise) == (
        True,
        "solved",
        "adviser-7",
        True,
    )
    assert found.reached_at == OPENED + timedelta(hours=4)


def test_the_same_message_again_changes_nothing_even_for_another_case(post: Any, kept: Ledger) -> None:
    post("assigned", "m1")
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: post("attempted", "m2"), range(12)))
    assert sorted(answer.json()["duplicate"] for answer in answers) == [False] + [True] * 11
    assert case(kept).n_attempts == 1
    assert post("assigned", "m1", case_id="k2").json()["duplicate"] is True
    assert case(kept, "k2").assignee is None


def test_an_old_key_still_signs(post: Any) -> None:
    assert post("assigned", "m1", key=OLD_KEY).status_code == 200


@pytest.mark.parametrize(
    ("event", "more", "sentence"),
    [
        ("reached", {}, "taken by anyone"),
        ("resolved", {"outcome": "solved"}, "has not been taken"),
        ("closed", {}, "note a contact"),
        ("resolved", {"outcome": "made-up"}, "what came of the contact"),
        ("assigned", {"at": "2020-01-01T00:00:00Z"}, "before the case was opened"),
        ("assigned", {"at": "2199-01-01T00:00:00Z"}, "in the future"),
    ],
)
def test_what_is_impossible_is_refused_with_a_sentence(
    post: Any, kept: Ledger, event: str, more: dict[str, Any], sentence: str
) -> None:
    answer = post(event, "m1", **more)
    assert answer.status_code == 409
    assert sentence in answer.json()["error"]
    assert case(kept).history[1:] == ()
    assert post("assigned", "m1").status_code == 200  # the id of a refused event is not used up


def test_the_second_to_take_a_case_is_told_who_has_it_unless_it_is_handed_over(post: Any, kept: Ledger) -> None:
    first = events_for(case(kept), "take", actor="ada", at=OPENED)
    kept.append(**first[0].row())
    answer = post("assigned", "m1")
    assert answer.status_code == 409 and "ada" in answer.json()["error"]
    assert post("assigned", "m2", hand_over=True).status_code == 200
    assert case(kept).assignee == "adviser-7"


@pytest.mark.parametrize(
    "told",
    [
        {"note": "Madame Casteran est furieuse"},
        {"by": "hubert.casteran@lumarelle.example"},
        {"by": "Hubert Casteran"},
        {"event": "exploded"},
        {"at": "2026-10-31T12:00:00"},
        {"team": "nobody_s", "event": "transferred"},
    ],
)
def test_a_body_that_is_no_event_is_refused_and_not_repeated(post: Any, kept: Ledger, told: dict[str, str]) -> None:
    answer = post(told.get("event", "assigned"), "m1", **{name: v for name, v in told.items() if name != "event"})
    assert answer.status_code == 400
    assert "Casteran" not in answer.text and "casteran" not in answer.text
    assert len(case(kept).history) == 1


def test_a_body_made_for_another_case_is_refused(client: Client, kept: Ledger) -> None:
    answer = raw(client, json.dumps({"event": "assigned", "by": "a", "case_id": "k2"}), "m1")
    assert answer.status_code == 400 and "another case" in answer.json()["error"]


def test_an_unsigned_an_old_and_an_unknown_post_are_told_apart(client: Client, post: Any, kept: Ledger) -> None:
    body = json.dumps({"event": "assigned", "by": "a"})
    assert client.http.post("/cases/k1/events", content=body).status_code == 401
    assert raw(client, body, "m", **{"webhook-signature": "v1,AAAA"}).status_code == 401
    assert raw(client, body, "m", **{"webhook-timestamp": "1500000000"}).status_code == 401
    assert post("assigned", "m1", case_id="nobody").status_code == 404
    assert len(case(kept).history) == 1


def test_without_a_key_nothing_is_taken(client: Client, intake_settings: Settings, post: Any) -> None:
    object.__setattr__(intake_settings, "case_event_secret", None)
    answer = post("assigned", "m1")
    assert answer.status_code == 503 and "VOC_CASE_EVENT_SECRET" in answer.json()["error"]


def test_figures_tell_posts_of_cases(client: Client, post: Any) -> None:
    post("assigned", "m1")
    post("closed", "m2")
    told = client.http.get("/metrics").text
    assert 'voc_intake_received_total{source="cases"} 1.0' in told
    assert 'voc_intake_refused_total{reason="impossible",source="cases"} 1.0' in told


class Racing:
    """A ledger to which somebody else writes in the instant before the first write of a step."""

    def __init__(self, ledger: Ledger, first: Callable[[], None]) -> None:
        self.ledger, self.first = ledger, [first]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ledger, name)

    def append_many(self, events: Any) -> int:
        rows = list(events)
        if self.first and rows[0]["kind"].startswith("case."):
            self.first.pop()()
        return self.ledger.append_many(rows)


def test_a_step_that_somebody_else_made_impossible_meanwhile_is_refused_and_can_come_again(kept: Ledger) -> None:
    def step(action: str, **details: Any) -> None:
        case = fold_cases(kept.events(("case.",)))["k1"]
        for draft in events_for(case, action, actor="lead", at=OPENED + timedelta(hours=1), **details):
            assert kept.append(**draft.row())

    def told(ledger: Any, message: str) -> bool:
        said = Said("reached", OPENED + timedelta(hours=2), "adviser-7")
        return record(ledger, "k1", said, message=message, via="post", outcomes=("solved",), now=datetime.now(UTC))

    step("take")
    racing = Racing(kept, lambda: step("transfer", team="social"))
    with pytest.raises(LedgerError, match="take it first"):
        told(racing, "m1")
    assert kept.events(("posted.",)) == []
    step("take")
    assert told(kept, "m1") is True
    assert told(kept, "m1") is False
    assert fold_cases(kept.events(("case.",)))["k1"].state == "reached"


def test_a_posted_reopening_has_times_of_its_own(post: Callable[..., httpx.Response], kept: Ledger) -> None:
    for event, more in (("assigned", {}), ("reached", {}), ("resolved", {"outcome": "solved"}), ("closed", {})):
        assert post(event, f"m-{event}", **more).status_code == 200
    late = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    assert post("reopened", "m-again", at=late).status_code == 200
    case = fold_cases(kept.events(("case.",)))["k1"]
    assert case.due_at > datetime.now(UTC) and case.resolve_by is not None and case.resolve_by > case.due_at


def test_a_third_party_nobody_declared_is_refused(post: Callable[..., httpx.Response], kept: Ledger) -> None:
    assert [post(event, f"m-{event}").status_code for event in ("assigned", "reached")] == [200, 200]
    refused = post("waiting", "m-w", waiting_on="somebody")
    assert refused.status_code == 400 and "third parties" in refused.text
    assert post("waiting", "m-x", waiting_on="technician").status_code == 200
