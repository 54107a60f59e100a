"""What a person may do to the registry: each edit checked, each undone without a trace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from insights.contracts import UNCLASSIFIED
from insights.errors import LedgerError
from insights.irritants import edit
from insights.irritants.edit import Draft, Part
from insights.irritants.now import settled, sight
from insights.irritants.registry import BORN, Registry, fold

AT = datetime(2026, 10, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Recorded:
    event_id: int
    kind: str
    subject: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    at: datetime = AT
    actor: str = "test"
    idempotency_key: str = ""


@dataclass(frozen=True)
class Placed:
    event_id: int
    text_sha: str
    from_id: str
    to_id: str


@dataclass
class Book:
    """Events and placements as the ledger would hold them."""

    events: list[Recorded] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)

    def add(self, draft: Draft) -> int:
        edit.check(self.events, draft)
        number = len(self.events) + 1
        self.events.append(Recorded(number, draft.kind, draft.subject, draft.payload))
        self.placed += [Placed(number, *move) for move in draft.moves]
        return number

    def born(self, *labels: str) -> None:
        for label in labels:
            self.add(Draft(BORN, self.known.next_ids(1)[0], {"label_fr": label}))

    @property
    def known(self) -> Registry:
        return fold(self.events)

    def where(self, text: str, irritant_id: str) -> str:
        return settled(self.known, self.placed).get((text, irritant_id), irritant_id)


@pytest.fixture
def book() -> Book:
    made = Book()
    made.born("Attente au téléphone", "Prélèvement en double", "Facture illisible")
    return made


def test_two_irritants_never_share_a_name(book: Book) -> None:
    with pytest.raises(LedgerError, match="IR-0002 is called"):
        edit.rename(book.known, "IR-0001", label_fr="prelevement en  double".upper())
    same = edit.rename(book.known, "IR-0002", label_fr="Prélèvement en double", label_en="Charged twice")
    book.add(same)
    assert book.known.irritants["IR-0002"].label("en") == ("Charged twice", None)
    with pytest.raises(LedgerError, match="3 to 80"):
        edit.create(book.known, label_fr="ab")
    with pytest.raises(LedgerError, match="needs a French or an English name"):
        edit.create(book.known, label_fr="  ")


def test_a_merged_irritant_is_edited_no_more(book: Book) -> None:
    merged = book.add(edit.merge(book.known, "IR-0001", "IR-0002"))
    with pytest.raises(LedgerError, match="was merged into IR-0002"):
        edit.rename(book.known, "IR-0001", label_fr="Autre nom")
    with pytest.raises(LedgerError, match="cannot be merged into itself"):
        edit.merge(book.known, "IR-0002", "IR-0002")
    book.add(edit.undo(book.events, merged))
    assert book.known.resolve("IR-0001") == "IR-0001"
    with pytest.raises(LedgerError, match="undone already"):
        edit.undo(book.events, merged)


def test_a_split_moves_its_texts_and_undoing_it_brings_them_back(book: Book) -> None:
    part = Part("Serveur vocal", "Voice menu", ("t1", "t2"))
    number = book.add(edit.split(book.known, "IR-0001", [part]))
    assert book.known.irritants["IR-0004"].lineage == "split of IR-0001"
    assert (book.where("t1", "IR-0001"), book.where("t3", "IR-0001")) == ("IR-0004", "IR-0001")
    assert book.where("t1", "IR-0002") == "IR-0002", "only what stood with the split irritant moves"
    book.add(edit.undo(book.events, number))
    assert book.where("t1", "IR-0001") == "IR-0001" and "IR-0004" not in book.known.irritants
    assert book.known.next_ids(1) == ["IR-0005"], "an id never comes back for another cause"


def test_what_was_assigned_to_an_irritant_whose_birth_was_undone_is_unclassified(book: Book) -> None:
    number = book.add(edit.create(book.known, label_fr="Né par erreur"))
    assert book.known.unborn == frozenset()
    book.add(edit.undo(book.events, number))
    assert book.known.unborn == {"IR-0004"}
    table = sight(book.known, book.placed).tables["registry_map"]
    assert table.to_dict("records") == [{"assigned": "IR-0004", "irritant_id": UNCLASSIFIED}]


def test_a_text_put_to_an_irritant_whose_birth_was_undone_is_unclassified(book: Book) -> None:
    number = book.add(edit.create(book.known, label_fr="Né par erreur"))
    book.add(edit.correct(book.known, ["t1"], "IR-0001", "IR-0004"))
    book.add(edit.undo(book.events, number))
    assert book.where("t1", "IR-0001") == UNCLASSIFIED


def test_parts_of_a_split_share_neither_texts_nor_names(book: Book) -> None:
    with pytest.raises(LedgerError, match="share texts"):
        edit.split(book.known, "IR-0001", [Part("Un nom", None, ("t1",)), Part("Un autre", None, ("t1",))])
    with pytest.raises(LedgerError, match="same name"):
        edit.split(book.known, "IR-0001", [Part("Un nom", None, ("t1",)), Part("UN NOM", None, ("t2",))])
    with pytest.raises(LedgerError, match="texts of its own"):
        edit.split(book.known, "IR-0001", [Part("Un nom", None, ())])


def test_corrections_follow_one_another_and_merges(book: Book) -> None:
    first = book.add(edit.correct(book.known, ["t1"], "IR-0001", "IR-0002"))
    book.add(edit.correct(book.known, ["t1"], "IR-0002", "IR-0003"))
    assert book.where("t1", "IR-0001") == "IR-0003" and book.where("t1", "IR-0002") == "IR-0003"
    book.add(edit.merge(book.known, "IR-0003", "IR-0002"))
    assert book.where("t1", "IR-0001") == "IR-0002"
    book.add(edit.undo(book.events, first))
    assert book.where("t1", "IR-0001") == "IR-0001", (
        "without the first move the text never was where the second took it"
    )


def test_a_correction_may_say_that_a_text_belongs_nowhere_or_confirm_it(book: Book) -> None:
    book.add(edit.correct(book.known, ["t1", "t1"], "IR-0001", UNCLASSIFIED))
    assert book.where("t1", "IR-0001") == UNCLASSIFIED
    confirmed = edit.correct(book.known, ["t2"], "IR-0002", "IR-0002")
    assert confirmed.moves == (("t2", "IR-0002", "IR-0002"),)
    with pytest.raises(LedgerError, match="no irritant 'IR-0099'"):
        edit.correct(book.known, ["t1"], "IR-0001", "IR-0099")


def test_what_later_events_rest_on_cannot_be_undone(book: Book) -> None:
    book.add(edit.rename(book.known, "IR-0003", label_en="Confusing bill"))
    with pytest.raises(LedgerError, match="not in the registry"):
        edit.undo(book.events, 3)


def test_themes_are_named_once_and_hold_irritants(book: Book) -> None:
    theme = edit.theme(book.known, label_fr="Facturation", label_en="Billing")
    book.add(theme)
    moved = book.add(edit.move(book.known, "IR-0003", theme.subject))
    found = book.known.theme_of("IR-0003")
    assert found is not None and found.label("en") == ("Billing", None)
    with pytest.raises(LedgerError, match="already has this name"):
        edit.theme(book.known, label_fr="FACTURATION")
    with pytest.raises(LedgerError, match="no theme 'TH-77'"):
        edit.move(book.known, "IR-0003", "TH-77")
    book.add(edit.undo(book.events, moved))
    assert book.known.theme_of("IR-0003") is None
