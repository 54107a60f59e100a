"""What a CX expert changes in a first week: each time the effect first, then the change, then the way back."""

from __future__ import annotations

import logging
import re
import time

import pytest

from insights.ledger import open_ledger
from insights.steps.resolved import registry

pytestmark = pytest.mark.journeys
MERGED, INTO, RENAMED, COMMENTED = "IR-0017", "IR-0014", "IR-0016", "IR-0004"
NEW = {"fr": "Remboursement toujours attendu", "en": "Refund still awaited"}
FIELD = {"fr": "Name in French", "en": "Name in English"}
SAID = {"fr": "Peux-tu regarder les appels de mardi ?", "en": "Could you look at Tuesday's calls?"}


def test_merge_two_irritants_with_the_effect_before_and_the_way_back(somebody, demo):
    """What the effect foretells is what the merged irritant then holds; undone, everything is as before."""
    me = somebody("analyst")
    me.opens(f"registry?irritant={MERGED}")
    me.names()
    me.turns_to("Merge")
    me.chooses("Merge it into", _label(demo, INTO, me.language))
    me.sees("What this would change")
    foretold = re.search(r"\d[\d\s\u202f,.]*", me.text().split(me.word("What this would change"))[1])
    assert foretold
    me.pictures("expert_10_merge", at="What this would change")
    assert _resolved(demo, MERGED) == MERGED  # nothing is changed yet
    me.clicks("Merge", exact=True)
    assert _resolved(demo, MERGED) == INTO
    colleague = somebody("owner")
    colleague.opens(f"registry?irritant={INTO}")
    assert re.sub(r"\D", "", foretold.group()) in re.sub(r"(?<=\d)[\s\u202f,.](?=\d)", "", colleague.text())
    _undone(me)
    assert _resolved(demo, MERGED) == MERGED


def test_a_new_name_is_seen_by_a_colleague_at_the_next_drawing(somebody, demo):
    """Ten seconds are promised; here the first drawing after the change already says the new name."""
    me, colleague = somebody("analyst"), somebody("owner")
    colleague.opens(f"irritants?irritant={RENAMED}&weeks=52")
    assert colleague.chosen("Look at") != NEW[me.language]
    me.home()
    me.goes("Irritants")
    me.on("Irritants")
    me.chooses("Look at", _label(demo, RENAMED, me.language))
    me.takes_link("Edit this irritant")
    me.on("Irritant registry")
    me.names()
    me.writes(FIELD[me.language], NEW[me.language])
    me.pictures("expert_11_rename", at="Look at")
    me.clicks("Save the changes")
    saved = time.monotonic()
    colleague.tab.reload()
    colleague.settled()
    assert colleague.chosen("Look at") == NEW[me.language]
    logging.getLogger(__name__).info("seen by a colleague %.1f s after it was saved", time.monotonic() - saved)
    assert NEW[me.language] == _label(demo, RENAMED, me.language)
    _undone(me)
    assert NEW[me.language] != _label(demo, RENAMED, me.language)


def test_a_colleague_who_is_called_finds_it_under_for_you(somebody, demo):
    me, colleague = somebody("analyst"), somebody("owner")
    called = {"fr": "Responsable téléphonie & SVI", "en": "PO Facturation & mensualités"}[me.language]
    me.opens(f"irritants?irritant={COMMENTED}&weeks=52")
    me.names()
    me.writes("Write to your colleagues", SAID[me.language])
    me.chooses("Tell", called)
    me.tab.keyboard.press("Escape")
    me.clicks("Write it")
    assert SAID[me.language] in me.text()
    me.pictures("expert_12_comment", at="Write to your colleagues")
    colleague.home()
    colleague.goes("Irritants")
    colleague.names(called)
    colleague.goes("All pages")
    colleague.takes_link("Week at a glance")
    colleague.on("Week at a glance")
    assert _for_you(colleague) == 1
    colleague.tab.locator("[data-testid=stMain]").get_by_role(
        "link", name=_label(demo, COMMENTED, me.language)
    ).first.click()
    colleague.on("Irritants")
    assert colleague.asked()["irritant"] == [COMMENTED] and SAID[me.language] in colleague.text()
    colleague.clicks("I have read it")
    colleague.goes("All pages")
    colleague.takes_link("Week at a glance")
    colleague.on("Week at a glance")
    assert _for_you(colleague) == 0


def _for_you(person) -> int:
    said = person.word("{n} colleague's comment waits for you").format(n=1)
    return int(said in person.text())


def _undone(me) -> None:
    me.tab.locator(".st-key-undo_last").get_by_role("button").click()
    me.sees("Taken back: everything is as it was before.")
    me.settled()


def _resolved(demo, irritant_id: str) -> str:
    with open_ledger(demo) as ledger:
        return str(registry(ledger).resolve(irritant_id))


def _label(demo, irritant_id: str, language: str) -> str:
    """The name as pages print it: one that is borrowed from the other language says which."""
    with open_ledger(demo) as ledger:
        name, borrowed = registry(ledger).irritants[irritant_id].label(language)
    return f"{name} ({borrowed.upper()})" if borrowed else str(name)
