"""The small control under a table that hands it out as a file: for readers who may, made when clicked, and noted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard.glossary import definitions_of
from dashboard.handing import check_now
from dashboard.sharing import link, said_filters
from dashboard.table_files import MAKERS, MIME, Note
from dashboard.typed import typed
from dashboard.words import Translate
from insights.access import Viewer
from insights.ledger.readings import EXPORT, note

if TYPE_CHECKING:
    from dashboard.page import Page


def downloads(
    frame: pd.DataFrame,
    name: str,
    page: Page,
    *,
    raw: pd.DataFrame | None = None,
    definitions: Mapping[str, str] | None = None,
    key: str | None = None,
) -> None:
    """CSV, XLSX and Parquet of a table behind one control; nothing for a reader who may not `export`, or without rows.

    `frame`: as printed. `raw`: the same rows typed, written in its place; printed figures are read back otherwise.
    `name`: a noun in the reader's language, the file is called after it. `definitions`: column title -> sentence; those of
    the glossary come by themselves.
    """
    if frame.empty or not page.may("export"):
        return
    _ = page._
    given = frame if raw is None else raw
    meaning = _meaning(
        page, name, {**definitions_of(_, [str(column) for column in given.columns]), **(definitions or {})}
    )
    place = key or _fingerprint(name, frame)
    with st.container(horizontal=True, horizontal_alignment="right", key=f"download_{place}"):
        menu = st.popover(
            _("Download"), type="tertiary", icon=":material/download:", help=_("Download “{name}”").format(name=name)
        )
    with menu:
        st.caption(_("{n} rows, with what each figure means.").format(n=page.fmt.number(len(given))))
        for form, label in _forms(_).items():
            st.download_button(
                label,
                partial(_made, page, _who(page), given, meaning, form),
                file_name=file_name(name, page, form),
                mime=MIME[form],
                key=f"download_{place}_{form}",
                on_click="ignore",
                width="stretch",
            )


def _forms(_: Translate) -> dict[str, str]:
    return {
        "xlsx": _("Excel (XLSX)"),
        "csv": _("Text (CSV)"),
        "parquet": _("For analysis tools (Parquet)"),
    }


def _who(page: Page) -> Viewer:
    """The reader with the name they told, where nobody signs in."""
    from dashboard.deciding import reader  # it imports the pages that this module serves

    return replace(page.viewer, name=reader() or page.viewer.name)


def _made(page: Page, who: Viewer, frame: pd.DataFrame, meaning: Note, form: str) -> bytes:
    """The file, and its line in the audit log. Runs when the button is clicked, outside the drawing of the page.

    Raises NotYoursError where the reader may no longer have it.
    """
    check_now(page, "export")
    made = MAKERS[form](typed(frame, page.language), meaning)
    note(page.store.ledger, who, page.name, EXPORT, detail=f"{slug(meaning.title)} {len(frame)} {form}")
    return made


def file_name(name: str, page: Page, form: str) -> str:
    """`clients-a-risque_2026-10-31.csv`: without accents, so that every system keeps it."""
    return f"{slug(name)}_{page.today.isoformat()}.{form}"


def slug(name: str) -> str:
    """`Clients à risque` -> `clients-a-risque`."""
    joined = name.replace("œ", "oe").replace("Œ", "Oe").replace("æ", "ae")
    flat = unicodedata.normalize("NFKD", joined).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", flat.lower()).strip("-") or "table"


def _meaning(page: Page, name: str, definitions: Mapping[str, str]) -> Note:
    _, fmt = page._, page.fmt
    facts = {
        _("Page"): page.title,
        _("Data as of"): fmt.day(page.today),
        _("Snapshot"): str(page.store.snapshot),
        _("File made on"): fmt.instant(datetime.now(UTC)),
        _("Filters"): said_filters(page) or _("none"),
        _("Link of this view"): link(page),
    }
    if page.viewer.rights.limited:
        facts[_("Your rights")] = page.viewer.rights.key
    return Note(name, page.language, page.settings.timezone, _("Definitions"), facts, definitions)


def _fingerprint(name: str, frame: pd.DataFrame) -> str:
    """What tells one table of a page from another: its name, columns and first rows."""
    told = f"{name}|{list(frame.columns)}|{len(frame)}|{frame.head(3).to_csv(index=False)}"
    return blake2b(told.encode(), digest_size=6).hexdigest()
