"""The day's proactive calls: who, why they were chosen, and what the calls are expected to bring."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from dashboard.page import Page, table
from dashboard.words import plural
from insights.cases import Case

SHOWN_ROWS = 8
LONGEST = 200  # rows drawn; the sentence counts them all


def day_list(cases: Mapping[str, Case]) -> list[Case]:
    """Proactive cases of the newest list, by expected net value; the random ones last."""
    planned = [case for case in cases.values() if case.plan.get("on")]
    newest = max((str(case.plan["on"]) for case in planned), default="")
    found = [case for case in planned if case.plan["on"] == newest]
    return sorted(found, key=lambda case: (case.explored, -(case.net_eur or 0.0), case.case_id))


def day_list_panel(page: Page, cases: Mapping[str, Case]) -> None:
    """One sentence and the list; nothing where no list has been made."""
    found = day_list(cases)
    if not found:
        return
    _ = page._
    st.header(_("Calls of our own initiative"))
    st.markdown(sentence(page, found))
    st.caption(supposed(page))
    table(rows(page, found[:LONGEST]), rows=SHOWN_ROWS)
    if len(found) > LONGEST:
        st.caption(_("The first {n} of {all}.").format(n=LONGEST, all=page.fmt.number(len(found))))


def sentence(page: Page, found: list[Case]) -> str:
    """How many calls, for which day, and what they should bring together."""
    _, fmt = page._, page.fmt
    day = fmt.long_day(pd.Timestamp(str(found[0].plan["on"])).date())
    n_random = sum(case.explored for case in found)
    worth = [case.net_eur for case in found if case.net_eur is not None]
    text = plural(
        len(found), _("**{n} call** for {day}."), _("**{n} calls** for {day}."), page.language
    ).format(n=fmt.number(len(found)), day=day)  # fmt: skip
    if worth:
        text += " " + _("Together they should bring {euros}, their cost taken off.").format(
            euros=fmt.euros(sum(worth)).replace("$", "\\$")
        )
    if n_random:
        text += " " + plural(
            n_random,
            _("{n} was drawn at random, so that the effect of calls stays measurable."),
            _("{n} were drawn at random, so that the effect of calls stays measurable."),
            page.language,
        ).format(n=fmt.number(n_random))
    return text


def supposed(page: Page) -> str:
    """What the value of a call rests on, as the rules declare it."""
    _, fmt, declared = page._, page.fmt, page.store.rules.proactive
    text = _(
        "Value of a call = probability to leave × margin a year × {years} years × {cut} of departures avoided − {cost} "
        "for the call. Until a hold-out has measured it, the share avoided is a supposition "
        "(data/reference/case_rules.yaml)."
    )
    return text.format(
        years=fmt.number(declared.value_years, 0 if float(declared.value_years).is_integer() else 1),
        cut=fmt.percent(declared.relative_cut),
        cost=fmt.cents(declared.call_eur),
    )


def rows(page: Page, found: list[Case]) -> pd.DataFrame:
    """The list as people read it; a case scored by the points card has no euros and no probability."""
    _, fmt = page._, page.fmt
    chance = [case.plan.get("probability") for case in found]
    return pd.DataFrame(
        {
            _("Customer"): [case.customer_id for case in found],
            _("Team"): [page.team(case.owner_team) for case in found],
            _("Probability to leave"): [fmt.percent(one, 1) for one in chance],
            _("Expected net value"): [fmt.cents(case.net_eur) for case in found],
            _("Chosen"): [_("at random") if case.explored else _("by value") for case in found],
        }
    )
