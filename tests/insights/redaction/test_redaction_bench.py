"""The scorer: recall by whole spans, precision by touch, other sets' labels, and sentences for bad files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from insights.bench.redaction import Score, pooled, score, score_file
from insights.bench.redaction_samples import Sample, lowered, read_samples
from insights.errors import SourceError
from insights.redaction import Redactor, Span

SAMPLES = [
    Sample("Sophie et Karim", (Span(0, 6, "NOM"), Span(10, 15, "NOM"))),
    Sample("le 0639981247", (Span(3, 13, "TEL"),)),
    Sample("RAS", ()),
    Sample("à Tours", (Span(2, 7, "GPE"),)),
]


def scored() -> Score:
    def find(texts: Sequence[str], languages: Sequence[str]) -> list[list[Span]]:
        assert len(texts) == len(languages) == 4
        return [[Span(0, 6, "NOM"), Span(10, 12, "NOM")], [Span(3, 13, "ID")], [Span(0, 3, "NOM")], [Span(2, 7, "NOM")]]

    return score(SAMPLES, find)


def test_counts_and_intervals() -> None:
    found = scored()
    rows = found.table.set_index("entity")
    assert (rows.loc["NOM", "n_gold"], rows.loc["NOM", "n_masked"], rows.loc["NOM", "n_right_entity"]) == (2, 1, 2)
    assert (rows.loc["TEL", "recall"], rows.loc["TEL", "n_right_entity"]) == (1.0, 0)
    assert (rows.loc["NOM", "n_masks"], rows.loc["NOM", "n_right_masks"]) == (4, 3)
    assert rows.loc["NOM", "recall_low"] == pytest.approx(0.0945, abs=1e-3)  # Wilson, 1 of 2
    assert (found.n_clean_texts, found.n_false_texts, found.n_false_names, found.false_share) == (1, 1, 1, 1.0)
    assert found.recall("NOM", "TEL") == pytest.approx(2 / 3)
    assert found.counts("NOM", cased=True) == (1, 2)
    assert found.recall("IBAN") != found.recall("IBAN")


def test_pooled_counts_are_sums() -> None:
    found = pooled([scored(), scored()])
    assert (found.n_texts, found.n_clean_texts, found.n_false_texts, found.n_false_names) == (8, 2, 2, 2)
    assert found.counts("NOM") == (2, 4)


def test_nothing_found_in_nothing() -> None:
    found = score([Sample("RAS", ())], lambda texts, languages: [[]])
    assert (found.false_share, list(found.table["entity"])) == (0.0, ["ALL"])


def test_a_file_with_other_labels_is_scored(tmp_path: Path, redactor: Redactor) -> None:
    lines = [
        {"text": "je m'appelle Sophie", "spans": [{"start": 13, "end": 19, "label": "person"}]},
        {"text": "cafe\u0301 lea@example.org", "spans": [{"start": 6, "end": 21, "label": "EMAIL_ADDRESS"}]},
        {"text": "rien\u2028du tout"},
    ]
    path = tmp_path / "outside.jsonl"
    content = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    path.write_text(f"\ufeff{content}\n\n", encoding="utf-8")
    found = score_file(path, redactor)
    assert list(found.table["entity"]) == ["EMAIL", "NOM", "ALL"]
    assert found.recall("EMAIL", "NOM") == 1.0
    assert score_file(path, redactor, lower=True).recall("NOM") == 1.0
    assert found.texts_per_second > 0


def test_lowered_keeps_offsets() -> None:
    samples = lowered([Sample("Élodie", (Span(0, 6, "NOM"),)), Sample("İzmir", ())])
    assert [sample.text for sample in samples] == ["élodie"]


def _line(*spans: object, text: str = "abcdef") -> str:
    return json.dumps({"text": text, "spans": spans})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (_line({"start": 0, "end": 9, "label": "NOM"}), "line 1: the span 0 to 9 lies outside its text of 6"),
        (_line({"start": 2, "end": 2, "label": "NOM"}), "line 1: the span 2 to 2"),
        (_line({"start": 0, "end": 3, "label": "NOM"}, {"start": 2, "end": 4, "label": "ID"}), "spans overlap at 2"),
        (_line({"start": "0", "end": 3, "label": "NOM"}), "whole numbers"),
        (_line({"start": True, "end": 3, "label": "NOM"}), "whole numbers"),
        (_line({"start": 0, "end": 3}), "a text label"),
        (_line("NOM"), "not an object with start"),
        ('{"text": "a"}\nnot json', "line 2: Expecting value"),
        ('{"spans": []}', "line 1: no object with a text"),
        ('["a"]', "no object with a text"),
        ('{"text": 3}', "no object with a text"),
        ('{"text": "a", "spans": "NOM"}', "spans is not a list"),
        ('{"text": "a", "language": ["fr"]}', "language is not a text"),
        ("[" * 100_000, "line 1"),
        ("\n", "holds no text"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(content: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SourceError, match=said):
        read_samples(path)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.jsonl").write_bytes('{"text": "é"}'.encode("latin-1"))
    for name in ("latin.jsonl", "absent.jsonl"):
        with pytest.raises(SourceError, match=f"{name}: cannot be read as UTF-8"):
            read_samples(tmp_path / name)
