"""The list, the filters, the verbatims."""

from __future__ import annotations

from dashboard_app import words_of
from dashboard_frames import NOW

from insights.ledger import open_ledger


def table(page):
    return page.dataframe[0].value


def test_the_list_is_ranked_by_mentions_and_tells_the_trend(app, places):
    page = app(places("full"), "irritants", "fr")
    rows = table(page)
    assert rows["Irritant"].tolist()[0] == "Attente interminable au téléphone"
    assert rows["Mentions"].tolist()[:3] == [44, 36, 36]
    trends = dict(zip(rows["Irritant"], rows["Tendance"], strict=True))
    assert trends["Heures creuses déplacées"].replace("\N{NO-BREAK SPACE}", " ") == "▲ en hausse × 2,5"
    assert trends["Attente interminable au téléphone"] == "stable"
    assert "10\N{NARROW NO-BREAK SPACE}% des mentions négatives ne ressemblent à aucun irritant connu" in words_of(page)


def test_a_filter_narrows_everything_and_stands_in_the_link(app, places):
    page = app(places("full"), "irritants", "en")
    everybody = table(page)["Mentions"].sum()
    page.multiselect(key="segments").set_value(["small_business"]).run()
    assert 0 < table(page)["Mentions"].sum() < everybody
    assert page.query_params["segments"] == "small_business"
    linked = app(places("full"), "irritants", "en", segments="small_business")
    assert table(linked)["Mentions"].tolist() == table(page)["Mentions"].tolist()


def test_a_longer_period_holds_more(app, places):
    short, long = (table(app(places("full"), "irritants", "en", weeks=weeks)) for weeks in ("4", "13"))
    assert long["Mentions"].sum() > short["Mentions"].sum()


def test_a_link_opens_one_irritant_with_its_verbatims_as_plain_text(app, places):
    page = app(places("full"), "irritants", "fr", irritant="IR-0003")
    assert page.selectbox(key="irritant").value == "IR-0003"
    said = [text.value for text in page.text]
    assert any("<script>alert(1)</script> **gras** $x$" in text for text in said)
    for element in [*page.markdown, *page.caption, *page.info]:
        assert "<script>" not in element.value


def test_an_unknown_irritant_in_a_link_falls_back_to_the_first(app, places):
    page = app(places("full"), "irritants", "fr", irritant="IR-9999")
    assert not page.exception
    assert page.selectbox(key="irritant").value == "IR-0002"


def test_verbatims_are_paged(app, places):
    first = app(places("full"), "irritants", "fr", irritant="IR-0001")
    assert "36 retours dans la période" in words_of(first)
    assert len([text for text in first.text if "régularisation" in text.value]) == 8


def test_brands_and_products_are_broken_down_where_there_are_several(app, places):
    reviews = app(places("reviews"), "irritants", "fr")
    assert "Par marque" in [box.label for box in reviews.expander]
    assert "Marque" in [box.label for box in reviews.multiselect]
    full = app(places("full"), "irritants", "fr")
    assert "Par marque" not in [box.label for box in full.expander]
    assert "Par produit" in [box.label for box in full.expander]


def test_a_new_irritant_is_marked_and_a_borrowed_name_carries_its_language(app, own_ledger):
    mine = own_ledger("full")
    with open_ledger(mine) as ledger:
        ledger.append("irritant.renamed", "IR-0002", {"label_en": None}, actor="Nadia", at=NOW, key="renamed:IR-0002")
        for key in ("IR-0099", "IR-0006"):  # IR-0006 goes into a cause nobody had named before
            payload = {"label_fr": "Aide non reçue", "label_en": "Aid not received", "status": "emerging"}
            if key == "IR-0099":
                ledger.append("irritant.born", key, payload, actor="policy", at=NOW, key=f"new:{key}")
            else:
                ledger.append("irritant.merged", key, {"into": "IR-0099"}, actor="Nadia", at=NOW, key=f"into:{key}")
        words = {"label_fr": None, "label_en": None, "keywords": ["remboursement", "virement", "trop-perçu"]}
        ledger.append("irritant.renamed", "IR-0005", words, actor="Nadia", at=NOW, key="renamed:IR-0005")
    named = table(app(mine, "irritants", "en"))["Irritant"].tolist()
    assert "remboursement, virement, trop-perçu" in named  # nobody has named it: its words stand for it
    assert "Aid not received (new)" in named
    assert "Attente interminable au téléphone (FR)" in named


def test_a_merge_shows_at_once_though_the_lake_holds_the_old_id(app, own_ledger):
    mine = own_ledger("full")
    before = table(app(mine, "irritants", "fr"))
    merge(mine, "IR-0006", "IR-0001")
    after = table(app(mine, "irritants", "fr"))
    counts = [dict(zip(rows["Irritant"], rows["Mentions"], strict=True)) for rows in (before, after)]
    assert "Chèque énergie non pris en compte" not in counts[1]
    bill = "Facture de régularisation trop élevée"
    assert counts[1][bill] == counts[0][bill] + counts[0]["Chèque énergie non pris en compte"]


def test_a_verbatim_is_moved_to_where_it_belongs_and_back(app, own_ledger):
    mine = own_ledger("full")
    page = app(mine, "irritants", "fr", irritant="IR-0001")
    page.text_input(key="adviser").set_value("Nadia").run()
    before = dict(zip(table(page)["Irritant"], table(page)["Mentions"], strict=True))
    box = next(one for one in page.selectbox if one.label == "Il relève de")
    box.select("Rappel promis jamais reçu").run()
    next(one for one in page.button if one.label == "Le déplacer").click().run()
    after = dict(zip(table(page)["Irritant"], table(page)["Mentions"], strict=True))
    assert "Déplacé vers « Rappel promis jamais reçu »" in page.success[0].value
    assert after["Rappel promis jamais reçu"] == before["Rappel promis jamais reçu"] + 1
    bill = "Facture de régularisation trop élevée"
    assert after[bill] == before[bill] - 1
    page.button(key="undo_last").click().run()
    assert dict(zip(table(page)["Irritant"], table(page)["Mentions"], strict=True)) == before


def test_without_a_name_no_verbatim_is_moved(app, places):
    page = app(places("full"), "irritants", "fr", irritant="IR-0001")
    assert all(one.disabled for one in page.button if one.label == "Le déplacer")
    assert "Indiquez d'abord votre nom" in words_of(page)


def test_what_the_irritant_is_and_where_it_came_from_stand_beside_it(app, own_ledger):
    mine = own_ledger("full")
    with open_ledger(mine) as ledger:
        ledger.append("irritant.theme", "TH-01", {"label_fr": "Prix"}, actor="Nadia", at=NOW, key="theme")
        ledger.append("irritant.moved", "IR-0001", {"parent": "TH-01"}, actor="Nadia", at=NOW, key="moved")
        told = {"definition": "La régularisation annuelle surprend par son montant."}
        ledger.append("irritant.renamed", "IR-0001", told, actor="Nadia", at=NOW, key="defined")
    merge(mine, "IR-0006", "IR-0001")
    lines = words_of(app(mine, "irritants", "fr", irritant="IR-0001")).replace("\\", "")
    assert "La régularisation annuelle surprend par son montant." in lines
    assert "Thème : Prix" in lines
    assert "« Chèque énergie non pris en compte » y a été fusionné" in lines


def merge(settings, source, into):
    with open_ledger(settings) as ledger:
        ledger.append("irritant.merged", source, {"into": into}, actor="Nadia", at=NOW, key=f"merged:{source}")
