"""The registry: what a person changes, told in a sentence, with its undo; proposals and growing groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from dashboard_app import words_of
from dashboard_frames import NOW
from dashboard_learned import SIGNAL, propose
from streamlit.testing.v1 import AppTest

from insights.irritants.registry import Registry
from insights.ledger import open_ledger
from insights.settings import Settings
from insights.steps.resolved import registry

WAIT, BILL, HOURS = "Attente interminable au téléphone", "Facture de régularisation trop élevée", "IR-0003"


def known(settings: Settings) -> Registry:
    with open_ledger(settings) as ledger:
        return registry(ledger)


def button(page: AppTest, label: str, nth: int = 0) -> Any:
    return [one for one in page.button if one.label == label][nth]


def told(page: AppTest) -> str:
    """The sentence after a click."""
    return [*page.success, *page.warning][0].value


@pytest.fixture
def opened(
    app: Callable[..., AppTest], own_ledger: Callable[[str], Settings]
) -> Callable[..., tuple[AppTest, Settings]]:
    """The page on one's own ledger, with a name: `opened("fr", irritant="IR-0001")`."""

    def run(language: str = "fr", *, proposals: bool = False, **query: str) -> tuple[AppTest, Settings]:
        mine = own_ledger("learned")
        if proposals:
            with open_ledger(mine) as ledger:
                propose(ledger)
        page = app(mine, "registry", language, **query)
        page.text_input(key="adviser").set_value("Nadia").run()
        return page, mine

    return run


def field(page: AppTest, name: str, irritant: str, settings: Settings) -> str:
    return f"{name}_{irritant}_{known(settings).version}"


def test_the_list_shows_where_each_irritant_stands(app, places):
    rows = app(places("learned"), "registry", "fr").dataframe[0].value
    first = rows.iloc[0].to_dict()
    assert first["Irritant"] == WAIT
    assert (first["Statut"], first["Mentions par an"]) == ("actif", 4 * 11 + 6 * 12)
    assert first["Origine"] == "créé par une personne"
    assert "Thème" not in rows.columns  # there is none yet


def test_nothing_can_be_changed_without_a_name(app, places):
    page = app(places("learned"), "registry", "en")
    assert any("Write your name above" in info.value for info in page.info)
    stopped = [
        one.disabled for one in page.button if one.label in ("Save the changes", "Merge", "Hide it", "Move it there")
    ]
    assert stopped == [True] * 4


def test_a_new_name_shows_at_once_and_can_be_undone(opened):
    page, mine = opened(irritant=HOURS)
    page.text_input(key=field(page, "fr", HOURS, mine)).set_value("Heures creuses changées")
    button(page, "Enregistrer les changements").click().run()
    assert known(mine).irritants[HOURS].label_fr == "Heures creuses changées"
    assert "Enregistré" in told(page)
    assert "Heures creuses changées" in page.dataframe[0].value["Irritant"].tolist()
    page.button(key="undo_last").click().run()
    assert known(mine).irritants[HOURS].label_fr == "Heures creuses déplacées"
    assert "Annulé" in told(page)


def test_one_form_names_the_owner_and_the_definition_and_a_theme_is_made_on_the_way(opened):
    page, mine = opened(irritant=HOURS)
    page.text_area(key=field(page, "definition", HOURS, mine)).set_value("Les plages ont bougé sans prévenir.")
    page.selectbox(key=field(page, "owner", HOURS, mine)).set_value("PO Facturation")
    button(page, "Enregistrer les changements").click().run()
    assert known(mine).irritants[HOURS].definition == "Les plages ont bougé sans prévenir."
    assert known(mine).irritants[HOURS].owner == "PO Facturation"
    page.button(key="undo_last").click().run()  # both changes go back together
    assert known(mine).irritants[HOURS].owner == "PO Offres & prix"
    page.text_input(key=field(page, "new_theme", HOURS, mine)).set_value("Prix et offres").run()
    button(page, "Le déplacer là").click().run()
    now = known(mine)
    assert [now.theme_of(HOURS).label_fr, len(now.themes)] == ["Prix et offres", 1]
    assert page.dataframe[0].value.iloc[0][["Thème", "Irritant"]].tolist() == [
        "Prix et offres",
        "Heures creuses déplacées",
    ]
    page.button(key="undo_last").click().run()  # theme and move go back together
    assert known(mine).theme_of(HOURS) is None


