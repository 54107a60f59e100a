"""The assigner in force: staged before its events are recorded, promoted after, recovered after a crash between."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from insights.irritants.assign import Assigner
from insights.ledger import Ledger
from insights.settings import Settings
from insights.steps.assigning import STAGED, assigner_path, in_force, promote, recover, stage
from insights.topics.vectors import unit

AT = datetime(2026, 10, 5, tzinfo=UTC)


def fitted(seed: int) -> Assigner:
    rows = unit(np.random.default_rng(seed).normal(size=(24, 16)))
    return Assigner.fit(rows, ["fr"] * 24, ["IR-0001", "IR-0002"] * 12, "test")


@pytest.fixture
def old(settings: Settings) -> Assigner:
    made = fitted(1)
    made.save(assigner_path(settings))
    return made


@pytest.mark.parametrize("recorded", [True, False])
def test_after_a_crash_the_assigner_is_the_one_of_the_registry(
    settings: Settings, ledger: Ledger, old: Assigner, recorded: bool
) -> None:
    new = fitted(2)
    stage(settings, new, "fit-12345678")
    assert (in_force(settings) or new).version == old.version, "what is staged is not in force"
    if recorded:
        payload = {"label_fr": "Un nom"}
        ledger.append(
            "irritant.born", "IR-0001", payload, actor="policy", at=AT, key="irritant.born:IR-0001:fit-12345678"
        )
    recover(settings, ledger)
    assert (in_force(settings) or old).version == (new.version if recorded else old.version)
    assert not (settings.models_dir / STAGED).exists()


def test_promoting_replaces_the_one_in_force_and_a_damaged_one_is_none(settings: Settings, old: Assigner) -> None:
    stage(settings, fitted(3), "fit-1")
    promote(settings)
    found = in_force(settings)
    assert found is not None and found.version == fitted(3).version != old.version
    (assigner_path(settings) / "assigner.json").write_text('{"irritant_ids": []}', encoding="utf-8")
    assert in_force(settings) is None
