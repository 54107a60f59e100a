"""Words that customers did not say before and that no irritant holds yet: with growth, people and an example."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pandas as pd
import streamlit as st

from dashboard.guard import safely
from dashboard.page import Page, table
from insights.alarms import emerging_terms

DAYS, WEEKS = 7, 8
MOST = 6_000  # texts that are read, drawn alike from all weeks: the newest alone would be of one week
QUICK = 1_500  # as many are read without asking: more take seconds
SHOWN = 8
WANTED = "new_words_wanted"
# grain: one text of a customer, copied waves left out
TEXTS = """
SELECT feedback_id, coalesce(customer_id, author_key) AS author, occurred_at AS "at", verbatim AS text, language, suspect_wave
FROM (
    SELECT * FROM feedback
    WHERE kind <> 'employee' AND verbatim IS NOT NULL AND suspect_wave IS NULL AND occurred_at > $since
        AND occurred_at <= $until
    ORDER BY hash(feedback_id) LIMIT $most
)
ORDER BY occurred_at DESC, feedback_id
"""


@st.cache_data(show_spinner=False, max_entries=8)
def _found(
    place: str, changed: int, rights: str, middle: datetime, until: datetime, known: Sequence[str], _rows: pd.DataFrame
) -> list[tuple[str, int, int, float, str]]:
    """Terms with people now and before, growth, and the text of an example."""
    rows = _rows
    now, before = rows[rows["at"] > middle], rows[rows["at"] <= middle]
    texts = rows.set_index("feedback_id")["text"]
    return [
        (one.term, one.n_authors, one.n_before, one.growth, str(texts.get(one.feedback_ids[0], "")))
        for one in emerging_terms(now, before, known=known, most=SHOWN)
    ]


def _want() -> None:
    st.session_state[WANTED] = True


def terms_panel(page: Page) -> None:
    """New words of the last seven days, and what is said with them."""
    _, fmt = page._, page.fmt
    st.header(_("New words"))
    until = page.window()["until"]
    names = [page.settings.company, *page.settings.brands]
    for one in page.registry.living():
        names += [name for name in (one.label_fr, one.label_en) if name]
    rows = page.rows(TEXTS, since=until - timedelta(weeks=WEEKS), until=until, most=MOST)
    if len(rows) > QUICK and not st.session_state.get(WANTED):
        st.caption(_("Many texts are compared: this takes some seconds."))
        st.button(_("Look for new words"), key="new_words_look", on_click=safely(_want))
        return
    place, rights = (page.store.place, page.store.changed(TEXTS)), page.store.rights.key
    with st.spinner(_("Comparing texts")):
        found = _found(*place, rights, until - timedelta(days=DAYS), until, tuple(sorted(names)), rows)
    if not found:
        st.markdown(_("No word grew beyond chance in the last seven days."))
        return
    shown = pd.DataFrame(
        {
            _("Word"): [row[0] for row in found],
            _("People"): [fmt.number(row[1]) for row in found],
            _("People before"): [fmt.number(row[2]) for row in found],
            _("Growth"): [fmt.ratio(row[3]) for row in found],
            _("Example"): [row[4] for row in found],
        }
    )
    table(shown, wide=_("Example"), wide_px=520)
    st.caption(
        _(
            "Said by more people in the last seven days than in the seven weeks before, beyond chance; at most one in "
            "twenty by luck. Names of the company and of known irritants are left out."
        )
    )
