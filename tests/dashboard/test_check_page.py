"""One click a text: right, the other one, another irritant, none of them; each can be undone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from dashboard_app import words_of
from streamlit.testing.v1 import AppTest

from insights.ledger import open_ledger
from insights.ledger.placements import Placed, placements
from insights.settings import Settings
from insights.steps.resolved import registry


@pytest.fixture
def asked(app: Callable[..., AppTest], own_ledger: Callable[[str], Settings]) -> tuple[AppTest, Settings]:
    mine = own_ledger("learned")
    page = app(mine, "check", "fr")
    page.text_input(key="adviser").set_value("Nadia").run()
    return page, mine


def answers(settings: Settings) -> list[Placed]:
    with open_ledger(settings) as ledger:
        return placements(ledger, registry(ledger).placing)


def here(page: AppTest) -> str:
    """The irritant of the first button: where the text stands today."""
    return next(one.key for one in page.button if one.key.startswith("check_")).removeprefix("check_")


def test_without_a_name_no_answer_is_taken(app, places):
    page = app(places("learned"), "check", "en")
    assert any("Write your name above" in info.value for info in page.info)
    assert all(one.disabled for one in page.button if one.key.startswith("check_"))


def test_right_confirms_and_shows_the_next_text(asked):
    page, mine = asked
    text, stands = page.text[0].value, here(page)
    page.button(key=f"check_{stands}").click().run()
    [one] = answers(mine)
    assert one.from_id == one.to_id == stands
    assert page.text[0].value != text
    assert "C'est noté" in page.success[0].value
    assert page.metric[0].value == "1"
    assert "1 réponse est de vous." in words_of(page)


def test_none_of_them_takes_the_text_out_and_the_undo_brings_it_back(asked):
    page, mine = asked
    text, stands = page.text[0].value, here(page)
    none = "unclassified" if stands != "unclassified" else next(
        one.key.removeprefix("check_") for one in page.button if one.key.startswith("check_IR")
    )  # fmt: skip
    page.button(key=f"check_{none}").click().run()
    [one] = answers(mine)
    assert (one.from_id, one.to_id) == (stands, none)
    page.button(key="undo_last").click().run()
    assert answers(mine) == []
    assert page.text[0].value == text


def test_another_irritant_is_chosen_in_the_list(asked):
    page, mine = asked
    box = next(one for one in page.selectbox if one.label == "Un autre irritant")
    wanted = box.options[-1]
    box.select(wanted).run()
    page.button(key="check_chosen").click().run()
    [one] = answers(mine)
    with open_ledger(mine) as ledger:
        assert registry(ledger).irritants[one.to_id].label_fr == wanted


def test_a_text_can_be_passed_over(asked):
    page, mine = asked
    text = page.text[0].value
    page.button(key="skip_text").click().run()
    assert page.text[0].value != text
    assert answers(mine) == []


def test_without_a_discovery_the_page_says_so(app, places):
    assert "Il n'y a aucun texte à vérifier." in words_of(app(places("full"), "check", "fr"))
