"""Customers at risk: whom a call may keep, why, and everything that passed between them and us."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import notes, queries, words
from dashboard.customer import customer_card, reasons
from dashboard.format import known
from dashboard.guard import empty
from dashboard.page import Page, from_url, headline, picking, show, to_url
from dashboard.timeline import timeline
from dashboard.words import plain

SHOWN = 100
SILENT_AFTER_DAYS = 365


def render(page: Page) -> None:
    _ = page._
    scored = page.rows(queries.SCORED, until=page.today).iloc[0]
    if not scored["n_scored"]:
        empty(
            _("No customer has been scored yet."),
            _("This page needs CRM pictures and a scoring run (`voc run`). Public reviews alone hold no customers."),
        )
        return
    as_index = scored["model_kind"] == "card"
    listed = _listed(page, scored, as_index)
    if listed.empty:
        empty(_("Nobody fits these filters."), _("Take a filter away."))
        return
    _table(page, listed, as_index)
    _method(page, scored, as_index)
    st.subheader(_("One customer"))
    chosen = _choice(page, listed)
    left, right = st.columns([4, 7], gap="medium")
    with left:
        customer_card(page, chosen)
    with right:
        timeline(page, chosen)


def _listed(page: Page, scored: Any, as_index: bool) -> pd.DataFrame:
    """The list under the filters; the headline counts everybody."""
    _ = page._
    holder = st.container()
    segments = page.rows(queries.SCORED_SEGMENTS, until=page.today)["segment"].dropna().tolist()
    voices = {"all": _("All"), "spoke": _("Have spoken to us"), "silent": _("Silent")}
    orders = {"loss": _("Expected loss"), "risk": _("Risk")}
    one, two, three = st.columns([3, 4, 3])
    from_url("segments", segments, [])
    one.multiselect(
        _("Segment"), segments, key="segments", format_func=lambda c: words.segment(_, c), placeholder=_("All")
    )
    from_url("voice", list(voices), "all")
    two.segmented_control(
        _("In the last 12 months"), list(voices), key="voice", format_func=voices.__getitem__, required=True
    )
    if not as_index:
        from_url("order", list(orders), "loss")
        three.segmented_control(_("Order by"), list(orders), key="order", format_func=orders.__getitem__, required=True)
    listed = page.rows(
        queries.AT_RISK,
        until=page.today,
        segments=to_url("segments", []),
        voice=to_url("voice", "all"),
        order_by="risk" if as_index else to_url("order", "loss"),
        spoke_since=page.day_start(page.today - timedelta(days=SILENT_AFTER_DAYS)),
        spoke_until=page.now,
        size=SHOWN,
    )
    with holder:
        _summary(page, scored, listed, as_index)
    return listed


def _summary(page: Page, scored: Any, listed: pd.DataFrame, as_index: bool) -> None:
    _, fmt = page._, page.fmt
    if as_index or listed.empty:
        headline(
            _("Customers scored"),
            fmt.number(scored["n_scored"]),
            _(
                "Too few departures are known for a probability: the figure is an **index** from 0 to 100, "
                "not a chance."
            ),
        )
        return
    calls = page.settings.daily_calls
    share = listed["expected_loss_eur"].head(calls).sum() / scored["expected_loss_eur"]
    headline(
        _("Margin at stake"),
        fmt.euros(scored["expected_loss_eur"]),
        _(
            "The first {calls} of {all} customers carry {share} of it: as many as the team can call in a day. "
            "**Call from the top**, to help, not to sell."
        ).format(calls=fmt.number(calls), all=fmt.number(scored["n_scored"]), share=fmt.percent(share)),
    )


def _table(page: Page, listed: pd.DataFrame, as_index: bool) -> None:
    _, fmt = page._, page.fmt
    rows = listed.to_dict("records")
    columns: dict[str, Any] = {_("Customer"): [page.crm_url(row["customer_id"]) or row["customer_id"] for row in rows]}
    if as_index:
        columns[_("Index")] = [fmt.number(row["index"]) for row in rows]
    else:
        columns[_("Risk")] = [fmt.percent(row["probability"]) for row in rows]
        columns[_("Expected loss")] = [fmt.euros(row["expected_loss_eur"]) for row in rows]
    columns[_("Why")] = [" · ".join(reasons(page, row["reasons"])) for row in rows]
    columns[_("Segment")] = [words.segment(_, row["segment"]) if known(row["segment"]) else "" for row in rows]
    columns[_("Spoke to us")] = [_("yes") if row["spoke"] else _("no, silent") for row in rows]
    link = {_("Customer"): st.column_config.LinkColumn(display_text=r"([^/=]+)$")} if page.crm_url("") else {}
    why = {_("Why"): st.column_config.TextColumn(width=520)}
    picking(pd.DataFrame(columns), "risk_table", "customer", listed["customer_id"].tolist(), column_config=link | why)
    if listed["n_all"].iloc[0] > len(listed):
        st.caption(_("The first {n} of {all}.").format(n=len(listed), all=fmt.number(listed["n_all"].iloc[0])))


def _choice(page: Page, listed: pd.DataFrame) -> str:
    """One customer of the list, or the one a link named."""
    linked = st.query_params.get("customer")
    options = listed["customer_id"].tolist()
    if linked and linked not in options and not page.rows(queries.CUSTOMER, customer_id=linked, until=page.today).empty:
        options = [linked, *options]
    from_url("customer", options, options[0])
    st.selectbox(page._("Customer"), options, key="customer")
    return str(to_url("customer", None))


def _method(page: Page, scored: Any, as_index: bool) -> None:
    _, fmt = page._, page.fmt
    with st.expander(_("Detail")):
        st.markdown(notes.risk(_, as_index=as_index))
        st.markdown(notes.risk_use(_))
        st.caption(
            _("Scored on {day}, model {model}.").format(
                day=fmt.day(scored["scored_on"]), model=plain(scored["model_version"])
            )
        )


if __name__ == "__main__":
    show(render)
