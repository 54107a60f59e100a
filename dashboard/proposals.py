"""What the discovery proposes and a person decides: the change, its evidence in plain words, take or refuse."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard import registry_queries, registry_words
from dashboard.deciding import Told, author, decide, tell
from dashboard.guard import safely
from dashboard.page import Page
from dashboard.refusals import refusal
from dashboard.words import plain, plural
from insights.errors import VocError
from insights.irritants.edit import Part
from insights.irritants.match import DEATH, MERGE, SPLIT
from insights.ledger.placements import placements
from insights.steps import curate
from insights.steps.curate import Proposed

VIEW = "registry"
EXAMPLES = 3


def proposals(page: Page, waiting: Sequence[Proposed], may: bool) -> None:
    """Every proposal that waits, oldest first."""
    if not waiting:
        st.info(page._("Nothing waits for a decision. New proposals come with the next discovery (`voc run`)."))
        return
    st.markdown(
        page._("The discovery changes nothing that people see by itself: it proposes, you decide. All can be undone.")
    )
    for one in waiting:
        with st.container(border=True):
            _proposal(page, one, may)


def refused(page: Page, may: bool) -> None:
    """What was refused before, newest first, each with the way back."""
    found = curate.refused_proposals(page.store.ledger)
    if not found:
        return
    with st.expander(page._("Refused before ({n})").format(n=page.fmt.number(len(found)))):
        st.caption(page._("A refused change is not proposed again. Take the refusal back and it may be."))
        for one in found:
            left, right = st.columns([7, 3], vertical_alignment="center")
            left.markdown(plain(_title(page, one)))
            left.caption(plain(_evidence(page, one)))
            right.button(
                page._("Take the refusal back"),
                key=f"reopen_{one.event_id}",
                disabled=not may,
                on_click=safely(_reopen),
                args=(page, one),
            )


def _proposal(page: Page, one: Proposed, may: bool) -> None:
    _ = page._
    st.markdown(f"**{plain(_title(page, one))}**")
    st.markdown(plain(_evidence(page, one)))
    _examples(page, one)
    if one.kind == SPLIT:
        told = one.payload.get("names") or {}
        left, right = st.columns(2)
        left.text_input(_("Name in French"), told.get("label_fr") or "", key=f"name_fr_{one.event_id}", max_chars=80)
        right.text_input(_("Name in English"), told.get("label_en") or "", key=f"name_en_{one.event_id}", max_chars=80)
    with st.container(horizontal=True):
        words = {
            MERGE: (_("Merge them"), _("Keep them apart")),
            SPLIT: (_("Take it out"), _("Leave it together")),
            DEATH: (_("Put to rest"), _("Keep it active")),
        }
        yes, no = words.get(one.kind, (_("Take"), _("Refuse")))
        st.button(
            yes, key=f"take_{one.event_id}", type="primary", disabled=not may, on_click=safely(_take), args=(page, one)
        )
        st.button(no, key=f"refuse_{one.event_id}", disabled=not may, on_click=safely(_refuse), args=(page, one))


def _title(page: Page, one: Proposed) -> str:
    _, names = page._, [registry_words.quoted(page, irritant) for irritant in one.irritant_ids]
    titles = {
        MERGE: _("Are {one} and {other} the same cause?"),
        SPLIT: _("Does {one} hide a second cause?"),
        DEATH: _("Has {one} come to an end?"),
    }
    return titles.get(one.kind, "{one}").format(one=names[0], other=names[-1])


def _evidence(page: Page, one: Proposed) -> str:
    """How many texts, and which share of the irritant they are."""
    _, told = page._, one.payload.get("evidence", {})
    n = int(told.get("texts_moving", told.get("shared_texts", 0)))
    share = told.get("share_of_irritant", one.payload.get("score"))
    if one.kind == DEATH:
        return _("The last discovery found no group of texts that continues it.")
    if one.kind == MERGE:
        few = _("{n} text of {one}, {share} of them, lies in one group with {other}.")
        many = _("{n} texts of {one}, {share} of them, lie in one group with {other}.")
    else:
        few = _("{n} text of {one} ({share} of them) forms a group apart.")
        many = _("{n} texts of {one} ({share} of them) form a group apart.")
    first, last = (registry_words.quoted(page, one.irritant_ids[place]) for place in (0, -1))
    return plural(n, few, many, page.language).format(
        n=page.fmt.number(n), share=page.fmt.percent(share), one=first, other=last
    )


def _examples(page: Page, one: Proposed) -> None:
    """Real texts: of the group that a split takes out, else of each irritant."""
    if one.kind == SPLIT and (said := _moving(page, one)):
        _quotes(page, page._("In the group apart"), said)
        return
    for column, irritant in zip(st.columns(len(one.irritant_ids)), one.irritant_ids, strict=True):
        found = page.rows(registry_queries.TYPICAL, irritant=irritant, size=EXAMPLES)
        with column:
            _quotes(page, registry_words.place(page, irritant), found["text"].tolist())


def _quotes(page: Page, title: str, texts: Sequence[str]) -> None:
    st.caption(plain(title))
    for text in texts:
        st.text(registry_words.in_quotes(page, text))


def _moving(page: Page, one: Proposed) -> list[str]:
    """A few of the texts that a proposed split takes out."""
    placed = placements(page.store.ledger, [one.event_id])
    told = [str(sha) for sha in one.payload.get("examples") or [] if isinstance(sha, str)]
    return texts_of(page, [*told, *(each.text_sha for each in placed[: 10 * EXAMPLES])])[:EXAMPLES]


def texts_of(page: Page, shas: Sequence[str]) -> list[str]:
    """The texts of these hashes that are still there, in their order, each once."""
    wanted = list(dict.fromkeys(shas))
    found = page.rows(registry_queries.TEXTS, shas=wanted)
    text = dict(zip(found["text_sha"], found["text"], strict=True))
    return list(dict.fromkeys(text[sha] for sha in wanted if sha in text))


def _take(page: Page, one: Proposed) -> None:
    ledger = page.store.ledger
    parts = [_named(one)] if one.kind == SPLIT else []
    sentence = plain(_done(page, one))
    decide(page, VIEW, sentence, lambda me: curate.take(ledger, one.event_id, actor=me, at=page.now, parts=parts))


def _named(one: Proposed) -> Part:
    """What a split makes, under the names written on the card."""
    french, english = (st.session_state[f"name_{language}_{one.event_id}"].strip() for language in ("fr", "en"))
    keywords = (one.payload.get("names") or {}).get("keywords") or ()
    return Part(french or None, english or None, (), tuple(keywords))


def _done(page: Page, one: Proposed) -> str:
    _ = page._
    names = [registry_words.quoted(page, irritant) for irritant in one.irritant_ids]
    words = {
        MERGE: _("{irritant} now counts with {other}."),
        SPLIT: _("A part of {irritant} is an irritant of its own now."),
        DEATH: _("{irritant} is dormant now."),
    }
    return words.get(one.kind, "{irritant}").format(irritant=names[0], other=names[-1])


def _refuse(page: Page, one: Proposed) -> None:
    _settle(page, curate.refuse, one, page._("Refused: the same change will not be proposed again."))


def _reopen(page: Page, one: Proposed) -> None:
    _settle(page, curate.reopen, one, page._("Taken back: the change can be proposed and decided again."))


def _settle(page: Page, act: Callable[..., None], one: Proposed, sentence: str) -> None:
    """Record a decision that changes no irritant, and tell it."""
    try:
        act(page.store.ledger, one.event_id, actor=author(page, "curate"), at=page.now)
        told = Told(VIEW, True, sentence)
    except VocError as error:
        told = Told(VIEW, False, refusal(page, error))
    tell(told)
