"""Segments: the groups of customers that the average hides, and how the newly arrived fare."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import segment_queries
from dashboard.guard import empty
from dashboard.page import Page, explained, from_url, headline, show, table, to_url
from dashboard.persona_card import persona_card
from dashboard.segment_words import in_sentence, stage
from dashboard.words import plain, plural
from insights.segments.personas import IRRITANT, RISK, SCORE, Persona, personas

SHOWN = 12
KINDS = ("all", RISK, SCORE, IRRITANT)


def render(page: Page) -> None:
    _ = page._
    if not page.store.has("segment_difference"):
        empty(_("Segments have not been looked for yet."), _("Run `voc run`: one of its steps looks for them."))
        return
    rows = page.rows(segment_queries.DIFFERENCES)
    found = personas(rows, rows.drop_duplicates("segment_key").set_index("segment_key")["margin_eur_year"])
    worse = [one for one in found if any(difference.worse for difference in one.differences)]
    better = [one for one in found if one not in worse]
    _summary(page, worse)
    if found:
        _personas(page, worse, better)
    _cohorts(page)
    _method(page)


def _summary(page: Page, worse: Sequence[Persona]) -> None:
    _, fmt = page._, page.fmt
    if not worse:
        sentence = _("No group of customers fares worse than the others by more than chance explains.")
    else:
        first = worse[0]
        sentence = _("Start with **{segment}**.").format(segment=plain(in_sentence(_, first.terms)))
        if first.excess_loss_eur and first.excess_loss_eur > 0:
            sentence += " " + _("About {euros} of yearly margin more at stake than at the risk of the others.").format(
                euros=plain(fmt.euros(first.excess_loss_eur))
            )
    one, many = _("Group that fares worse"), _("Groups that fare worse")
    definition = _(
        "Groups of customers with a higher risk, a lower score or more of an irritant than all others, beyond chance and "
        "by enough to matter. At most one in twenty is expected to be luck."
    )
    said = explained(page, definition, n=_customers(page))
    headline(plural(len(worse), one, many, page.language), fmt.number(len(worse)), sentence, help=said)


def _customers(page: Page) -> int:
    return int(page.rows(segment_queries.N_CUSTOMERS, until=page.today)["n"].iloc[0])


def _personas(page: Page, worse: Sequence[Persona], better: Sequence[Persona]) -> None:
    _ = page._
    names = {"all": _("All"), RISK: _("Risk of leaving"), SCORE: _("Scores"), IRRITANT: _("Irritants")}
    from_url("kind", KINDS, KINDS[0])
    st.segmented_control(_("That differ in"), KINDS, key="kind", format_func=names.__getitem__, required=True)
    kind = to_url("kind", KINDS[0])
    n_all = _customers(page)
    chosen = [one for one in worse if kind == "all" or any(d.worse for d in one.of_kind(str(kind)))]
    if not chosen:
        st.info(_("No group fares worse in this respect."))
    _cards(page, chosen[:SHOWN], n_all)
    if len(chosen) > SHOWN:
        with st.expander(_("{n} more").format(n=page.fmt.number(len(chosen) - SHOWN))):
            _cards(page, chosen[SHOWN:], n_all)
    if better:
        with st.expander(_("Groups that fare better ({n})").format(n=page.fmt.number(len(better)))):
            _cards(page, better, n_all)


def _cards(page: Page, found: Sequence[Persona], n_all: int) -> None:
    columns = st.columns(2, gap="small")
    for place, one in enumerate(found):
        with columns[place % 2]:
            persona_card(page, one, n_all)


def _cohorts(page: Page) -> None:
    """The first ninety days of those who arrived in the same quarter."""
    _, fmt = page._, page.fmt
    st.header(_("The first ninety days"))
    found = page.rows(segment_queries.COHORTS) if page.store.has("welcome_cohort") else pd.DataFrame()
    if found.empty:
        st.caption(_("No arrival of the last two years is known: contracts carry no start date."))
        return
    st.caption(
        _("Customers by the quarter in which their contract began. A share needs 30 answers, an irritant 5 customers.")
    )
    rows = found.to_dict("records")

    def satisfied(row: dict[str, object]) -> str:
        if pd.isna(row["satisfied_share"]):
            return _("not enough answers ({n})").format(n=fmt.number(row["n_answers"]))
        return f"{fmt.percent(row['satisfied_share'])} ({fmt.interval(row['low'], row['high'], fmt.percent)})"

    shown = pd.DataFrame(
        {
            _("Arrived from"): [fmt.day(row["cohort_on"]) for row in rows],
            _("Stage"): [stage(_, row["stage"]) for row in rows],
            _("Customers"): [row["n_customers"] for row in rows],
            _("Satisfied (90 % interval)"): [satisfied(row) for row in rows],
            _("Contacted us"): [fmt.percent(row["n_contacting"] / row["n_customers"], 1) for row in rows],
            _("Complained"): [fmt.percent(row["n_complaining"] / row["n_customers"], 1) for row in rows],
            _("Chose to leave"): [fmt.percent(row["n_left"] / row["n_customers"], 1) for row in rows],
            _("Most named"): [_most_named(page, row) for row in rows],
        }
    )
    table(shown, wide=_("Most named"), rows=12, name=_("The first ninety days"), raw=_cohort_raw(page, found))


def _cohort_raw(page: Page, found: pd.DataFrame) -> pd.DataFrame:
    """The rows of the first ninety days typed: shares from 0 to 1, counts, days."""
    _ = page._
    n = found["n_customers"]
    return pd.DataFrame(
        {
            _("Arrived from"): page.fmt.days(found["cohort_on"]),
            _("Stage"): [stage(_, one) for one in found["stage"]],
            _("Customers"): n,
            _("Answers"): found["n_answers"],
            _("Satisfied"): found["satisfied_share"],
            _("Satisfied, low end (90 %)"): found["low"],
            _("Satisfied, high end (90 %)"): found["high"],
            _("Contacted us"): found["n_contacting"] / n,
            _("Complained"): found["n_complaining"] / n,
            _("Chose to leave"): found["n_left"] / n,
            _("Most named"): [None if pd.isna(one) else page.label(str(one)) for one in found["top_irritant_id"]],
            _("Customers who named it"): found["n_top_irritant"],
        }
    )


def _most_named(page: Page, row: dict[str, object]) -> str:
    if pd.isna(row["top_irritant_id"]):
        return "–"
    return f"{page.label(str(row['top_irritant_id']))} ({page.fmt.number(row['n_top_irritant'])})"


def _method(page: Page) -> None:
    _ = page._
    with st.expander(_("Detail")):
        st.markdown(
            _(
                "Every value of each dimension, and every pair of values, is compared with all other customers: the last "
                "12 months, each customer once, with the time they have been with us. At most one finding in twenty is "
                "expected to be chance. Differences too small to matter are left out, and a pair is told only where it "
                "differs from both its halves. A difference is no cause."
            )
        )
        st.markdown(
            _(
                "Age, digital habit and income describe groups here; they never enter the risk of one customer. Use this "
                "page to help, never to price or to refuse."
            )
        )


if __name__ == "__main__":
    show(render)
