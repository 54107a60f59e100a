"""Search, filters and rights of the page Verbatims; the reading view; the page of one customer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from dashboard_frames import customer
from streamlit.testing.v1 import AppTest

from dashboard.customer_choice import open_cases
from dashboard.data import open_store
from dashboard.page import Page
from dashboard.searching import _scanned, finder_of, search
from dashboard.verbatim_cards import fetch
from dashboard.verbatim_filters import where
from insights.access import RowRights, at_home
from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.search import parse
from insights.settings import Settings
from insights.steps.index import brought_up


@pytest.fixture(scope="module")
def indexed(places: Callable[[str], Settings]) -> Settings:
    """The full company with its search index."""
    settings = places("full")
    with open_lake(settings, read_only=True) as lake:
        brought_up(lake, settings.search_dir)
    return settings


def test_words_are_found_with_the_irritants_they_carry(indexed: Settings, page_of: Callable[..., Page]):
    page = page_of(indexed)
    found = search(page, "remboursements", "words", {})
    n = page.rows("SELECT count(*) AS n FROM feedback WHERE contains(verbatim, 'remboursement')")["n"].iloc[0]
    assert found.n_words == n > 0 and found.indexed
    shown = fetch(page, found.ranked.first(5))
    assert shown.most() == ("IR-0005", 5)
    assert not search(page, "licorne", "words", {}).ranked.n_all


def test_a_merge_and_a_moved_text_show_on_the_cards_as_in_the_view(own_ledger: Callable[[str], Settings]):
    settings = own_ledger("full")
    with open_ledger(settings) as ledger:
        at = settings.business_now()
        ledger.append("irritant.merged", "IR-0005", {"into": "IR-0004"}, actor="Nadia", at=at, key="merge")
    page = Page(open_store(settings), "fr")
    assert page.registry.resolve("IR-0005") == "IR-0004"
    shown = fetch(page, search(page, "remboursement", "words", {}).ranked.first(5))
    ids = list(shown.rows["feedback_id"])
    view = page.rows(
        "SELECT DISTINCT irritant_id FROM mention JOIN irritant_now USING (mention_id) "
        "WHERE list_contains($ids::VARCHAR[], feedback_id)",
        ids=ids,
    )["irritant_id"]
    assert {one for each in ids for one in shown.irritants(each)} == set(view) == {"IR-0004"}


def test_filters_keep_what_they_say(indexed: Settings, page_of: Callable[..., Page]):
    page = page_of(indexed)
    since = page.day_start(page.today - timedelta(days=27))
    kept = {"since": since, "until": page.window()["until"], "channels": ["phone"], "irritants": ["IR-0005"]}
    found = search(page, "", "both", kept)
    rows = fetch(page, found.ranked).rows
    assert 0 < len(rows) == found.ranked.n_all
    assert set(rows["channel"]) == {"phone"} and rows["occurred_at"].min() >= since
    assert search(page, "remboursement", "words", kept).n_words == len(rows)
    assert search(page, "remboursement", "words", {"positive": True}).n_words == 0
    scored = page.rows(
        "SELECT count(DISTINCT feedback_id) AS n FROM feedback JOIN answer USING (feedback_id) "
        "WHERE verbatim IS NOT NULL AND metric = 'nps' AND value <= 6"
    )
    assert search(page, "", "both", {"least": 0, "most": 6}).ranked.n_all == scored["n"].iloc[0]


def test_every_filter_is_a_condition_that_the_lake_takes(indexed: Settings, page_of: Callable[..., Page]):
    every = {"kinds": ["survey"], "products": ["Indexé"], "segments": ["household"], "languages": ["fr"]}
    assert search(page_of(indexed), "", "both", {**every, "negative": True}).ranked.n_all > 0
    assert "mention_now" not in where(every) and "mention_now" in where({"irritants": ["IR-0001"]})


def test_rights_cut_the_result_and_its_count(indexed: Settings):
    rights = RowRights(products=("Indexé",))
    page = Page(open_store(indexed, rights), "fr", replace(at_home(), rights=rights))
    found = search(page, "remboursement", "words", {})
    rows = fetch(page, found.ranked).rows
    assert set(rows["product"]) == {"Indexé"} and found.n_words == len(rows)


def test_without_an_index_every_verbatim_is_read(places: Callable[[str], Settings], page_of: Callable[..., Page]):
    page = page_of(places("reviews"))
    found = search(page, "remboursements -chèque", "both", {})
    n = page.rows("SELECT count(*) AS n FROM feedback WHERE contains(verbatim, 'remboursement')")["n"].iloc[0]
    assert not found.indexed and found.n_words == n > 0


WORDS = ("remboursements", "le", "fact", "facture", "-fact", "-le", "prevenu", '"heures creuses"', '-"heures creuses"')


@pytest.mark.parametrize("text", WORDS)
def test_without_an_index_words_are_whole_and_the_same_are_found(
    indexed: Settings, page_of: Callable[..., Page], text: str
):
    page, query, finder = page_of(indexed), parse(text), finder_of(indexed)
    assert finder is not None
    met = [one.keys[one.words.matching(query, None)] for one in finder.segments]
    found = _scanned(page, query, {})
    assert found.n_all == sum(map(len, met)) and set(found.keys) <= {int(key) for part in met for key in part}


def test_cases_that_wait_come_by_their_promise(indexed: Settings, page_of: Callable[..., Page]):
    cases = open_cases(page_of(indexed))
    assert [one.case_id for one in cases] == ["case0", "case1"]
    assert open_cases(page_of(indexed), customer(1)) == [cases[1]]


def test_a_search_a_verbatim_and_its_customer_are_drawn(indexed: Settings, app: Callable[..., AppTest]):
    page = app(indexed, "verbatims", "fr", q="remboursement")
    assert not page.exception and page.metric[0].label == "Verbatims"
    assert any("orange-background[remboursement]" in one.value for one in page.markdown)
    assert any("<script>" in one.value for one in page.markdown) is False
    button = next(one for one in page.button if one.label == "Lire en entier")
    page = button.click().run()
    assert not page.exception and "feedback" in page.query_params
    assert any("gray-badge[Remboursement qui n'arrive pas]" in one.value for one in page.markdown)
    page = next(one for one in page.button if one.label == "Retour à la liste").click().run()
    assert "feedback" not in page.query_params and page.metric[0].label == "Verbatims"


def test_one_customer_is_shown_and_an_unknown_one_refused(indexed: Settings, app: Callable[..., AppTest]):
    page = app(indexed, "customer", "en", customer=customer(1))
    assert not page.exception
    assert [one.value for one in page.metric][0] == "1" and "Call back" in page.markdown[0].value
    page.text_input[0].set_value("C9999999").run()
    assert not page.exception and "No customer with this number" in page.info[0].value
