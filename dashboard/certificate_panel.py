"""How stable the last discovery was, in words, and what of the change comes from the model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import registry_queries, registry_words
from dashboard.page import Page, table
from insights.irritants.certificate import LIMITS, STABLE

CHANGES_SHOWN = 10


def certificate_panel(page: Page, certificate: dict[str, Any] | None) -> None:
    """`certificate`: `Certificate.to_payload()` of the last discovery."""
    _ = page._
    st.header(_("Stability of the last discovery"))
    if not certificate:
        st.markdown(_("The last discovery has no certificate: the next one (`voc run`) writes it."))
        return
    stable = certificate.get("verdict") == STABLE
    if stable:
        st.success(_("Stable: all figures reach their mark."), icon=":material/verified:")
    else:
        st.warning(_("Look at it: at least one figure misses its mark."), icon=":material/visibility:")
    st.markdown("\n".join(f"- {line}" for line in _figures(page, certificate)))
    if not stable:
        st.markdown(_("No irritant was merged, split or put to rest unasked. Read what it proposes, then decide."))
        st.page_link(
            "views/registry.py",
            label=_("Open the proposals"),
            icon=":material/arrow_forward:",
            query_params={"part": "waiting", "lang": page.language},
        )


def _figures(page: Page, told: dict[str, Any]) -> list[str]:
    """One line a figure that was measured, with its mark, and a warning sign where it is missed."""
    _, limits = page._, {**LIMITS, **told.get("limits", {})}
    sentences = {
        "ids_surviving": _("{value} of the irritants kept their identity (at least {limit} expected)."),
        "moved_share": _("{value} of the texts changed irritant (at most {limit} expected)."),
        "ari_reseed": _(
            "Run again with other random draws, it finds the same groups: {value} of 1 (at least {limit} expected)."
        ),
        "ari_more": _("With a tenth more texts, it finds the same groups: {value} of 1 (at least {limit} expected)."),
    }
    first = [] if told.get("ids_surviving") is not None else [_("First discovery: there was nothing to compare with.")]
    lines = []
    for name, sentence in sentences.items():
        if told.get(name) is not None:
            say = _say(page, name)
            missed = (told[name] > limits[name]) if name == "moved_share" else (told[name] < limits[name])
            line = sentence.format(value=say(told[name]), limit=say(limits[name]))
            lines.append(f"**{line}**" if missed else line)
    return first + lines


def _say(page: Page, name: str) -> Callable[[float], str]:
    """How a figure is written: a share in percent, an agreement in hundredths."""
    if name == "ids_surviving":
        return page.fmt.percent
    if name == "moved_share":
        return lambda share: page.fmt.percent(share, 1)
    return lambda value: page.fmt.number(value, 2)


def change_panel(page: Page) -> None:
    """How much of each irritant's change comes from customers, and how much from the model."""
    _, fmt = page._, page.fmt
    if not page.store.has("irritant_change"):
        return
    found = page.rows(registry_queries.CHANGES, size=CHANGES_SHOWN)
    if found.empty:
        return
    st.header(_("What moved: the customers or the model?"))
    st.markdown(_("Mentions of four weeks against the four before. What the model moved is no news of customers."))
    rows = found.to_dict("records")

    def signed(name: str) -> list[str]:
        return [fmt.number(row[name], signed=True) for row in rows]

    frame = pd.DataFrame(
        {
            _("Irritant"): [registry_words.place(page, page.registry.resolve(row["irritant_id"])) for row in rows],
            _("Before"): [fmt.number(row["n_seen_before"]) for row in rows],
            _("Now"): [fmt.number(row["n_now"]) for row in rows],
            _("From customers"): signed("customers"),
            _("From the model"): signed("model"),
        }
    )
    table(frame, wide=_("Irritant"))
