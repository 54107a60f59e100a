"""Customers at risk: whom a call may keep, why, and everything that passed between them and us."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import notes, queries, words
from dashboard.customer import customer_card
from dashboard.guard import empty
from dashboard.page import Page, from_url, show, to_url
from dashboard.risk_alerts import alert_strip
from dashboard.risk_list import summary, table_of
from dashboard.risk_worth import ablation_panel, card_panel, drift_panel, scored_line, worth_panel
from dashboard.timeline import timeline
from insights.privacy.objection import objectors

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
    table_of(page, listed, as_index)
    st.header(_("One customer"))
    chosen = _choice(page, listed)
    left, right = st.columns([4, 7], gap="medium")
    with left:
        customer_card(page, chosen)
    with right:
        timeline(page, chosen)
    _method(page, scored, as_index)


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
    refusing = objectors(page.store.ledger)  # the lake forgets them too; a page drawn meanwhile shows nothing of them
    listed = listed[~listed["customer_id"].isin(list(refusing))]
    with holder:
        summary(page, scored, listed, as_index)
        alert_strip(page)
    return listed


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
    """What the list rests on and what it was worth: figures, past months, each kind of data, drift, the model card."""
    with st.expander(page._("Detail")):
        st.markdown(notes.risk(page._, as_index=as_index))
        st.markdown(notes.risk_use(page._))
        worth_panel(page)
        ablation_panel(page)
        drift_panel(page)
        card_panel(page, scored)
        st.caption(scored_line(page, scored))


if __name__ == "__main__":
    show(render)
