"""Whatever fails on a page is told as a sentence; the trace goes to the log, under a reference."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec
from uuid import uuid4

import streamlit as st

from insights.errors import LakeError, LedgerError, VocError
from insights.i18n import translator
from insights.logs import now_about

LOG = logging.getLogger("dashboard")
FAILED = "callback_failed"
P = ParamSpec("P")


class NoLakeError(LakeError):
    """Nothing has been ingested yet."""


class NotYoursError(VocError):
    """The reader's rights do not cover what was asked for."""


def guarded(draw: Callable[[], None], language: str, after_error: Callable[[VocError], None]) -> None:
    """Draw a page. `after_error` gets an error of ours, so that the next try starts with a new connection where one broke."""
    _ = translator(language)
    failed = st.session_state.pop(FAILED, None)
    if failed:
        st.error(_("That did not work. {sentence}").format(sentence=_sentence(_, failed)))
    try:
        draw()
    except NoLakeError:
        empty(
            _("There is nothing to show yet: no data have been read."),
            _("Run `make demo` to see the demo company, or `voc ingest` and then `voc run` on your own files."),
        )
    except NotYoursError:
        empty(
            _("Your rights do not cover this part of the page."),
            _("It speaks of the whole company. Ask your administrator if you need it."),
        )
    except VocError as error:
        after_error(error)
        reference = reference_here()
        LOG.warning("a page could not be shown, reference %s: %s", reference, error)
        st.error(_("This page cannot be shown at the moment. Try again; if it lasts, send the detail to your analyst."))
        with st.expander(_("Detail")):
            st.text(f"{_detail(error)} ({reference})")
    except Exception:
        st.error(_sentence(_, _logged("page")))


def safely(act: Callable[P, object]) -> Callable[P, None]:
    """A callback of a widget whose failure is told above the page that follows, instead of emptying it."""

    @wraps(act)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            act(*args, **kwargs)
        except Exception:
            st.session_state[FAILED] = _logged("callback")

    return run


def _logged(what: str) -> str:
    """The reference under which the exception being handled stands in the log."""
    reference = reference_here()
    LOG.exception("%s failed, reference %s", what, reference)
    return reference


def reference_here() -> str:
    """The reference of this drawing, which every line it logs carries; a new one outside a drawing."""
    return str(now_about().get("reference") or uuid4().hex[:8])


def _detail(error: VocError) -> str:
    """What may be shown of an error: its sentence; of one that quotes a database, which shows the query, its kind alone."""
    if isinstance(error, LakeError | LedgerError) and error.__cause__ is not None:
        return f"{type(error).__name__}: {type(error.__cause__).__name__}"
    return str(error)


def _sentence(_: Callable[[str], str], reference: str) -> str:
    return _(
        "Something went wrong on this page. Reload it; if it lasts, give this reference to your analyst: {ref}."
    ).format(ref=reference)


def empty(what: str, hint: str) -> None:
    """An empty state: what is missing, and what to do about it."""
    st.info(f"**{what}**\n\n{hint}", icon=":material/info:")
