"""Do our calls work? The hold-out: where it stands, what it needs, what it showed; a director switches it here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.data import Store, ledger_place
from dashboard.deciding import author, company_only, named
from dashboard.format import DASH, missing
from dashboard.guard import safely
from dashboard.page import Page, table
from dashboard.words import Translate, plain, segment
from insights.cases.holdout_words import headline, meaning, notes, percent, size
from insights.digest.words import Words
from insights.errors import VocError
from insights.steps import holdout
from insights.uplift.reading import COMPLAINT, DEPARTURE, EVERYBODY, SCORE

NOTICE = "holdout_notice"
WANTED = "holdout_wanted"
QUICK = 50_000  # customers scored whose forecast is reckoned without asking
SCORED = """
SELECT count(*) AS n FROM churn_score WHERE scored_on = (SELECT max(scored_on) FROM churn_score WHERE scored_on <= $until)
"""


@st.cache_resource(show_spinner=False, max_entries=8)
def _status(
    place: str, ledger: str, catalog_id: int, changed: int, version: int, day: date, _store: Store
) -> holdout.Status:
    """The hold-out as its tables and events stand: it reads every customer's score."""
    return holdout.status(_store.lake, _store.ledger)


def holdout_panel(page: Page) -> None:
    """The state in one sentence; the rest, and the switch, unfold."""
    _, store = page._, page.store
    if not store.has("callback_effect"):  # written by an older version: its next run brings the table
        return
    if company_only(page, _("Do these calls keep customers?")):
        return
    if not _wanted(page):
        return
    changed, version = store.changed(*holdout.READS), store.last_event(*holdout.TOLD_BY)
    told = _status(store.place, ledger_place(store.settings), store.catalog_id, changed, version, store.day, store)
    words = Words(page.language, page.settings.timezone)
    st.header(_("Do these calls keep customers?"))
    _notice()
    first, *shown = headline(words, told)
    st.markdown(" ".join([plain(first), *(f"**{plain(one)}**" for one in shown)]))
    st.markdown(plain(" ".join(size(words, told))))
    for note in notes(words, told):
        st.caption(plain(note))
    if len(told.effects):
        table(rows(page, words, told.effects))
    with st.expander(_("Switch the hold-out")):
        _switch(page, words, told)


def _wanted(page: Page) -> bool:
    """Whether to reckon: at once for a few customers, when asked for where every one of many is read."""
    _ = page._
    if int(page.rows(SCORED, until=page.today)["n"].iloc[0]) <= QUICK or st.session_state.get(WANTED):
        return True
    st.header(_("Do these calls keep customers?"))
    st.caption(_("Every customer's score is read: this takes some seconds."))
    st.button(_("Show where the hold-out stands"), key="holdout_look", on_click=safely(_want))
    return False


def _want() -> None:
    st.session_state[WANTED] = True


def rows(page: Page, words: Words, effects: pd.DataFrame) -> pd.DataFrame:
    """Every outcome of the experiment: departures first, then what shows sooner."""
    _ = page._
    names = {DEPARTURE: _("Left by choice"), COMPLAINT: _("Made a complaint"), SCORE: _("Change of the 0-10 score")}
    ordered = effects.assign(
        _place=effects["outcome"].map({name: place for place, name in enumerate(names)}),
        _rest=effects["segment"] != EVERYBODY,
    ).sort_values(["_place", "_rest", "segment"])
    said = {
        "works": _("calls help"),
        "harms": _("calls harm"),
        "not_shown": _("not shown"),
        "too_early": _("too early"),
        "too_few": _("too few"),
    }
    records = ordered.to_dict("records")

    return pd.DataFrame(
        {
            _("What is measured"): [names[str(row["outcome"])] for row in records],
            _("Customers"): [
                _("All") if row["segment"] == EVERYBODY else segment(_, row["segment"]) for row in records
            ],
            _("Called"): [f"{words.number(row['n_called'])} · {_figure(words, row, 'mean_called')}" for row in records],
            _("Held back"): [f"{words.number(row['n_held'])} · {_figure(words, row, 'mean_held')}" for row in records],
            _("95 % interval"): [
                words._("{low} to {high}").format(
                    low=_figure(words, row, "effect_low", signed=True),
                    high=_figure(words, row, "effect_high", signed=True),
                )
                for row in records
            ],
            _("Verdict"): [said[str(row["verdict"])] for row in records],
        }
    )


def _figure(words: Words, row: Mapping[str, Any], name: str, *, signed: bool = False) -> str:
    """A share in %, a change of score in points; a dash where there is none."""
    value = row[name]
    if missing(value):
        return DASH
    if row["outcome"] == SCORE:
        return words.number(value, 1, signed=signed)
    return percent(words, value, 1, signed=signed)


def _switch(page: Page, words: Words, told: holdout.Status) -> None:
    """One box to tick and one button, for a named person."""
    _ = page._
    st.markdown(plain(meaning(words)))
    if not named(page, "decide"):
        return
    if told.running:
        sure = st.checkbox(_("I want to call everybody on the list again."), key="holdout_off_sure")
        label, act = _("Switch the hold-out off"), _off
    else:
        decision = _(
            "I decide that {share} of these customers, drawn at random, are not called until the day of reading."
        )
        sure = st.checkbox(decision.format(share=percent(words, told.share)), key="holdout_on_sure")
        label, act = _("Switch the hold-out on"), _on
    st.button(label, disabled=not sure, key="holdout_switch", on_click=safely(act), args=(page,))


def _on(page: Page) -> None:
    store = page.store
    done = page._("The hold-out is on.")
    _act(page._, lambda: holdout.switch_on(store.lake, store.ledger, actor=author(page, "decide")), done)


def _off(page: Page) -> None:
    ledger = page.store.ledger
    done = page._("The hold-out is off.")
    _act(page._, lambda: holdout.switch_off(ledger, actor=author(page, "decide"), at=page.now), done)


def _act(_: Translate, act: Callable[[], object], done: str) -> None:
    """Switch, and keep what to tell: the page is then drawn once, with the decision in it."""
    try:
        act()
        st.session_state[NOTICE] = (True, done)
    except VocError as error:
        st.session_state[NOTICE] = (False, _refused(_, str(error)))


def _refused(_: Translate, said: str) -> str:
    """Why the switch was refused (insights/steps/holdout.py), in the reader's language; else as it was said."""
    told = {
        "on already": _("Somebody has switched the hold-out on meanwhile."),
        "No hold-out is on": _("Somebody has switched the hold-out off meanwhile."),
        "Somebody else": _("Somebody has switched the hold-out meanwhile."),
        "Nobody has been scored": _("No customer has a score today: there is nothing to draw from."),
    }
    return next((sentence for part, sentence in told.items() if part in said), said)


def _notice() -> None:
    """What the last click did; told once."""
    told = st.session_state.pop(NOTICE, None)
    if told:
        (st.success if told[0] else st.warning)(told[1])
