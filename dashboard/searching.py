"""What a search finds: ranked verbatims from the index within the reader's rights, or from the lake where there is none."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Thread
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from dashboard import scanned
from dashboard import verbatim_queries as queries
from dashboard.page import Page
from dashboard.verbatim_filters import params, where
from insights.errors import ModelError
from insights.irritants.now import SLIM_VIEW
from insights.search import Finder, Query, Ranked, fused, parse
from insights.search.finder import MANIFEST
from insights.settings import Settings
from insights.topics.encoder import encoder_for

WAYS = ("both", "words", "meaning")
DEEP = 1_000  # verbatims ranked: as many pages and rows of a file can be had
NEAR = 100  # nearest by meaning: further ones are hardly about it
Key = tuple[str, int, str, int, int]


@dataclass(frozen=True)
class Search:
    """What was found. `n_words`: verbatims that say the words; None where words were not asked for."""

    query: Query
    ranked: Ranked
    n_words: int | None = None
    n_near: int = 0
    all_words: bool = True
    indexed: bool = True


def search(page: Page, text: str, way: str, kept: dict[str, Any]) -> Search:
    """The verbatims that a text asks for under the filters; the newest where nothing is asked."""
    settings = page.settings
    index = _stamp(settings)
    registry = page.registry.version if SLIM_VIEW in where(kept) else 0
    changed = page.store.changed(queries.COUNT.format(kept=where(kept)))
    key = (str(settings.search_dir), changed, page.store.rights.key, registry, index)
    return _search(key, text, way, kept, page)


@st.cache_data(show_spinner=False, max_entries=60)
def _search(key: Key, text: str, way: str, kept: dict[str, Any], _page: Page) -> Search:
    query = parse(text)
    if not query.meaning and not query.without:
        return Search(query, _newest(_page, kept))
    finder = finder_of(_page.settings)
    if finder is None:
        ranked = _scanned(_page, query, kept)
        return Search(query, ranked, ranked.n_all, indexed=False)
    allowed = _allowed(key, kept, _page)
    lists: list[Ranked] = []
    said, all_words, n_words, n_near = Ranked.none(), True, None, 0
    if way != "meaning":
        said, all_words = finder.said(query, allowed, DEEP)
        late = _late(_page, finder, query, kept)
        lists, n_words = [said, late], said.n_all + late.n_all
    if way != "words" and query.meaning:
        near = _near(_page.settings, finder, query, allowed)
        lists, n_near = [*lists, near], len(near.keys)
    ranked = lists[0] if len(lists) == 1 else fused(lists, DEEP)
    return Search(query, ranked, n_words, n_near, all_words)


def finder_of(settings: Settings) -> Finder | None:
    """The index, opened once for all readers until it is written anew; None where there is none that can be read."""
    stamp = _stamp(settings)
    return _finder(str(settings.search_dir), stamp, settings) if stamp else None


@st.cache_resource(show_spinner=False, max_entries=2)
def _finder(folder: str, stamp: int, _settings: Settings) -> Finder | None:
    try:
        return Finder.load(_settings.search_dir)
    except ModelError:
        return None


def _stamp(settings: Settings) -> int:
    path = settings.search_dir / MANIFEST
    return path.stat().st_mtime_ns if path.is_file() else 0


def not_indexed(page: Page) -> int:
    """Verbatims that came after the index was written."""
    finder = finder_of(page.settings)
    if finder is None or finder.until is None:
        return 0
    return int(page.rows(queries.NEWER, after=finder.until)["n"].iloc[0])


def warm(page: Page) -> None:
    """Load the encoder while the reader is still typing: its first text takes over a second."""
    _warmed(page.settings.encoder, page.settings.threads)


@st.cache_resource(show_spinner=False)
def _warmed(name: str, threads: int) -> Thread:
    thread = Thread(target=lambda: encoder_for(name, threads)(["."]), daemon=True)
    thread.start()
    return thread


@st.cache_data(show_spinner=False, max_entries=6)
def _allowed(key: Key, kept: dict[str, Any], _page: Page) -> NDArray[np.uint64] | None:
    """Keys of the verbatims under the filters and within the rights, sorted; None for all of them."""
    if not kept and not _page.store.rights.limited:
        return None
    found = _page.store.rows_once(queries.ALLOWED.format(kept=where(kept)), **params(kept))
    return np.sort(found["key"].to_numpy(np.uint64))


@st.cache_data(show_spinner=False, max_entries=200)
def _vector(name: str, threads: int, text: str) -> NDArray[np.float32]:
    return np.asarray(encoder_for(name, threads)([text])[0])


def _near(settings: Settings, finder: Finder, query: Query, allowed: NDArray[np.uint64] | None) -> Ranked:
    """The nearest by meaning, but for those that say what must not be said."""
    vector = _vector(settings.encoder, settings.threads, query.meaning)
    near = finder.by_meaning(vector, allowed, NEAR)
    return finder.without(near, query) if query.without else near


def _newest(page: Page, kept: dict[str, Any]) -> Ranked:
    told = page.rows(queries.NEWEST.format(kept=where(kept)), **params(kept), size=DEEP)
    counted = page.rows(queries.COUNT.format(kept=where(kept)), **params(kept)) if kept else page.rows(queries.CHOICES)
    n_all = counted["n"].iloc[0]
    return _ranked(told, int(n_all))


def _late(page: Page, finder: Finder, query: Query, kept: dict[str, Any]) -> Ranked:
    """What came after the index was written, by words."""
    if finder.until is None or not query.asks or not not_indexed(page):
        return Ranked.none()
    return _scanned(page, query, {**kept, "after": finder.until})


def _scanned(page: Page, query: Query, kept: dict[str, Any]) -> Ranked:
    """By words without an index: every verbatim under the filters is read."""
    looked = scanned.looked_for(page.store, query, where(kept), params(kept))
    sql, more = queries.SCANNED.format(kept=where(kept)), {"token": scanned.TOKEN, "size": DEEP}
    found = page.rows(sql, **params(kept), **looked, **more)
    return _ranked(found, int(found["n_all"].iloc[0]) if len(found) else 0)


def _ranked(found: pd.DataFrame, n_all: int) -> Ranked:
    n = len(found)
    keys, days = found["key"].to_numpy(np.uint64), found["day"].to_numpy(np.int32)
    return Ranked(keys, days, np.zeros(n, np.float32), np.zeros(n, np.uint64), n_all)
