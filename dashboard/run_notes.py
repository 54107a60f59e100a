"""What the last runs noted of themselves, and whether people changed the registry since the ranking was computed."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from dashboard import registry_queries
from dashboard.page import Page
from insights.irritants.registry import BORN, CORRECTED, HIDDEN, MERGED, RETIRED, SHOWN, SPLIT, UNDONE

COUNTING = {BORN, MERGED, SPLIT, CORRECTED, RETIRED, HIDDEN, SHOWN, UNDONE}  # events that change what is counted where


def last_note(page: Page, step: str, *holding: str) -> dict[str, Any] | None:
    """The newest note of a step that holds one of these fields; a run that found nothing new notes little."""
    for text in page.rows(registry_queries.NOTES, step=step)["note"]:
        note = json.loads(text or "{}")
        if any(name in note for name in holding):
            return dict(note)
    return None


def ranking_follows(page: Page) -> None:
    """One line where people changed the registry after the ranking was computed."""
    note = last_note(page, "prioritize", "registry", "fingerprint")
    if note is None:
        return
    ranked_at = note.get("registry", note.get("fingerprint", {}).get("registry"))
    if ranked_at is None:
        return
    later = [event for event in page.store.registry_events if event.event_id > int(ranked_at)]
    if any(event.kind in COUNTING for event in later):
        st.caption(
            page._(
                ":material/sync: The irritants were changed since this ranking: "
                "names and counts are up to date; the ranking will follow at the next run."
            )
        )
