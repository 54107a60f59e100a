from __future__ import annotations

from insights.topics.names_complete import completed
from insights.topics.names_rank import Candidate
from insights.topics.names_words import Phrase


def candidate(
    form: str,
    words: tuple[str, ...],
    said: float,
    merit: float,
    mark: str = "",
    shape: str = "group",
    share: float = 0.4,
) -> Candidate:
    return Candidate(Phrase(words, form, shape, mark), merit, share, frozenset(range(4)), said)


PLAIN = candidate("relevé d'information", ("information", "releve"), 0.4, 2.0)
LATE = candidate("relevé d'information qui tarde", ("information", "releve"), 0.05, 0.5, "+late", "joined", 0.06)


def test_a_thing_is_completed_where_enough_texts_say_what_is_wrong() -> None:
    assert completed([PLAIN, LATE], "fr", 0.9)[0].phrase.form == LATE.phrase.form
    assert completed([PLAIN, LATE], "fr", 0.9)[0].merit == PLAIN.merit
    assert completed([PLAIN, LATE], "fr", 0.2)[0] == PLAIN  # most texts ask: more must say it


def test_a_grievance_of_other_words_completes_nothing() -> None:
    other = candidate("carte qui tarde", ("carte",), 0.3, 0.5, "+late", "joined")
    assert completed([PLAIN, other], "fr", 0.9)[0] == PLAIN


def test_the_whole_thing_stands_before_a_broad_part_of_it() -> None:
    part = candidate("service déplorable", ("service",), 0.2, 1.0, "+poor", "joined")
    whole = candidate("service client déplorable", ("client", "service"), 0.1, 0.7, "+poor", "joined")
    found = completed([part, whole], "fr", 0.9)
    assert [one.phrase.form for one in found[:2]] == ["service client déplorable", "service déplorable"]
    rare = candidate("service qualité déplorable", ("qualite", "service"), 0.01, 0.7, "+poor", "joined")
    assert completed([part, rare], "fr", 0.9)[0] == part
