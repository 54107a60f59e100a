"""The recogniser alone: persons found, nothing of the texts kept in its memory."""

from __future__ import annotations

from insights.redaction.ner import persons, recogniser


def test_persons_are_found_with_their_offsets() -> None:
    text = "Hier, Gwendal Ploumanec de l'agence de Tours m'a rappelé."
    assert [[text[start:end] for start, end in found] for found in persons([text, "Rien à signaler."])] == [
        ["Gwendal Ploumanec"],
        [],
    ]
    assert persons([]) == []


def test_only_the_entity_layer_is_loaded_once() -> None:
    assert recogniser().pipe_names == ["ner"]
    assert recogniser() is recogniser()


def test_words_of_the_texts_are_forgotten() -> None:
    persons(["Xylophonix Ghjklmnop est passé."])
    assert "Ghjklmnop" not in recogniser().vocab.strings
