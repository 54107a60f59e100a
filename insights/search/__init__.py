"""Search of verbatims by words and by meaning: query, word index, vectors, finder. True without a database."""

from insights.search.finder import Finder, Ranked, fused
from insights.search.query import Query, parse
from insights.search.words import marks

__all__ = ["Finder", "Query", "Ranked", "fused", "marks", "parse"]
