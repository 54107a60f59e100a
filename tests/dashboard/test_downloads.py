"""The control under each table: for readers who may, with the typed rows, noted when the file is made."""

from __future__ import annotations

from io import BytesIO

import pandas as pd
import pytest
from openpyxl import load_workbook

from dashboard import download
from dashboard.page import Page
from dashboard.table_files import Note
from insights.access import at_home
from insights.ledger import open_ledger
from insights.ledger.readings import exports


def buttons(test):
    return [one for one in test.get("download_button") if "download_" in one.proto.id]


def test_every_table_of_a_page_can_be_downloaded_by_who_may(app, places):
    page = app(places("full"), "scores", "fr", role="analyst")
    assert not page.exception
    found = buttons(page)
    assert found and len(found) == 3 * len(page.dataframe)
    labels = {one.proto.label for one in found}
    assert labels == {"Excel (XLSX)", "Texte (CSV)", "Pour outils d'analyse (Parquet)"}


def test_a_reader_without_the_right_sees_no_control(app, places):
    page = app(places("full"), "scores", "en", role="viewer")
    assert page.dataframe and not buttons(page)


def test_a_made_file_is_in_the_audit_log(own_ledger, page_of):
    settings = own_ledger("full")
    page = page_of(settings, "fr")
    page = Page(page.store, "fr", at_home("analyst"), "risk")
    note = Note("Clients à risque", "fr", "Europe/Paris", "Définitions")
    made = download._made(page, page.viewer, pd.DataFrame({"n": [1, 2]}), note, "xlsx")
    assert load_workbook(BytesIO(made)).sheetnames == ["Clients à risque", "Définitions"]
    with open_ledger(settings) as ledger:
        [line] = exports(ledger, **_today()).to_dict("records")
    assert (line["page"], line["detail"], line["role"]) == ("risk", "clients-a-risque 2 xlsx", "analyst")


def _today():
    now = pd.Timestamp.now("UTC")
    return {
        "since": (now - pd.Timedelta(hours=1)).to_pydatetime(),
        "until": (now + pd.Timedelta(hours=1)).to_pydatetime(),
    }


@pytest.mark.parametrize(
    ("name", "expected"), [("Clients à risque", "clients-a-risque"), ("Œuvre / n° 1", "oeuvre-n-1"), ("…", "table")]
)
def test_a_file_is_named_so_that_every_system_keeps_it(name, expected):
    assert download.slug(name) == expected
