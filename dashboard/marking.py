"""A text as Markdown with what matters in it marked: the words that were searched, the words that decided an irritant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from dashboard.words import plain

Span = tuple[int, int]
HIT, DECIDED = 1, 2


def painted(
    text: str,
    hits: Sequence[Span] = (),
    decided: Sequence[Span] = (),
    badges: Mapping[int, Sequence[str]] | None = None,
) -> str:
    """The text escaped; searched words on orange, deciding words on blue, `badges` (offset -> names) where a clause ends."""
    kinds = [0] * len(text)
    for spans, kind in ((decided, DECIDED), (hits, HIT)):  # a word that is both shows as searched
        for start, end in spans:
            kinds[start:end] = [kind] * (min(end, len(text)) - start)
    named = badges or {}
    cuts = sorted({*named} & set(range(len(text) + 1)))
    parts = []
    for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        parts += [_run(text[begin + a : begin + b], kind) for kind, a, b in _runs(kinds[begin:end])]
        parts += [f" :gray-badge[{plain(name)}]" for name in named.get(end, ())]
    return "".join(parts)


def _runs(kinds: Sequence[int]) -> list[tuple[int, int, int]]:
    """(kind, start, end) of each run of one kind."""
    found, at = [], 0
    for kind, group in groupby(kinds):
        size = len(list(group))
        found.append((kind, at, at + size))
        at += size
    return found


def _run(text: str, kind: int) -> str:
    if not kind:
        return plain(text).replace("\n", "  \n")
    return f"**:{'orange' if kind == HIT else 'primary'}-background[{plain(text)}]**"


def around(text: str, spans: Sequence[Span], size: int) -> tuple[str, list[Span]]:
    """About `size` characters around the first span, cut between words, and the spans as they lie in it."""
    if len(text) <= size:
        return text, list(spans)
    middle = spans[0][0] if spans else 0
    start = max(0, min(middle - size // 3, len(text) - size))
    start = text.rfind(" ", 0, start) + 1 if start else 0
    end = text.find(" ", start + size)
    end = len(text) if end < 0 else end
    lead = "… " if start else ""
    shift = len(lead) - start
    inside = [(a + shift, b + shift) for a, b in spans if a >= start and b <= end]
    return lead + text[start:end] + (" …" if end < len(text) else ""), inside
