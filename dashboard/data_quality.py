"""Measured quality: what redaction reached on its gold sets, the irritants, the models, each with its version."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard.data_figures import Bar, bar_name, redaction_bars
from dashboard.page import Page, explained, headline, table
from dashboard.risk_alerts import standing
from dashboard.run_notes import last_note
from dashboard.words import plain
from insights.irritants.certificate import STABLE

CARD = "churn-*-card.{language}.md"


def quality_part(page: Page) -> None:
    bars = redaction_bars()
    _summary(page, bars)
    _redaction(page, bars)
    _irritants(page)
    _models(page)


def _summary(page: Page, bars: list[Bar]) -> None:
    """Whether redaction reaches what a release must reach."""
    _, fmt = page._, page.fmt
    if not bars:
        figure, told = "—", _("The measured figures are not installed here: they stand in docs/benchmark.md.")
    else:
        missed = [one for one in bars if not one.reached]
        figure = _("{n} of {all}").format(n=fmt.number(len(bars) - len(missed)), all=fmt.number(len(bars)))
        told = (
            _("Redaction misses **{what}**: tell your administrator before new sources are read.").format(
                what=plain(bar_name(_, missed[0].name))
            )
            if missed
            else _("Redaction reaches every mark a release must reach, in French and in English: nothing to do.")
        )
    definition = _("Marks on the gold sets of texts written for this measure; no customer's text is among them.")
    headline(_("Redaction marks reached"), figure, told, help=explained(page, definition, n=len(bars)))


def _redaction(page: Page, bars: list[Bar]) -> None:
    _, fmt = page._, page.fmt
    if not bars:
        return
    languages = {"fr": _("French"), "en": _("English")}
    frame = pd.DataFrame(
        {
            _("What is measured"): [bar_name(_, one.name) for one in bars],
            _("Language"): [languages.get(one.language, one.language) for one in bars],
            _("Measured"): [fmt.percent(one.value, 1) for one in bars],
            _("Mark"): [_mark(page, one.aim) for one in bars],
            _("Reached"): [_("✓ yes") if one.reached else _("⚠ no") for one in bars],
        }
    )
    table(
        frame, wide=_("What is measured"), wide_px=420, name=_("Redaction"), raw=pd.DataFrame([vars(b) for b in bars])
    )
    first = bars[0]
    told = _("Measured on {day} on version {commit}: {size} a language.")
    size = first.size.replace("texts", _("texts"))
    st.caption(plain(told.format(day=fmt.day(pd.Timestamp(first.measured_on).date()), commit=first.commit, size=size)))


def _mark(page: Page, aim: str) -> str:
    sign, _space, wanted = aim.partition(" ")
    words = {">=": page._("at least {share}"), "<=": page._("at most {share}")}
    return words[sign].format(share=page.fmt.percent(float(wanted), 1)) if sign in words else aim


def _irritants(page: Page) -> None:
    _ = page._
    st.header(_("Irritants"))
    told = last_note(page, "discover", "certificate") or {}
    certificate = told.get("certificate")
    if certificate is None:
        st.markdown(
            _("No discovery has been certified yet: `voc run` finds irritants and measures how stable they are.")
        )
    elif certificate.get("verdict") == STABLE:
        st.markdown(_("✓ The last discovery is stable: all its figures reach their mark."))
    else:
        st.markdown(_("⚠ At least one figure of the last discovery misses its mark."))
    st.page_link(
        "views/quality.py",
        label=_("How far the irritants can be trusted"),
        icon=":material/arrow_forward:",
        query_params={"lang": page.language},
    )


def _models(page: Page) -> None:
    """The card of the model that serves, to read and to keep."""
    _ = page._
    st.header(_("Who may leave: the model"))
    if page.viewer.rights.limited:
        st.caption(_("The card speaks of the whole company, and your rights cover a part of it."))
        return
    alerts = standing(page)
    if alerts:
        st.markdown(_("⚠ Something has moved since the model learnt: see Customers at risk before using its scores."))
    card = newest_card(page.settings.models_dir, page.language)
    if card is None:
        st.markdown(
            _("No model has been fitted yet, or a points card serves: `voc run` fits one when there is enough.")
        )
        return
    text = card.read_text(encoding="utf-8")
    st.download_button(
        _("Download the model card"), text, file_name=card.name, mime="text/markdown", icon=":material/download:"
    )
    with st.expander(_("Read the model card")):
        st.markdown(text.replace("\n# ", "\n#### ").replace("# ", "#### ", 1))


def newest_card(folder: Path, language: str) -> Path | None:
    """The model card of the last month in a language."""
    return max(folder.glob(CARD.format(language=language)), default=None)
