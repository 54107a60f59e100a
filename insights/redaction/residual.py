"""What the redactor should have masked and did not: the last look before a batch is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from insights.redaction.contacts import iban_spans
from insights.redaction.rules import protect
from insights.redaction.second import second_opinion
from insights.redaction.text import clean, plain


@dataclass(frozen=True, slots=True)
class Finding:
    """A text of the batch (row index) still holds an entity. The value is never carried."""

    row: int
    entity: str


def residual_scan(texts: Sequence[str | None]) -> list[Finding]:
    """E-mails, telephones, IBANs, cards, NIR and company numbers left in redacted texts; empty for a clean batch.

    A finding means that a text did not pass the redactor, or that a rule is broken: the caller stops the batch.
    """
    return [Finding(row, entity) for row, text in enumerate(texts) if text for entity in sorted(_entities(clean(text)))]


def _entities(text: str) -> set[str]:
    folded = plain(text)
    spans = second_opinion(text, folded)
    if any(char.isdigit() for char in folded):
        spans += iban_spans(folded)
    return {span.entity for span in protect(spans, text)}
