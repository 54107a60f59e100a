"""Two people at once: no id is shared, nothing is declared twice, and no person stands in the book."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from insights.actions import edit
from insights.lake import Lake
from insights.ledger import Ledger
from insights.steps import actions as steps

AT = datetime(2026, 10, 31, 9, tzinfo=UTC)


@pytest.fixture
def stores(lake: Lake, ledger: Ledger) -> tuple[Lake, Ledger]:
    payload = {"label_fr": "Remboursement qui tarde", "label_en": "Refund delayed", "status": "active"}
    ledger.append("irritant.born", "IR-0001", payload, actor="policy", at=AT, key="born:1")
    return lake, ledger


def told(title: str) -> dict[str, object]:
    return {"title": title, "irritant_id": "IR-0001"}


def test_whoever_is_slower_is_built_again_on_the_others_declaration(stores: tuple[Lake, Ledger]) -> None:
    _, ledger = stores
    met = []

    def slow(known: steps.Book) -> edit.Draft:
        draft = edit.declare(known, told("La lente"))
        if not met:
            met.append(steps.record(ledger, lambda one: edit.declare(one, told("La rapide")), actor="B", at=AT))
        return draft

    assert steps.record(ledger, slow, actor="A", at=AT) == "ACT-0002" and met == ["ACT-0001"]
    assert {one: found.title for one, found in steps.book(ledger).actions.items()} == {
        "ACT-0001": "La rapide", "ACT-0002": "La lente",
    }  # fmt: skip


def test_many_at_once_share_no_id(stores: tuple[Lake, Ledger]) -> None:
    _, ledger = stores

    def one(number: int) -> str:
        return steps.record(ledger, lambda known: edit.declare(known, told(f"Action {number}")), actor="A", at=AT)

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(one, range(6)))
    assert len(set(made)) == len(steps.book(ledger).actions) == 6


def test_the_same_declaration_counts_once(stores: tuple[Lake, Ledger]) -> None:
    lake, ledger = stores
    made = {steps.declare(lake, ledger, told("Payer"), actor=who, at=AT, redact=str) for who in ("A", "B")}
    assert made == {"ACT-0001"} and len(steps.book(ledger).actions) == 1


def test_a_person_and_a_number_as_owner_are_masked_a_team_stays(stores: tuple[Lake, Ledger]) -> None:
    lake, ledger = stores
    clean = steps.redactor_of(lake, ledger)
    owners = ("Sylvie Durand 06 39 98 12 47", "sylvie.durand@exemple.fr", "PO Paiement & recouvrement")
    for number, owner in enumerate(owners):
        whole = {**told(f"Payer {number}"), "owner": owner}
        steps.declare(lake, ledger, whole, actor="A", at=AT, redact=clean)
    kept = [str(one.owner) for one in steps.book(ledger).actions.values()]
    assert not any(word in text for text in kept for word in ("Durand", "98 12", "durand@"))
    assert kept[2] == "PO Paiement & recouvrement"
    assert "Watson" not in clean("Call back Emily Watson about the refund that she is waiting for")


def test_a_running_action_without_a_start_is_imported_once(stores: tuple[Lake, Ledger], tmp_path: Path) -> None:
    lake, ledger = stores
    path = tmp_path / "a.yaml"
    path.write_text("actions:\n- {title: Une action, irritant: IR-0001, state: running, decided_on: 2025-03-03}\n")
    assert steps.import_actions(lake, ledger, path, actor="x", at=AT, dated=True) == ["ACT-0001"]
    assert steps.import_actions(lake, ledger, path, actor="x", at=AT) == []
    book = steps.book(ledger)
    assert book.actions["ACT-0001"].declared_on == date(2025, 3, 3)
    assert book.noted["ACT-0001"] == date(2026, 10, 31), "the day of the import is kept"
