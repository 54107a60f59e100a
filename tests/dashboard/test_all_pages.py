"""Every page is found, each with a sentence, and the words of the pages are explained."""

from __future__ import annotations

import pytest

from dashboard.all_pages import summary
from dashboard.glossary import columns, definitions_of, glossary
from dashboard.menu import PAGES, offered, title
from insights.access import at_home
from insights.i18n import LANGUAGES, translator


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_has_a_sentence_of_its_own(language):
    _ = translator(language)
    said = [summary(_, entry.name) for entry in PAGES]
    assert all(said) and len(set(said)) == len(PAGES)


def test_the_page_lists_what_the_reader_may_open_and_explains_the_words(app, places):
    page = app(places("full"), "pages", "fr", role="viewer")
    assert not page.exception and not page.error
    home, others = offered(at_home("viewer"))
    listed = {one.proto.label for one in page.get("page_link")}
    assert listed == {title(translator("fr"), entry.name) for entry in (*home, *others)}
    assert "Rappels" not in listed
    assert any("**Irritant**" in text.value for text in page.markdown)


def test_a_column_is_defined_by_the_glossary_whatever_its_case():
    _ = translator("fr")
    found = definitions_of(_, ["marge en jeu", "Mentions", "Autre chose"])
    assert found == {"marge en jeu": glossary(_)["Marge en jeu"], "Mentions": columns(_)["Mentions"]}
