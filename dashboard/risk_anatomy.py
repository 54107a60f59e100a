"""One customer's whole score on the page: every family's part, what is not known, or why there is no score."""

from __future__ import annotations

import streamlit as st

from dashboard.data import ledger_place
from dashboard.page import Page
from dashboard.words import plain
from insights.churn.explain import SCORED, Anatomy, Explanation
from insights.churn.reasons import family_label
from insights.churn.telling import family_sentence, status_sentence, times, unknown_sentence
from insights.digest.words import Words
from insights.lake import Lake
from insights.ledger import Ledger
from insights.steps.explain import explain


@st.cache_data(show_spinner=False, max_entries=200)
def _explained(
    place: str, snapshot: int, ledger: str, version: int, customer: str, _lake: Lake, _ledger: Ledger
) -> Explanation:
    return explain(_lake, _ledger, customer)


def explained(page: Page, customer_id: str) -> Explanation:
    """The customer's explanation at this snapshot and ledger version."""
    store = page.store
    place = ledger_place(page.settings)
    return _explained(
        store.place, store.snapshot, place, store.version, customer_id, store.lake_of(customer_id), store.ledger
    )


def no_score(page: Page, one: Explanation) -> None:
    """Why there is no score, as a sentence."""
    st.caption(plain(status_sentence(one, Words(page.language, page.settings.timezone))))


def whole_score(page: Page, one: Explanation) -> None:
    """Every family's part behind one click; nothing where the model that scored is gone."""
    if one.status != SCORED or one.anatomy is None:
        return
    _ = page._
    words = Words(page.language, page.settings.timezone)
    with st.expander(_("The whole score")):
        st.markdown(_parts(page, one.anatomy, words))
        if one.anatomy.unknown:
            told = [f"- {plain(unknown_sentence(code, words))}" for code in one.anatomy.unknown]
            st.markdown("\n".join([_("Not known:"), *told]))
        st.caption(
            _("Model {version}, {day}.").format(
                version=plain(str(one.score["model_version"])), day=page.fmt.day(one.score["scored_on"])
            )
        )


def _parts(page: Page, one: Anatomy, words: Words) -> str:
    """A list: the average customer, then what each family multiplies the odds by, and the fact behind it."""
    _ = page._
    labels = page.registry.labels(page.language)
    lines = []
    if one.kind == "card":
        lines += [_("Points by family:"), ""]
    else:
        head = _("A customer average in everything: {share}. Each family multiplies the odds of leaving:")
        lines += [head.format(share=page.fmt.percent(one.base_probability, 1)), ""]
    for part in one.families:
        if one.kind == "card" and not part.contribution:
            continue
        log = words.number(part.contribution, 0 if one.kind == "card" else 2, signed=True)
        figure = log if one.kind == "card" else f"{times(part.contribution, words)} ({log})"
        lines.append(
            _("- **{family}** {figure}: {fact}").format(
                family=plain(family_label(part.family, page.language)),
                figure=figure,
                fact=plain(family_sentence(part, words, labels)),
            )
        )
    if one.kind != "card":
        lines += ["", _("In brackets: log-odds; with the average they sum exactly to the score.")]
    return "\n".join(lines)
