"""A file that leaves is made at the click: after the rights the reader has at that moment, and once it is noted."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.guard import NotYoursError
from dashboard.identity import may_now
from insights.access import Capability

if TYPE_CHECKING:
    from dashboard.page import Page


def handed_out(
    page: Page,
    label: str,
    make: Callable[[], str | bytes],
    file_name: str,
    mime: str,
    *,
    needs: Sequence[Capability],
    keep: Callable[[], object] | None = None,
    disabled: bool = False,
    **options: Any,
) -> None:
    """A download button. `keep` notes that the file left, before it does; both run outside the drawing of the page."""
    shut = disabled or not all(map(page.may, needs))
    file = partial(made_now, page, make, needs, keep)
    st.download_button(label, file, file_name=file_name, mime=mime, disabled=shut, **options)


def made_now(
    page: Page, make: Callable[[], str | bytes], needs: Sequence[Capability], keep: Callable[[], object] | None
) -> str | bytes:
    """The file. Raises NotYoursError where the reader may no longer have it."""
    check_now(page, *needs)
    made = make()
    if keep is not None:
        keep()
    return made


def check_now(page: Page, *needs: Capability) -> None:
    """Raises NotYoursError where the token has run out, or a role or rows were taken away since the page was drawn."""
    now = time.time()
    if not all(may_now(page.viewer, page.settings, one, now) for one in needs):
        raise NotYoursError(page._("Not handed out: your role does not allow it, or your session has run out."))
