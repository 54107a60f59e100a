"""A SurveyMonkey response made readable: its ids of questions, rows and choices with the wordings and weights of a survey."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from insights.errors import RowError
from insights.sources.options import Options
from insights.sources.reading import as_list, as_map
from insights.sources.response import Asked
from insights.sources.scales import declaration

DIGITS = re.compile(r"(?<![\d.,])\d{1,2}(?![\d.,])")
CONTACT = {"email": "email", "phone": "phone", "name": "name", "first_name": "name", "last_name": "name"}


def questions_of(details: Mapping[str, Any]) -> dict[str, Any]:
    """What parsing needs of a survey's details, by question id: type, wording, rows, choices with their numbers."""
    return {
        str(question.get("id")): _question(question)
        for page in as_list(as_map(details).get("pages"))
        for question in as_list(as_map(page).get("questions"))
        if isinstance(question, Mapping)
    }


def _question(question: Mapping[str, Any]) -> dict[str, Any]:
    answers, shown = as_map(question.get("answers")), as_map(question.get("display_options"))
    choices = [choice for choice in as_list(answers.get("choices")) if isinstance(choice, Mapping)]
    headings = as_list(question.get("headings"))
    limits = as_map(question.get("validation"))
    return {
        "family": str(question.get("family", "")),
        "type": str(question.get("subtype", "")),
        "shown": str(shown.get("display_type", "")),
        "text": re.sub(r"<[^>]*>", "", str(as_map(headings[0]).get("heading", ""))) if headings else "",
        "rows": {str(as_map(row).get("id")): as_map(row) for row in as_list(answers.get("rows"))},
        "choices": {str(choice.get("id")): str(choice.get("text", "")) for choice in choices},
        "numbers": _numbers(choices),
        "limits": [limits.get("min"), limits.get("max")],
    }


def _numbers(choices: list[Mapping[str, Any]]) -> dict[str, float]:
    """The number each choice stands for: the one in its text, else its weight; none unless all have a different one.

    The text comes first: the weights of an NPS question are -100, 0 and 100. "Not applicable" has no number.
    """
    rated = [choice for choice in choices if not choice.get("is_na")]
    texts = [DIGITS.findall(str(choice.get("text", ""))) for choice in rated]
    if rated and all(len(found) == 1 for found in texts):
        values = [float(found[0]) for found in texts]
    else:
        values = [float(w) for choice in rated if isinstance(w := choice.get("weight"), int | float)]
    if len(set(values)) != len(rated):
        return {}
    return {str(choice.get("id")): value for choice, value in zip(rated, values, strict=True)}


def needed(response: Mapping[str, Any]) -> list[str]:
    """Ids of the questions a response answers."""
    return [str(question.get("id")) for question in _answered(response)]


def _answered(response: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for page in as_list(response.get("pages")):
        yield from (found for found in as_list(as_map(page).get("questions")) if isinstance(found, Mapping))


def asked(response: Mapping[str, Any], known: Mapping[str, Any], options: Options) -> Iterator[Asked]:
    """Answered questions. Raises RowError where a choice was made and nobody says what it stands for."""
    for given in _answered(response):
        identifier = str(given.get("id"))
        question = as_map(known.get(identifier))
        for answer in as_list(given.get("answers")):
            row = str(as_map(answer).get("row_id") or "")
            if not question and "text" not in answer and declaration(options, [identifier]) is None:
                raise RowError(
                    "unknown_questions: choices are ids here; put the survey's details beside the file as details_<name>.json"
                )
            yield _one(identifier, row, as_map(answer), question)


def _one(identifier: str, row: str, answer: Mapping[str, Any], question: Mapping[str, Any]) -> Asked:
    rows = as_map(question.get("rows"))
    several = len(rows) > 1 and row
    name = f"{identifier}.{row}" if several else identifier
    text = str(question.get("text", "")) + (f" {as_map(rows.get(row)).get('text', '')}" if several else "")
    choice, numbers = str(answer.get("choice_id") or ""), as_map(question.get("numbers"))
    if not choice or "text" in answer:
        return _text(name, row, text, answer, question)
    if choice not in numbers or not _is_scale(question):
        return Asked(name, as_map(question.get("choices")).get(choice), "choice", text, identifier if several else "")
    ends = min(numbers.values()), max(numbers.values())
    kind = {"star": "stars", "emoji": "smileys", "smiley": "smileys", "nps": "nps"}.get(
        str(question.get("shown")), "scale"
    )
    return Asked(name, numbers[choice], kind, text, "", *ends)


def _is_scale(question: Mapping[str, Any]) -> bool:
    """Whether choices are steps of a scale: a rating, or choices whose texts are numbers."""
    texts = as_map(question.get("choices")).values()
    return question.get("type") in {"rating", "star", "nps"} or all(DIGITS.search(str(text)) for text in texts)


def _text(name: str, row: str, text: str, answer: Mapping[str, Any], question: Mapping[str, Any]) -> Asked:
    """A typed answer: a slider or number with its limits, a contact detail, or words."""
    low, high = (
        float(end) if isinstance(end, int | float) else None
        for end in [*as_list(question.get("limits")), None, None][:2]
    )
    slider = question.get("shown") == "slider" or question.get("type") == "numerical"
    detail = str(as_map(as_map(question.get("rows")).get(row)).get("type", ""))
    if question.get("family") in {"demographic", "datetime"}:
        return Asked(name, answer.get("text"), CONTACT.get(detail, "other"), text)
    return Asked(name, answer.get("text"), "number" if slider else "open", text, "", low, high)
