from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.errors import LedgerError
from insights.irritants.registry import fold

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Event:
    event_id: int
    kind: str
    subject: str
    payload: dict[str, Any] = field(default_factory=dict)
    at: datetime = START
    actor: str = "po"
    idempotency_key: str = ""


def born(number: int, irritant_id: str, **payload: Any) -> Event:
    told = {"label_fr": f"Nom {irritant_id}", **payload}
    return Event(number, "irritant.born", irritant_id, told, START + timedelta(days=number))


TWO = [born(1, "IR-0001", label_en="Name", keywords=["a", "b"], owner="PO"), born(2, "IR-0002", parent="Billing")]


def test_births_in_the_order_of_ids() -> None:
    found = fold(TWO[::-1])
    assert list(found.irritants) == ["IR-0001", "IR-0002"]
    one = found.irritants["IR-0001"]
    assert (one.label_fr, one.label_en, one.keywords, one.owner) == ("Nom IR-0001", "Name", ("a", "b"), "PO")
    assert (one.born_on, one.status, found.irritants["IR-0002"].parent) == (date(2026, 3, 3), "active", "Billing")


def test_rename_owner_move_and_retirement() -> None:
    found = fold([
        *TWO,
        Event(3, "irritant.renamed", "IR-0001", {"label_fr": "Facture trop chère", "label_source": "person"}),
        Event(4, "irritant.owner", "IR-0001", {"owner": "Autre"}),
        Event(5, "irritant.moved", "IR-0001", {"parent": "Prix"}),
        Event(6, "irritant.retired", "IR-0002"),
    ])  # fmt: skip
    one = found.irritants["IR-0001"]
    assert (one.label_fr, one.label_en, one.owner, one.parent) == ("Facture trop chère", "Name", "Autre", "Prix")
    assert found.irritants["IR-0002"].status == "dormant"
    assert [irritant.irritant_id for irritant in found.living()] == ["IR-0001", "IR-0002"]


def test_merges_are_followed_to_their_end_and_leave_the_living() -> None:
    found = fold([
        *TWO,
        born(3, "IR-0003"),
        Event(4, "irritant.merged", "IR-0001", {"into": "IR-0002"}),
        Event(5, "irritant.merged", "IR-0002", {"into": "IR-0003"}),
    ])  # fmt: skip
    assert [found.resolve(one) for one in ("IR-0001", "IR-0002", "IR-0003", "unclassified")] == [
        "IR-0003", "IR-0003", "IR-0003", "unclassified",
    ]  # fmt: skip
    assert [one.irritant_id for one in found.living()] == ["IR-0003"]
    assert list(found.labels("fr")) == ["IR-0003"]


def test_a_split_leaves_the_parent_and_hands_down_owner_and_theme() -> None:
    split = Event(3, "irritant.split", "IR-0002", {"into": [{"irritant_id": "IR-0003", "label_fr": "Part"}]})
    child = fold([*TWO, Event(4, "irritant.owner", "IR-0002", {"owner": "late"}), split]).irritants["IR-0003"]
    assert (child.label_fr, child.parent, child.lineage, child.owner) == ("Part", "Billing", "split of IR-0002", None)


def test_undo_takes_one_event_back_and_undoing_the_undo_restores_it() -> None:
    merge = Event(3, "irritant.merged", "IR-0001", {"into": "IR-0002"})
    undo = Event(4, "irritant.undone", "IR-0001", {"event_id": 3})
    redo = Event(5, "irritant.undone", "IR-0001", {"event_id": 4})
    assert fold([*TWO, merge, undo]).irritants == fold(TWO).irritants
    assert fold([*TWO, merge, undo]).resolve("IR-0001") == "IR-0001"
    assert fold([*TWO, merge, undo, redo]).resolve("IR-0001") == "IR-0002"


def test_ids_are_never_given_again() -> None:
    split = Event(3, "irritant.split", "IR-0002", {"into": [{"irritant_id": "IR-0007"}]})
    events = [*TWO, split, Event(4, "irritant.undone", "IR-0007", {"event_id": 3})]
    found = fold(events)
    assert "IR-0007" not in found.irritants
    assert found.next_ids(2) == ["IR-0008", "IR-0009"]
    assert fold([]).next_ids(1) == ["IR-0001"]


def test_a_second_birth_wakes_the_dormant_without_renaming_it() -> None:
    found = fold([*TWO, Event(3, "irritant.retired", "IR-0001"), born(4, "IR-0001", label_fr="Autre")])
    assert (found.irritants["IR-0001"].status, found.irritants["IR-0001"].label_fr) == ("active", "Nom IR-0001")


def test_labels_borrow_with_a_mark() -> None:
    found = fold(TWO)
    assert found.labels("en") == {"IR-0001": "Name", "IR-0002": "Nom IR-0002 (FR)"}
    assert found.irritants["IR-0002"].label("en") == ("Nom IR-0002", "fr")


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Event(3, "irritant.renamed", "IR-0009", {"label_fr": "x"}), "not in the registry"),
        (Event(3, "irritant.merged", "IR-0001", {"into": "IR-0001"}), "into itself"),
        (born(3, "unclassified"), "reserved"),
    ],
)
def test_impossible_events_are_refused(event: Event, words: str) -> None:
    with pytest.raises(LedgerError, match=words):
        fold([*TWO, event])


def test_a_circle_of_merges_is_refused() -> None:
    circle = [
        Event(3, "irritant.merged", "IR-0001", {"into": "IR-0002"}),
        Event(4, "irritant.merged", "IR-0002", {"into": "IR-0001"}),
    ]
    with pytest.raises(LedgerError, match="itself"):
        fold([*TWO, *circle])


@given(st.permutations(range(5)))
def test_the_order_of_rows_does_not_matter_nor_do_events_of_others(order: list[int]) -> None:
    events = [
        *TWO,
        Event(3, "irritant.merged", "IR-0001", {"into": "IR-0002"}),
        Event(4, "case.opened", "C1"),
        Event(5, "irritant.owner", "IR-0002", {"owner": "PO"}),
    ]
    assert fold([events[place] for place in order]) == fold(events)
