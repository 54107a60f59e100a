"""Texts without personal data: rules, then the recogniser, again until nothing new is found, then tokens.

Each distinct text is worked on once. Large batches go to worker processes that load their models once and live as long
as the Redactor (`close()` or a `with` block ends them).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType

from insights.errors import ModelError
from insights.redaction.known import KnownNames
from insights.redaction.lexicon import Brands
from insights.redaction.ner import persons
from insights.redaction.people import accepted, has_open_words, joined, name_spans, repeated
from insights.redaction.rules import protect, rule_spans
from insights.redaction.spans import TOKEN, Span, merge, render
from insights.redaction.text import clean, plain
from insights.redaction.words import Words
from insights.spawning import BareContext

PARALLEL_FROM = 1_000_000  # characters: one process does 100,000 to 200,000 a second, starting two takes 5 to 10 s
PARALLEL_FROM_WARM = 200_000  # once they run
_CHUNK = 400
Job = tuple[str, str, frozenset[str]]  # text, language, hashes of its own customer's names
Names = tuple[bytes | None, frozenset[str]]  # key, hashes of every name of the CRM
_NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text with tokens for what was personal, and how many places of each entity were masked. No value is kept."""

    text: str | None
    counts: dict[str, int] = field(default_factory=dict)


class Redactor:
    """Masks personal data in French and English texts.

    `brands` are never taken for a person. `name_key` and `gazetteer` (see `insights.redaction.known`) bring the CRM's
    names as keyed hashes. `workers` > 1 shares large batches, once `parallel_from` characters have been given in all,
    between processes started afresh.
    """

    def __init__(
        self,
        brands: Sequence[str],
        workers: int = 1,
        parallel_from: int = PARALLEL_FROM,
        *,
        name_key: bytes | None = None,
        gazetteer: frozenset[str] = frozenset(),
    ) -> None:
        self._brands = tuple(brands)
        self._names: Names = (name_key, gazetteer)
        self._workers = workers
        self._parallel_from = parallel_from
        self._given = 0  # characters so far: who reads a long file in batches is served like who gives it at once
        self._engine: _Engine | None = None
        self._pool: ProcessPoolExecutor | None = None

    def redact(
        self,
        texts: Sequence[str | None],
        languages: Sequence[str],
        known: Sequence[frozenset[str]] | None = None,
    ) -> list[Redacted]:
        """One result per text, in order; None stays None. `languages`: fr, en or und, one per text.

        `known`: for each text, the `name_hash` of each of the `name_words` of its customer or author.
        """
        rows = self._jobs(texts, languages, known)
        jobs = list(dict.fromkeys(job for job in rows if job))
        done = dict(zip(jobs, self._run(jobs), strict=True))
        return [done[job] if job else Redacted(text, {}) for text, job in zip(texts, rows, strict=True)]

    def spans(
        self, texts: Sequence[str], languages: Sequence[str], known: Sequence[frozenset[str]] | None = None
    ) -> list[list[Span]]:
        """What would be masked, as offsets in `text.clean(text)`: for scoring. Keys are blank."""
        results = self._local().find([job or ("", "und", _NOBODY) for job in self._jobs(texts, languages, known)])
        return [[Span(span.start, span.end, span.entity) for span in spans] for _, spans in results]

    def _jobs(
        self, texts: Sequence[str | None], languages: Sequence[str], known: Sequence[frozenset[str]] | None
    ) -> list[Job | None]:
        """One job per text, None where there is nothing to read."""
        _same_length(texts, languages, "language")
        if known is None:
            known = [_NOBODY] * len(texts)
        _same_length(texts, known, "set of known names")
        if self._names[0] is None and any(known):
            raise ModelError("Redaction was given hashes of names without their key: pass name_key to the Redactor.")
        return [(text, lang, own) if text else None for text, lang, own in zip(texts, languages, known, strict=True)]

    def _run(self, jobs: list[Job]) -> list[Redacted]:
        size = sum(len(text) for text, _, _ in jobs)
        self._given += size
        shared = self._given >= self._parallel_from and size >= min(PARALLEL_FROM_WARM, self._parallel_from)
        if self._workers < 2 or not shared:
            return [result for chunk in _chunks(jobs) for result in self._local().redact(chunk)]
        chunks = list(_chunks(jobs))
        return [result for part in self._processes().map(_work, chunks) for result in part]

    def _local(self) -> _Engine:
        if self._engine is None:
            self._engine = _Engine(self._brands, self._names)
        return self._engine

    def _processes(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._workers,
                BareContext(),
                initializer=_start,
                initargs=(self._brands, self._names),
            )
        return self._pool

    def close(self) -> None:
        """End the worker processes. The Redactor stays usable and starts new ones when it needs them."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def __enter__(self) -> Redactor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _same_length(texts: Sequence[object], others: Sequence[object], what: str) -> None:
    if len(texts) != len(others):
        raise ModelError(f"Redaction was given {len(texts)} texts and {len(others)} {what}s: pass one {what} per text.")


def _chunks(jobs: list[Job]) -> list[list[Job]]:
    return [jobs[at : at + _CHUNK] for at in range(0, len(jobs), _CHUNK)]


_worker: list[_Engine] = []  # one engine in each worker process, never in the caller's


def _start(brands: tuple[str, ...], names: Names) -> None:
    _worker[:] = [_Engine(brands, names)]


def _work(jobs: list[Job]) -> list[Redacted]:
    return _worker[0].redact(jobs)


class _Engine:
    """Redacts in one process."""

    def __init__(self, brands: tuple[str, ...], names: Names = (None, _NOBODY)) -> None:
        self._brands = Brands(brands)
        key, gazetteer = names
        self._known = KnownNames(key, gazetteer) if key is not None else None

    def redact(self, jobs: Sequence[Job]) -> list[Redacted]:
        """One result per job, in order."""
        return [
            Redacted(render(text, spans)[0], dict(Counter(span.entity for span in spans)))
            for text, spans in self.find(jobs)
        ]

    def find(self, jobs: Sequence[Job]) -> list[tuple[str, list[Span]]]:
        """The cleaned text of each job and its disjoint spans.

        A masked text is read again as it will be stored, until a reading finds nothing: what is stored is stable.
        """
        works = [_Work(clean(text), language, own) for text, language, own in jobs]
        open_works = works
        while open_works:
            found = self._read([(work.shown, work.language, work.own) for work in open_works])
            open_works = [work for work, spans in zip(open_works, found, strict=True) if work.add(spans)]
        return [(work.text, work.spans) for work in works]

    def _read(self, jobs: Sequence[Job]) -> list[list[Span]]:
        """Spans of each text in one reading: rules on all, the recogniser where an open capitalised word is left."""
        found: list[list[Span]] = []
        read: list[Words] = []
        asked: list[tuple[int, Words]] = []
        for index, (text, language, own) in enumerate(jobs):
            folded = plain(text)
            words = Words(text, folded, self._brands, language)
            spans = rule_spans(text, folded, self._brands) + protect(name_spans(words), text)
            if self._known:
                spans += protect(self._known.spans(words, own), text)
            tokens = [Span(*match.span(), match[1]) for match in TOKEN.finditer(text)]
            found.append(spans)
            read.append(words)
            if has_open_words(words, [*spans, *tokens]):
                asked.append((index, words))
        for (index, words), people in zip(asked, persons([words.text for _, words in asked]), strict=True):
            named = [span for start, end in people if (span := accepted(words, start, end))]
            found[index] += protect(named, words.text)
        return [
            spans + protect(repeated(words, spans) + joined(words, spans), words.text)
            for words, spans in zip(read, found, strict=True)
        ]


class _Work:
    """One text on its way: the spans so far, and the text as it would be stored."""

    def __init__(self, text: str, language: str, own: frozenset[str]) -> None:
        self.text, self.language, self.own = text, language, own
        self.spans: list[Span] = []
        self.shown = text
        self._offsets: list[int] | None = None

    def add(self, found: list[Span]) -> bool:
        """Take spans of `shown` over; True when they changed what is shown."""
        if not found:
            return False
        offsets = self._offsets
        moved = found if offsets is None else [_back(span, offsets) for span in found]
        before = self.shown
        self.spans = merge([*self.spans, *moved], self.text)
        self.shown, self._offsets = render(self.text, self.spans)
        return self.shown != before


def _back(span: Span, offsets: list[int]) -> Span:
    """A span of the shown text as a span of the original."""
    return Span(offsets[span.start], offsets[span.end - 1] + 1, span.entity, span.key)
