"""Same seed same bytes, every file and column, the sizes, and constant memory for `large`."""

from __future__ import annotations

import gc
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from simulate_written import Written

from insights import simulate
from insights.contracts import CUSTOMER_SNAPSHOT
from insights.errors import SettingsError
from insights.simulate.calendar import MONTH_ENDS
from insights.simulate.state import World
from insights.simulate.truth import Truth
from insights.sources.lumarelle_crm import ABSENT

COLUMNS = {
    "survey/responses.jsonl": (
        "response_id invitation_id survey customer_id submitted_at received_at channel touchpoint journey_stage "
        "product segment region agent_team answers comment recontact anonymous"
    ),
    "social/posts.jsonl": "post_id kind platform created_at received_at author text rating url repost_of region",
    "calls/transcripts.jsonl": (
        "call_id kind contact_id customer_id started_at received_at channel touchpoint journey_stage product segment "
        "region agent_team site_country recording_consent turns"
    ),
    "messages/messages.jsonl": (
        "message_id kind contact_id customer_id received_at sent_at subject body touchpoint journey_stage product "
        "segment region formal_complaint"
    ),
    "employee/comments.jsonl": "comment_id written_at received_at team site_country text",
    "survey/invitations.csv": (
        "invitation_id customer_id survey channel touchpoint sent_at suppressed_reason response_id received_at"
    ),
    "churn/departures.csv": "customer_id learned_on effective_on cause reason received_at",
    "contacts/contacts.csv": (
        "contact_id customer_id channel team site site_country touchpoint reason wait_seconds duration_seconds "
        "transferred abandoned occurred_at received_at"
    ),
}


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_same_seed_same_bytes_whatever_the_hash_seed(written: Written, tmp_path: Path) -> None:
    code = "import sys, pathlib; from insights import simulate; simulate.write('small', pathlib.Path(sys.argv[1]))"
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        check=True,
        cwd=Path(simulate.__file__).parents[2],
        env=os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
    )
    first, second = hashes(written.folder), hashes(tmp_path)
    assert len(first) > 30
    assert first == second


def test_another_seed_differs(written: Written, tmp_path: Path) -> None:
    simulate.write("small", tmp_path, seed=5)
    first, second = hashes(written.folder), hashes(tmp_path)
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] == second[name]] == []


@pytest.mark.parametrize("name", [name for name in COLUMNS if name.endswith("jsonl")])
def test_every_record_holds_every_field(written: Written, name: str) -> None:
    records = written.jsonl(name)
    assert records
    wanted = set(COLUMNS[name].split())
    assert [sorted(wanted - record.keys()) for record in records if wanted - record.keys()] == []


@pytest.mark.parametrize("name", [name for name in COLUMNS if name.endswith("csv")])
def test_every_csv_holds_its_columns(written: Written, name: str) -> None:
    frame = written.csv(name)
    assert list(frame.columns) == COLUMNS[name].split()
    assert len(frame) > 50


def test_pictures_hold_the_contract_and_personal_columns(written: Written) -> None:
    files = sorted((written.folder / "exports" / "crm").glob("*.parquet"))
    assert [path.stem for path in files] == [f"customers_{on.isoformat()}" for on in MONTH_ENDS]
    wanted = {*CUSTOMER_SNAPSHOT.column_names} - {"available_at", *ABSENT} | {
        "held_at",
        "email",
        "phone",
        "first_name",
        "last_name",
    }
    assert {*pq.read_schema(files[0]).names} == wanted
    last = written.picture("2026-10-31")
    assert str(last["held_at"].iloc[0]) == "2026-10-31 22:30:00+00:00"
    assert last["customer_id"].is_unique


def test_no_instant_lies_outside_the_two_years(written: Written) -> None:
    instants = [row["received_at"] for row in written.jsonl("survey/responses.jsonl")]
    instants += [row["received_at"] for row in written.jsonl("social/posts.jsonl")]
    instants += [row["received_at"] for row in written.jsonl("calls/transcripts.jsonl")]
    instants += [row["received_at"] for row in written.jsonl("messages/messages.jsonl")]
    instants += written.csv("contacts/contacts.csv")["received_at"].tolist()
    assert min(instants) >= "2024-10-31T23:00:00Z"
    assert max(instants) <= "2026-10-31T18:00:00Z"
    assert min(instants) < "2024-11-10"
    assert max(instants) > "2026-10-29"


def test_summary_counts_what_was_written(written: Written) -> None:
    counts = written.summary.counts
    assert counts["exports/survey/responses.jsonl"] == len(written.jsonl("survey/responses.jsonl"))
    assert counts["exports/contacts/contacts.csv"] == len(written.csv("contacts/contacts.csv"))
    assert counts["truth/clauses.parquet"] == len(written.truth("clauses"))
    assert 480 <= written.summary.n_items <= 720
    assert written.summary.n_feedback == written.summary.n_items
    assert written.summary.n_chosen_departures >= 60


def test_large_appends_blocks_and_keeps_none_in_memory(tmp_path: Path) -> None:
    alive: list[int] = []

    def watch(step: str) -> None:
        if step == "survey answers":
            gc.collect()
            alive.append(sum(isinstance(thing, World | Truth) for thing in gc.get_objects()))

    summary = simulate.write("large", tmp_path, n_items=620, block_items=200, progress=watch)
    assert len(alive) >= 3  # as many blocks as it takes
    assert {*alive} == {2}  # one world and one truth at a time, whatever the number of blocks
    assert abs(summary.n_items - 620) <= 62
    crm = tmp_path / "exports" / "crm"
    assert len([*crm.glob("*.parquet")]) == len(MONTH_ENDS)
    ids = pq.read_table(crm / "customers_2024-10-31.parquet", columns=["customer_id"]).to_pandas()["customer_id"]
    assert ids.is_unique
    lines = (tmp_path / "exports/calls/transcripts.jsonl").read_text(encoding="utf-8").splitlines()
    calls = [json.loads(line)["call_id"] for line in lines]
    assert len({*calls}) == len(calls)
    head = (tmp_path / "exports/contacts/contacts.csv").read_text(encoding="utf-8")
    assert head.count("contact_id") == 1


@pytest.mark.parametrize(
    ("size", "n_items", "says"),
    [("huge", None, "not known"), ("large", None, "n_items"), ("demo", 50, "only goes with")],
)
def test_impossible_sizes_are_refused_with_a_sentence(
    tmp_path: Path, size: str, n_items: int | None, says: str
) -> None:
    with pytest.raises(SettingsError, match=says):
        simulate.write(size, tmp_path, n_items=n_items)
