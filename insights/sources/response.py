"""One survey response, whatever the tool: what each survey source fills in, and the one way it becomes an item.

Scores go to `answers`. Open texts become the verbatim, one line a question. A choice without a number is no score and no
words: it is left out, unless `fields` in sources.yaml puts it in a column. `fields` names hidden fields or questions (id,
reference or exact wording); `fields: {verbatim: q1, q2}` says which questions hold the customer's words, where the tool
does not tell an open text from a choice. What is said nowhere stays out of the item, IP addresses above all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from insights.errors import SetAside
from insights.sources.base import Item, text_or_none
from insights.sources.options import Options
from insights.sources.reading import flags, text_of, yes_no
from insights.sources.scales import bounds_of, declaration, is_number, measure

RATED = frozenset({"nps", "csat", "ces", "stars", "smileys", "scale"})
NOTHING_SAID = {"nothing_said": "neither a score nor a word, for example a response that was only opened"}


@dataclass(frozen=True)
class Asked:
    """One question that was answered. `kind`: nps, csat, ces, stars, smileys, scale, number, open, choice, email, phone,
    name, yes_no, other, or empty when the tool does not say."""

    question_id: str
    value: Any
    kind: str = ""
    text: str = ""
    ref: str = ""
    low: float | None = None
    high: float | None = None

    @property
    def names(self) -> tuple[str, str, str]:
        """What sources.yaml may call the question by."""
        return self.ref, self.question_id, self.text


@dataclass(frozen=True)
class Response:
    """One response. `available_at`: when the tool held this version; `revised_at`: when it was last changed there."""

    source_id: str
    occurred_at: datetime
    answers: tuple[Asked, ...] = ()
    hidden: Mapping[str, Any] = field(default_factory=dict)
    available_at: datetime | None = None
    revised_at: datetime | None = None
    complete: bool | None = None
    emails: tuple[Any, ...] = ()
    phones: tuple[Any, ...] = ()
    names: tuple[Any, ...] = ()


def to_item(response: Response, options: Options) -> Item:
    """The item of a response. Raises SetAside when it says nothing, RowError when an answer cannot be used.

    A finished response without score or words is kept: it replaces what an earlier version said, and it is an answer.
    """
    columns, used = _columns(response, options)
    scored, words, contacts = _sorted_answers(response.answers, options, used)
    verbatim = columns.pop("verbatim", None) or "\n".join(words) or None
    if verbatim is None and not scored and response.complete is not True:
        raise SetAside(f"nothing_said: {NOTHING_SAID['nothing_said']}")
    feedback: dict[str, Any] = {"kind": "survey", **options.constants, **columns, "verbatim": verbatim}
    feedback |= flags(feedback) | _instants(response, options)
    if response.complete is not None:
        feedback["complete"] = response.complete
    return Item(
        source_id=response.source_id,
        feedback=feedback,
        answers=tuple({found["question_id"]: found for found in scored}.values()),
        emails=_texts([*response.emails, *contacts["email"], response.hidden.get(options.email)]),
        phones=_texts([*response.phones, *contacts["phone"], response.hidden.get(options.phone)]),
        names=_texts([*response.names, *contacts["name"]]),
    )


def _columns(response: Response, options: Options) -> tuple[dict[str, Any], set[str]]:
    """Feedback columns from hidden fields and questions, and the ids of the questions that were used for them."""
    by_name = {name: asked for asked in response.answers for name in asked.names if name}
    columns: dict[str, Any] = {}
    used: set[str] = set()
    for column, name in options.fields.items():
        if column == "verbatim":
            wanted = [name] if name in by_name else [part.strip() for part in name.split(",")]
            said = [text_of(by_name[part].value) for part in wanted if part in by_name]
            columns[column] = "\n".join(line for line in said if line) or None
            used |= {asked.question_id for asked in response.answers if _is_words(asked)}
        elif text_or_none(response.hidden.get(name)) is not None:
            columns[column] = text_of(response.hidden[name])
        elif name in by_name:
            columns[column] = text_of(by_name[name].value)
        if column != "verbatim" and name in by_name:
            used.add(by_name[name].question_id)
    return columns, used


def _sorted_answers(
    answers: Iterable[Asked], options: Options, used: set[str]
) -> tuple[list[dict[str, Any]], list[str], dict[str, list[Any]]]:
    """Scores, lines of words, and contact details."""
    scored: list[dict[str, Any]] = []
    words: list[str] = []
    contacts: dict[str, list[Any]] = {"email": [], "phone": [], "name": []}
    for asked in answers:
        if text_or_none(asked.value) is None or asked.question_id in used:
            continue
        if contact := _contact_kind(asked, options):
            contacts[contact].append(asked.value)
        elif _is_score(asked, options):
            scored.append(_answer(asked, options))
        elif _is_words(asked) and (line := text_of(asked.value)):
            words.append(line)
    return scored, words, contacts


def _contact_kind(asked: Asked, options: Options) -> str:
    """email, phone or name where an answer is one; empty otherwise."""
    if asked.kind in {"email", "phone", "name"}:
        return asked.kind
    declared = {name: kind for name, kind in ((options.email, "email"), (options.phone, "phone")) if name}
    return next((declared[name] for name in asked.names if name in declared), "")


def _is_score(asked: Asked, options: Options) -> bool:
    """Whether an answer is a score. A number without a scale may be a customer's number or phone: it is none."""
    if declaration(options, asked.names) is not None or asked.kind in RATED:
        return True
    number = asked.kind == "number" or (asked.kind == "" and is_number(asked.value))
    return number and bounds_of(asked.kind, asked.text, asked.low, asked.high) is not None


def _is_words(asked: Asked) -> bool:
    return asked.kind == "open" or (asked.kind == "" and not is_number(asked.value) and yes_no(asked.value) is None)


def _answer(asked: Asked, options: Options) -> dict[str, Any]:
    found = measure(
        asked.value, options, names=asked.names, kind=asked.kind, text=asked.text, low=asked.low, high=asked.high
    )
    answer = {
        "question_id": found.question_id or asked.ref or asked.question_id,
        "metric": found.metric,
        "scale": found.scale,
        "value": found.value,
    }
    return answer | ({"touchpoint": found.touchpoint} if found.touchpoint else {})


def _instants(response: Response, options: Options) -> dict[str, Any]:
    found: dict[str, Any] = {"occurred_at": response.occurred_at, "available_at": response.available_at}
    if response.available_at is None:
        found["available_at"] = response.occurred_at + timedelta(days=options.available_delay_days)
        found["available_basis"] = "declared"
    if response.revised_at is not None:
        found["revised_at"] = response.revised_at
    return found


def _texts(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found for value in values if (found := text_or_none(value))))
