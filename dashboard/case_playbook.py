"""The playbook of a case: a few questions to walk through with the customer, and what to do at the end."""

from __future__ import annotations

import streamlit as st

from dashboard import queries
from dashboard.format import known
from dashboard.page import Page
from dashboard.words import plain
from insights.cases import Case
from insights.playbooks import About, Match, Playbooks, Step, load_playbooks, match, said
from insights.playbooks.match import DEFAULT, IRRITANT, REASON, THEME, WORDS
from insights.settings import Settings


@st.cache_resource(show_spinner=False, ttl=60, max_entries=2)
def _playbooks(folder: str, _settings: Settings) -> Playbooks:
    """Read anew every minute: people edit these files. Raises SettingsError naming file and line."""
    return load_playbooks(_settings.reference_dir / "playbooks")


def playbooks(page: Page) -> Playbooks:
    """All playbooks."""
    return _playbooks(str(page.settings.reference_dir), page.settings)


def case_words(page: Page, case: Case) -> tuple[str, ...]:
    """The redacted verbatims behind a case's signals, newest first."""
    ids = [signal.partition(":")[2] for signal in case.signals]
    rows = page.rows(queries.SIGNAL_WORDS, ids=ids, customer_id=case.customer_id)
    return tuple(str(one) for one in rows["verbatim"] if known(one))


def matched(page: Page, case: Case, words: tuple[str, ...]) -> Match:
    """The playbook of a case, by its reason, irritant, words or theme."""
    irritant, theme = None, None
    if case.irritant_id:
        irritant = page.registry.irritants.get(page.registry.resolve(case.irritant_id))
        theme = page.registry.theme_of(case.irritant_id)
    labels = tuple(one for one in (irritant.label_fr, irritant.label_en) if one) if irritant else ()
    group = tuple(one for one in (theme.label_fr, theme.label_en) if one) if theme else ()
    keywords = irritant.keywords if irritant else ()
    return match(playbooks(page), About(case.reason, labels, keywords, group, words))


def playbook_panel(page: Page, case: Case, found: Match) -> Step:
    """Draw the questions answered so far and the next one; returns the step the adviser stands at."""
    name = said(found.playbook.name, page.language)
    st.markdown(f"**{plain(name)}**")
    st.caption(_why(page, found.by))
    step, visited = found.playbook.steps[0], 0
    while step.answers:
        words = [said(answer.words, page.language) for answer in step.answers]
        chosen = st.radio(
            said(step.words, page.language),
            range(len(words)),
            format_func=words.__getitem__,
            index=None,
            horizontal=True,
            key=f"step_{case.case_id}_{found.playbook.playbook_id}_{step.step_id}",
        )
        if chosen is None or visited > len(found.playbook.steps):
            return step
        step, visited = found.playbook.step(step.answers[chosen].to), visited + 1
    st.success(f"**{page._('What to do:')}** {plain(said(step.words, page.language))}", icon=":material/task_alt:")
    return step


def _why(page: Page, by: str) -> str:
    _ = page._
    return {
        REASON: _("Playbook chosen by the reason of the case."),
        IRRITANT: _("Playbook chosen by the irritant."),
        WORDS: _("Playbook chosen by the customer's words."),
        THEME: _("Playbook chosen by the theme of the irritant: no playbook names this one."),
        DEFAULT: _("No playbook names this cause: this is the general one."),
    }[by]
