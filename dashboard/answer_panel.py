"""What readers of digests answered and what it changes: taken back with a click, an owner proposed, the order explained."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import streamlit as st

from dashboard.deciding import Told, author, change, name_field, named, notice, tell
from dashboard.guard import NotYoursError, safely
from dashboard.page import Page
from dashboard.words import plain
from insights.answers import Answer, Answers, Effects, effects, fold_answers, words
from insights.answers.effect import remaining
from insights.digest.owners import Owner
from insights.errors import VocError
from insights.irritants import edit
from insights.steps import answers as steps

VIEW = "quality"
SHOWN = 12


def answer_panel(page: Page, given: Answers, names: Mapping[str, str], owners: Sequence[Owner]) -> None:
    """The newest answers, each with what it does and the way back; then irritants that look for another owner."""
    if not given.all:
        return
    _, found = page._, current(page, given)
    with st.container():
        notice(page, VIEW)
    st.markdown("**" + _("Newest answers") + "**")
    name_field(page)
    may = named(page)
    for one in list(reversed(given.standing))[:SHOWN]:
        left, right = st.columns([8, 2], vertical_alignment="center")
        left.markdown(_line(page, one, names))
        right.button(
            _("Take it back"), key=f"undo_answer_{one.event_id}", disabled=not may, on_click=safely(_undo),
            args=(page, one.event_id),
        )  # fmt: skip
    _proposed(page, found, names, owners, may)
    _doubted(page, found)


def current(page: Page, given: Answers | None = None) -> Effects:
    """What the answers change today."""
    known = given or fold_answers(page.store.digests)
    return effects(known.standing, steps.current_ids(page.registry), page.now)


def order_note(page: Page, irritants: Collection[str]) -> None:
    """Under the ranking: which irritants stand lower in the digests, because of whom, and until about when."""
    _, given = page._, fold_answers(page.store.digests)
    found = current(page, given)
    lines = []
    for one in sorted(found.wrong, key=lambda key: (found.wrong[key], key)):
        if one in irritants:
            n = sum(page.registry.resolve(each.irritant_id) == one for each in found.checks)
            told = _(
                "**{label}**: said to be wrong by {n}; it counts for {share} in the order of the digests, and fades back."
            )
            share = page.fmt.percent(found.wrong[one])
            lines.append(told.format(label=plain(page.label(one)), n=page.fmt.number(n), share=plain(share)))
    for _who, one in sorted(found.declined):
        if one in irritants:
            told = _("**{label}**: its reader said that it is not theirs; see the page Quality for the owner proposed.")
            lines.append(told.format(label=plain(page.label(one))))
    if lines:
        st.caption(
            _("Answers to digests. Euros, ranks and ranges on this page do not change; the order of the mails does.")
        )
        st.markdown("\n".join(f"- {line}" for line in dict.fromkeys(lines)))


def _line(page: Page, one: Answer, names: Mapping[str, str]) -> str:
    _, fmt = page._, page.fmt
    told = _("{day}, {name}: **{answer}**, {irritant}").format(
        day=plain(fmt.day(one.at)), name=plain(names.get(one.recipient_id, one.recipient_id)),
        answer=words.answer(_, one.answer), irritant=plain(page.label(page.registry.resolve(one.irritant_id))),
    )  # fmt: skip
    if one.action_id:
        return told + " · " + plain(one.action_id)
    left = plain(fmt.percent(remaining(one, page.now)))
    return told + " · " + _("{share} of its effect is left").format(share=left)


def _proposed(page: Page, found: Effects, names: Mapping[str, str], owners: Sequence[Owner], may: bool) -> None:
    """« Not mine »: the next best owner, one click away."""
    _ = page._
    for who, irritant in sorted(found.declined):
        if page.owner(irritant) not in (None, names.get(who)):
            continue  # somebody has decided since
        best = steps.next_owner(owners, page.registry, irritant, found)
        label = plain(page.label(irritant))
        if best is None:
            nobody = _("**{label}** is not {name}'s, and no owner's words fit it: choose one in the registry.")
            st.markdown(nobody.format(label=label, name=plain(names.get(who, who))))
            continue
        told = _("**{label}** is not {name}'s. Proposed: {owner}; the next digest goes there.")
        left, right = st.columns([8, 2], vertical_alignment="center")
        left.markdown(told.format(label=label, name=plain(names.get(who, who)), owner=plain(best.name)))
        right.button(
            _("Give it to them"), key=f"give_{who}_{irritant}", disabled=not may, on_click=safely(_give),
            args=(page, irritant, best.name),
        )  # fmt: skip


def _doubted(page: Page, found: Effects) -> None:
    """« Wrong »: texts to check, and how many were since."""
    _ = page._
    for irritant, n in steps.checked(page.store.ledger, page.registry, found).items():
        told = _("**{label}** was said to be wrong: {n} of {most} of its texts checked since.")
        st.markdown(
            told.format(label=plain(page.label(irritant)), n=page.fmt.number(min(n, steps.CHECKS)), most=steps.CHECKS)
        )
    if found.checks:
        st.page_link(
            "views/check.py", label=_("Check texts"), icon=":material/arrow_forward:",
            query_params={"lang": page.language},
        )  # fmt: skip


def _undo(page: Page, event_id: int) -> None:
    _ = page._
    try:
        steps.undo(page.store.ledger, event_id, actor=author(page, "curate"), at=page.now)
        tell(Told(VIEW, True, _("Taken back: the answer changes nothing any more.")))
    except NotYoursError as error:
        tell(Told(VIEW, False, plain(str(error))))
    except VocError:
        tell(Told(VIEW, False, _("This was taken back already.")))


def _give(page: Page, irritant_id: str, owner: str) -> None:
    told = page._("{label} now belongs to {owner}.").format(label=page.label(irritant_id), owner=owner)
    change(page, VIEW, told, lambda known: edit.own(known, irritant_id, owner))
