"""What leaves at a click: by the rights of that moment, noted, and nothing of who was erased or never known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from dashboard_frames import customer
from streamlit.testing.v1 import AppTest

from dashboard import data_person, data_rights, download, handing, told_panel
from dashboard.data import open_store
from dashboard.guard import NotYoursError
from dashboard.page import Page
from dashboard.table_files import Note
from insights.access import RowRights, Viewer
from insights.ledger.readings import readings
from insights.privacy.ledger_rows import pseudonym
from insights.privacy.log import DONE, Entry, ErasureLog, customer_hash
from insights.settings import Settings

LATER = datetime(2100, 1, 1, tzinfo=UTC).timestamp()
ACCESS = """roles: {cx: analyst, dpo: privacy_officer}
rows: {gas: {products: [Gaz]}}
"""
ANA = Viewer("u1", "Ana", ("analyst",), "analyst", signed_in=True, groups=("cx",), holds_until=LATER)


@pytest.fixture
def mine(own_ledger: Callable[[str], Settings], tmp_path: Any) -> Settings:
    """The full company, with sign-in and an access.yaml of its own."""
    reference = tmp_path / "reference"
    reference.mkdir()
    place = own_ledger("full")
    for path in place.reference_dir.iterdir():
        if path.name != "access.yaml":
            (reference / path.name).symlink_to(path)
    (reference / "access.yaml").write_text(ACCESS, encoding="utf-8")
    told = {"reference_dir": reference, "oidc_metadata_url": "http://localhost:1/x"}
    return place.model_copy(update=told)


def page_of(settings: Settings, viewer: Viewer, name: str = "risk") -> Page:
    return Page(open_store(settings, viewer.rights), "en", viewer, name)


def noted(page: Page) -> list[dict[str, Any]]:
    ever = {"since": datetime(2000, 1, 1, tzinfo=UTC), "until": datetime(2100, 1, 1, tzinfo=UTC)}
    return readings(page.store.ledger, **ever).to_dict("records")


def erased(page: Page, customer_id: str) -> None:
    """Write in the log of erasures that a customer was erased."""
    keys, day = page.store.ledger.keys, page.now.date().isoformat()
    ErasureLog(keys).append(Entry(customer_hash(keys, customer_id), DONE, page.now.isoformat(), day))


@pytest.mark.parametrize(
    "changed",
    [
        {"holds_until": 1.0},
        {"groups": ()},
        {"groups": ("cx", "gas")},
        {"rights": RowRights(products=("Gaz",))},
        {"roles": ("viewer",), "role": "viewer"},
    ],
)
def test_a_download_is_refused_when_the_session_ran_out_or_a_right_is_gone(mine: Settings, changed: dict[str, Any]):
    page, note = page_of(mine, ANA), Note("t", "en", "Europe/Paris", "Definitions")
    assert download._made(page, page.viewer, pd.DataFrame({"a": [1]}), note, "csv")
    gone = replace(page, viewer=replace(ANA, **changed))
    with pytest.raises(NotYoursError, match="Not handed out"):
        download._made(gone, gone.viewer, pd.DataFrame({"a": [1]}), note, "csv")
    assert len(noted(page)) == 1


def test_a_role_taken_out_of_the_file_ends_downloads_at_once(mine: Settings):
    page = page_of(mine, ANA)
    handing.check_now(page, "export")
    (mine.reference_dir / "access.yaml").write_text("roles: {dpo: privacy_officer}", encoding="utf-8")
    with pytest.raises(NotYoursError):
        handing.check_now(page, "export")


def test_a_file_that_cannot_be_noted_does_not_leave(mine: Settings):
    def fail() -> None:
        raise OSError("full")

    with pytest.raises(OSError):
        handing.made_now(page_of(mine, ANA), lambda: b"x", ("export",), fail)


@pytest.mark.parametrize(("role", "may"), [("analyst", True), ("owner", False)])
def test_the_list_of_who_is_told_needs_the_right_to_customers(mine: Settings, role: str, may: bool):
    (mine.reference_dir / "access.yaml").write_text(f"roles: {{cx: {role}}}", encoding="utf-8")
    page = page_of(mine, replace(ANA, roles=(role,), role=role), "fixes")
    if may:
        assert handing.made_now(page, lambda: b"x", told_panel.NEEDS, None) == b"x"
    else:
        with pytest.raises(NotYoursError):
            handing.made_now(page, lambda: b"x", told_panel.NEEDS, None)


def test_no_cell_of_the_list_is_a_formula():
    people = pd.DataFrame({"customer_id": ["=1+1", "C1"], "language": ["fr", "fr"]})
    found: Any = SimpleNamespace(customers=people, texts={"fr": "Bonjour"})
    told = told_panel._list(found).decode().splitlines()
    assert told == ["customer_id,language,message", "'=1+1,fr,Bonjour", "C1,fr,Bonjour"]


def test_what_is_nobodys_id_stands_in_no_log_and_an_erased_id_as_a_pseudonym(mine: Settings):
    page = page_of(mine, replace(ANA, role="privacy_officer", roles=("privacy_officer",), groups=("dpo",)), "data")
    data_person._note(page, "Jean Dupont 12 rue des Lilas", held=False)
    assert noted(page) == []
    data_person._note(page, customer(0), held=True)
    erased(page, customer(5))
    data_person._note(page, customer(5), held=False)
    assert {one["customer_id"] for one in noted(page)} == {customer(0), pseudonym(page.store.ledger.keys, customer(5))}


def test_what_was_typed_stands_in_the_address_only_once_something_is_held(app: Callable[..., AppTest], own_ledger):
    shown = app(own_ledger("full"), "data", "en", part="person", role="privacy_officer", customer="Jean Dupont")
    assert not shown.exception and "customer" not in shown.query_params


def test_a_copy_gathered_before_an_erasure_is_not_handed_out(mine: Settings):
    page = page_of(mine, ANA)
    told = data_rights.erasures_told(page)
    assert data_rights._fresh(page, told, data_rights._as_json, {"a": 1}) == '{\n "a": 1\n}'
    erased(page, customer(6))
    with pytest.raises(NotYoursError, match="prepare the copy again"):
        data_rights._fresh(page, told, data_rights._as_json, {"a": 1})


def test_a_limited_officer_does_not_read_the_whole_audit_log(mine: Settings):
    told = []
    for rights in (RowRights(), RowRights(regions=("Nord",))):
        viewer = Viewer("u2", "Zoe", ("privacy_officer",), "privacy_officer", rights)
        test = AppTest.from_function(_audit, default_timeout=60, args=(page_of(mine, viewer, "data"),)).run()
        assert not test.exception
        told.append((len(test.metric), any("speaks of the whole company" in one.value for one in test.caption)))
    assert told == [(1, False), (0, True)]


def _audit(page):  # its source runs by itself
    from dashboard.data_audit import audit_part

    audit_part(page)
