"""The choice of one name a topic among its candidates, so that no two topics say the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from insights.mentions.text import fold
from insights.topics.encoder import Encoder
from insights.topics.names_check import faults, sense
from insights.topics.names_griefs import aggrieved, kinds
from insights.topics.names_hints import Hint
from insights.topics.names_rank import Candidate
from insights.topics.names_words import bases, is_cause, is_empty, is_generic
from insights.topics.words import known_word

WORD_SHARE = 0.15  # of the topic's texts, for a name in one word
WEAK = 0.12  # merit under which a phrase stands behind « problème de ... » and feelings
MOOD = 0.55  # fit of a feeling from which it goes before a phrase said in few texts
FEW = 0.12
LEFT = 0.10  # merit of a phrase of last resort
ALONE, ALONE_TIMES = 0.5, 1.5  # share of a word that is a cause by itself, and its merit beside the best phrase
AGREES = 0.35  # cosine of a phrase with the name of the topic in its main language


class Chosen:
    """Names taken so far: `names[language][topic]`, and `moods` of topics that took a feeling, for both languages."""

    def __init__(self, barred: frozenset[str], felt: Mapping[int, Sequence[tuple[float, Hint]]]) -> None:
        self.barred, self.felt = barred, felt
        self.names: dict[str, dict[int, str]] = {"fr": {}, "en": {}}
        self.moods: dict[int, Hint] = {}
        self.taken: dict[str, set[frozenset[str]]] = {"fr": set(), "en": set()}

    def choose(self, found: Mapping[int, Sequence[Candidate]], language: str, minor: Collection[int] = ()) -> None:
        """Name each topic of `found` in a language; the topic with the clearest phrase chooses first.

        `minor`: topics with few texts in the language, where only a clear phrase is taken.
        """
        for topic in sorted(found, key=lambda one: (-found[one][0].merit if found[one] else 0.0, one)):
            for name, hint in _offers(found[topic], language, self.felt[topic], self.moods.get(topic), topic in minor):
                if self._free(topic, name, hint, language):
                    self.taken[language].add(sense(name, language))
                    if hint is None:
                        self.names[language][topic] = name
                    else:
                        self.moods[topic] = hint
                    break

    def settle(self, encoder: Encoder | None) -> None:
        """Drop the name that says no grievance where the topic's other name says one and means another thing."""
        both = sorted(set(self.names["fr"]) & set(self.names["en"]))
        if encoder is None or not both:
            return
        sides = {language: encoder([self.names[language][topic] for topic in both]) for language in ("fr", "en")}
        for topic, near in zip(both, (sides["fr"] * sides["en"]).sum(axis=1), strict=True):
            thin = [language for language in ("fr", "en") if not aggrieved(self.names[language][topic], language)]
            if near < AGREES and len(thin) == 1:
                del self.names[thin[0]][topic]

    def _free(self, topic: int, name: str, hint: Hint | None, language: str) -> bool:
        if sense(name, language) in self.taken[language]:
            return False
        if hint is None:
            return not faults(name, language, self.barred)
        return self.moods.get(topic) == hint or hint not in self.moods.values()


def agreeing(
    found: Mapping[int, Sequence[Candidate]], names: Mapping[int, str], other: str, encoder: Encoder | None
) -> dict[int, list[Candidate]]:
    """The candidates of each topic that mean what its name in the `other` language means; all without name or encoder.

    Where that name says no grievance, so do those that say one.
    """
    language = "fr" if other == "en" else "en"
    if encoder is None:
        return {topic: list(ones) for topic, ones in found.items()}
    kept = {}
    for topic, ones in found.items():
        near = (
            encoder([one.phrase.form for one in ones]) @ encoder([names[topic]])[0] if topic in names and ones else ()
        )
        thin = topic not in names or not aggrieved(names[topic], other)
        kept[topic] = [
            one
            for at, one in enumerate(ones)
            if topic not in names or near[at] >= AGREES or (thin and one.aggrieved(language))
        ]
    return kept


def _offers(
    candidates: Sequence[Candidate], language: str, felt: Sequence[tuple[float, Hint]], mood: Hint | None, minor: bool
) -> Iterator[tuple[str, Hint | None]]:
    """Names to try in turn, with the hint they come from: phrases, feelings, « problème de ... », pairs, what is left."""
    if mood is not None:
        yield mood.named(language), mood
    several = [one for one in candidates if one.n_words > 1 or one.told]
    strong = felt[0][0] if felt else 0.0
    clear = [one for one in several if _is_clear(one, strong)]
    single = [one for one in candidates if one.n_words == 1 and not one.told and one.share >= WORD_SHARE]
    causes = [one for one in single if is_cause(one.phrase.form, language)]
    best = clear[0].merit if clear else 0.0
    for one in [one for one in causes if one.share >= ALONE and one.merit >= ALONE_TIMES * best] + clear:
        yield capital(one.phrase.form), None
    if minor:
        return  # few texts: better the other language's name than a doubtful one
    for _, hint in felt:
        yield hint.named(language), hint
    for one in causes + [one for one in several if one not in clear and one.merit >= LEFT]:
        yield capital(one.phrase.form), None
    yield from ((name, None) for name in _of_words(single, language))


def _is_clear(one: Candidate, felt: float) -> bool:
    """Whether a phrase names a topic before any feeling: telling, with a word said in much of the topic."""
    return one.merit >= WEAK and max(one.head, one.share) >= FEW and (felt < MOOD or one.share >= FEW)


def _of_words(single: Sequence[Candidate], language: str) -> Iterator[str]:
    """« Problème de box » for a thing that can fail, then pairs of words."""
    telling = [one.phrase.form for one in single if not is_empty(one.phrase.form, language)]
    for noun in telling:
        thing = any(one in kinds() for one in bases(noun, language))
        if thing and not is_generic(noun, language) and known_word(noun, language):
            yield _problem(noun, language)
    for first, second in zip(telling, telling[1:], strict=False):
        yield f"{capital(first)} {'et' if language == 'fr' else 'and'} {second}"


def _problem(noun: str, language: str) -> str:
    if language == "en":
        return f"Problem with {noun}"
    return f"Problème d'{noun}" if fold(noun)[0] in "aeiouy" else f"Problème de {noun}"


def capital(form: str) -> str:
    """The form with its first letter in capitals."""
    return form[:1].upper() + form[1:]
