"""Whatever fails on a page is told as a sentence; the trace goes to the log, under a reference."""

from __future__ import annotations

import logging
from collections.abc import Callable
from uuid import uuid4

import streamlit as st

from insights.errors import LakeError, VocError
from insights.i18n import translator

LOG = logging.getLogger("dashboard")


class NoLakeError(LakeError):
    """Nothing has been ingested yet."""


def guarded(draw: Callable[[], None], language: str, after_error: Callable[[], None]) -> None:
    """Draw a page. `after_error` runs after an error of ours, so that the next try starts with new connections."""
    _ = translator(language)
    try:
        draw()
    except NoLakeError:
        empty(
            _("There is nothing to show yet: no data have been read."),
            _("Run `make demo` to see the demo company, or `voc ingest` and then `voc run` on your own files."),
        )
    except VocError as error:
        after_error()
        LOG.warning("a page could not be shown: %s", error)
        st.error(_("This page cannot be shown at the moment. Try again; if it lasts, send the detail to your analyst."))
        with st.expander(_("Detail")):
            st.text(str(error))
    except Exception:
        reference = uuid4().hex[:8]
        LOG.exception("page failed, reference %s", reference)
        st.error(
            _(
                "Something went wrong on this page. Reload it; if it lasts, give this reference to your analyst: {ref}."
            ).format(ref=reference)
        )


def empty(what: str, hint: str) -> None:
    """An empty state: what is missing, and what to do about it."""
    st.info(f"**{what}**\n\n{hint}", icon=":material/info:")
