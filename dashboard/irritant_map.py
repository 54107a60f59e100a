"""The map of the irritants for the pages: places and neighbours, computed once a fit and registry version."""

from __future__ import annotations

import streamlit as st

from dashboard.data import ledger_place
from dashboard.decided import assigner_now
from dashboard.page import Page
from insights.irritants.assign import Assigner
from insights.irritants.registry import Registry
from insights.settings import Settings
from insights.steps.mapping import IrritantMap, map_of

NEAR = 0.3  # cosine from which two irritants are called close


def irritant_map(page: Page) -> IrritantMap | None:
    """The map as the registry stands; None before the first discovery."""
    assigner = assigner_now(page.settings)
    if assigner is None:
        return None
    at = (page.store.place, assigner.version, ledger_place(page.settings), page.registry.version)
    return _map(at, page.settings, assigner, page.registry)


@st.cache_resource(show_spinner=False, max_entries=8)
def _map(at: tuple[str, str, str, int], _settings: Settings, _assigner: Assigner, _registry: Registry) -> IrritantMap:
    return map_of(_settings, _assigner, _registry)


def near_to(page: Page, irritant_id: str) -> list[tuple[str, float]]:
    """The irritants close to one in the customers' words, nearest first, with their likeness (cosine)."""
    found = irritant_map(page)
    return [one for one in found.near.get(irritant_id, []) if one[1] >= NEAR] if found else []
