"""What an edit would change, counted on a registry that nothing has recorded, and told before anybody clicks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import registry_queries
from dashboard.data import Store, ledger_place
from dashboard.page import MONTH, Page
from dashboard.registry_list import YEAR
from insights.access import limited
from insights.irritants.edit import Draft
from insights.irritants.foreseen import COUNTED, Change, Drafted, changes, drafted
from insights.irritants.registry import BORN, SPLIT, Registry
from insights.ledger.placements import placements


def foreseen(page: Page, build: Callable[[Registry], Draft]) -> tuple[Drafted, list[Change]]:
    """The registry as it would be, and what changes. Raises LedgerError for a draft that cannot stand."""
    draft = build(page.registry)
    plan = _plan(page, draft)
    ids = sorted({*plan.made_of, *plan.gone, *(one for sources in plan.made_of.values() for one in sources)})
    asked = {"ids": ids, "since": page.window(YEAR)["middle"], "recent": page.window(MONTH)["middle"]}
    asked["until"] = page.window()["until"]
    before = _by_id(page.rows(registry_queries.EFFECT, **asked))
    after = before if _only_names(draft) else _by_id(_after(page, draft, plan, asked))
    return plan, changes(plan, before, after, ranking(page))


def ranking(page: Page) -> pd.DataFrame:
    """irritant_id, rank, worth of the last ranking, as lists show it: without what was merged or hidden since."""
    found = page.rows(registry_queries.RANKING, until=page.today)
    known = page.registry
    there = [known.resolve(one) == one and one not in known.hidden for one in found["irritant_id"]]
    kept = found[there] if len(found) else found
    return kept.assign(rank=range(1, len(kept) + 1))


def _only_names(draft: Draft) -> bool:
    """Whether no text changes its irritant: hiding, moving, putting to rest."""
    return not draft.moves and "into" not in draft.payload


def _plan(page: Page, draft: Draft) -> Drafted:
    known, ledger = page.registry, page.store.ledger
    placed = placements(ledger, known.placing) if known.placing and (draft.moves or "into" in draft.payload) else []
    return drafted(page.store.registry_events, placed, draft)


def _after(page: Page, draft: Draft, plan: Drafted, asked: dict[str, Any]) -> pd.DataFrame:
    store = page.store
    told = json.dumps([draft.kind, draft.subject, dict(draft.payload), draft.moves, asked], sort_keys=True, default=str)
    at = (ledger_place(store.settings), page.registry.version, hashlib.sha256(told.encode()).hexdigest())
    return _counted(store.place, store.snapshot, store.rights.key, at, store, plan, asked)


@st.cache_data(show_spinner=False, max_entries=50)
def _counted(
    place: str,
    snapshot: int,
    rights: str,
    at: tuple[str, int, str],
    _store: Store,
    _plan: Drafted,
    _asked: dict[str, Any],
) -> pd.DataFrame:
    """Counts through the sight of the draft, cut to the reader's rights."""
    sight = limited(_store.rights, _plan.sight, registry_queries.EFFECT) or _plan.sight
    return _store.whole_lake.seen_through(sight).read(registry_queries.EFFECT, **_asked)


def _by_id(found: pd.DataFrame) -> pd.DataFrame:
    return found.set_index("irritant_id")[list(COUNTED)]


def born_in(draft: Draft) -> Sequence[str]:
    """Ids that a draft gives."""
    if draft.kind == SPLIT:
        return [str(part["irritant_id"]) for part in draft.payload["into"]]
    return [draft.subject] if draft.kind == BORN and draft.payload else []
