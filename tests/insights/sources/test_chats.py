"""Chat logs: stamps, names, midnight, glued turns; chats as JSON; vCon consent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from insights.errors import RowError, SourceError
from insights.sources import chat_json, chat_log, vcon
from insights.sources.base import Item, RawRecord
from insights.sources.options import Options

NUMBERED = {"stamp_numbered": "customer", "stamp_plain": "adviser"}


def log(folder: Path, text: str, name: str = "2026-10-03.txt", options: Options | None = None) -> list[Item]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return [chat_log.parse(record, options or Options()) for record in chat_log.read(path)]


def said(item: Item) -> list[tuple[str, str]]:
    return [(turn["speaker"], turn["text"]) for turn in item.turns]


def test_midnight_opens_the_next_day_and_a_late_stamp_does_not(tmp_path: Path) -> None:
    found = log(tmp_path, "[23:59:50] Client: a\n[00:00:10] Agent: b\n[00:00:05] Client: c\n")[0]
    assert [turn["start_s"] for turn in found.turns] == [0.0, 20.0, 15.0]
    assert f"{found.feedback['occurred_at']:%Y-%m-%d %H:%M}" == "2026-10-03 21:59"


@pytest.mark.parametrize(
    "line",
    [
        "(14:03) Client : rien",
        "[14:03:00] Client: rien",
        "14:03 - Client: rien",
        "03/10/2026, 14:03 - Client: rien",
        "[03/10/2026 à 14:03] Client : rien",
        "2026-10-03 14:03:00 - Client: rien",
        "[10/3/26, 2:03 PM] Client: rien",
        "(14h03) Client : rien",
    ],
)
def test_stamps(tmp_path: Path, line: str) -> None:
    found = log(tmp_path, line)[0]
    assert said(found) == [("customer", "rien")]
    assert f"{found.feedback['occurred_at']:%Y-%m-%dT%H:%M}" == "2026-10-03T12:03"


def test_lines_without_stamp_go_on_and_an_hour_in_a_sentence_is_no_stamp(tmp_path: Path) -> None:
    found = log(tmp_path, "(14:03) Client : promis (15:00) hier\net rien\n\nrien du tout\n(14:04) Conseiller : ah\n")[0]
    assert said(found) == [("customer", "promis (15:00) hier et rien rien du tout"), ("adviser", "ah")]


def test_glued_turns_keep_the_digits_of_the_words(tmp_path: Path) -> None:
    text = (
        "1 (18:00) Kone : code NOEL5 ou NOEL102 (18:01) Kone : non\n\n(18:01) Luc : ok(18:02) Luc : oui\n\n"
        "4 (18:05) et 0201 69775 (18:06) ok\n\nbye\n"
    )
    found = log(tmp_path, text, options=Options(fields=NUMBERED))[0]
    assert said(found) == [
        ("customer", "code NOEL5 ou NOEL10"),
        ("customer", "non"),
        ("adviser", "ok"),
        ("adviser", "oui"),
        ("customer", "et 0201 6977"),
        ("customer", "ok"),
        ("unknown", "bye"),
    ]
    assert set(found.names) == {"Kone", "Luc"}


def test_glued_turn_numbers_of_two_digits(tmp_path: Path) -> None:
    text = "9 (18:00) Kone : appt 5410 (18:01) Kone : merci11 (18:02) Kone : au revoir\n"
    found = log(tmp_path, text, options=Options(fields=NUMBERED))[0]
    assert [words for _, words in said(found)] == ["appt 54", "merci", "au revoir"]


def test_a_log_without_date_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RowError, match="missing_started_at: .*file's name.*index.csv.*started_on"):
        log(tmp_path, "(14:03) Client : rien", "export.txt")
    dated = log(tmp_path, "(14:03) Client : rien", "export.txt", Options(constants={"started_on": "2026-10-03"}))
    assert f"{dated[0].feedback['occurred_at']:%Y-%m-%d}" == "2026-10-03"


def test_a_text_without_stamps_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"notes\.txt: no line begins with a stamp"):
        log(tmp_path, "bonjour\n", "notes.txt")


@pytest.mark.parametrize(
    ("consents", "kept"),
    [
        ({"consents": [{"purpose": "recording", "status": "granted"}]}, "yes"),
        (
            {"consents": [{"purpose": "recording", "status": "granted"}, {"purpose": "analysis", "status": "denied"}]},
            "no",
        ),
        ({"consents": [{"purpose": "ai_training", "status": "denied"}]}, "not_asked"),
        ({"status": "revoked"}, "no"),
        ('{"consents": [{"purpose": "recording", "status": "granted"}]}', "yes"),
    ],
)
def test_vcon_consent(consents: Any, kept: str) -> None:
    data = {
        "uuid": "u-1",
        "created_at": "2026-10-08T08:00:00Z",
        "parties": [{"role": "customer"}],
        "dialog": [{"type": "text", "originator": 0, "body": "Bonjour", "start": "2026-10-08T08:00:00Z"}],
        "attachments": [{"type": "consent", "body": consents}],
    }
    assert vcon.parse(RawRecord("a", 1, data), Options()).feedback["consent"] == kept


def test_a_sealed_vcon_is_named_as_such() -> None:
    with pytest.raises(RowError, match="^sealed_vcon: "):
        vcon.parse(RawRecord("a", 1, {"payload": "e30", "signatures": []}), Options())


def test_chats_as_json_need_an_id_and_a_date() -> None:
    turns = [{"from": {"type": "visitor"}, "text": "Bonjour"}]
    with pytest.raises(RowError, match="^missing_id: "):
        chat_json.parse(RawRecord("a", 1, {"turns": turns, "date": "2026-10-03"}), Options())
    with pytest.raises(RowError, match="^missing_started_at: "):
        chat_json.parse(RawRecord("a", 1, {"turns": turns, "id": 1}), Options())
    found = chat_json.parse(RawRecord("a", 1, {"turns": turns, "id": 1, "date": "2026-10-03"}), Options())
    assert said(found) == [("customer", "Bonjour")]
