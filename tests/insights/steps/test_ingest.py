"""Ingest through the real border into a real lake: nothing personal stored, nothing lost, nothing twice."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from insights.errors import SourceError
from insights.lake import Lake
from insights.ledger import Ledger
from insights.sources import registry
from insights.sources.base import feedback_id
from insights.steps.files import FileReport, find_files
from insights.steps.ingest import ingest, ingest_drop, ingest_paths

FIXTURES = Path(__file__).parents[2] / "fixtures" / "sources"
COMPANY = "calls churn contacts crm employee messages social survey"
DEMO = [FIXTURES / folder for folder in COMPANY.split()]  # the demo company's own sources


def run(lake: Lake, ledger: Ledger, *paths: Path, run_id: str = "r1") -> dict[str, FileReport]:
    return {file.file: file for file in ingest(lake, ledger, paths, run_id=run_id)[1]}


def test_everything_arrives_and_a_second_run_changes_no_count(lake: Lake, ledger: Ledger) -> None:
    first = run(lake, ledger, *DEMO)
    counts = lake.counts()
    assert counts["feedback"] == 2 + 2 + 2 + 2 + 1  # survey, social, calls, messages, employee
    assert (counts["answer"], counts["turn"], counts["customer_snapshot"], counts["churn_event"]) == (4, 3, 1, 1)
    assert first["transcripts.jsonl"].n_refused == 1  # the customer refused to be recorded: no word is stored
    refused = lake.read("SELECT * FROM feedback WHERE consent = 'no'").iloc[0]
    assert refused["kind"] == "call" and pd.isna(refused["verbatim"])
    assert first["posts.jsonl"].set_aside == {"own_post": 1, "repost": 1}
    second = run(lake, ledger, *DEMO, run_id="r2")
    assert all(file.skipped for file in second.values())
    assert {**lake.counts(), "run": 0} == {**counts, "run": 0}
    assert lake.check_keys() == []


def test_a_changed_file_with_known_rows_adds_only_what_is_new(lake: Lake, ledger: Ledger, tmp_path: Path) -> None:
    run(lake, ledger, FIXTURES / "employee")
    copy = tmp_path / "employee" / "comments_2.jsonl"
    copy.parent.mkdir()
    more = {
        "comment_id": "E2",
        "written_at": "2026-02-02T08:00:00Z",
        "received_at": "2026-02-02T08:00:05Z",
        "text": "b",
    }
    original = (FIXTURES / "employee" / "comments.jsonl").read_text(encoding="utf-8")
    copy.write_text(original + json.dumps(more) + "\n", encoding="utf-8")
    report = run(lake, ledger, copy, run_id="r2")["comments_2.jsonl"]
    assert (report.n_new, report.n_known) == (1, 1)


def test_bad_rows_are_in_quarantine_with_reason_place_and_a_sealed_copy(lake: Lake, ledger: Ledger) -> None:
    run(lake, ledger, *DEMO)
    found = lake.read("SELECT source, reason, file, line, raw_encrypted FROM quarantine ORDER BY ALL")
    reasons = set(zip(found["source"], found["reason"], found["line"], strict=True))
    assert ("lumarelle_survey", "out_of_scale_nps", 3) in reasons
    assert ("lumarelle_churn", "bad_learned_on", 3) in reasons
    score = found[found["reason"] == "out_of_scale_nps"].iloc[0]
    assert "response_id" not in score["raw_encrypted"]
    assert json.loads(ledger.keys.unseal(score["raw_encrypted"]))["response_id"]


def test_a_mail_is_linked_by_hash_and_an_anonymous_answer_never_is(lake: Lake, ledger: Ledger) -> None:
    run(lake, ledger, *DEMO)
    linked = dict(lake.read("SELECT source_id, customer_id FROM feedback").itertuples(index=False))
    assert linked["M1"] == "C0000001"  # its address is the one in the CRM picture
    assert linked["R2"] is None or linked["R2"] != linked["R2"]  # the same address, but promised anonymous
    assert linked["R1"] == "C0000001"


def test_nothing_personal_reaches_the_lake(lake: Lake, ledger: Ledger, tmp_path: Path) -> None:
    secret = {
        "message_id": "M9", "kind": "mail", "from_email": "jeanne.martin@exemple.fr",
        "sent_at": "2026-02-01T08:00:00Z", "received_at": "2026-02-01T08:00:05Z", "subject": "Facture",
        "body": "Je m'appelle Jeanne Martin, joignable au 06 39 98 12 47, jeanne.martin@exemple.fr. Toujours rien.",
    }  # fmt: skip
    path = tmp_path / "messages" / "messages.jsonl"
    path.parent.mkdir()
    path.write_text(json.dumps(secret) + "\n", encoding="utf-8")
    run(lake, ledger, path)
    row = lake.read("SELECT * FROM feedback").iloc[0].to_dict()
    for value in ("Martin", "39 98 12 47", "exemple.fr"):
        assert value not in json.dumps(row, default=str)
    assert "[EMAIL_1]" in row["verbatim"] and "Toujours rien" in row["verbatim"]


def test_days_are_counted_from_what_was_said(lake: Lake, ledger: Ledger) -> None:
    run(lake, ledger, FIXTURES / "calls")
    row = lake.read("SELECT occurred_at, retention_until, verbatim, feedback_id FROM feedback").iloc[0]
    assert str(row["retention_until"])[:10] == "2026-07-15"  # 183 days after 13 January
    assert row["feedback_id"] == feedback_id("lumarelle_calls", "T1")
    assert row["verbatim"] == "ça marche plus votre appli"  # the adviser's words are not the customer's voice


def test_loaded_history_is_kept_from_the_day_it_was_collected(lake: Lake, ledger: Ledger) -> None:
    run(lake, ledger, FIXTURES / "messages")
    kept = lake.read("SELECT occurred_at, retention_until FROM feedback")
    assert {str(day)[:10] for day in kept["retention_until"]} == {"2029-10-30"}  # 1,095 days after the business day


def test_a_bad_file_is_refused_and_the_others_go_on(lake: Lake, ledger: Ledger, tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "employee", tmp_path / "employee")
    (tmp_path / "employee" / "comments_b.jsonl").write_bytes(b"")
    (tmp_path / "employee" / "comments_c.jsonl").write_bytes('{"text": "é"}'.encode("cp1252"))
    reports = run(lake, ledger, tmp_path)
    assert "the file is empty" in reports["comments_b.jsonl"].error
    assert "not utf-8" in reports["comments_c.jsonl"].error
    assert reports["comments.jsonl"].n_new == 1


def test_paths_nobody_reads_are_refused(tmp_path: Path) -> None:
    sources = list(registry().values())
    with pytest.raises(SourceError, match="no such file or folder"):
        find_files([tmp_path / "absent"], sources)
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(SourceError, match="no source reads it.*--mapping"):
        find_files([tmp_path], sources)


MAPPING = """
source: avis
format: csv
kind: review
files: "*.csv"
delimiter: ";"
fields: {verbatim: texte, occurred_at: date, brand: assureur}
answers: [{column: note, metric: csat, scale: 1-5}]
date_formats: ["%d/%m/%Y"]
"""


def test_the_drop_folder_reads_a_folder_by_its_own_mapping(lake: Lake, ledger: Ledger) -> None:
    folder = lake.settings.drop_dir / "avis"
    folder.mkdir(parents=True)
    (folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    rows = "trop cher;01/03/2021;A;1\ntrop cher;01/03/2021;A;1\nbien;31/02/2021;A;5\n"
    (folder / "avis.csv").write_text("texte;date;assureur;note\n" + rows, encoding="utf-8")
    report = ingest_drop(lake, ledger, run_id="r1")
    assert (report.n_in, report.n_out, report.n_quarantined) == (3, 2, 1)  # two equal rows without an id are two
    again = ingest_drop(lake, ledger, run_id="r2")
    assert (again.n_out, again.note["skipped"]) == (0, 1)


def test_the_same_row_twice_counts_once_when_a_key_is_declared(lake: Lake, ledger: Ledger, tmp_path: Path) -> None:
    mapping = tmp_path / "m.yaml"
    mapping.write_text(MAPPING + "key: [texte, date]\n", encoding="utf-8")
    path = tmp_path / "avis.csv"
    path.write_text("texte;date;assureur;note\ntrop cher;01/03/2021;A;1\ntrop cher;01/03/2021;A;1\n", encoding="utf-8")
    report = ingest_paths(lake, ledger, run_id="r", paths=[path], mapping=mapping)
    assert (report.n_in, report.n_out) == (2, 1)


@pytest.mark.parametrize(("n_advisers", "shown"), [(5, "Amiens-01"), (4, "other"), (None, "other")])
def test_a_team_of_few_or_unknown_size_is_never_named(
    lake: Lake, ledger: Ledger, tmp_path: Path, n_advisers: int | None, shown: str
) -> None:
    reference = tmp_path / "reference"
    shutil.copytree(lake.settings.reference_dir, reference)
    sizes = "" if n_advisers is None else f"Amiens-01: {n_advisers}\n"
    (reference / "advisers.yaml").write_text(sizes, encoding="utf-8")
    lake.settings = lake.settings.model_copy(update={"reference_dir": reference})
    run(lake, ledger, FIXTURES / "calls", FIXTURES / "contacts")
    assert set(lake.read("SELECT agent_team FROM feedback WHERE agent_team IS NOT NULL")["agent_team"]) == {shown}
    assert not set(lake.read("SELECT team FROM contact WHERE team IS NOT NULL")["team"]) - {shown, "other"}


def test_a_file_is_read_again_when_what_is_declared_of_its_source_changes(
    lake: Lake, ledger: Ledger, tmp_path: Path
) -> None:
    reference = tmp_path / "reference"
    shutil.copytree(lake.settings.reference_dir, reference)
    lake.settings = lake.settings.model_copy(update={"reference_dir": reference})
    (reference / "sources.yaml").write_text("webvtt: {}\n", encoding="utf-8")
    call = tmp_path / "call.vtt"
    call.write_text("WEBVTT\n\n00:01.000 --> 00:03.000\n<v Client>Votre appli ne marche plus\n", encoding="utf-8")
    (tmp_path / "call.vtt.meta.json").write_text('{"started_at": "2026-10-20T10:00:00Z"}', encoding="utf-8")
    assert run(lake, ledger, call)["call.vtt"].set_aside == {"no_recording_share": 1}
    assert run(lake, ledger, call, run_id="r2")["call.vtt"].skipped
    (reference / "sources.yaml").write_text("webvtt: {recording_share: {default: 0.999999}}\n", encoding="utf-8")
    assert run(lake, ledger, call, run_id="r3")["call.vtt"].n_new == 1
