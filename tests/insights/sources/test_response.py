"""Every survey tool's response becomes an item the same way: scores, words, columns, contacts, and what was ticked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from insights.errors import RowError, SetAside, SettingsError
from insights.sources.options import NO_OPTIONS, Options, Question
from insights.sources.reading import flags, row_id, when, yes_no
from insights.sources.response import Asked, Response, to_item

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def item(*answers: Asked, options: Options = NO_OPTIONS, **more: Any) -> Any:
    return to_item(Response("r1", AT, answers, available_at=AT, **more), options)


def test_open_questions_are_lines_and_choices_are_neither_words_nor_scores() -> None:
    found = item(
        Asked("q1", "Trop cher.", "open"),
        Asked("q2", "En agence", "choice"),
        Asked("q3", ["Prix", "Délai"], "choice"),
        Asked("q4", "  ", "open"),
        Asked("q5", "Et lent.", ""),
        Asked("q6", "Oui", ""),
    )
    assert found.feedback["verbatim"] == "Trop cher.\nEt lent."
    assert found.answers == ()


def test_a_number_without_a_scale_may_be_a_customer_and_is_kept_nowhere() -> None:
    found = item(Asked("q1", "mot", "open"), Asked("client", "0639980147", ""), Asked("cp", 37000, "number"))
    assert found.answers == () and found.feedback["verbatim"] == "mot"
    declared = Options(questions={"cp": Question(metric="other", scale="0-99999")})
    assert item(Asked("cp", 37000, "number"), options=declared).answers[0]["value"] == 37000


def test_a_field_is_hidden_or_asked_and_what_fills_a_column_is_no_word() -> None:
    options = Options(
        constants={"channel": "sms", "kind": "employee"},
        fields={"customer_id": "client", "product": "Quel produit ?", "touchpoint": "absent", "recontact": "rappel"},
        email="mel",
    )
    asked = (
        Asked("q1", "Offre Verte", "open", "Quel produit ?"),
        Asked("q2", "Lent", "open"),
        Asked("rappel", True, "yes_no"),
    )
    found = item(
        *asked, Asked("mel", "a@example.org", "open"), options=options, hidden={"client": " C1 ", "ip": "192.0.2.1"}
    )
    kept = {
        name: found.feedback.get(name)
        for name in ("customer_id", "product", "touchpoint", "channel", "recontact", "kind")
    }
    assert kept == {
        "customer_id": "C1", "product": "Offre Verte", "touchpoint": None, "channel": "sms", "recontact": "yes", "kind": "employee",
    }  # fmt: skip
    assert (found.feedback["verbatim"], found.emails) == ("Lent", ("a@example.org",))
    assert "192.0.2.1" not in str(found)


def test_the_questions_that_hold_words_may_be_named() -> None:
    options = Options(fields={"verbatim": "pourquoi, plus"})
    asked = (Asked("motif", "Curiosité"), Asked("pourquoi", "Trop long"), Asked("plus", "Et cher"))
    assert item(*asked, options=options).feedback["verbatim"] == "Trop long\nEt cher"
    assert (
        item(Asked("Pourquoi, au fond ?", "a"), options=Options(fields={"verbatim": "Pourquoi, au fond ?"})).feedback[
            "verbatim"
        ]
        == "a"
    )


def test_nothing_said_is_set_aside_unless_the_response_is_finished() -> None:
    for complete in (None, False):
        with pytest.raises(SetAside, match="^nothing_said: "):
            item(Asked("q", "A", "choice"), complete=complete)
    assert item(Asked("q", "A", "choice"), complete=True).feedback["complete"] is True


def test_when_the_tool_held_it_is_declared_where_it_does_not_say() -> None:
    found = to_item(Response("r", AT, (Asked("q", "a", "open"),)), Options(available_delay_days=1))
    assert (found.feedback["available_at"] - AT).days == 1 and found.feedback["available_basis"] == "declared"
    assert "available_basis" not in item(Asked("q", "a", "open")).feedback


@pytest.mark.parametrize(
    ("given", "said"),
    [("Oui", True), ("oui, par téléphone", True), ("YES!", True), (1, True), (True, True), ("Non merci", False),
     ("0", False), (False, False), ("peut-être", None), ("", None), ("nonante", None), ("10", None)],
)  # fmt: skip
def test_yes_and_no(given: object, said: bool | None) -> None:
    assert yes_no(given) is said


def test_a_tick_nobody_understands_is_read_the_careful_way() -> None:
    assert flags({"recontact": "peut-être", "anonymous": "x"}) == {"recontact": "no", "anonymous": True}
    assert flags({"consent": "Oui", "anonymous": "non"}) == {
        "recontact": "not_asked",
        "consent": "yes",
        "anonymous": False,
    }
    assert flags({"recontact": None, "consent": "not_asked"}) == {"recontact": "not_asked"}
    with pytest.raises(RowError, match="bad_consent"):
        flags({"consent": "à voir"})


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        ("2026-03-02T09:00:00Z", AT),
        ("2026-03-02 10:00:00", AT),  # Paris, in winter
        (1772442000, AT),
        ("1772442000", AT),
        (datetime(2026, 3, 2, 10), AT),  # noqa: DTZ001
    ],
)
def test_instants(value: object, instant: datetime) -> None:
    assert when(value, "t", "Europe/Paris") == instant


@pytest.mark.parametrize(
    "value",
    ["", None, "hier", "99999-01-01", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-13-45", 1e400, "-1", {}],
)
def test_a_date_that_is_none_is_one_bad_row(value: object) -> None:
    with pytest.raises(RowError, match=r"^(bad|missing)_t: "):
        when(value, "t", "Europe/Paris")


def test_an_unknown_zone_is_a_setting_to_correct() -> None:
    with pytest.raises(SettingsError, match="Europe/Paris"):
        when("2026-03-02 10:00:00", "t", "Paris")


def test_a_new_empty_column_does_not_make_a_new_row() -> None:
    assert row_id({"a": "1", "b": ""}) == row_id({"a": "1"}) != row_id({"a": "2"})
