"""The redactor as a whole: order, repeats, tokens, workers, memory of values, no network."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from insights.errors import ModelError
from insights.redaction import Redacted, Redactor

TEXTS = [
    "je m'appelle Sophie Delmas, 06 39 98 12 47",
    None,
    "",
    "RAS",
    "je m'appelle Sophie Delmas, 06 39 98 12 47",
    "mon mail lea@example.org",
]


def test_results_follow_the_order_of_the_rows(redactor: Redactor) -> None:
    found = redactor.redact(TEXTS, ["fr"] * len(TEXTS))
    assert [result.text for result in found] == [
        "je m'appelle [NOM_1], [TEL_1]",
        None,
        "",
        "RAS",
        "je m'appelle [NOM_1], [TEL_1]",
        "mon mail [EMAIL_1]",
    ]
    assert [result.counts for result in found] == [{"NOM": 1, "TEL": 1}, {}, {}, {}, {"NOM": 1, "TEL": 1}, {"EMAIL": 1}]


def test_a_result_carries_no_value(redactor: Redactor) -> None:
    result = redactor.redact(["je m'appelle Sophie Delmas"], ["fr"])[0]
    assert [field.name for field in dataclasses.fields(Redacted)] == ["text", "counts"]
    assert "Sophie" not in repr(result) and "delmas" not in repr(result).lower()


def test_counts_are_places_and_numbers_are_values(redactor: Redactor) -> None:
    result = redactor.redact(["le 06 39 98 12 47, je dis bien 0639981247, ou 01 99 00 45 12"], ["fr"])[0]
    assert result.text == "le [TEL_1], je dis bien [TEL_1], ou [TEL_2]"
    assert result.counts == {"TEL": 3}


def test_tokens_are_protected_and_numbering_goes_on(redactor: Redactor) -> None:
    result = redactor.redact(["[NOM_1] et Sophie ont le [TEL_4], pas le 06 39 98 12 47"], ["fr"])[0]
    assert result.text == "[NOM_1] et [NOM_2] ont le [TEL_4], pas le [TEL_5]"
    assert result.counts == {"NOM": 1, "TEL": 1}


def test_invisible_characters_hide_nothing(redactor: Redactor) -> None:
    texts = [
        "06\u200b 39 98 12 47",
        "０６ ３９ ９８ １２ ４７",
        "lea\u00ad@example.org",
        "06\u00a039\u202f98\u00a012\u00a047",
    ]
    assert [result.text for result in redactor.redact(texts, ["fr"] * 4)] == [
        "[TEL_1]",
        "[TEL_1]",
        "[EMAIL_1]",
        "[TEL_1]",
    ]


def test_one_language_per_text_is_asked_for(redactor: Redactor) -> None:
    with pytest.raises(ModelError, match="2 texts and 1 languages"):
        redactor.redact(["a", "b"], ["fr"])


def test_spans_are_offsets_in_the_text(redactor: Redactor) -> None:
    text = "je m'appelle Sophie Delmas, 06 39 98 12 47"
    spans = redactor.spans([text], ["fr"])[0]
    assert [(text[span.start : span.end], span.entity, span.key) for span in spans] == [
        ("Sophie Delmas", "NOM", ""),
        ("06 39 98 12 47", "TEL", ""),
    ]


def test_worker_processes_give_the_same_as_one(redactor: Redactor) -> None:
    texts = [f"je suis Zélia Quintard, dossier {number}, 06 39 98 12 {number % 100:02d}" for number in range(900)]
    with Redactor(("Lumarelle",), workers=2, parallel_from=500) as many:
        parallel = many.redact(texts, ["fr"] * len(texts))
        again = many.redact(texts[:600], ["fr"] * 600)
    assert parallel == redactor.redact(texts, ["fr"] * len(texts))
    assert again == parallel[:600]


NO_NETWORK = """
import sys
def refuse(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
        raise SystemExit(f"network: {event} {args}")
sys.addaudithook(refuse)
from insights.redaction import Redactor, residual_scan
out = Redactor(()).redact(["Kévin Zorglub, lea@example.org, FR2799998746742168637674M90, 06 39 98 12 47"], ["fr"])
print(out[0].text, residual_scan(["lea@example.org", out[0].text]))
"""


def test_nothing_is_looked_up_on_the_network() -> None:
    done = subprocess.run(
        [sys.executable, "-c", NO_NETWORK], capture_output=True, text=True, cwd=Path(__file__).parents[3], check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[NOM_1], [EMAIL_1], [IBAN_1], [TEL_1] [Finding(row=0, entity='EMAIL')]"
