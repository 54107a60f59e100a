"""What to look for where there is no index: the words of the lake that have the forms asked for, as the index has them."""

from __future__ import annotations

from itertools import product
from typing import Any

from dashboard import verbatim_queries as queries
from dashboard.data import Store
from insights.search import Query
from insights.search.query import Phrase
from insights.search.words import form, forms

TOKEN = r"\[[^\]\s]{2,24}\]"  # [NOM_1]
MOST = 1_000  # ways to say one phrase
Said = dict[str, set[str]]  # form -> words of the lake that have it


def looked_for(store: Store, query: Query, kept: str, values: dict[str, Any]) -> dict[str, Any]:
    """Parameters of SCANNED: for each word and phrase wanted the ways to say it, and every way to say what must not occur."""
    wanted: list[Phrase] = [*((word,) for word in query.words), *query.phrases]
    said = _said(store, kept, values)
    return {
        "wanted": [_ways(phrase, said) for phrase in wanted],
        "without": [way for phrase in query.without for way in _ways(phrase, said)],
    }


def _said(store: Store, kept: str, values: dict[str, Any]) -> Said:
    """Words of the verbatims under the filters, by their form in the language of the verbatim."""
    rows = store.rows(queries.SPOKEN.format(kept=kept), **values, token=TOKEN)
    found: Said = {}
    for language, word in zip(rows["language"], rows["word"], strict=True):
        found.setdefault(form(word, str(language or "und")), set()).add(word)
    return found


def _ways(phrase: Phrase, said: Said) -> list[str]:
    """Each way the lake has to say a word or a phrase."""
    each = [sorted(set().union(*(said.get(one, set()) for one in forms(word)))) for word in phrase]
    return [" ".join(one) for one, _ in zip(product(*each), range(MOST), strict=False)]
