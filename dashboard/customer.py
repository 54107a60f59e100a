"""One customer on one card: the contract, the risk with its interval, the reasons as sentences."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from dashboard import queries, words
from dashboard.format import known
from dashboard.page import Page
from dashboard.risk_anatomy import explained, no_score, whole_score
from dashboard.verbatim_cards import customer_link
from dashboard.words import plain
from insights.churn.explain import SCORED
from insights.churn.reasons import sentence


def reasons(page: Page, text: Any) -> list[str]:
    """The reasons of a score as sentences in the reader's language."""
    told = json.loads(text) if known(text) else []
    named = {str(reason.get("values", {}).get("irritant_id")) for reason in told} - {"None"}
    labels = {irritant_id: page.label(irritant_id) for irritant_id in named}
    return [sentence(reason, page.language, labels) for reason in told]


def customer_card(page: Page, customer_id: str) -> None:
    """Contract, risk, reasons, link to the CRM. Names and phones stay in the CRM."""
    _ = page._
    with st.container(border=True):
        st.markdown(f"**{plain(customer_id)}**")
        contract = page.rows(queries.CUSTOMER, customer_id=customer_id, until=page.today)
        if len(contract):
            st.caption(plain(_contract(page, contract.iloc[0])))
        one = explained(page, customer_id)
        if one.status == SCORED:
            _score(page, one.score)
            whole_score(page, one)
        else:
            no_score(page, one)
        url = page.crm_url(customer_id)
        if url:
            st.link_button(_("Open in the CRM"), url)
        elif page.may("operate"):
            st.caption(_("Set VOC_CRM_URL_TEMPLATE to open the customer in the CRM from here."))
        if page.name != "customer":
            customer_link(page, customer_id, _("Open this customer's page"))


def _contract(page: Page, row: Any) -> str:
    _, fmt = page._, page.fmt
    parts = [words.segment(_, row["segment"])] if known(row["segment"]) else []
    parts += [str(row[name]) for name in ("product", "region") if known(row[name])]
    if known(row["contract_start_on"]):
        parts.append(_("customer since {day}").format(day=fmt.day(row["contract_start_on"])))
    if known(row["contract_end_on"]) and fmt.local_day(row["contract_end_on"]) >= page.today:
        parts.append(_("term ends {day}").format(day=fmt.day(row["contract_end_on"])))
    if known(row["margin_eur_year"]):
        parts.append(_("{euros} of margin a year").format(euros=fmt.euros(row["margin_eur_year"])))
    return " · ".join(parts)


def _score(page: Page, row: Any) -> None:
    _, fmt = page._, page.fmt
    if row["model_kind"] == "card":
        st.metric(_("Index"), fmt.number(row["index"]), help=_("0 to 100, points given by experts. Not a probability."))
    else:
        with st.container(horizontal=True):
            place = _("rank {rank} of {all}").format(rank=fmt.number(row["rank"]), all=fmt.number(row["n_scored"]))
            st.metric(_("Risk"), fmt.percent(row["probability"]), help=place)
            st.metric(_("Expected loss"), fmt.euros(row["expected_loss_eur"]))
        interval = fmt.interval(row["probability_low"], row["probability_high"], fmt.percent)
        st.caption(_("Risk, 90 % interval: {interval}").format(interval=plain(interval)))
    said = reasons(page, row["reasons"])
    if said:
        st.markdown(_("Why:") + "\n" + "\n".join(f"- {plain(reason)}" for reason in said))
