"""The hot path gives what the schedule would have given, sooner, once, and whatever dies in between."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from intake_tools import NAME, SOURCES, TOOL, body, now
from sqlalchemy import insert, select

from insights.cases.decision import Opened
from insights.intake.pulse import CASE_SECONDS, STAGED_SECONDS, Heart
from insights.intake.worker import Worker
from insights.lake import Lake, open_lake
from insights.ledger import Ledger
from insights.ledger.inbox import MAX_ATTEMPTS, Posted, backlog, purge_inbox, put, take
from insights.ledger.schema import INBOX, STAGED
from insights.settings import Settings
from insights.steps.callbacks import open_due_cases
from insights.steps.drain import drain
from insights.steps.enrich import enrich
from insights.steps.hot_cases import CaseDesk
from insights.steps.ingest import ingest, ingest_drop

ANGRY = {"id": "a1", "said": "La facture est fausse et personne ne répond. Je pars.", "nps": 2, "customer": "C1"}
GLAD = {"id": "a2", "said": "Le conseiller a été parfait.", "nps": 10, "customer": "C2"}
TABLES = ("feedback", "answer", "mention", "embedding", "mention_irritant", "quarantine", "tombstone")


@pytest.fixture
def worker(lake: Lake, ledger: Ledger, tmp_path: Path) -> Worker:
    return Worker(lake, ledger, SOURCES, Heart(tmp_path / "pulse.json"), retry_seconds=(0.0,))


def send(ledger: Ledger, *bodies: bytes) -> None:
    posted = [(json.loads(one)["event"], one.decode()) for one in bodies]
    put(ledger, [Posted(NAME, ledger.keys.row_hash(key), now(), ledger.keys.seal(text)) for key, text in posted])


def states(ledger: Ledger) -> list[str]:
    with ledger.engine.connect() as connection:
        return [str(state) for state in connection.execute(select(INBOX.c.state).order_by(INBOX.c.inbox_id)).scalars()]


def counts(lake: Lake) -> dict[str, int]:
    found = lake.counts()
    return {name: found[name] for name in TABLES}


def cases(ledger: Ledger) -> list[list[str]]:
    return [event.payload["signals"] for event in ledger.events(("case.opened",))]


def said(lake: Lake) -> list[str]:
    return lake.read("SELECT verbatim FROM feedback ORDER BY ALL")["verbatim"].tolist()


def test_an_event_becomes_the_rows_and_the_case_the_schedule_would_have_made(
    worker: Worker, lake: Lake, ledger: Ledger, settings: Settings, tmp_path: Path
) -> None:
    send(ledger, body("e1", ANGRY, GLAD))
    assert worker.round() == 1
    assert states(ledger) == ["staged"]
    assert lake.counts()["feedback"] == 0
    (signals,) = cases(ledger)
    assert {one.partition(":")[0] for one in signals} == {"detractor", "leave_intent"}
    assert drain(lake, ledger).n_new == 2
    assert states(ledger) == ["done"]

    folder = tmp_path / "by-file"
    folder.mkdir()
    (folder / "small_tool.jsonl").write_text("\n".join(map(json.dumps, (ANGRY, GLAD))), encoding="utf-8")
    with open_lake(settings.model_copy(update={"data_dir": folder / "data"})) as other:
        ingest(other, ledger, [folder / "small_tool.jsonl"], run_id="f", source=TOOL)
        enrich(other, ledger, run_id="f")
        for table in ("feedback", "answer", "mention", "mention_irritant"):
            left, right = (one.read(f'SELECT * FROM "{table}" ORDER BY ALL') for one in (lake, other))
            drop = ["ingested_at"] if table == "feedback" else []
            pd.testing.assert_frame_equal(left.drop(columns=drop), right.drop(columns=drop))
        assert lake.counts()["embedding"] == other.counts()["embedding"] > 0


def test_the_schedule_opens_no_second_case_and_reads_nothing_again(worker: Worker, lake: Lake, ledger: Ledger) -> None:
    send(ledger, body("e1", ANGRY))
    worker.round()
    drain(lake, ledger)
    late = open_due_cases(lake, ledger)
    assert (late.cases, late.joined) == ([], [])
    assert enrich(lake, ledger, run_id="r").n_in == 0
    assert worker.heart.pulse.histograms[CASE_SECONDS].total == worker.heart.pulse.histograms[STAGED_SECONDS].total > 0


def test_a_refusal_to_be_called_opens_no_case(worker: Worker, lake: Lake, ledger: Ledger) -> None:
    send(ledger, body("e1", {**ANGRY, "recontact": "no"}), body("e2", {**ANGRY, "id": "a3", "customer": None}))
    worker.round()
    assert cases(ledger) == []
    assert drain(lake, ledger).n_new == 2


def test_a_lake_that_is_locked_delays_no_case(worker: Worker, lake: Lake, ledger: Ledger) -> None:
    send(ledger, body("e1", ANGRY))
    with lake.write():
        worker.round()
        assert len(cases(ledger)) == 1
    assert backlog(ledger).n_staged == 1


def test_versions_and_deletions_in_one_batch_keep_their_order(worker: Worker, lake: Lake, ledger: Ledger) -> None:
    later = {**GLAD, "said": "Finalement, la facture est fausse.", "revised": "2026-10-31T10:00:00Z"}
    send(ledger, body("e1", GLAD), body("e2", later), body("e3", ANGRY), body("e4", {"id": "a1", "deleted": True}))
    worker.round()
    report = drain(lake, ledger)
    assert (report.n_new, report.n_revised, report.n_deleted) == (2, 1, 1)
    assert said(lake) == ["Finalement, la facture est fausse."]
    assert lake.read("SELECT text FROM mention")["text"].tolist() == ["Finalement, la facture est fausse."]
    assert lake.check_keys() == []


def test_an_older_version_brings_no_reading_of_its_own(worker: Worker, lake: Lake, ledger: Ledger) -> None:
    send(ledger, body("e1", {**GLAD, "revised": "2026-10-31T10:00:00Z"}))
    worker.round()
    drain(lake, ledger)
    before = counts(lake)
    send(ledger, body("e2", {**GLAD, "said": "Un avis. Plus long. La facture est fausse."}))
    worker.round()
    assert drain(lake, ledger).n_known == 1
    assert counts(lake) == before


def test_two_equal_answers_without_an_id_are_two(worker: Worker, lake: Lake, ledger: Ledger) -> None:
    same = {"said": "La facture est fausse."}
    send(ledger, body("e1", same, same), body("e2", same))
    worker.round()
    assert drain(lake, ledger).n_new == 3


def test_rows_that_are_not_for_us_or_cannot_be_used_are_counted_and_set_apart(
    worker: Worker, lake: Lake, ledger: Ledger
) -> None:
    send(ledger, body("e1", {"id": 1, "own": True}), body("e2", {"id": 2}, GLAD), b'{"event": "e3", "answers": 5}')
    worker.round()
    assert states(ledger) == ["done", "staged", "staged"]
    report = drain(lake, ledger)
    assert (report.n_new, report.n_quarantined) == (1, 2)
    assert set(lake.read("SELECT reason FROM quarantine")["reason"]) == {"missing_said", "bad_shape"}


def test_an_event_that_breaks_is_tried_again_then_rejected_and_the_others_go_on(
    worker: Worker, lake: Lake, ledger: Ledger
) -> None:
    bomb = body("e1", bomb=True)
    send(ledger, bomb, body("e2", GLAD))
    tries = 0
    while worker.round():
        tries += 1
        assert states(ledger)[1] == "staged"
    assert states(ledger) == ["rejected", "staged"]
    assert tries == MAX_ATTEMPTS
    drain(lake, ledger)
    (row,) = lake.read("SELECT reason, detail, raw_encrypted FROM quarantine").to_dict("records")
    assert ledger.keys.unseal(row["raw_encrypted"]) == bomb.decode()
    assert "RuntimeError" in row["detail"]
    assert "bomb" not in row["detail"]
    assert states(ledger) == ["rejected", "done"]


def test_an_event_that_kills_its_worker_is_found_alone_and_rejected(worker: Worker, ledger: Ledger) -> None:
    send(ledger, *(body(f"e{number}", {"id": number, "said": "x"}) for number in range(40)))
    assert [len(take(ledger, now())) for _ in range(5)] == [40, 20, 1, 1, 1]  # five processes died with their batch
    worker.round()
    assert states(ledger).count("rejected") == 1
    assert states(ledger)[0] == "rejected"


def test_a_case_is_decided_again_when_another_writer_was_faster(
    worker: Worker, lake: Lake, ledger: Ledger, settings: Settings
) -> None:
    class Raced(CaseDesk):
        """Another process decides on the same customer between our decision and our write."""

        n_decided = 0

        def decide(self, tables: Mapping[str, pd.DataFrame]) -> tuple[Opened, int]:
            found = super().decide(tables)
            self.n_decided += 1
            if self.n_decided == 1:
                payload: dict[str, Any] = {
                    "customer_id": "C1",
                    "reason": "detractor",
                    "owner_team": "callbacks",
                    "promise": "standard",
                }
                payload |= {"due_at": now().isoformat(), "signals": ["detractor:other"]}
                self.ledger.append("case.opened", "other", payload, actor="rules", at=now(), key="case:C1:opened:1")
            return found

    worker.desk = Raced(lake, ledger)
    send(ledger, body("e1", ANGRY))
    worker.round()
    assert worker.desk.n_decided == 2
    assert cases(ledger) == [["detractor:other"]]
    joined = ledger.events(("case.signal_added",))
    assert {event.subject for event in joined} == {"other"}
    assert len(joined) == 2


def test_an_event_that_was_erased_meanwhile_leaves_no_row_and_no_case(
    worker: Worker, lake: Lake, ledger: Ledger, settings: Settings
) -> None:
    class Erased(CaseDesk):
        """The first event is taken out of the inbox between our decision and our write."""

        def decide(self, tables: Mapping[str, pd.DataFrame]) -> tuple[Opened, int]:
            found = super().decide(tables)
            with self.ledger.engine.begin() as connection:
                connection.execute(INBOX.delete().where(INBOX.c.inbox_id == 1))
            return found

    worker.desk = Erased(lake, ledger)
    send(ledger, body("e1", ANGRY), body("e2", {**ANGRY, "id": "b", "customer": "C9"}))
    worker.round()
    assert [event.payload["customer_id"] for event in ledger.events(("case.opened",))] == ["C9"]
    assert drain(lake, ledger).n_new == 1


def test_broken_rules_hold_no_row_back(worker: Worker, lake: Lake, ledger: Ledger, tmp_path: Path) -> None:
    worker.desk.settings = worker.desk.settings.model_copy(update={"reference_dir": tmp_path})
    send(ledger, body("e1", ANGRY))
    worker.round()
    assert states(ledger) == ["staged"]
    assert "No case can be opened" in worker.problem


def copy_of_staged(ledger: Ledger) -> list[dict[str, Any]]:
    with ledger.engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(select(STAGED))]


def test_a_crash_between_the_two_commits_changes_no_count(worker: Worker, lake: Lake, ledger: Ledger) -> None:
    send(ledger, body("e1", ANGRY, {"id": 9}), body("e2", GLAD))
    worker.round()
    staged = copy_of_staged(ledger)
    drain(lake, ledger)
    before = counts(lake)
    with ledger.engine.begin() as connection:  # as if the ledger's commit had been lost
        connection.execute(insert(STAGED), staged)
        connection.execute(INBOX.update().values(state="staged", expires_on=None))
    assert drain(lake, ledger).n_known == 2
    assert counts(lake) == before
    assert states(ledger) == ["done", "done"]


def test_two_drains_at_once_change_no_count(worker: Worker, lake: Lake, ledger: Ledger, settings: Settings) -> None:
    send(ledger, *(body(f"e{number}", {**GLAD, "id": number}) for number in range(30)))
    worker.round()
    ready = threading.Barrier(2)

    def run(own: Lake) -> None:
        ready.wait()
        drain(own, ledger)

    with open_lake(settings) as other:
        threads = [threading.Thread(target=run, args=(one,)) for one in (lake, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert lake.counts()["feedback"] == 30
    assert lake.check_keys() == []
    assert set(states(ledger)) == {"done"}


def test_rows_the_lake_cannot_take_are_refused_alone(worker: Worker, lake: Lake, ledger: Ledger) -> None:
    send(ledger, body("e1", ANGRY), body("e2", GLAD))
    worker.round()
    with ledger.engine.begin() as connection:
        frames = json.loads(copy_of_staged(ledger)[0]["frames"])
        frames["answer"][0]["value"] = "not a number"
        connection.execute(STAGED.update().where(STAGED.c.staged_id == 1).values(frames=json.dumps(frames)))
    report = drain(lake, ledger)
    assert (report.n_refused, report.n_new) == (1, 1)
    assert states(ledger) == ["rejected", "done"]
    assert lake.read("SELECT reason FROM quarantine")["reason"].tolist() == ["event_refused"]


def test_raw_bodies_leave_when_their_days_are_over(worker: Worker, lake: Lake, ledger: Ledger) -> None:
    send(ledger, body("e1", GLAD), body("e2", bomb=True))
    while worker.round():
        pass
    drain(lake, ledger)
    send(ledger, body("e3", ANGRY))
    assert purge_inbox(ledger, date(2026, 11, 7)) == 0  # a week after the business day of 31 October
    assert purge_inbox(ledger, date(2026, 11, 8)) == 1
    assert purge_inbox(ledger, date(2026, 12, 31)) == 1
    assert states(ledger) == ["received"]


def test_the_scheduled_ingestion_drains_too(worker: Worker, lake: Lake, ledger: Ledger) -> None:
    send(ledger, body("e1", GLAD))
    worker.round()
    ingest_drop(lake, ledger, run_id="r", say=lambda _: None)
    assert states(ledger) == ["done"]
    assert lake.counts()["feedback"] == 1
