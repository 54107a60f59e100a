"""The last look: what it finds, and that it never carries a value."""

from __future__ import annotations

import pytest

from insights.redaction import Finding, Redactor, residual_scan


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("lea@example.org", "EMAIL"),
        ("06 39 98 12 47", "TEL"),
        ("fr27 9999 8746 7421 6863 7674 m90", "IBAN"),
        ("4970 1000 0000 0428", "CARTE"),
        ("176067177553214", "NIR"),
        ("97322358900399", "ID"),
    ],
)
def test_an_identifier_left_in_a_text_is_found(text: str, entity: str) -> None:
    findings = residual_scan(["propre", None, f"encore {text} ici"])
    assert Finding(2, entity) in findings
    assert {finding.row for finding in findings} == {2}
    assert text not in repr(findings)


def test_clean_and_redacted_texts_pass() -> None:
    clean = [
        "RAS",
        "une régul de 1 180 € le 12/03/2025",
        "[TEL_1] et [EMAIL_2] de [NOM_1]",
        "[IBAN_1] [NIR_1] [CARTE_1]",
    ]
    assert residual_scan(clean) == []


def test_what_the_redactor_passes_has_no_residue(redactor: Redactor) -> None:
    texts = ["06 39 98 12 47, lea@example.org et 4970 1000 0000 0428", "siret 973 223 589 00399 iban FR27 9999 8746"]
    redacted = [result.text for result in redactor.redact(texts, ["fr", "fr"])]
    assert residual_scan(redacted) == []
