"""What an incident says, kept as long as neither its feedback nor what people decided of it has changed."""

from __future__ import annotations

import streamlit as st

from dashboard.data import Store, ledger_place
from insights.alarms.incidents import KINDS, Incident
from insights.steps.watch_show import COMPLAINED, COUNTED, EVIDENCE, PEOPLE, people_so_far, story

IRRITANTS = "irritant."


def told(store: Store, one: Incident, language: str) -> tuple[str, list[str], int]:
    """Title, lines and the people so far of an incident, of the whole lake: the caller leaves out what is not to be seen."""
    at = store.changed(COUNTED, COMPLAINED, EVIDENCE, PEOPLE)
    known = store.last_event(IRRITANTS, *KINDS)
    place = (store.place, ledger_place(store.settings))
    return _told(*place, store.catalog_id, at, known, one.incident_id, language, store, one)


@st.cache_data(show_spinner=False, max_entries=200)
def _told(
    place: str, ledger: str, catalog_id: int, at: int, known: int, incident_id: str, language: str, _store: Store,
    _one: Incident,
) -> tuple[str, list[str], int]:  # fmt: skip
    title, lines = story(_store.whole_lake, _store.ledger, _one, language)
    return title, lines, people_so_far(_store.whole_lake, _store.ledger, _one)
