"""A question is an NPS, a satisfaction or an effort because someone said so: the company, the tool, or its wording."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.errors import RowError
from insights.sources.options import NO_OPTIONS, Options, Question
from insights.sources.scales import is_number, measure


def metric(kind: str, text: str, low: float | None, high: float | None) -> tuple[str, str | None]:
    found = measure(1, NO_OPTIONS, names=["q"], kind=kind, text=text, low=low, high=high)
    return found.metric, found.scale


@pytest.mark.parametrize(
    ("kind", "text", "low", "high", "expected"),
    [
        ("nps", "", None, None, ("nps", "0-10")),
        ("scale", "Recommanderiez-vous nos services ?", 0, 10, ("nps", "0-10")),
        ("scale", "How likely are you to recommend us?", 0, 10, ("nps", "0-10")),
        ("scale", "How likely are you to recommend us?", 1, 10, ("other", "1-10")),  # NPS on 0-10 only
        ("nps", "", 1, 5, ("other", "1-5")),
        ("scale", "Note globale", 0, 10, ("other", "0-10")),  # a 0-10 alone is no NPS
        ("scale", "Votre conseiller était-il à l'heure ?", 0, 10, ("other", "0-10")),
        ("scale", "Êtes-vous satisfaite de votre conseiller ?", 1, 5, ("csat", "1-5")),
        ("scale", "How satisfied are you?", 1, 7, ("csat", "1-7")),
        ("scale", "How satisfied are you?", 0, 42, ("other", "0-42")),
        ("stars", "", 1, 5, ("csat", "1-5")),
        ("smileys", "", None, None, ("csat", "1-5")),
        ("scale", "Il a été facile de vous joindre", 1, 7, ("ces", "1-7")),
        ("scale", "It was easy to get help", 1, 5, ("ces", "1-5")),
        ("scale", "Quel effort avez-vous dû fournir ?", 1, 5, ("ces", "1-5 (low is good)")),
        ("scale", "How easy, in effort, was it?", 1, 5, ("ces", "1-5")),
        ("ces", "", 1, 7, ("ces", "1-7")),
        ("", "De 0 à 10, recommanderiez-vous la marque ?", None, None, ("nps", "0-10")),
        ("", "Satisfaction (1-5)", None, None, ("csat", "1-5")),
        ("", "Satisfaction de 2020 à 2026", None, None, ("other", None)),
        ("scale", "How would you rate the team?", None, None, ("other", None)),
    ],
)
def test_what_a_question_measures(
    kind: str, text: str, low: float | None, high: float | None, expected: tuple[str, str | None]
) -> None:
    assert metric(kind, text, low, high) == expected


def test_what_the_company_declares_wins() -> None:
    options = Options(
        questions={"Note": Question(metric="csat", scale="0-20", question_id="csat", touchpoint="agence")}
    )
    found = measure("12,5", options, names=["q1", "Note"], kind="nps", text="Note", low=0, high=10)
    assert (found.metric, found.scale, found.value, found.question_id) == ("csat", "0-20", 12.5, "csat")
    negative = Options(questions={"q": Question(metric="other", scale="-3-3")})
    assert measure(-2, negative, names=["q"]).value == -2


@pytest.mark.parametrize("value", ["11", "-1", "1e400", "nan", "inf", "beaucoup", "", True, None, "9" * 500, [5], {}])
def test_a_value_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(RowError, match=r"^(out_of_scale|bad)_q: "):
        measure(value, NO_OPTIONS, names=["q"], kind="nps")


def test_a_phone_in_the_wrong_column_does_not_stand_in_the_reason() -> None:
    with pytest.raises(RowError, match="a large number is outside 0-10") as refused:
        measure("0639980147", NO_OPTIONS, names=["Note : avis"], kind="nps")
    assert "639" not in str(refused.value)
    assert str(refused.value).partition(": ")[0] == "out_of_scale_Note_avis"


@pytest.mark.parametrize(
    ("value", "number"), [("10 - Très probable", 10), ("4/5", 4), (" 3,5 ", 3.5), (7, 7), (0.5, 0.5)]
)
def test_a_label_around_a_number_is_passed_over(value: object, number: float) -> None:
    assert measure(value, NO_OPTIONS, names=["q"], kind="nps").value == number


@settings(max_examples=50)
@given(st.one_of(st.text(), st.floats(), st.integers(), st.none(), st.booleans()), st.text(), st.text())
def test_whatever_is_asked_and_answered_a_score_lies_on_its_scale(value: object, kind: str, text: str) -> None:
    try:
        found = measure(value, NO_OPTIONS, names=["q"], kind=kind, text=text)
    except RowError:
        return
    assert found.metric in {"nps", "csat", "ces", "other"}
    if found.scale:
        low, high = (float(end) for end in found.scale.split(" ")[0].split("-"))
        assert low <= found.value <= high
    assert isinstance(is_number(value), bool)
