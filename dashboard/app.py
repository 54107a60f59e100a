"""Entry of the dashboard: `python -m streamlit run dashboard/app.py`. Navigation and language; pages are in views/."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from uuid import uuid4

import streamlit as st

sys.path[:] = dict.fromkeys([str(Path(__file__).resolve().parents[1]), *sys.path])  # found from any working folder

from dashboard.all_pages import NAME as ALL  # noqa: E402
from dashboard.all_pages import summary  # noqa: E402
from dashboard.data import reopened  # noqa: E402
from dashboard.frame import around, dress  # noqa: E402
from dashboard.guard import guarded  # noqa: E402
from dashboard.identity import identify, remember  # noqa: E402
from dashboard.menu import PAGES, Entry, offered, title  # noqa: E402
from dashboard.not_yours import closed, drawn_for  # noqa: E402
from dashboard.settled import settled  # noqa: E402
from dashboard.words import Translate, plain  # noqa: E402
from insights.errors import SettingsError  # noqa: E402
from insights.i18n import LANGUAGES, translator  # noqa: E402
from insights.logs import about, configure  # noqa: E402
from insights.settings import Settings, default_settings  # noqa: E402

NAMES = {"fr": "Français", "en": "English"}


def choose_language(default: str) -> str:
    """The switch of the sidebar. It starts from `?lang=` and writes itself back, so that a link keeps its language.

    The browser must know the starting value as the widget's own default (`index`): a value set through the session is
    forgotten there when a click on another page interrupts the first drawing.
    """
    chosen = st.session_state.get("language") or st.query_params.get("lang", default)
    start = LANGUAGES.index(chosen) if chosen in LANGUAGES else 0
    switch = st.sidebar.radio(
        "Langue · Language", LANGUAGES, start, format_func=NAMES.__getitem__, horizontal=True, key="lang"
    )
    language = str(switch or LANGUAGES[start])
    st.session_state["language"] = language
    if st.query_params.get("lang") != language:
        st.query_params["lang"] = language
    return language


def main() -> None:
    """Draw the frame, then the page that is asked for."""
    dress()
    try:
        settings = default_settings()
    except SettingsError as error:
        st.error("Les réglages ne peuvent pas être lus. The settings cannot be read.")
        st.text(str(error))
        return
    if st.runtime.exists():  # served, not drawn by a test
        configure(settings, "dashboard")
    language = choose_language(settings.language)
    _ = translator(language)
    st.sidebar.caption(plain(settings.company))
    guarded(lambda: enter(settings, language), language, partial(reopened, settings))


def enter(settings: Settings, language: str) -> None:
    """Find out who reads, offer the pages of their role, draw the one that is asked for."""
    _ = translator(language)
    viewer = identify(settings, _)
    if viewer is None:
        st.navigation(
            [_start(_("Sign in")), *(_page(_, entry, hidden=True) for entry in PAGES), _all(_)], position="hidden"
        )
        return
    remember(viewer)
    home, others = offered(viewer)
    first, *rest = [_page(_, entry) for entry in home]
    start = _start(first.title)
    hidden = [_page(_, entry, hidden=True) for entry in others]
    refused = [_page(_, entry, hidden=True) for entry in closed(viewer)]
    page = st.navigation([start, first, *rest, _all(_), *hidden, *refused], expanded=True)
    if page is start:  # every page has an address of its own: the home of one reader is not the home of another
        st.switch_page(first, query_params=st.query_params.to_dict())
    around(_, language, page.title)
    st.title(page.title)
    with about(page=page.url_path, reference=uuid4().hex[:8]):
        guarded(drawn_for(viewer, page.title, page.run, _), language, partial(reopened, settings))
    settled(page.url_path)


def _start(title_here: str) -> st.Page:
    """What the bare address opens; it draws nothing itself."""
    return st.Page(lambda: None, title=title_here, url_path="start", default=True, visibility="hidden")


def _all(_: Translate) -> st.Page:
    return st.Page(f"views/{ALL}.py", title=_("All pages"), icon=":material/apps:", url_path=ALL)


def _page(_: Translate, entry: Entry, *, hidden: bool = False) -> st.Page:
    return st.Page(
        entry.file,
        title=title(_, entry.name),
        icon=f":material/{entry.icon}:",
        url_path=entry.name,
        visibility="hidden" if hidden else "visible",
        help=summary(_, entry.name),
    )


main()
