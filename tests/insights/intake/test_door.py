"""The door: what it takes is on the disk and sealed before it answers; all else is refused with its status."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from intake_tools import NAME, OLD_SECRET, Client, body, now, signature
from sqlalchemy import select, text

from insights.intake.limits import Rate
from insights.intake.pulse import WORKING, Heart, pulse_path
from insights.ledger import Ledger, open_ledger
from insights.ledger.inbox import RECEIVED, durable
from insights.ledger.schema import INBOX
from insights.settings import Settings

WORDS = "mon voisin Hubert Casteran"


@pytest.fixture
def kept(intake_settings: Settings, client: Client) -> Iterator[Ledger]:
    with open_ledger(intake_settings) as ledger:
        yield ledger


def rows(ledger: Ledger) -> list[tuple[str, str, str]]:
    with ledger.engine.connect() as connection:
        found = connection.execute(select(INBOX.c.event_key, INBOX.c.sealed, INBOX.c.state))
        return [(row.event_key, row.sealed, row.state) for row in found]


def test_an_event_is_kept_sealed_before_it_is_answered(client: Client, kept: Ledger) -> None:
    posted = body("one", {"id": 1, "said": WORDS})
    answer = client.post(posted)
    assert (answer.status_code, answer.json()) == (202, {"accepted": True, "duplicate": False})
    ((key, sealed, state),) = rows(kept)
    assert (kept.keys.unseal(sealed), state) == (posted.decode(), RECEIVED)
    assert "one" not in key
    files = b"".join(path.read_bytes() for path in Path(str(kept.engine.url.database)).parent.glob("ledger.sqlite*"))
    assert b"Casteran" not in files


def test_the_same_event_again_is_answered_and_counted_once(client: Client, kept: Ledger) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(client.post, [body("same", {"id": 1, "said": "x"})] * 16))
    assert [answer.status_code for answer in answers] == [202] * 16
    assert sorted(answer.json()["duplicate"] for answer in answers) == [False] + [True] * 15
    assert len(rows(kept)) == 1


def test_a_secret_can_be_changed_without_losing_an_event(client: Client) -> None:
    posted = body("old", {"id": 1, "said": "x"})
    assert client.post(posted, **{"x-signature": signature(posted, OLD_SECRET)}).status_code == 202


@pytest.mark.parametrize(
    ("posted", "headers", "status"),
    [
        (body("a", {"id": 1}), {"x-signature": "AAAA"}, 401),
        (body("a", {"id": 1}), {"x-signature": ""}, 401),
        (b"{", {}, 400),
        (b'{"event": "\xff"}', {}, 400),
        (b'{"no": "event"}', {}, 400),
        (b"[" * 3000, {}, 400),
        (b"x" * 5000, {}, 413),
    ],
)
def test_what_is_not_in_order_is_refused_and_not_kept(
    client: Client, kept: Ledger, posted: bytes, headers: dict[str, str], status: int
) -> None:
    answer = client.post(posted, **headers)
    assert answer.status_code == status
    assert answer.json()["error"].endswith(".") or "VOC_" in answer.json()["error"]
    assert rows(kept) == []


def test_a_body_without_end_is_cut_at_the_limit(client: Client, kept: Ledger) -> None:
    sent = []

    def endless() -> Iterator[bytes]:
        for _ in range(100_000):
            sent.append(1024)
            yield b" " * 1024

    try:
        status = client.http.post(f"/hooks/{NAME}", content=endless()).status_code
    except Exception as error:  # the door may close the connection while we still write
        status = 413 if "Error" in type(error).__name__ else 0
    assert status == 413
    assert sum(sent) < 20_000_000
    assert rows(kept) == []


def test_an_unknown_source_and_one_without_secret_are_told_apart(client: Client, intake_settings: Settings) -> None:
    assert client.post(b"{}", source="nobody").status_code == 404
    intake_settings.hook_secrets.clear()
    answer = client.post(body("a", {"id": 1}))
    assert answer.status_code == 503
    assert "VOC_HOOK_SECRETS" in answer.json()["error"]


@pytest.mark.parametrize("intake_settings", [{"intake_per_minute": 2}], indirect=True)
def test_too_many_posts_are_asked_to_come_again_and_unsigned_ones_do_not_count(client: Client, kept: Ledger) -> None:
    for _ in range(10):
        assert client.post(b"{}", **{"x-signature": "wrong"}).status_code == 401
    answers = [client.post(body(str(number), {"id": number})) for number in range(2)]
    while answers[-1].status_code == 202:  # a slow machine earns one more every thirty seconds
        answers.append(client.post(body(str(len(answers)), {"id": 1})))
    assert answers[-1].status_code == 429
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 30
    assert len(rows(kept)) == len(answers) - 1 >= 2


def test_the_rate_comes_back_with_time() -> None:
    at = [0.0]
    rate = Rate(60, clock=lambda: at[0])
    assert [rate.wait_seconds("a") for _ in range(61)] == [0] * 60 + [1]
    assert rate.wait_seconds("b") == 0
    at[0] = 1.0
    assert [rate.wait_seconds("a") for _ in range(2)] == [0, 1]


def test_tools_may_ask_whether_somebody_is_there(client: Client) -> None:
    assert client.http.get(f"/hooks/{NAME}").status_code == 200
    assert client.http.head(f"/hooks/{NAME}").status_code == 200
    assert client.http.get("/hooks/nobody").status_code == 404


def test_health_tells_why_it_is_unwell(client: Client, intake_settings: Settings, kept: Ledger) -> None:
    unwell = client.http.get("/healthz")
    assert unwell.status_code == 503
    assert "No worker" in unwell.json()["reason"]
    heart = Heart(pulse_path(intake_settings))
    heart.beat(WORKING)
    client.post(body("a", {"id": 1, "said": "x"}))
    well = client.http.get("/healthz")
    assert (well.status_code, well.json()["inbox_waiting"], well.json()["worker"]) == (200, 1, "working")
    with kept.engine.begin() as connection:
        connection.execute(INBOX.update().values(received_at=now() - timedelta(hours=1)))
    assert "wait for the worker" in client.http.get("/healthz").json()["reason"]
    heart.beat(WORKING, "The lake is gone.")
    assert client.http.get("/healthz").json()["reason"] == "The lake is gone."
    draft = pulse_path(intake_settings)
    draft.write_text(draft.read_text().replace(heart.pulse.at, (now() - timedelta(hours=1)).isoformat()))
    assert "last seen" in client.http.get("/healthz").json()["reason"]


def test_a_ledger_that_cannot_be_written_is_said_and_nothing_posted_reaches_a_log(
    client: Client, kept: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with kept.engine.begin() as connection:
        connection.execute(text("ALTER TABLE inbox RENAME TO elsewhere"))
    answer = client.post(body("a", {"id": 1, "said": WORDS}))
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    assert client.http.get("/healthz").status_code == 503
    assert "voc_ledger_up 0.0" in client.http.get("/metrics").text
    assert "could not be kept" in caplog.text
    assert "Casteran" not in caplog.text + answer.text


def test_figures_are_told_by_source_and_reason(client: Client, intake_settings: Settings) -> None:
    heart = Heart(pulse_path(intake_settings))
    heart.pulse.histograms["receipt_to_case"].observe(0.7)
    heart.beat(WORKING)
    for _ in range(2):
        client.post(body("a", {"id": 1, "said": "x"}))
    client.post(b"{", source="../../etc/passwd")
    client.post(b"{}", source="made-up-label")
    client.post(b"{}", **{"x-signature": "wrong"})
    told = client.http.get("/metrics").text
    for line in (
        f'voc_intake_received_total{{source="{NAME}"}} 1.0',
        f'voc_intake_duplicate_total{{source="{NAME}"}} 1.0',
        f'voc_intake_refused_total{{reason="bad_signature",source="{NAME}"}} 1.0',
        'voc_intake_refused_total{reason="unknown_source",source="unknown"} 1.0',
        "voc_inbox_waiting 1.0",
        "voc_staged_waiting 0.0",
        'voc_receipt_to_case_seconds_bucket{le="0.5"} 0.0',
        'voc_receipt_to_case_seconds_bucket{le="1.0"} 1.0',
        "voc_worker_heartbeat_age_seconds",
    ):
        assert line in told
    assert "made-up-label" not in told


def test_the_doors_commits_are_on_the_disk(ledger: Ledger) -> None:
    with durable(ledger).engine.connect() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2  # FULL
