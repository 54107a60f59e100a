"""Real transcripts, chats and mails: expected turns per file, only the customer's words, loaded twice with equal counts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from insights.lake import Lake
from insights.ledger import Ledger
from insights.settings import Settings
from insights.sources import RecordSource, registry
from insights.sources.base import Item
from insights.sources.options import Options
from insights.steps.ingest import ingest

FIXTURES = Path(__file__).parents[2] / "fixtures" / "sources"
META = {"started_at": "2026-10-20T10:00:00+02:00", "segment": "household"}
OPTIONS = {
    "aws_call_analytics": Options(
        recording_share={"household": 0.999999}, fields={"channel_0": "customer", "channel_1": "adviser"}
    ),
    "chat_log": Options(fields={"stamp_numbered": "customer", "stamp_plain": "adviser"}),
}
CALLS = Options(recording_share={"default": 0.999999})
FORMATS = "transcript_formats"
# source, file, conversations, turns by role
REAL = [
    ("webvtt", f"{FORMATS}/punctuations.mp3.vtt", 1, {"unknown": 1}),
    ("webvtt", f"{FORMATS}/punctuations.mp3.words.vtt", 1, {"unknown": 1}),
    ("srt", f"{FORMATS}/punctuations.mp3.srt", 1, {"unknown": 1}),
    ("srt", f"{FORMATS}/punctuations.mp3.words.srt", 1, {"unknown": 1}),
    ("whisper", f"{FORMATS}/smartphone.mp3.words.json", 1, {"unknown": 38}),
    ("whisper", f"{FORMATS}/bonjour_vous_allez_bien.mp3.words.json", 1, {"unknown": 2}),
    ("aws_call_analytics", f"{FORMATS}/example-call.json", 1, {"adviser": 19, "customer": 18}),
    ("aws_call_analytics", f"{FORMATS}/bda-standard.json", 1, {"adviser": 23, "customer": 28}),
    ("vcon", f"{FORMATS}/1ba06c0c-97ea-439f-8691-717ef86e4f3e.vcon.json", 1, {"adviser": 6, "customer": 5}),
    ("vcon", f"{FORMATS}/b217b61e-ff68-4f17-a33d-bbc667e8936d.vcon.json", 1, {"adviser": 6, "customer": 5}),
    ("vcon", f"{FORMATS}/fbb909fa-36fc-467e-8e64-2e9a665ed1ce.vcon.json", 1, {"adviser": 9, "customer": 6}),
    ("call_center_ai", f"{FORMATS}/demo.json", 1, {"bot": 19, "customer": 12}),
    ("clarify", f"{FORMATS}/sample_insight_transcript.json", 1, {"adviser": 2, "customer": 3}),
    ("chat_json", "en_abcd_chats/abcd_sample.json", 3, {"adviser": 32, "customer": 31, "unknown": 9}),
    ("chat_log", "fr_chat_ecommerce_pmc/dialogues.txt", 250, {"adviser": 1174, "customer": 1289, "unknown": 348}),
]


def laid_out(shared: Path, folder: Path, source: str, file: str) -> Path:
    path = folder / source / Path(file).name
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(shared / file, path)
    path.with_name(f"{path.name}.meta.json").write_text(json.dumps(META), encoding="utf-8")
    return path


def items(source: str, path: Path) -> list[Item]:
    reader = registry()[source]
    assert isinstance(reader, RecordSource)
    return [reader.item(record, OPTIONS.get(source, CALLS)) for record in reader.read(path)]


@pytest.mark.parametrize(("source", "file", "conversations", "roles"), REAL, ids=[Path(row[1]).name for row in REAL])
def test_real_files_give_their_turns_and_only_the_customers_words(
    shared_data: Path, tmp_path: Path, source: str, file: str, conversations: int, roles: dict[str, int]
) -> None:
    if not (shared_data / file).is_file():
        pytest.skip(f"{file} is absent")
    found = items(source, laid_out(shared_data, tmp_path, source, file))
    turns = [turn for one in found for turn in one.turns]
    assert len(found) == conversations
    assert {role: sum(turn["speaker"] == role for turn in turns) for role in roles} == roles
    assert sum(roles.values()) == len(turns)
    for one in found:
        said = [turn["text"] for turn in one.turns if turn["speaker"] == "customer"]
        assert (one.feedback["verbatim"] or "") == "\n".join(said)


def test_no_agent_emotion_of_the_real_call_reaches_an_item(shared_data: Path, tmp_path: Path) -> None:
    path = laid_out(shared_data, tmp_path, "aws_call_analytics", f"{FORMATS}/example-call.json")
    given = json.loads(path.read_text(encoding="utf-8"))
    assert {"POSITIVE", "NEUTRAL"} <= {turn["Sentiment"] for turn in given["Transcript"]}
    found = repr(items("aws_call_analytics", path))
    assert not [word for word in ("Sentiment", "POSITIVE", "NEGATIVE", "MIXED", "Loudness") if word in found]


def counts(lake: Lake) -> dict[str, int]:
    return {table: int(lake.scalar(f"SELECT count(*) FROM {table}")) for table in ("feedback", "turn", "quarantine")}


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """The settings of every test, with options for these files."""
    folder = tmp_path / "reference"
    shutil.copytree(settings.reference_dir, folder)
    given = {name: OPTIONS.get(name, CALLS).model_dump(exclude_defaults=True) for name in {row[0] for row in REAL}}
    given["chat_json"] = {"constants": {"started_on": "2026-10-20"}}
    given["email_threads"] = {"own_handles": ["lumarelle.example"]}
    (folder / "sources.yaml").write_text(yaml.safe_dump(given), encoding="utf-8")
    return settings.model_copy(update={"reference_dir": folder})


def test_real_folders_loaded_twice_change_no_count(
    shared_data: Path, tmp_path: Path, lake: Lake, ledger: Ledger
) -> None:
    small = [row for row in REAL if row[0] != "chat_log"]
    for source, file, _, _ in small:
        laid_out(shared_data, tmp_path / "one", source, file)
    ingest(lake, ledger, [tmp_path / "one"], run_id="one")
    once = counts(lake)
    assert once["feedback"] == sum(row[2] for row in small)
    assert once["turn"] == sum(sum(row[3].values()) for row in small)
    for path in (tmp_path / "one").rglob("*"):
        if path.is_file() and path.suffix in (".vtt", ".srt"):
            path.write_bytes(path.read_bytes() + b"\n")  # the same words in another file
    ingest(lake, ledger, [tmp_path / "one"], run_id="two")
    assert counts(lake) == once
    silent = lake.scalar("SELECT count(*) FROM feedback WHERE verbatim IS NULL")
    assert silent == sum("customer" not in row[3] for row in small)
    names = lake.scalar("SELECT count(*) FROM feedback WHERE source_id LIKE '%mp3%' OR source_id LIKE 'key:%'")
    assert names == 0


def test_mailboxes_loaded_twice_change_no_count(tmp_path: Path, lake: Lake, ledger: Ledger) -> None:
    shutil.copytree(FIXTURES / "email_threads", tmp_path / "mails")
    _, files = ingest(lake, ledger, [tmp_path / "mails"], run_id="one")
    once = counts(lake)
    assert once == {"feedback": 3, "turn": 0, "quarantine": 1}
    assert sum((file.set_aside for file in files[1:]), files[0].set_aside) == {
        "own_message": 1, "auto_reply": 1, "bounce": 1, "no_words": 1, "bulk_mail": 1,
    }  # fmt: skip
    for path in (tmp_path / "mails").glob("*.eml"):
        path.write_bytes(path.read_bytes() + b"\n")
    ingest(lake, ledger, [tmp_path / "mails"], run_id="two")
    assert counts(lake) == once
    stored = repr(lake.read("SELECT * FROM feedback").to_dict("records"))
    for secret in ("jeanne", "petit", "exemple.fr", "39 98", "facture est correcte", "b9@"):
        assert secret not in stored.lower(), secret


def test_a_refusal_that_comes_later_takes_the_words_out(tmp_path: Path, lake: Lake, ledger: Ledger) -> None:
    path = tmp_path / "appel.vtt"
    words = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Client>tout est en panne</v>\n"
    path.write_text(words, encoding="utf-8")
    beside = path.with_name("appel.vtt.meta.json")
    beside.write_text(json.dumps({**META, "call_id": "c-1", "consent": "yes"}), encoding="utf-8")
    ingest(lake, ledger, [path], run_id="one")
    assert counts(lake) == {"feedback": 1, "turn": 1, "quarantine": 0}
    later = {"consent": "non", "revised_at": "2026-10-21T09:00:00+02:00"}
    beside.write_text(json.dumps({**META, "call_id": "c-1"} | later), encoding="utf-8")
    path.write_text(words + "\n", encoding="utf-8")
    ingest(lake, ledger, [path], run_id="two")
    assert counts(lake) == {"feedback": 1, "turn": 0, "quarantine": 0}
    assert lake.scalar("SELECT count(*) FROM feedback WHERE consent = 'no' AND verbatim IS NULL") == 1
