"""Answers of the readers of digests: what they said, what it changes, how useful the digest was to them."""

from insights.answers.book import Answers, fold_answers, question
from insights.answers.effect import Effects, effects, for_recipient
from insights.answers.model import ANSWERS, FREQUENCIES, Answer
from insights.answers.token import LinkError, Token
from insights.answers.wishes import frequency, is_due

__all__ = [
    "ANSWERS",
    "FREQUENCIES",
    "Answer",
    "Answers",
    "Effects",
    "LinkError",
    "Token",
    "effects",
    "fold_answers",
    "for_recipient",
    "frequency",
    "is_due",
    "question",
]
