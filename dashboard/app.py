"""Entry of the dashboard: `python -m streamlit run dashboard/app.py`. Navigation and language; pages are in views/."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

sys.path[:] = dict.fromkeys([str(Path(__file__).resolve().parents[1]), *sys.path])  # found from any working folder

from dashboard.guard import guarded  # noqa: E402
from dashboard.words import plain  # noqa: E402
from insights.errors import SettingsError  # noqa: E402
from insights.i18n import LANGUAGES, translator  # noqa: E402
from insights.settings import default_settings  # noqa: E402

STYLE = """<style>
.stMainBlockContainer { padding: 3rem 2.5rem 2rem; }
[data-testid="stPageLink"] a p { text-decoration: underline; }
</style>"""
# drawn here: Streamlit fetches its own icons for the browser's tab from a foreign server
ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#00528C"
d="M4 4h24a2 2 0 0 1 2 2v15a2 2 0 0 1-2 2H13l-7 6v-6H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z"/></svg>"""
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


def forget_connections() -> None:
    """Lake and ledger are opened anew at the next read."""
    st.cache_resource.clear()


def main() -> None:
    """Draw the frame, then the page that is asked for."""
    st.set_page_config(page_title="VoC Insights", page_icon=ICON, layout="wide", initial_sidebar_state=290)
    st.html(STYLE)
    try:
        settings = default_settings()
    except SettingsError as error:
        st.error("Les réglages ne peuvent pas être lus. The settings cannot be read.")
        st.text(str(error))
        return
    language = choose_language(settings.language)
    st.sidebar.caption(plain(settings.company))
    _ = translator(language)
    pages = {
        _("Act"): [
            st.Page("views/week.py", title=_("Week at a glance"), icon=":material/today:", default=True),
            st.Page("views/alarms.py", title=_("Alarms"), icon=":material/notification_important:"),
            st.Page("views/irritants.py", title=_("Irritants"), icon=":material/format_list_numbered:"),
            st.Page("views/risk.py", title=_("Customers at risk"), icon=":material/person_alert:"),
            st.Page("views/priorities.py", title=_("Priorities"), icon=":material/flag:"),
            st.Page("views/segments.py", title=_("Segments"), icon=":material/groups:"),
            st.Page("views/scores.py", title=_("Scores"), icon=":material/speed:"),
            st.Page("views/callbacks.py", title=_("Callbacks"), icon=":material/call:"),
            st.Page("views/actions.py", title=_("Actions"), icon=":material/build:"),
            st.Page("views/fixes.py", title=_("Proofs"), icon=":material/fact_check:"),
        ],
        _("Keep the irritants true"): [
            st.Page("views/registry.py", title=_("Irritant registry"), icon=":material/account_tree:"),
            st.Page("views/check.py", title=_("To check"), icon=":material/checklist:"),
            st.Page("views/quality.py", title=_("Quality"), icon=":material/verified:"),
        ],
    }
    page = st.navigation(pages, expanded=True)
    st.title(page.title)
    guarded(page.run, language, forget_connections)


main()
