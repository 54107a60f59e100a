"""What the registry refuses is told in the reader's language, whatever the message of the library."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from dashboard_frames import NOW

from dashboard.page import Page
from dashboard.refusals import refusal
from insights.errors import LedgerError
from insights.irritants import edit
from insights.irritants.edit import Part
from insights.irritants.registry import Registry
from insights.ledger import open_ledger
from insights.settings import Settings
from insights.steps import curate
from insights.steps.resolved import registry

THEME = {"label_fr": "Prix"}
REFUSED: dict[str, tuple[Callable[[Registry], object], str]] = {
    "taken name": (lambda r: edit.rename(r, "IR-0001", label_fr="Rappel promis jamais reçu"), "porte déjà ce nom"),
    "short name": (lambda r: edit.rename(r, "IR-0001", label_fr="x"), "Un nom a de 3 à 80 caractères."),
    "no name": (edit.create, "Donnez un nom"),
    "nothing": (lambda r: edit.rename(r, "IR-0001"), "Donnez un nom"),
    "itself": (lambda r: edit.merge(r, "IR-0001", "IR-0001"), "ne peut pas être fusionné avec lui-même"),
    "merged": (lambda r: edit.own(r, "IR-0006", "PO"), "fusionné entre-temps avec « Facture de régularisation"),
    "unknown": (lambda r: edit.own(r, "IR-9999", "PO"), "n'existe plus"),
    "theme unknown": (lambda r: edit.move(r, "IR-0001", "TH-99"), "Ce thème n'existe plus"),
    "theme nameless": (edit.theme, "Donnez un nom au thème"),
    "theme twice": (lambda r: edit.theme(r, **THEME), "Un autre thème porte ce nom"),
    "no part": (lambda r: edit.split(r, "IR-0001", []), "au moins un groupe"),
    "same parts": (
        lambda r: edit.split(r, "IR-0001", [Part("Neuf", None, ("a",)), Part("Neuf", None, ("b",))]),
        "portent le même nom",
    ),
    "shared": (
        lambda r: edit.split(r, "IR-0001", [Part("Neuf", None, ("a",)), Part("Dix", None, ("a",))]),
        "se recouvrent",
    ),
    "no text": (lambda r: edit.correct(r, [], "IR-0001", "IR-0002"), "n'est plus là"),
}


@pytest.fixture
def page(own_ledger: Callable[[str], Settings], page_of: Callable[..., Page]) -> Page:
    mine = own_ledger("full")
    with open_ledger(mine) as ledger:
        curate.record(ledger, [edit.merge(registry(ledger), "IR-0006", "IR-0001")], actor="Nadia", at=NOW)
        curate.record(ledger, [edit.theme(registry(ledger), **THEME)], actor="Nadia", at=NOW)
    return page_of(mine, "fr")


@pytest.mark.parametrize("name", REFUSED)
def test_each_refusal_of_an_edit_has_its_sentence(page, name):
    ask, sentence = REFUSED[name]
    with pytest.raises(LedgerError) as error:
        ask(page.registry)
    assert sentence in refusal(page, error.value).replace("\\", "")


def test_undoing_what_is_gone_or_rested_upon(page):
    ledger = page.store.ledger
    events = ledger.events(("irritant.",))
    birth = next(event.event_id for event in events if event.subject == "IR-0001")
    with pytest.raises(LedgerError) as rested:
        edit.undo(events, birth)
    assert "annulez-les d'abord" in refusal(page, rested.value)
    with pytest.raises(LedgerError) as unknown:
        edit.undo(events, 10**6)
    assert "n'est plus dans l'historique" in refusal(page, unknown.value)
    with pytest.raises(LedgerError) as decided:
        curate.refuse(ledger, 10**6, actor="Nadia", at=NOW)
    assert "tranchée entre-temps" in refusal(page, decided.value)
    with pytest.raises(LedgerError) as signal:
        curate.name_signal(page.store.lake, ledger, "none", actor="Nadia", at=NOW, label_fr="Neuf")
    assert "découverte plus récente" in refusal(page, signal.value)


def test_an_unforeseen_refusal_is_told_as_it_is(page):
    assert refusal(page, LedgerError("The ledger is full.")) == "The ledger is full."
