"""Quality: how far the irritants can be trusted, and what to do to make them better."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import figures, notes
from dashboard.agreement_panel import agreement_panel
from dashboard.certificate_panel import certificate_panel, change_panel
from dashboard.guard import empty
from dashboard.mailing_panel import mailing_panel
from dashboard.meanings import meaning
from dashboard.page import MONTH, Page, headline, show
from dashboard.risk_alerts import alert_strip
from dashboard.run_notes import last_note
from dashboard.words import plain, plural
from insights.irritants.learn_quality import FEWEST

MOST_UNCLASSIFIED = 0.10  # of the negative mentions


def render(page: Page) -> None:
    _ = page._
    listed = figures.irritants(page, page.window(MONTH), figures.NOTHING_KEPT)
    note = last_note(page, "discover", "certificate", "irritants")
    if listed.empty and note is None:
        empty(_("There is nothing to judge yet."), _("Run `voc run`: it finds irritants and notes how sure they are."))
        return
    told = note or {}
    answers = len(page.store.corrections)
    _summary(page, listed, answers)
    alert_strip(page)
    left, right = st.columns(2, gap="medium")
    with left:
        agreement_panel(page, told.get("held_back"), answers)
    with right:
        certificate_panel(page, told.get("certificate"))
    change_panel(page)
    mailing_panel(page)
    _detail(page, told)


def _summary(page: Page, listed: pd.DataFrame, answers: int) -> None:
    """Share unclassified, and the one thing to do next."""
    _, fmt = page._, page.fmt
    share = figures.unclassified_share(listed) if len(listed) else None
    if share is not None and share > MOST_UNCLASSIFIED:
        sentence = _(
            "More than {most} of the negative mentions of four weeks resemble no irritant: see what grows outside "
            "the irritants, and check texts."
        ).format(most=fmt.percent(MOST_UNCLASSIFIED))
    else:
        sentence = _("Negative mentions of four weeks that resemble no irritant: no more than is to be expected.")
    headline(
        _("Unclassified"),
        fmt.percent(share),
        f"{sentence} {_next(page, answers)}",
        lambda: st.page_link(
            "views/check.py",
            label=_("Check texts"),
            icon=":material/arrow_forward:",
            query_params={"lang": page.language},
        ),
        help=meaning(page, "quality"),
    )


def _next(page: Page, answers: int) -> str:
    """What to do to make the assignment better."""
    _, missing = page._, FEWEST - answers
    if missing <= 0:
        return _("**Check a few texts each week**: the assignment learns from your answers.")
    one = _("**Check {n} more text**: then the agreement with you can be measured.")
    many = _("**Check {n} more texts**: then the agreement with you can be measured.")
    return plural(missing, one, many, page.language).format(n=page.fmt.number(missing))


def _detail(page: Page, note: dict[str, Any]) -> None:
    """What the figures mean, and the counts of the last discovery."""
    _, fmt = page._, page.fmt
    named: dict[str, tuple[str, Callable[[Any], str]]] = {
        "irritants": (_("Irritants"), fmt.number),
        "unclassified_share": (_("Unclassified, of the texts of the last discovery"), fmt.percent),
        "waiting": (_("Proposals that wait"), fmt.number),
        "weak_signals": (_("Groups growing outside"), fmt.number),
        "resolution": (_("Resolution"), str),
    }
    with st.expander(_("Detail")):
        st.markdown(notes.quality(_))
        told = [
            f"{label}: {say(note[name])}"
            for name, (label, say) in named.items()
            if isinstance(note.get(name), int | float)
        ]
        st.caption(plain(" · ".join(told)))


if __name__ == "__main__":
    show(render)
