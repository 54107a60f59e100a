"""Assumptions: defaults from the file, changes as events with their author, taken back, never touching the euros."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from insights.errors import LedgerError, SettingsError
from insights.ledger import Ledger, open_ledger
from insights.priorities.assumptions import Assumption, load_assumptions
from insights.settings import Settings
from insights.steps.assume import assumptions, change, undo

AT = datetime(2026, 10, 31, 9, tzinfo=UTC)


@pytest.fixture
def place(tmp_path: Path) -> Settings:
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "priorities.yaml").write_text(
        "defaults: {reachable_share: 0.8, fix_chance: 0.5, effort: 2, margin_factor: 1}\n"
        "irritants: {IR-0002: {effort: 8}}\n"
    )
    return Settings(data_dir=tmp_path / "data", keys_dir=tmp_path / "keys", reference_dir=tmp_path / "reference")


@pytest.fixture
def ledger(place: Settings):
    with open_ledger(place) as opened:
        for one in ("IR-0001", "IR-0002"):
            opened.append("irritant.born", one, {"label_fr": one}, actor="test", at=AT, key=f"born {one}")
        yield opened


def test_priority_is_value_times_what_is_supposed() -> None:
    assert Assumption(reachable_share=0.5, fix_chance=0.4, effort=2, margin_factor=1.5).priority(1000) == 150


def test_a_change_has_an_author_and_can_be_taken_back(place: Settings, ledger: Ledger) -> None:
    assert assumptions(place, ledger).of("IR-0002").effort == 8
    assert change(place, ledger, "IR-0001", "fix_chance", 0.9, actor="Nadia", at=AT)
    assert not change(place, ledger, "IR-0001", "fix_chance", 0.9, actor="Paul", at=AT), "it stands already"
    assert change(place, ledger, "IR-0001", "fix_chance", 0.2, actor="Paul", at=AT)
    now = assumptions(place, ledger)
    assert now.of("IR-0001").fix_chance == 0.2 and now.of("IR-0001").reachable_share == 0.8
    assert [(one.actor, one.before, one.after) for one in now.history] == [("Nadia", 0.5, 0.9), ("Paul", 0.9, 0.2)]
    last = now.history[-1].event_id
    assert undo(ledger, last, actor="Nadia", at=AT) and not undo(ledger, last, actor="Nadia", at=AT)
    then = assumptions(place, ledger)
    assert then.of("IR-0001").fix_chance == 0.9
    assert then.history[-1].undone_by == "Nadia"


def test_what_cannot_be_is_refused_and_nothing_is_recorded(place: Settings, ledger: Ledger) -> None:
    before = ledger.version()
    with pytest.raises(SettingsError, match="reachable_share cannot be 1.2"):
        change(place, ledger, "IR-0001", "reachable_share", 1.2, actor="Nadia", at=AT)
    with pytest.raises(SettingsError, match="effort"):
        change(place, ledger, "IR-0001", "effort", 0, actor="Nadia", at=AT)
    with pytest.raises(LedgerError, match="IR-0099"):
        change(place, ledger, "IR-0099", "effort", 1, actor="Nadia", at=AT)
    with pytest.raises(LedgerError, match="no change of an assumption"):
        undo(ledger, 1, actor="Nadia", at=AT)
    assert ledger.version() == before


def test_a_merged_irritant_hands_its_changes_on(place: Settings, ledger: Ledger) -> None:
    change(place, ledger, "IR-0002", "effort", 3, actor="Nadia", at=AT)
    ledger.append("irritant.merged", "IR-0002", {"into": "IR-0001"}, actor="Nadia", at=AT, key="merged")
    assert assumptions(place, ledger).of("IR-0001").effort == 3
    assert assumptions(place, ledger).of("IR-0002").effort == 3, "the old id stands for the irritant it went into"


def test_what_the_file_says_of_a_merged_irritant_holds_for_the_one_it_went_into(
    place: Settings, ledger: Ledger
) -> None:
    ledger.append("irritant.merged", "IR-0002", {"into": "IR-0001"}, actor="Nadia", at=AT, key="merged")
    assert assumptions(place, ledger).of("IR-0001").effort == 8
    own = "irritants: {IR-0002: {effort: 8}, IR-0001: {effort: 5}}\n"
    (place.reference_dir / "priorities.yaml").write_text(own)
    assert assumptions(place, ledger).of("IR-0001").effort == 5


def test_a_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    assert load_assumptions(tmp_path, []).of("IR-0001") == Assumption()
    (tmp_path / "priorities.yaml").write_text("defaults: {fix_chance: 3}")
    with pytest.raises(SettingsError, match="priorities.yaml"):
        load_assumptions(tmp_path, [])
    (tmp_path / "priorities.yaml").write_text("irritants: {IR-0001: {efort: 3}}")
    with pytest.raises(SettingsError, match="efort"):
        load_assumptions(tmp_path, [])
