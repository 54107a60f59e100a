"""One customer: what waits for them, their contract and risk, and everything that passed between them and us."""

from __future__ import annotations

import streamlit as st

from dashboard.audit import noted
from dashboard.customer import customer_card
from dashboard.customer_choice import choose
from dashboard.customer_next import named, next_thing, scores_over_time, waiting
from dashboard.page import Page, show
from dashboard.timeline import timeline


def render(page: Page) -> None:
    customer_id = choose(page)
    if customer_id is None:
        return
    noted(page, "customer", "customer", customer_id)
    next_thing(page, customer_id)
    left, right = st.columns([4, 7], gap="medium")
    with left:
        customer_card(page, customer_id)
        waiting(page, customer_id)
        named(page, customer_id)
        _rights(page, customer_id)
    with right:
        scores_over_time(page, customer_id)
        timeline(page, customer_id, choose=True)


def _rights(page: Page, customer_id: str) -> None:
    """Objection and erasure are the privacy officer's, on the page of data and privacy."""
    if page.may("privacy"):
        st.page_link(
            "views/data.py",
            label=page._("Objection, export or erasure of this customer"),
            icon=":material/shield_person:",
            query_params={"customer": customer_id, "lang": page.language},
        )


if __name__ == "__main__":
    show(render)
