"""The measure on other people's text: refilled placeholders, a public set, review files; stock tools; the report's rows."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from insights.bench.redaction import Score
from insights.bench.redaction_real import (
    gold_values,
    masked_share,
    presidio_research,
    refill,
    refilled_chats,
    verbatims,
)
from insights.bench.redaction_report import real_entries
from insights.bench.redaction_rivals import PRESIDIO, stock_presidio
from insights.bench.redaction_rows import OURS, by_entity, rows
from insights.bench.redaction_samples import RULE_ENTITIES, Sample
from insights.errors import SourceError
from insights.redaction import Span

VALUES = {
    "NOM": ["Soizic Kervella"],
    "EMAIL": ["s@example.org"],
    "ADRESSE": ["29000 Quimper"],
    "CITY": ["Pau"],
    "ZIP": ["29000"],
    "ID": ["K1"],
}


def test_placeholders_are_filled_and_labelled() -> None:
    line = "je suis _Name1_, _Email_ , _ZipCode1_ _City2_, à _City1_ : _Name1_"
    sample = refill(line, VALUES, {}, random.Random(1))
    assert sample.text == "je suis Soizic Kervella, s@example.org , 29000 Quimper, à Pau : Soizic Kervella"
    found = [(span.entity, sample.text[span.start : span.end]) for span in sample.spans]
    assert found == [
        ("NOM", "Soizic Kervella"),
        ("EMAIL", "s@example.org"),
        ("ADRESSE", "29000 Quimper"),
        ("CITY", "Pau"),
        ("NOM", "Soizic Kervella"),
    ]


def test_a_placeholder_keeps_its_value_in_a_chat_and_a_seed_its_chats(tmp_path: Path) -> None:
    path = tmp_path / "dialogues.txt"
    path.write_text("_Name1_ : bonjour\n\n''\n_Name1_ _Name2_\n===\n_Name1_", encoding="utf-8")
    first = refilled_chats(path, gold_values())
    assert [len(sample.spans) for sample in first] == [1, 2, 1]
    name, again = first[0], first[1]
    assert name.text[: name.spans[0].end] == again.text[: again.spans[0].end]
    assert refilled_chats(path, gold_values()) == first
    assert refilled_chats(path, gold_values(), seed=2) != first


def test_chats_without_placeholders_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "dialogues.txt"
    path.write_text("bonjour\n===\nmerci", encoding="utf-8")
    with pytest.raises(SourceError, match="none of the placeholders"):
        refilled_chats(path, VALUES)


def test_values_come_from_the_gold_sets() -> None:
    values = gold_values()
    assert {*RULE_ENTITIES, "NOM"} <= set(values)
    assert all(name[0].isupper() for name in values["NOM"])
    assert len(set(values["NOM"])) > 100


def test_the_public_chats_hold_thousands_of_names(shared_data: Path) -> None:
    samples = refilled_chats(shared_data / "fr_chat_ecommerce_pmc" / "dialogues.txt", gold_values())
    assert sum(span.entity == "NOM" for sample in samples for span in sample.spans) > 2000
    assert not any("_Name" in sample.text for sample in samples)


def test_the_public_synthetic_set_is_read(tmp_path: Path) -> None:
    span = {"entity_type": "PERSON", "entity_value": "Gemma", "start_position": 3, "end_position": 8}
    path = tmp_path / "set.json"
    path.write_text(json.dumps([{"full_text": "hi Gemma", "spans": [span]}]), encoding="utf-8")
    assert presidio_research(path) == [Sample("hi Gemma", (Span(3, 8, "NOM"),), "en")]
    path.write_text('[{"text": "hi"}]', encoding="utf-8")
    with pytest.raises(SourceError, match="full_text"):
        presidio_research(path)


def test_reviews_are_drawn_and_a_wrong_column_named(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("note;avis\n" + "".join(f"{n};texte {n}\n" for n in range(9)), encoding="utf-8")
    assert len(set(verbatims(path, "avis", n=4))) == 4
    assert verbatims(path, "avis", n=4) == verbatims(path, "avis", n=4)
    with pytest.raises(SourceError, match="no column text; it has note, avis"):
        verbatims(path, "text")
    assert masked_share([[], [Span(0, 1, "NOM")], [Span(0, 1, "TEL")]]) == (2, 1)


def test_stock_presidio_masks_without_a_network_or_a_model() -> None:
    found = stock_presidio("en")(["I am Gemma Kaur, g.kaur@example.com, card 4242 4242 4242 4242, 3 May"], ["en"])
    assert [(span.entity, span.start) for span in found[0]] == [("EMAIL", 17), ("CARTE", 42)]


def _score(n_masked: int, n_missed: int) -> Score:
    import pandas as pd

    lines = [("NOM", True, at < n_masked, True, True) for at in range(n_masked + n_missed)]
    frame = pd.DataFrame(lines, columns=["entity", "is_gold", "hit", "same_entity", "cased"])
    return Score(frame, 10, 0, 0, 0, 1.0)


def test_a_row_stands_beside_each_rival() -> None:
    entries = list(by_entity("own gold", "fr", "as written", {OURS: _score(9, 1), PRESIDIO: _score(5, 5)}))
    recall = entries[0]
    assert (recall.name, recall.value, recall.aim) == ("recall NOM (fr, as written)", 0.9, ">= 0.98")
    assert (recall.rival, recall.rival_value) == (PRESIDIO, 0.5)
    assert recall.interval is not None
    assert recall.interval[0] < 0.9 < recall.interval[1]
    assert list(rows("x", "own gold", "", {OURS: (0, 0)})) == []
    assert [entry.rival for entry in rows("x", "own gold", "", {OURS: (1, 2)})] == [""]


def test_absent_data_are_left_out_and_said(tmp_path: Path) -> None:
    said: list[str] = []

    def find(texts: Sequence[str], languages: Sequence[str]) -> list[list[Span]]:
        return [[] for _ in texts]

    assert real_entries("fr", {OURS: find}, tmp_path, said.append) == []
    assert len(said) == 5
    assert all("is absent: left out" in line for line in said)
