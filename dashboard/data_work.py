"""Work that writes the lake, from a page: begun in a process of its own, its steps shown until it has ended."""

from __future__ import annotations

import streamlit as st

from dashboard.deciding import author
from dashboard.page import Page
from dashboard.words import Translate, plain
from insights.access import Capability
from insights.errors import LakeError
from insights.steps import apart
from insights.steps.apart import DONE, FAILED, Order, State


def carry_out(
    page: Page, kind: str, about: str, needs: Capability, *, extra: tuple[str, ...] = (), reason: str = ""
) -> State:
    """Begin the work and show its steps; the end, after which the page reads everything anew.

    Raises NotYoursError where the reader may not. Closing the page does not stop what has begun.
    """
    order = Order(kind, about, author(page, needs) or page.viewer.subject, extra, reason)
    try:
        path = apart.start(page.settings, order)
    except LakeError as error:  # another order on the same is at work
        return State(kind, FAILED, "", "", 0, str(error))
    last = State(kind, FAILED, "", "", 0, apart.DIED)
    with st.container(border=True):
        bar = st.progress(0.0, text=page._("Starting…"))
        for last in apart.watch(path):
            bar.progress(last.share, text=step_words(page._, kind, last.step))
    apart.forget(path)
    forget_what_was_read(page)
    return last


def forget_what_was_read(page: Page) -> None:
    """Nothing that pages keep in memory outlives the work: an erased person stands in no cache."""
    st.cache_data.clear()
    page.store.ledger.forget_seen()


def told(page: Page, state: State, done: str) -> None:
    """One sentence on how the work ended; `done` is Markdown."""
    if state.state == DONE:
        st.success(done)
        return
    st.error(page._("That did not end: {error} Nothing is half done: asking again goes on where it stopped.").format(
        error=plain(state.error)
    ))  # fmt: skip


def step_words(_: Translate, kind: str, step: str) -> str:
    """What is being done, in words."""
    return {
        (apart.ERASE, "look"): _("Looking for everything held on this person…"),
        (apart.ERASE, "control"): _("Control search: everything must be found before…"),
        (apart.ERASE, "ledger"): _("Erasing in the ledger…"),
        (apart.ERASE, "lake"): _("Erasing in the lake…"),
        (apart.ERASE, "files"): _("Deleting files that name the person…"),
        (apart.ERASE, "scrub"): _("Removing old versions from the disk…"),
        (apart.ERASE, "after"): _("Search after: nothing may be found now…"),
        (apart.OBJECT, "write"): _("Taking the scores out…"),
        (apart.RETRY, "open"): _("Opening the refused rows…"),
        (apart.RETRY, "read"): _("Reading them as the mapping says today…"),
        (apart.RETRY, "write"): _("Writing what passed…"),
    }.get((kind, step), _("Starting…"))
