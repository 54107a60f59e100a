"""Rows of one person in the lake."""

from __future__ import annotations

from insights.keys import KeyRing
from insights.lake import Lake
from insights.privacy.held import Held
from insights.privacy.lake_rows import quarantined
from insights.settings import Settings


def test_an_empty_quarantine_holds_nothing_of_anybody(lake: Lake, settings: Settings) -> None:
    nobody = Held("C1", None, (), (), (), (), (), ())
    found = quarantined(lake, nobody, (), KeyRing(settings.keys_dir))
    assert found.empty and list(found.columns) == ["source", "source_id", "reason"]
