"""Every page, in both languages, in every state of the data."""

from __future__ import annotations

import pytest
from dashboard_app import words_of
from dashboard_frames import IRRITANTS

TITLES = {
    "week": ("La semaine en un coup d'œil", "Week at a glance"),
    "alarms": ("Alarmes", "Alarms"),
    "irritants": ("Irritants", "Irritants"),
    "risk": ("Clients à risque", "Customers at risk"),
    "priorities": ("Priorités", "Priorities"),
    "callbacks": ("Rappels", "Callbacks"),
    "actions": ("Actions", "Actions"),
    "fixes": ("Preuves", "Proofs"),
    "scores": ("Scores", "Scores"),
    "registry": ("Registre des irritants", "Irritant registry"),
    "check": ("À vérifier", "To check"),
    "quality": ("Qualité", "Quality"),
}
EMPTY = {
    "week": ("Aucun retour ces dernières semaines", "No feedback in the last weeks"),
    "alarms": ("Aucune alarme n'a encore sonné", "No alarm has rung yet"),
    "irritants": ("Personne ne s'est plaint", "Nobody complained"),
    "risk": ("Aucun client n'a encore de score", "No customer has been scored yet"),
    "priorities": ("Les irritants n'ont pas encore été classés", "Irritants have not been ranked yet"),
    "callbacks": ("Aucun rappel n'a encore été ouvert", "No callback has been opened yet"),
    "actions": ("Aucune action n'a encore été déclarée", "No action has been declared yet"),
    "fixes": ("Rien n'a encore été prouvé ni réfuté", "Nothing has been proven or refuted yet"),
    "scores": ("Il n'y a pas de score à montrer", "There is no score to show"),
    "registry": ("Il n'y a encore aucun irritant", "There is no irritant yet"),
    "check": ("Il n'y a aucun texte à vérifier", "There is no text to check"),
    "quality": ("Il n'y a encore rien à juger", "There is nothing to judge yet"),
}
LANGUAGES = ("fr", "en")


def wrong(test) -> list[str]:
    """What should never be on a page: an exception, or the sentence that stands for one."""
    return [*(e.value for e in test.exception), *(e.value for e in test.error)]


def walk(app, settings, language):
    """Every page of one session, in the order of the navigation."""
    page = app(settings, "week", language)
    for view in TITLES:
        yield view, page.switch_page(f"views/{view}.py").run() if view != "week" else page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", ["learned", "card", "reviews"])
def test_every_page_shows_its_title_its_date_and_no_error(app, places, state, language):
    date = {"fr": "Données au 31/10/2026, instantané n°", "en": "Data as of 31/10/2026, snapshot no."}[language]
    pinned = {"fr": "date de démonstration figée", "en": "pinned demonstration date"}[language]
    for view, page in walk(app, places(state), language):
        assert not wrong(page), view
        assert page.title[0].value == TITLES[view][LANGUAGES.index(language)]
        assert any(date in caption.value and pinned in caption.value for caption in page.caption), view


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_lake_says_what_is_missing_and_what_to_do(app, places, language):
    for view, page in walk(app, places("empty"), language):
        assert not wrong(page), view
        assert EMPTY[view][LANGUAGES.index(language)] in words_of(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_the_first_run_every_page_says_how_to_start(app, places, language):
    for _view, page in walk(app, places("none"), language):
        assert not wrong(page)
        assert "make demo" in page.info[0].value
        assert ("aucune donnée n'a été lue" if language == "fr" else "no data have been read") in page.info[0].value


@pytest.mark.parametrize(
    ("language", "foreign"),
    [("fr", (" the ", " of ", "Why", "Customer,", "Detail")), ("en", (" les ", "Pourquoi", "Détail", "Client,"))],
)
def test_no_word_of_the_other_language_stays_on_a_page(app, places, language, foreign):
    for view, page in walk(app, places("learned"), language):
        said = {text.value for text in page.text}
        ours = [nameless(line) for line in words_of(page).splitlines() if line not in said]
        found = [line for line in ours if any(marker in line for marker in foreign)]
        assert not found, (view, found)


def nameless(line: str) -> str:
    """The line without names of irritants: the registry shows both."""
    for names in IRRITANTS.values():
        line = line.replace(names[0], "").replace(names[1], "")
    return line


def test_an_error_of_the_lake_is_a_sentence_and_the_detail_is_kept_apart(app, places, caplog, tmp_path):
    """A catalog that is no catalog: no trace on the page, a reference, and the exact message in the log under it."""
    broken = places("none").model_copy(update={"data_dir": tmp_path / "data"})
    (tmp_path / "data" / "lake").mkdir(parents=True)
    (tmp_path / "data" / "lake" / "catalog.sqlite").write_text("this is no database")
    page = app(broken, "week", "fr")
    assert not page.exception
    assert "ne peut pas s'afficher" in page.error[0].value
    assert "catalog" not in page.error[0].value
    shown = [text.value for text in page.text]
    logged = next(record.getMessage() for record in caplog.records if record.name == "dashboard")
    assert "cannot be opened" in logged and logged.split("reference ")[1][:8] in shown[0]
    assert not any("sqlite" in text or str(tmp_path) in text for text in shown), (
        "the detail quotes neither path nor query"
    )


def test_a_broken_setting_is_told_in_both_languages(app, places, monkeypatch):
    place = places("full")
    monkeypatch.setenv("VOC_MIN_ANSWERS", "none at all")
    page = app(place)
    assert not page.exception
    assert "Les réglages ne peuvent pas être lus" in page.error[0].value
    assert "VOC_MIN_ANSWERS" in page.text[0].value


def test_the_language_follows_the_link_the_switch_and_the_next_page(app, places):
    page = app(places("full"), "week", "en")
    assert page.query_params["lang"] == "en"
    page.sidebar.radio(key="lang").set_value("fr").run()
    assert page.title[0].value == TITLES["week"][0]
    assert page.query_params["lang"] == "fr"
    page.switch_page("views/priorities.py").run()
    assert page.title[0].value == TITLES["priorities"][0]
