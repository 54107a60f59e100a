"""What was found, where, and the text with tokens in its place.

A span is a half-open range of characters of one text. Tokens look like [NOM_1]; a token that is already in a text is
protected: no rule may touch it, and new numbers start after the ones it uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

NOM = "NOM"
EMAIL = "EMAIL"
TEL = "TEL"
IBAN = "IBAN"
CARTE = "CARTE"
NIR = "NIR"
ID = "ID"  # customer, meter (PRM, PCE), order, parcel, SIRET and SIREN numbers
ADRESSE = "ADRESSE"
DATE_NAISSANCE = "DATE_NAISSANCE"
PLAQUE = "PLAQUE"
IP = "IP"
URL = "URL"
SANTE = "SANTE"  # a person's health
SANTE_VITALE = "SANTE_VITALE"  # health that hangs on the supply of energy: dialysis, oxygen; the urgency rules read it
SYNDICAT = "SYNDICAT"
RELIGION = "RELIGION"
ORIGINE = "ORIGINE"
POLITIQUE = "POLITIQUE"
ORIENTATION = "ORIENTATION"  # sexual life
SPECIAL = (SANTE_VITALE, SANTE, SYNDICAT, RELIGION, ORIGINE, POLITIQUE, ORIENTATION)
# Where two spans overlap, the label further to the left wins and the union of both is masked.
ENTITIES = (EMAIL, URL, IBAN, NIR, CARTE, TEL, ADRESSE, DATE_NAISSANCE, PLAQUE, IP, ID, NOM, *SPECIAL)
_RANK = {entity: rank for rank, entity in enumerate(ENTITIES)}

TOKEN = re.compile(r"\[(" + "|".join(ENTITIES) + r")_(\d{1,6})\]")
_JOINT = re.compile(r"[ \t'’-]{1,2}")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters [start, end) of a text hold an entity; `key` is what makes two values the same value."""

    start: int
    end: int
    entity: str
    key: str = ""


def merge(spans: Iterable[Span], text: str) -> list[Span]:
    """Disjoint spans in reading order: overlaps united under the stronger label, neighbouring names made one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and (span.start < merged[-1].end or _one_name(merged[-1], span, text)):
            merged[-1] = _unite(merged[-1], span, text)
        else:
            merged.append(span)
    return merged


def _one_name(left: Span, right: Span, text: str) -> bool:
    """Two names with only a space or a hyphen between them are one person."""
    gap = text[left.end : right.start]
    return left.entity == right.entity == NOM and (not gap or _JOINT.fullmatch(gap) is not None)


def _unite(left: Span, right: Span, text: str) -> Span:
    end = max(left.end, right.end)
    lead = left if _RANK[left.entity] <= _RANK[right.entity] else right
    same = (lead.start, lead.end) == (left.start, end)
    return Span(left.start, end, lead.entity, lead.key if same else text[left.start : end].casefold())


def outside_tokens(span: Span, text: str) -> list[Span]:
    """The parts of a span that lie outside tokens and still hold a letter or a digit."""
    cuts = [match.span() for match in TOKEN.finditer(text) if match.start() < span.end and match.end() > span.start]
    if not cuts:
        return [span]
    edges = [span.start, *(edge for cut in cuts for edge in cut), span.end]
    pieces = zip(edges[::2], edges[1::2], strict=True)
    return [trimmed for start, end in pieces if start < end and (trimmed := _trim(start, end, span.entity, text))]


def _trim(start: int, end: int, entity: str, text: str) -> Span | None:
    """The piece without its outer blanks and punctuation; None where nothing is left."""
    while start < end and not text[start].isalnum():
        start += 1
    while start < end and not text[end - 1].isalnum():
        end -= 1
    return Span(start, end, entity, text[start:end].casefold()) if start < end else None


def render(text: str, spans: list[Span]) -> tuple[str, list[int]]:
    """The text with tokens, and for each of its characters the offset in `text` (-1 inside a new token).

    `spans` are disjoint and in reading order. The same key gets the same number; a name that is part of an earlier
    name ("Delmas" after "Sophie Delmas") gets that name's number.
    """
    numbers = _Numbers(text)
    parts: list[str] = []
    offsets: list[int] = []
    last = 0
    for span in spans:
        token = f"[{span.entity}_{numbers.of(span)}]"
        parts += (text[last : span.start], token)
        offsets += range(last, span.start)
        offsets += [-1] * len(token)
        last = span.end
    parts.append(text[last:])
    offsets += range(last, len(text))
    return "".join(parts), offsets


class _Numbers:
    """Running numbers of the tokens of one text."""

    def __init__(self, text: str) -> None:
        self._next: dict[str, int] = {}
        self._seen: dict[tuple[str, str], int] = {}
        self._names: list[tuple[frozenset[str], int]] = []
        for match in TOKEN.finditer(text):
            self._next[match[1]] = max(self._next.get(match[1], 0), int(match[2]))

    def of(self, span: Span) -> int:
        identity = (span.entity, span.key)
        if identity not in self._seen:
            self._seen[identity] = self._known_name(span) or self._new(span.entity)
        return self._seen[identity]

    def _new(self, entity: str) -> int:
        self._next[entity] = self._next.get(entity, 0) + 1
        return self._next[entity]

    def _known_name(self, span: Span) -> int | None:
        if span.entity != NOM:
            return None
        words = frozenset(re.findall(r"\w{2,}", span.key))
        for known, number in self._names:
            if words and (words <= known or known <= words):
                return number
        self._names.append((words, self._next.get(NOM, 0) + 1))
        return None
