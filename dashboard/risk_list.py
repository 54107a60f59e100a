"""The list of customers at risk: whom to call, how sure, what it is worth, why."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboard import risk_queries, words
from dashboard.customer import reasons
from dashboard.format import known, missing
from dashboard.meanings import meaning
from dashboard.page import Page, headline, picking
from dashboard.risk_worth import past_sentence

TWO_LINES = 66  # pixels: Streamlit wraps texts only in rows above 64; reasons in sentences need it


def summary(page: Page, scored: Any, listed: pd.DataFrame, as_index: bool) -> None:
    """The margin at stake, how far a day's calls reach, and what such a list was worth in past tests."""
    _, fmt = page._, page.fmt
    if as_index or listed.empty:
        headline(
            _("Customers scored"),
            fmt.number(scored["n_scored"]),
            _(
                "Too few departures are known for a probability: the figure is an **index** from 0 to 100, "
                "not a chance."
            ),
            help=meaning(page, "scored", n=int(scored["n_scored"])),
        )
        return
    calls = min(page.settings.daily_calls, int(scored["n_scored"]))
    share = listed["expected_loss_eur"].head(calls).sum() / scored["expected_loss_eur"]
    told = _(
        "The first {calls} of {all} customers carry {share} of it: as many as the team can call in a day. "
        "**Call from the top**, to help, not to sell."
    ).format(calls=fmt.number(calls), all=fmt.number(scored["n_scored"]), share=fmt.percent(share))
    said = meaning(page, "risk", n=int(scored["n_scored"]))
    margin = fmt.euros(scored["expected_loss_eur"])
    headline(_("Margin at stake"), margin, f"{told} {past_sentence(page, scored)}", help=said)


def table_of(page: Page, listed: pd.DataFrame, as_index: bool) -> None:
    """The list itself; choosing a row shows the customer below."""
    _, fmt = page._, page.fmt
    rows = listed.to_dict("records")
    columns: dict[str, Any] = {_("Customer"): [page.crm_url(row["customer_id"]) or row["customer_id"] for row in rows]}
    if as_index:
        columns[_("Index")] = [fmt.number(row["index"]) for row in rows]
    else:
        columns[_("Risk")] = [risk(page, row) for row in rows]
        columns[_("Expected loss")] = [fmt.euros(row["expected_loss_eur"]) for row in rows]
        columns[_("Gain of a call")] = [_gain(page, row) for row in rows]
    columns[_("Why")] = [" · ".join(reasons(page, row["reasons"])) for row in rows]
    columns[_("Segment")] = [words.segment(_, row["segment"]) if known(row["segment"]) else "" for row in rows]
    columns[_("Spoke to us")] = [_("yes") if row["spoke"] else _("silent") for row in rows]
    link = {_("Customer"): st.column_config.LinkColumn(display_text=r"([^/=]+)$")} if page.crm_url("") else {}
    widths = {_("Why"): 400, _("Spoke to us"): 105, _("Segment"): 130}
    why = {name: st.column_config.TextColumn(width=width) for name, width in widths.items()}
    picking(
        pd.DataFrame(columns),
        *("risk_table", "customer", listed["customer_id"].tolist()),
        column_config=link | why,
        row_px=TWO_LINES,
        rows=6,
    )
    told = []
    if listed["n_all"].iloc[0] > len(listed):
        told.append(_("The first {n} of {all}.").format(n=len(listed), all=fmt.number(listed["n_all"].iloc[0])))
    if not as_index:
        told.append(_worth(page))
    st.caption(" ".join(told))


def risk(page: Page, row: Any) -> str:
    """`18 % (11 à 28)`: the probability and its 90 % interval."""
    fmt = page.fmt
    if missing(row["probability_low"]):
        return fmt.percent(row["probability"])
    low, high = (fmt.number(100 * row[name]) for name in ("probability_low", "probability_high"))
    return f"{fmt.percent(row['probability'])} ({fmt.interval(low, high, str)})"


def _gain(page: Page, row: Any) -> str:
    """Expected net value of a call; where it does not pay for itself, that."""
    if missing(row["margin_eur_year"]):
        return page.fmt.euros(None)
    net = float(page.store.rules.proactive.net_eur(row["probability"], row["margin_eur_year"]))
    return page.fmt.euros(net) if net > 0 else page._("under its cost")


def _worth(page: Page) -> str:
    """For how many customers a call pays, and on what supposition."""
    _, fmt, rule = page._, page.fmt, page.store.rules.proactive
    found = page.rows(
        risk_queries.WORTH_A_CALL,
        until=page.today,
        **{"value_years": rule.value_years, "relative_cut": rule.relative_cut, "call_eur": rule.call_eur},
    )
    return _(
        "A call is expected to bring more than its {cost} for {n} customers, if it avoids {cut} of departures and a "
        "kept customer stays {years} years: a supposition, until the control group has measured it."
    ).format(
        cost=fmt.euros(rule.call_eur),
        n=fmt.number(found["n_worth"].iloc[0]),
        cut=fmt.percent(rule.relative_cut),
        years=fmt.number(rule.value_years),
    )
