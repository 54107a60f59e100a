"""To check: texts the assignment hesitates about. One click a text; each answer counts at once and teaches the next run."""

from __future__ import annotations

import streamlit as st

from dashboard import registry_queries, registry_words, words
from dashboard.check_queue import skip, to_check
from dashboard.deciding import change, name_field, named, notice, reader
from dashboard.guard import empty, safely
from dashboard.meanings import meaning
from dashboard.page import Page, headline, show
from dashboard.verbatims import quote
from dashboard.words import plain, plural
from insights.contracts import UNCLASSIFIED
from insights.irritants import edit
from insights.irritants.learn_quality import FEWEST
from insights.steps.looking import Asked

VIEW = "check"


def render(page: Page) -> None:
    _ = page._
    with st.container():
        notice(page, VIEW)
    waiting = to_check(page)
    _summary(page, len(waiting))
    if not waiting:
        empty(
            _("There is no text to check."),
            _("The assignment hesitates about none, or no discovery has been run yet (`voc run`)."),
        )
        return
    left, right = st.columns([7, 3], vertical_alignment="bottom")
    left.header(_("What is this text about?"))
    with right:
        name_field(page)
    may = named(page)
    _text(page, waiting[0])
    _answers(page, waiting[0], may)


def _summary(page: Page, n_waiting: int) -> None:
    """How many answers there are, and what they are for."""
    _, fmt, n = page._, page.fmt, len(page.store.corrections)
    mine = sum(event.actor == reader() for event in page.store.corrections)
    sentence = _(
        "Each answer moves the text at once, and **teaches the assignment** at the next run. "
        "From {enough} answers on, the page Quality shows what they bring."
    ).format(enough=FEWEST)
    if n_waiting:
        texts = plural(n_waiting, _("{n} text in this list."), _("{n} texts in this list."), page.language)
        sentence += " " + texts.format(n=fmt.number(n_waiting))
    if mine:
        yours = plural(mine, _("{n} answer is yours."), _("{n} answers are yours."), page.language)
        sentence += " " + yours.format(n=fmt.number(mine))
    headline(_("Answers so far"), fmt.number(n), sentence, help=meaning(page, "check", n=n))


def _text(page: Page, asked: Asked) -> None:
    """The text, where it was said, and how many others hang on it."""
    _ = page._
    with st.container(border=True):
        st.text(registry_words.in_quotes(page, asked.text))
        said = page.rows(registry_queries.WHERE_SAID, shas=[asked.text_sha])
        for row in said.to_dict("records"):
            facts = [page.fmt.day(row["occurred_at"]), words.kind(_, row["kind"]), words.channel(_, row["channel"])]
            st.caption(plain(" · ".join(dict.fromkeys(facts))))
            if (row["verbatim"] or "").strip() not in ("", asked.text.strip()):
                with st.expander(_("The whole verbatim")):
                    quote(page, row["verbatim"])
        alike = plural(
            asked.n_alike,
            _("{n} text of the last months is like it and profits from your answer."),
            _("{n} texts of the last months are like it and profit from your answer."),
            page.language,
        )
        st.caption(alike.format(n=page.fmt.number(asked.n_alike)))


def _answers(page: Page, asked: Asked, may: bool) -> None:
    """Right, the other one, another irritant, none of them; or the next text."""
    _, known = page._, page.registry
    here = known.resolve(asked.irritant_id)
    second = known.resolve(asked.second_id) if asked.second_id else UNCLASSIFIED
    for irritant in dict.fromkeys((here, second, UNCLASSIFIED)):
        _candidate(page, asked, irritant, may, here=irritant == here)
    others = sorted(
        (one.irritant_id for one in known.living() if one.irritant_id not in (here, second)), key=page.label
    )
    key = f"check_other_{asked.text_sha}"
    left, right = st.columns([5, 3], vertical_alignment="bottom")
    other = left.selectbox(
        _("Another irritant"), others, None, key=key, format_func=page.label, placeholder=_("Choose an irritant")
    )
    right.button(
        _("That is it"),
        key="check_chosen",
        disabled=not may or other is None,
        on_click=safely(_answer),
        args=(page, asked, here, other),
        width="stretch",
    )
    st.button(
        _("I cannot tell: next text"), type="tertiary", key="skip_text", on_click=safely(skip), args=(asked.text_sha,)
    )


def _candidate(page: Page, asked: Asked, irritant: str, may: bool, *, here: bool) -> None:
    """One answer, with what the irritant is about; the first is where the text stands today."""
    _ = page._
    if irritant == UNCLASSIFIED:
        label = _("It stands with none of the irritants, and that is right") if here else _("None of the irritants")
    else:
        label = plain(page.label(irritant))
    st.button(
        _("{label} — it stands here today").format(label=label) if here and irritant != UNCLASSIFIED else label,
        key=f"check_{irritant}",
        disabled=not may,
        on_click=safely(_answer),
        args=(page, asked, page.registry.resolve(asked.irritant_id), irritant),
        width="stretch",
    )
    found = page.registry.irritants.get(irritant)
    about = found and (found.definition or ", ".join(found.keywords[:6]))
    if about:
        st.caption(plain(about))


def _answer(page: Page, asked: Asked, here: str, to: str) -> None:
    """Record one answer. Where the text stands today confirms it."""
    sentence = page._("Noted: “{text}” belongs to {irritant}.").format(
        text=asked.text if len(asked.text) <= 60 else asked.text[:60].rsplit(" ", 1)[0] + "…",
        irritant=registry_words.quoted(page, to),
    )
    change(page, VIEW, sentence, lambda known: edit.correct(known, [asked.text_sha], here, to))


if __name__ == "__main__":
    show(render)
