"""The effect of an edit, shown before it is made: one sentence, a table before and after, and who else is concerned."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from dashboard import registry_words
from dashboard.acting import book
from dashboard.foreseen import foreseen, ranking
from dashboard.format import DASH
from dashboard.page import Page, table
from dashboard.refusals import refusal
from dashboard.words import plain, plural
from insights.actions.model import PLANNED, RUNNING
from insights.errors import LedgerError
from insights.irritants import registry as kinds
from insights.irritants.edit import Draft
from insights.irritants.foreseen import Change
from insights.irritants.registry import Registry

ARROW = " → "


def effect_panel(page: Page, build: Callable[[Registry], Draft]) -> bool:
    """Tell what the edit would change; False, with the reason, when it cannot be made."""
    try:
        draft = build(page.registry)
        plan, changed = foreseen(page, build)
    except LedgerError as error:
        st.warning(refusal(page, error))
        return False
    with st.container(border=True):
        st.markdown(f"**{page._('What this would change')}** — {_sentence(page, draft, plan.known, changed)}")
        _table(page, plan.known, changed)
        for line in concerned(page, draft, plan.known):
            st.markdown(f"- {line}")
        st.caption(
            page._(
                "Nothing is changed yet. Counts, lists and pages follow at once; ranks here are estimates: ranking, trends "
                "and euros are computed anew at the next run."
            )
        )
    return True


def _sentence(page: Page, draft: Draft, after: Registry, changed: list[Change]) -> str:
    _, fmt = page._, page.fmt
    about = str(draft.payload["into"]) if draft.kind == kinds.MERGED else draft.subject
    first = next(one for one in changed if one.irritant_id == about)
    told = {
        "irritant": plain(registry_words.in_quotes(page, _name(page, after, draft.subject))),
        "n": fmt.number(first.after["n_year"]),
        "before": fmt.number(first.before["n_year"]),
        "people": fmt.number(first.after["people_year"]),
    }
    if draft.kind == kinds.MERGED:
        told["other"] = plain(registry_words.quoted(page, str(draft.payload["into"])))
        sentence = _("{other} would hold **{n} mentions a year** instead of {before}, from {people} customers.")
    elif draft.kind == kinds.SPLIT:
        sentence = _(
            "{irritant} would keep **{n} of its {before} mentions a year**; the rest goes to what is taken out."
        )
    elif draft.kind == kinds.HIDDEN:
        sentence = _(
            "{irritant} leaves lists, ranking, map and digests. **Its {n} mentions a year stay counted** in every total."
        )
    elif draft.kind == kinds.SHOWN:
        sentence = _("{irritant} comes back to lists, ranking, map and digests, with its {n} mentions a year.")
    elif draft.kind == kinds.RETIRED:
        sentence = _("{irritant} is marked dormant. **No count changes**: its {n} mentions a year stay where they are.")
    elif draft.kind == kinds.MOVED:
        return _moved(page, draft, after, changed[0])
    else:
        sentence = _("{irritant} would hold {n} mentions a year, from {people} customers.")
    return sentence.format(**told)


def _moved(page: Page, draft: Draft, after: Registry, changed: Change) -> str:
    sentence = page._("its {n} mentions a year go from the theme {before} to the theme {after}.")
    return sentence.format(
        n=page.fmt.number(changed.after["n_year"]),
        before=plain(registry_words.theme_name(page, page.registry.theme_of(draft.subject))),
        after=plain(registry_words.theme_name(page, after.theme_of(draft.subject))),
    )


def _table(page: Page, after: Registry, changed: list[Change]) -> None:
    _ = page._
    titles = {
        "n_month": _("Mentions, 4 weeks"),
        "n_year": _("Mentions, 52 weeks"),
        "people_month": _("Customers, 4 weeks"),
        "people_year": _("Customers, 52 weeks"),
    }
    shown = {_("Irritant"): [_name(page, after, one.irritant_id) for one in changed]}
    shown |= {
        title: [_step(page, one.before[name], one.after[name]) for one in changed] for name, title in titles.items()
    }
    shown[_("Rank (about)")] = [_step(page, one.rank_before, one.rank_after) for one in changed]
    table(pd.DataFrame(shown), wide=_("Irritant"), wide_px=230, export=False)


def _name(page: Page, after: Registry, irritant_id: str) -> str:
    """The name an irritant would have; one that is not born yet has it from the draft alone."""
    if irritant_id in page.registry.irritants or irritant_id not in after.irritants:
        return registry_words.place(page, irritant_id)
    name = after.irritants[irritant_id].label(page.language)[0]
    return page._("{label} (new)").format(label=name if name != irritant_id else page._("without a name yet"))


def _step(page: Page, before: int | None, after: int | None) -> str:
    if before == after:
        return DASH if before is None else page.fmt.number(before)
    return ARROW.join(DASH if one is None else page.fmt.number(one) for one in (before, after))


def concerned(page: Page, draft: Draft, after: Registry) -> list[str]:
    """Sentences in Markdown: actions and callbacks that point at the irritant, its owner, the next digest."""
    lines = [*_actions(page, draft), *_callbacks(page, draft), *_owner(page, draft, after)]
    place = next((one for one, own in enumerate(ranking(page)["irritant_id"], start=1) if own == draft.subject), None)
    if place is not None and draft.kind in (kinds.MERGED, kinds.HIDDEN):
        words = {
            kinds.MERGED: page._("The next digest speaks of {other} only."),
            kinds.HIDDEN: page._("The next digest does not speak of it; those ranked behind it move up by one."),
        }
        lines.append(words[draft.kind].format(other=_into(page, draft)))
    return lines


def _into(page: Page, draft: Draft) -> str:
    return plain(registry_words.quoted(page, str(draft.payload.get("into", ""))))


def _actions(page: Page, draft: Draft) -> list[str]:
    live = [one for one in book(page).actions.values() if one.state in (PLANNED, RUNNING)]
    titles = [one.title for one in live if page.registry.resolve(one.irritant_id) == draft.subject]
    if not titles:
        return []
    _, n = page._, len(titles)
    if draft.kind == kinds.MERGED:
        told = plural(
            n,
            _("{n} action will stand under {other}: {titles}."),
            _("{n} actions will stand under {other}: {titles}."),
            page.language,
        )
    else:
        told = plural(
            n, _("{n} action stays with it: {titles}."), _("{n} actions stay with it: {titles}."), page.language
        )
    return [told.format(n=page.fmt.number(n), other=_into(page, draft), titles=plain(", ".join(titles)))]


def _callbacks(page: Page, draft: Draft) -> list[str]:
    _ = page._
    named = [one for one in page.store.cases.values() if one.is_open and one.irritant_id]
    n = sum(page.registry.resolve(str(one.irritant_id)) == draft.subject for one in named)
    if not n:
        return []
    if draft.kind == kinds.MERGED:
        told = plural(
            n, _("{n} open callback will name {other}."), _("{n} open callbacks will name {other}."), page.language
        )
    else:
        told = plural(
            n, _("{n} open callback goes on naming it."), _("{n} open callbacks go on naming it."), page.language
        )
    return [told.format(n=page.fmt.number(n), other=_into(page, draft))]


def _owner(page: Page, draft: Draft, after: Registry) -> list[str]:
    """Whose work it becomes, where that changes."""
    now, then = page.owner(draft.subject), None
    if draft.kind == kinds.MERGED:
        then = page.owner(str(draft.payload["into"]))
        if now != then:
            told = page._("Owner: {before} today, {after} afterwards.")
            nobody = page._("nobody")
            return [told.format(before=plain(now or nobody), after=plain(then or nobody))]
    if draft.kind == kinds.SPLIT and now:
        return [page._("What is taken out keeps its owner, {owner}, until you name another.").format(owner=plain(now))]
    return []