def test_a_refusal_is_a_sentence_with_names(opened):
    page, mine = opened(irritant=HOURS)
    page.text_input(key=field(page, "fr", HOURS, mine)).set_value(WAIT)
    button(page, "Enregistrer les changements").click().run()
    assert told(page) == f"« {WAIT} » porte déjà ce nom : deux irritants n'ont jamais le même."
    button(page, "Enregistrer les changements").click().run()
    assert known(mine).irritants[HOURS].label_fr == "Heures creuses déplacées"


def test_a_form_without_a_change_records_nothing(opened):
    page, mine = opened("en", irritant=HOURS)
    before = known(mine).version
    button(page, "Save the changes").click().run()
    assert known(mine).version == before
    assert "nothing changed" in told(page)


def test_a_merge_counts_at_once_and_its_undo_stands_in_the_history(opened):
    page, mine = opened("en", irritant="IR-0006")
    page.selectbox(key=field(page, "into", "IR-0006", mine)).set_value("IR-0001").run()
    foreseen = words_of(page).replace("\\", "")
    assert "“Catch-up bill far too high” would hold **100 mentions a year** instead of 90" in foreseen
    assert "→ 100" in foreseen
    assert known(mine).resolve("IR-0006") == "IR-0006", "nothing is changed yet"
    button(page, "Merge").click().run()
    rows = page.dataframe[0].value
    assert known(mine).resolve("IR-0006") == "IR-0001"
    assert dict(zip(rows["Irritant"], rows["Mentions a year"], strict=True))["Catch-up bill far too high"] == 100
    assert "“Energy voucher ignored” now counts with “Catch-up bill far too high”." in told(page).replace("\\", "")
    assert page.selectbox(key="irritant").value == "IR-0001"  # the link of the merged one leads to where it went
    assert "“Energy voucher ignored” was merged into it" in words_of(page)
    merged = next(line.value for line in page.markdown if "merged into it" in line.value)
    assert merged.startswith("“Energy voucher ignored”")
    button(page, "Undo", 1).click().run()
    assert known(mine).resolve("IR-0006") == "IR-0006"


def test_what_later_changes_rest_on_is_not_undone(opened):
    page, mine = opened(proposals=True, part="waiting")
    button(page, "Le sortir").click().run()
    with open_ledger(mine) as ledger:  # the new irritant is used before the split is taken back
        ledger.append("irritant.merged", "IR-0006", {"into": "IR-0007"}, actor="Paul", at=NOW, key="merged:IR-0006")
    page.button(key="undo_last").click().run()
    assert told(page) == "Des changements plus récents reposent sur celui-ci : annulez-les d'abord, en partant du haut."
    assert "IR-0007" in known(mine).irritants


def test_put_to_rest_and_woken(opened):
    page, mine = opened(irritant="IR-0006")
    page.segmented_control(key="out_of_sight").set_value("rest").run()
    assert "**Aucun compte ne change**" in words_of(page)
    button(page, "Mettre en sommeil").click().run()
    assert known(mine).irritants["IR-0006"].status == "dormant"
    assert "en sommeil" in page.dataframe[0].value["Statut"].tolist()
    button(page, "Le réveiller").click().run()
    assert known(mine).irritants["IR-0006"].status == "active"


def test_the_history_says_who_and_when(opened):
    page, _mine = opened("en", irritant="IR-0006")
    page.segmented_control(key="out_of_sight").set_value("rest").run()
    button(page, "Put to rest").click().run()
    lines = words_of(page).replace("\\", "")
    assert "Put to rest (dormant)" in lines
    assert "31/10/2026 19:00 · Nadia" in lines
    assert "31/10/2026 19:00 · by rule" in lines  # its birth, which nobody can take back here


def test_proposals_wait_with_their_evidence(opened):
    page, _mine = opened(proposals=True, part="waiting")
    lines = words_of(page).replace("\\", "").replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert "**3 propositions vous attendent**" in lines
    assert "« Rappel promis jamais reçu » et « Attente interminable au téléphone » : est-ce la même cause ?" in lines
    assert "40 textes de « Rappel promis jamais reçu », soit 62 %" in lines
    assert "« quarante minutes d'attente avant d'avoir quelqu'un »" in lines
    assert "« Chèque énergie non pris en compte » : est-ce terminé ?" in lines


def test_a_merge_is_taken_and_can_be_undone(opened):
    page, mine = opened(proposals=True, part="waiting")
    button(page, "Les fusionner").click().run()
    assert known(mine).resolve("IR-0004") == "IR-0002"
    assert "Les fusionner" not in [one.label for one in page.button]
    page.button(key="undo_last").click().run()
    assert known(mine).resolve("IR-0004") == "IR-0004"


