"""What stands around every page: the look the theme cannot give, the language of the document, the way past the menu."""

from __future__ import annotations

import streamlit as st

from dashboard.words import Translate

# Streamlit's own CSV button knows neither rights, nor the audit log, nor formulas: dashboard/download.py does.
# Captions and disabled texts are faded to 60 % or 40 %: too pale to read (WCAG 1.4.3).
STYLE = """<style>
.stMainBlockContainer { padding: 1.5rem 2.5rem 2rem; }
.stMainBlockContainer h1 { padding: 0.25rem 0; }
.stMainBlockContainer h2 { padding: 0.5rem 0 0.75rem; }
[data-testid="stPageLink"] a p { text-decoration: underline; }
[data-testid="stElementToolbarButton"]:has([aria-label^="Download as CSV"]) { display: none; }
[class*="st-key-download_"] { margin-top: -0.75rem; }
[class*="st-key-download_"] button { min-height: 1.75rem; padding: 0 0.25rem; }
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] * { color: #4A5560; opacity: 1; }
.st-key-score_cards p { line-height: 1.4; }
[data-testid="stSidebarNavLink"] span { color: #0B1118; }
:is(a, button, input, summary, [role="tab"], [role="radio"], [role="option"], [tabindex="0"]):focus-visible {
  outline: 2px solid #00528C; outline-offset: 2px; }
[data-testid="stMetricLabel"], [data-testid="stMetricLabel"] * { white-space: normal !important; overflow: visible; }
@media (max-width: 1000px) {
  .stMainBlockContainer { padding: 3rem 1.25rem 2rem; }
  [data-testid="stMain"] [data-testid="stHorizontalBlock"] { flex-wrap: wrap; }
  [data-testid="stMain"] [data-testid="stColumn"] { min-width: min(15rem, 100%); flex-grow: 1; } }
@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after { animation-duration: 0.01ms !important; animation-iteration-count: 1 !important;
    transition-duration: 0.01ms !important; scroll-behavior: auto !important; } }
</style>"""
# drawn here: Streamlit fetches its own icons for the browser's tab from a foreign server
ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#00528C"
d="M4 4h24a2 2 0 0 1 2 2v15a2 2 0 0 1-2 2H13l-7 6v-6H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z"/></svg>"""
SIDEBAR_PX = 290
DOCUMENT = """
export default function ({ data }) {
  document.documentElement.lang = data.language;
  const skip = document.querySelector('[data-testid="stSkipToContent"]');  // Streamlit's, in English only
  if (skip) skip.textContent = data.skip;
  if (window.innerWidth < 1000 && !window.vocFolded) {  // a tablet: the menu is one tap away, the page has the room
    const fold = document.querySelector('[data-testid="stSidebarCollapseButton"] button');
    if (fold) { window.vocFolded = true; fold.click(); }
  }
}
"""
AROUND = st.components.v2.component("voc_insights.around", js=DOCUMENT)


def dress() -> None:
    """Title of the tab, width, and styles: before anything is drawn."""
    st.set_page_config(page_title="VoC Insights", page_icon=ICON, layout="wide", initial_sidebar_state=SIDEBAR_PX)
    st.html(STYLE)


def around(_: Translate, language: str, title: str) -> None:
    """The document says its language and its title; the first Tab leads past the menu, in the reader's language."""
    st.set_page_config(page_title=f"{title} · VoC Insights")
    with st.sidebar:
        AROUND(data={"language": language, "skip": _("Skip to the content")}, key="around", height="content")
