"""The page Data and privacy: who is offered which part, and words for everything it can name."""

from __future__ import annotations

import json

import pytest

from dashboard import data_parts as parts
from dashboard.data_figures import redaction_bars
from dashboard.data_runs import advice
from dashboard.data_words import check_name, reason_name
from insights import errors
from insights.access import at_home
from insights.i18n import LANGUAGES, translator
from insights.lake.queries import checks
from insights.ledger import open_ledger
from insights.privacy.objection import OBJECTED


@pytest.mark.parametrize(
    ("role", "first", "offered"),
    [
        ("viewer", "fresh", ["fresh", "quality"]),
        ("owner", "fresh", ["fresh", "quality"]),
        ("analyst", "fresh", ["fresh", "quality", "runs", "quarantine", "checks"]),
        ("privacy_officer", "person", ["fresh", "quality", "person", "retention", "audit"]),
        ("administrator", "fresh", list(parts.NEEDS)),
    ],
)
def test_each_role_is_offered_its_parts(role, first, offered):
    assert (parts.first(at_home(role)), parts.offered(at_home(role))) == (first, offered)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_check_and_every_error_has_words(language, page_of, places):
    _ = translator(language)
    assert [name for name in checks() if name in check_name(_, name)] == []
    assert "occurred_at" in reason_name(_, "bad_occurred_at") and reason_name(_, "strange") == "strange"
    page = page_of(places("empty"), language)
    unknown = advice(page, "Strange")
    named = ("SettingsError", "SourceError", "ContractError", "LakeError", "LedgerError", "ModelError", "DeliveryError")
    assert all(hasattr(errors, name) and advice(page, name) != unknown for name in named)


def test_the_marks_of_redaction_are_read_with_their_aim(tmp_path):
    row = {
        "part": "redaction",
        "value": 0.994,
        "aim": ">= 0.99",
        "size": "9 texts",
        "commit": "c",
        "date": "2026-10-31",
    }
    told = [
        row | {"name": "release bar: identifiers masked (fr)"},
        row | {"name": "release bar: clean, deliberately hard texts masked (en)", "value": 0.05, "aim": "<= 0.03"},
        row | {"name": "recall EMAIL (fr, as written)"},
    ]
    path = tmp_path / "benchmark.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    found = [(one.name, one.language, one.reached) for one in redaction_bars(path)]
    assert found == [("identifiers masked", "fr", True), ("clean, deliberately hard texts masked", "en", False)]
    assert redaction_bars(tmp_path / "absent.json") == [] and len(redaction_bars()) >= 8


def test_a_part_that_is_not_the_readers_falls_back_to_the_data(app, places):
    shown = app(places("full"), "data", "en", part="audit", role="viewer")
    assert not shown.exception and [one.label for one in shown.metric] == ["Sources on time"]


def test_a_privacy_officer_finds_what_is_held(app, own_ledger):
    shown = app(own_ledger("full"), "data", "en", part="person", role="privacy_officer", customer="C0000001")
    assert not shown.exception and shown.metric[0].label == "Rows held"
    assert [one.disabled for one in shown.button if one.key == "erase"] == [True]  # nothing is confirmed yet


def test_an_objection_whose_scores_are_still_there_can_be_finished(app, own_ledger):
    place = own_ledger("full")
    with open_ledger(place) as ledger:
        ledger.append(OBJECTED, "C0000001", {}, actor="dpo", at=place.business_now(), key="objected")
    shown = app(place, "data", "en", part="person", role="privacy_officer", customer="C0000001")
    assert not shown.exception and {"finish_objection", "withdraw_objection"} <= {one.key for one in shown.button}
