"""The discussion on one irritant or action: what colleagues wrote, a form to answer and to call somebody."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from dashboard import comments_acting as acting
from dashboard.deciding import reader
from dashboard.guard import safely
from dashboard.page import Page
from dashboard.words import plain, plural
from insights.access import same_person
from insights.comments import ACTION, IRRITANT, Comment, Person
from insights.comments.edit import LONGEST
from insights.steps.comments import text_key

SHOWN = 10


def comments_panel(page: Page, subject_kind: Literal["irritant", "action"], subject_id: str) -> None:
    """What is said of one irritant (those merged into it too) or action, oldest first, and a form to write."""
    _, ids = page._, _ids(page, subject_kind, subject_id)
    found = acting.book(page).on(subject_kind, ids)
    st.markdown(f"**{_heading(page, len(found))}**")
    acting.notice(page, subject_id)
    _unread(page, found)
    for one in found[-SHOWN:]:
        _comment(page, subject_id, one)
    if len(found) > SHOWN:
        with st.expander(_("Earlier comments")):
            for one in found[:-SHOWN]:
                _comment(page, subject_id, one)
    _form(page, subject_kind, subject_id)


def _ids(page: Page, kind: str, subject_id: str) -> list[str]:
    if kind == ACTION:
        return [subject_id]
    known = page.registry
    return [one for one in known.irritants if known.resolve(one) == known.resolve(subject_id)] or [subject_id]


def _heading(page: Page, n: int) -> str:
    _ = page._
    if not n:
        return _("Discussion: nobody has written yet")
    told = plural(n, _("Discussion: {n} comment"), _("Discussion: {n} comments"), page.language)
    return told.format(n=page.fmt.number(n))


def _unread(page: Page, found: list[Comment]) -> None:
    """Who called the reader here, and the button that says it is read."""
    waiting = {one.comment_id for one in acting.book(page).unread(reader())}
    calling = [one for one in found if one.comment_id in waiting]
    if not calling:
        return
    names = ", ".join(dict.fromkeys(one.by for one in calling))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(page._("{names} called you here.").format(names=plain(names)), icon=":material/alternate_email:")
        st.button(
            page._("I have read it"),
            icon=":material/done:",
            key="cmt_read",
            on_click=safely(acting.mark_read),
            args=(page,),
        )


def _comment(page: Page, subject_id: str, one: Comment) -> None:
    _, fmt = page._, page.fmt
    told = [one.by, fmt.instant(one.at)]
    told += [_("to {names}").format(names=", ".join(one.called))] if one.called else []
    told += [_("changed on {day}").format(day=fmt.day(one.edited_at))] if one.edited_at else []
    with st.container(border=True, key=f"cmt_{one.comment_id}"):
        st.caption(plain(" · ".join(told)))
        words = page.store.ledger.text(text_key(one.key))
        if words is None:
            st.markdown(f"*{_('These words are no longer kept.')}*")
        else:
            st.markdown(plain(words).replace("\n", "  \n"))
        if page.may("comment") and same_person(one.by, reader()):
            _own(page, subject_id, one, words or "")


def _own(page: Page, subject_id: str, one: Comment, words: str) -> None:
    """Change or delete one's own comment."""
    at = f"{one.comment_id}_{one.last_event_id}"
    with st.container(horizontal=True):
        with st.popover(page._("Edit"), icon=":material/edit:", type="tertiary"):
            st.text_area(page._("Comment"), words, key=f"cmt_text_{at}", max_chars=LONGEST)
            _tell(page, at, list(one.called))
            st.button(
                page._("Save"), key=f"cmt_save_{at}", type="primary", on_click=safely(acting.change),
                args=(page, subject_id, one.comment_id, at),
            )  # fmt: skip
        st.button(
            page._("Delete"), key=f"cmt_delete_{at}", icon=":material/delete:", type="tertiary",
            on_click=safely(acting.remove), args=(page, subject_id, one.comment_id),
        )  # fmt: skip


def _form(page: Page, kind: str, subject_id: str) -> None:
    """A new comment. Disabled, with the reason, where the reader may not write or has no name yet."""
    _, me, may = page._, reader(), page.may("comment")
    at = f"{kind}_{subject_id}_{acting.book(page).version}"
    with st.form(f"cmt_form_{at}", border=False):
        st.text_area(
            _("Write to your colleagues"), key=f"cmt_text_{at}", height=80, max_chars=LONGEST, disabled=not may
        )
        _tell(page, at, [], disabled=not may)
        st.form_submit_button(
            _("Write it"), icon=":material/send:", disabled=not (may and me), on_click=safely(acting.write),
            args=(page, kind, subject_id, at),
        )  # fmt: skip
    if not may:
        st.caption(_("Your role reads comments without writing any."))
    elif not me:
        st.caption(_("Write your name on this page first: it stands beside what you write."))
    else:
        st.caption(_("Customers' names, numbers and addresses are masked before it is stored, encrypted."))


def _tell(page: Page, at: str, default: list[str], *, disabled: bool = False) -> None:
    """Whom to call; who is told outside the application is marked."""
    people = acting.people(page)
    names = [*people, *(one for one in default if one not in people)]
    st.multiselect(
        page._("Tell"), names, default, key=f"cmt_tell_{at}", disabled=disabled,
        format_func=lambda name: _marked(page, people.get(name, Person(name))),
        placeholder=page._("Nobody in particular"),
        help=page._("They find it under « For you »; marked with ✉, they are told by mail or chat too. @name works as well."),
    )  # fmt: skip


def _marked(page: Page, one: Person) -> str:
    return f"{one.name} ✉" if one.told_outside else one.name


__all__ = ["ACTION", "IRRITANT", "comments_panel"]
