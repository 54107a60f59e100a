"""What colleagues wrote to the reader and waits to be read: one line, with the way there."""

from __future__ import annotations

import streamlit as st

from dashboard.acting import book as actions
from dashboard.comments_acting import book
from dashboard.deciding import reader
from dashboard.page import Page
from dashboard.words import plain, plural
from insights.steps.comments import Mention, mentions_in

VIEWS = {"irritant": "irritants", "action": "actions"}
SHOWN = 3


def for_you(page: Page) -> None:
    """The newest mentions of the reader; nothing when nobody wrote, or when no name is told."""
    waiting = mentions_in(book(page), reader())
    if not waiting:
        return
    n = len(waiting)
    told = plural(
        n,
        page._("{n} colleague's comment waits for you"),
        page._("{n} colleagues' comments wait for you"),
        page.language,
    )
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{told.format(n=page.fmt.number(n))}**")
        for one in waiting[:SHOWN]:
            _link(page, one)


def _title(page: Page, action_id: str) -> str:
    action = actions(page).actions.get(action_id)
    return action.title if action else action_id


def _link(page: Page, one: Mention) -> None:
    _ = page._
    about = page.label(one.about_id) if one.about == "irritant" else _title(page, one.about_id)
    said = _("{who}, {at}: {about}").format(who=one.by, at=page.fmt.instant(one.at), about=about)
    st.page_link(
        f"views/{VIEWS[one.about]}.py",
        label=plain(said),
        icon=":material/chat:",
        query_params={one.about: one.about_id, "lang": page.language},
    )