def test_a_split_is_taken_under_the_name_a_person_writes(opened):
    page, mine = opened(proposals=True, part="waiting")
    [name] = [one for one in page.text_input if one.value == "Attente avec musique"]
    name.set_value("Musique d'attente")
    button(page, "Le sortir").click().run()
    born = known(mine).irritants["IR-0007"]
    assert (born.label_fr, born.lineage) == ("Musique d'attente", "split of IR-0002")
    page.segmented_control(key="part").set_value("all").run()
    rows = page.dataframe[0].value
    counts = dict(zip(rows["Irritant"], rows["Mentions par an"], strict=True))
    assert 0 < counts["Musique d'attente"] < 116
    assert counts["Musique d'attente"] + counts[WAIT] == 116


def test_a_refused_proposal_does_not_come_back(opened):
    page, mine = opened(proposals=True, part="waiting")
    button(page, "Le garder actif").click().run()
    assert "Refusé" in told(page)
    assert "Le garder actif" not in [one.label for one in page.button]
    assert known(mine).irritants["IR-0006"].status == "active"
    button(page, "Annuler le refus").click().run()
    assert "Refus annulé" in told(page)
    assert "Le garder actif" in [one.label for one in page.button]


def test_a_growing_group_becomes_an_irritant_when_a_person_names_it(opened):
    page, mine = opened(part="growing")
    lines = words_of(page).replace("\\", "")
    assert (
        "16 textes depuis le 04/10/2026, là où le passé en laissait attendre 5 (4 auparavant) : 3,1 fois plus." in lines
    )
    assert "Irritant le plus proche : « Rappel promis jamais reçu »" in lines
    assert any("je ne suis pas content du tout" in text.value for text in page.text)
    page.text_input(key=f"signal_fr_{SIGNAL}").set_value("Client mécontent")
    page.button(key=f"signal_{SIGNAL}").click().run()
    assert known(mine).irritants["IR-0007"].label_fr == "Client mécontent"
    assert "Aucun groupe ne monte" in words_of(page)
    page.segmented_control(key="part").set_value("all").run()
    rows = page.dataframe[0].value
    assert dict(zip(rows["Irritant"], rows["Mentions par an"], strict=True))["Client mécontent"] == 20
    assert "créé à partir d'un groupe qui montait" in rows["Origine"].tolist()


def test_a_group_needs_a_name(opened):
    page, mine = opened("en", part="growing")
    page.text_input(key=f"signal_fr_{SIGNAL}").set_value("")
    page.button(key=f"signal_{SIGNAL}").click().run()
    assert told(page) == "Give a name, in French or in English."
    assert "IR-0007" not in known(mine).irritants


def test_what_is_hidden_leaves_every_list_for_everybody_and_stays_counted(opened, app):
    page, mine = opened("en", irritant=HOURS)
    other = app(mine, "irritants", "en")  # a colleague's session, open before the change
    total, named = other.metric[0].value, other.dataframe[0].value["Irritant"].tolist()
    assert "Off-peak hours moved" in named
    assert "mentions a year stay counted** in every total" in words_of(page)
    button(page, "Hide it").click().run()
    assert known(mine).hidden == {HOURS}
    other.run()
    assert "Off-peak hours moved" not in other.dataframe[0].value["Irritant"].tolist()
    assert other.metric[0].value == total
    assert "active, hidden" in page.dataframe[0].value["Status"].tolist()
    button(page, "Show it again").click().run()
    assert other.run().dataframe[0].value["Irritant"].tolist() == named


def test_an_irritant_is_made_by_hand_from_the_texts_that_match(opened):
    page, mine = opened("fr", irritant=HOURS)
    at = known(mine).version
    page.text_input(key=f"new_fr_{at}").set_value("Musique d'attente")
    page.text_area(key=f"new_examples_{at}").set_value("quarante minutes d'attente avant d'avoir quelqu'un")
    button(page, "Chercher les textes proches").click().run()
    assert "« Musique d'attente (nouveau) » compterait" in words_of(page)
    page.button(key=f"new_make_{at}").click().run()
    made = known(mine).irritants["IR-0007"]
    assert (made.label_fr, made.lineage) == ("Musique d'attente", "declared")
    rows = page.dataframe[0].value
    assert 0 < dict(zip(rows["Irritant"], rows["Mentions par an"], strict=True))["Musique d'attente"] <= 30
