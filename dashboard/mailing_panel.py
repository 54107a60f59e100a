"""Digests by mail: what was sent, what came back, who answered, and how useful it was to whom."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboard.answer_panel import answer_panel
from dashboard.format import DASH
from dashboard.page import Page, table
from dashboard.words import plain
from insights.answers import fold_answers, frequency, words
from insights.answers.usefulness import by_irritant, by_owner
from insights.digest.owners import Owner, load_owners
from insights.errors import SettingsError
from insights.outbox.mailed import IN_DOUBT, REFUSED, RETURNED, SENT, Mailed, Post, fold_mailed
from insights.steps.answers import current_ids
from insights.steps.mailing import OWNERS, mark_of


def mailing_panel(page: Page) -> None:
    """What became of the digests, then the answers; one line where none was ever sent."""
    _ = page._
    events = page.store.digests
    post, given = fold_mailed(events), fold_answers(events)
    st.header(_("Digests and the answers of their readers"))
    if not post.mails and not given.all:
        st.caption(_("No digest has been sent by mail yet, and nobody has answered one."))
        return
    owners = _owners(page)
    if post.mails:
        st.markdown(_last_week(page, post, {(one.publication_id, one.recipient_id) for one in given.standing}))
    for owner in owners.values():
        if post.suppressed(owner.owner_id, mark_of(page.store.ledger.keys, owner.email)):
            told = _("{name} gets no more: two digests came back for good. Change the address in owners.yaml.")
            st.warning(plain(told.format(name=owner.name)))
    useful = by_owner(given.standing)
    table(_by_reader(page, post, owners, given.wishes, useful), wide=_("Reader"))
    st.caption(_("Useful: what was answered “I take it”, of all answers, with its 95 % interval."))
    if not useful.empty:
        with st.expander(_("Usefulness by irritant")):
            found = by_irritant(given.standing, current_ids(page.registry))
            table(_rates(page, found, _("Irritant"), page.label), wide=_("Irritant"))
    answer_panel(page, given, {one.owner_id: one.name for one in owners.values()}, list(owners.values()))


def _owners(page: Page) -> dict[str, Owner]:
    try:
        found = load_owners(page.settings.reference_dir / OWNERS)
    except SettingsError as error:
        st.warning(plain(str(error)))
        return {}
    return {one.owner_id: one for one in found}


def _last_week(page: Page, post: Post, answered: set[tuple[str, str]]) -> str:
    """The newest week in one sentence."""
    _, fmt = page._, page.fmt
    week = max(week for week, _who in post.mails)
    rows = [one for (when, _who), one in post.mails.items() if when == week]
    n = {state: sum(one.state == state for one in rows) for state in (SENT, IN_DOUBT, REFUSED, RETURNED)}
    opened = sum((one.publication_id, one.recipient_id) in answered for one in rows)
    told = _(
        "Week of {day}: digests taken by the mail server: **{sent}**; in doubt: {doubt}; not taken: {failed}; "
        "came back: {bounced}. Readers who answered: **{answered}**."
    )
    return told.format(
        day=fmt.day(week), sent=fmt.number(n[SENT]), answered=fmt.number(opened), doubt=fmt.number(n[IN_DOUBT]),
        failed=fmt.number(n[REFUSED]), bounced=fmt.number(n[RETURNED]),
    )  # fmt: skip


def _by_reader(page: Page, post: Post, owners: dict[str, Owner], wishes: Any, useful: pd.DataFrame) -> pd.DataFrame:
    """One row a reader: how often they want it, what became of the last one, how useful they found it."""
    _, fmt = page._, page.fmt
    rates = {row["key"]: row for row in useful.to_dict("records")}
    last: dict[str, Mailed] = {}
    for (_week, who), one in sorted(post.mails.items()):
        last[who] = one
    rows = []
    for who in dict.fromkeys([*owners, *sorted({*last, *rates})]):
        owner, one, rate = owners.get(who), last.get(who), rates.get(who)
        wanted = frequency(wishes, who, owner.digest) if owner else DASH
        rows.append(
            {
                _("Reader"): owner.name if owner else who,
                _("Wants it"): words.frequency(_, wanted),
                _("Last digest"): fmt.day(one.week) if one else DASH,
                _("What became of it"): state(page, one) if one else DASH,
                _("Answers"): fmt.number(rate["n"]) if rate else fmt.number(0),
                _("Useful"): _rate(page, rate) if rate else DASH,
            }
        )
    return pd.DataFrame(rows)


def state(page: Page, one: Mailed) -> str:
    """What became of one digest, in words."""
    _ = page._
    told = {
        SENT: _("taken by the mail server"),
        IN_DOUBT: _("in doubt: it is sent again at the next run"),
        REFUSED: _("not taken ({code})").format(code=one.code or DASH),
        RETURNED: _("came back ({code})").format(code=one.bounced or DASH),
    }[one.state]
    if one.state == SENT and one.n_in_doubt:
        told += " " + _("(sent again after a crash: perhaps twice)")
    return told


def _rates(page: Page, found: pd.DataFrame, title: str, name: Any) -> pd.DataFrame:
    _, fmt = page._, page.fmt
    rows = found.sort_values(["n", "key"], ascending=[False, True]).to_dict("records")
    return pd.DataFrame(
        {
            title: [name(row["key"]) for row in rows],
            _("Useful"): [_rate(page, row) for row in rows],
            **{
                words.answer(_, one): [fmt.number(row[one]) for row in rows]
                for one in ("accept", "known", "wrong", "not_mine")
            },
        }
    )


def _rate(page: Page, row: Any) -> str:
    """`40 % (12 % à 77 %)`; a dash where nothing counts."""
    if not row["n"]:
        return DASH
    return f"{page.fmt.percent(row['rate'])} ({page.fmt.interval(row['low'], row['high'], page.fmt.percent)})"
