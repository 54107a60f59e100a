"""The scorer: recall by whole spans, precision by touch, other sets' labels, and sentences for bad files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from insights.bench.redaction import Sample, lowered, read_samples, score, score_file
from insights.errors import SourceError
from insights.redaction import Redactor, Span


def test_counts_and_intervals() -> None:
    samples = [
        Sample("Sophie et Karim", (Span(0, 6, "NOM"), Span(10, 15, "NOM"))),
        Sample("le 0639981247", (Span(3, 13, "TEL"),)),
        Sample("RAS", ()),
        Sample("à Tours", (Span(2, 7, "GPE"),)),
    ]

    def find(texts: Sequence[str], languages: Sequence[str]) -> list[list[Span]]:
        assert len(texts) == len(languages) == 4
        return [[Span(0, 6, "NOM"), Span(10, 12, "NOM")], [Span(3, 13, "ID")], [Span(0, 3, "NOM")], [Span(2, 7, "NOM")]]

    found = score(samples, find)
    rows = found.table.set_index("entity")
    assert (rows.loc["NOM", "n_gold"], rows.loc["NOM", "n_masked"], rows.loc["NOM", "n_right_entity"]) == (2, 1, 2)
    assert (rows.loc["TEL", "recall"], rows.loc["TEL", "n_right_entity"]) == (1.0, 0)
    assert (rows.loc["NOM", "n_masks"], rows.loc["NOM", "n_right_masks"]) == (4, 3)
    assert rows.loc["NOM", "recall_low"] == pytest.approx(0.0945, abs=1e-3)  # Wilson, 1 of 2
    assert (found.n_clean_texts, found.n_false_texts) == (1, 1)
    assert found.recall("NOM", "TEL") == pytest.approx(2 / 3)


def test_a_file_with_other_labels_is_scored(tmp_path: Path, redactor: Redactor) -> None:
    lines = [
        {"text": "je m'appelle Sophie", "spans": [{"start": 13, "end": 19, "label": "PERSON"}]},
        {"text": "cafe\u0301 lea@example.org", "spans": [{"start": 6, "end": 21, "label": "EMAIL_ADDRESS"}]},
        {"text": "rien"},
    ]
    path = tmp_path / "outside.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines) + "\n\n", encoding="utf-8")
    found = score_file(path, redactor)
    assert list(found.table["entity"]) == ["EMAIL", "NOM", "ALL"]
    assert found.recall("EMAIL", "NOM") == 1.0
    assert score_file(path, redactor, lower=True).recall("NOM") == 1.0
    assert found.texts_per_second > 0


def test_lowered_keeps_offsets() -> None:
    samples = lowered([Sample("Élodie", (Span(0, 6, "NOM"),)), Sample("İzmir", ())])
    assert [sample.text for sample in samples] == ["élodie"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"text": "a", "spans": [{"start": 0, "end": 9, "label": "NOM"}]}', "line 1"),
        ('{"text": "a"}\nnot json', "line 2"),
        ('{"spans": []}', "line 1"),
        ('{"text": "a", "spans": "NOM"}', "line 1"),
        ("\n", "holds no text"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(content: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SourceError, match=said):
        read_samples(path)
