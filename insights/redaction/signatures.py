"""Names by where they stand: in a chat stamp, in a signature, as surname and first name, behind an initial."""

from __future__ import annotations

from collections.abc import Iterator

from insights.redaction.cues import LONE_LINE, ROLES, SIGNED, SPEAKER
from insights.redaction.lexicon import FOREIGN, PARTICLES, first_name_kind, is_surname
from insights.redaction.likeness import Look
from insights.redaction.spans import NOM, Span
from insights.redaction.words import Words

_THAT = frozenset(("que", "that"))
_SIGNATURE_WORDS = 3
_SPEAKER_WORDS = 4


def speakers(plain: str) -> list[Span]:
    """Names in the stamps of a chat log: "(12:40) Sophie Delmas : bonjour"."""
    return [
        Span(*match.span("name"), NOM, match["name"])
        for match in SPEAKER.finditer(plain)
        if not ROLES.search(match["name"]) and len(match["name"].split()) <= _SPEAKER_WORDS
    ]


def signatures(words: Words) -> Iterator[Span]:
    """A line behind a closing formula, or one that holds a first name or an initial and a surname and nothing else."""
    for rule in (SIGNED, LONE_LINE):
        for match in rule.finditer(words.plain):
            line = words.within(*match.span("name"))
            core = [word for word in line if word.plain not in PARTICLES and not words.initial(word)]
            if not core or len(core) > _SIGNATURE_WORDS or any(word.barred for word in core):
                continue
            particles = any(word.plain in FOREIGN for word in line)
            initial = len(line[0].text) == 1 and (words.possible(core[-1]) or particles)
            named = len(line) > 1 and (bool(first_name_kind(line[0].plain)) or initial)
            if named or (rule is SIGNED and any(words.possible(word) for word in core)):
                yield Span(line[0].start, line[-1].end, NOM, words.plain[line[0].start : line[-1].end])


def inverted(words: Words) -> Iterator[Span]:
    """A surname, ordinary word or not, before a first name and nothing else: "stone arjun, customer since 2015"."""
    for index, word in enumerate(words.all[:-1]):
        first = words[index + 1]
        if not words.adjacent(index) or word.barred or first.barred or word.upper != first.upper:
            continue
        if not (is_surname(word.plain) and first_name_kind(first.plain)) or words.in_place_name(word):
            continue
        ends = words.plain[first.end : first.end + 1] in {",", "\n", ""}
        starts = words.opens(word)
        if (starts and ends) or (index and words[index - 1].plain in _THAT and words.adjacent(index - 1)):
            yield words.span(index, index + 1)
    for index, word in enumerate(words.all[:-1]):
        if words.initial(word) and words.adjacent(index) and word.plain != "m":
            at = words.past_particles(index + 1)
            behind = words[at]
            known = (
                is_surname(behind.plain)
                or words.look(behind) >= Look.LIKELY
                or any(other.plain in FOREIGN for other in words.all[index + 1 : at])
            )
            if known and not behind.barred and behind.upper == word.upper:
                yield words.span(index, at)
