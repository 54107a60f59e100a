"""Checks: what the nightly checks found, in words, and what to do."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import data_queries
from dashboard.data_words import check_name
from dashboard.guard import empty
from dashboard.page import Page, explained, headline, table
from dashboard.words import plain
from insights.lake.queries import checks, sql

FAIL = "fail_"
SHOWN = 20
CHECKED = "checked_now"


def checks_part(page: Page) -> None:
    _ = page._
    night = page.rows(data_queries.GOVERNED)
    now = st.session_state.get(CHECKED)
    live = now[1] if now is not None and now[0] == page.store.snapshot else None
    if night.empty and live is None:
        empty(_("The checks have not run yet."), _("They run every night with `voc serve`. Or run them now."))
        _run_now(page)
        return
    note: dict[str, Any] = json.loads(night["note"].iloc[0]) if len(night) else {}
    found = live if live is not None else dict(note.get("warnings", {}))
    n_failed = sum(name.startswith(FAIL) for name in found) if live is not None else int(note.get("failed", 0))
    _summary(page, found, n_failed)
    if live is None:
        st.caption(_("As of the night of {at}.").format(at=page.fmt.instant(night["started_at"].iloc[0])))
    else:
        st.caption(_("Run just now, on the data as they are."))
    _run_now(page)
    _found(page, found)
    with st.expander(_("Detail")):
        _all(page)


def _summary(page: Page, found: dict[str, int], n_failed: int) -> None:
    _, fmt = page._, page.fmt
    if n_failed:
        told = _("**The data break a rule**: figures that rest on these rows are wrong until it is mended.")
        told += "" if any(name.startswith(FAIL) for name in found) else " " + _("Run the checks now to see which.")
    elif found:
        told = _("No rule is broken. Some rows are worth a look: they are told below, with what to do.")
    else:
        told = _("No rule is broken and nothing is odd: nothing to do.")
    total = len(checks())
    definition = _(
        "Rules that hold for every row of the lake. A broken one stops the night's upkeep until it is mended."
    )
    broken = _("{n} of {all}").format(n=fmt.number(n_failed), all=fmt.number(total))
    headline(_("Rules broken"), broken, told, help=explained(page, definition, n=total))


def _run_now(page: Page) -> None:
    _ = page._
    if st.button(_("Run the checks now"), icon=":material/fact_check:", key="check_now"):
        with st.spinner(_("Checking every table…")):
            st.session_state[CHECKED] = (page.store.snapshot, run_checks(page))
        st.rerun()


def run_checks(page: Page) -> dict[str, int]:
    """Rows found by each check that finds any, on the reader's rows."""
    found = {}
    for name in checks():
        n = int(page.rows(f"SELECT count(*) AS n FROM ({sql(f'checks/{name}')})", **_params(page, name))["n"].iloc[0])
        if n:
            found[name] = n
    return found


def _params(page: Page, name: str) -> dict[str, Any]:
    return {"now": page.now} if "$now" in sql(f"checks/{name}") else {}


def _found(page: Page, found: dict[str, int]) -> None:
    """What was found, the broken rules first, with examples of rows."""
    _, fmt = page._, page.fmt
    for name, n in sorted(found.items()):
        what, advice = check_name(_, name)
        says = st.error if name.startswith(FAIL) else st.warning
        says(f"**{plain(what)}** ({fmt.number(n)}). {plain(advice)}")
        if page.may("customers") and st.toggle(_("Show rows: {what}").format(what=what), key=f"rows_{name}"):
            rows = page.rows(f"SELECT * FROM ({sql(f'checks/{name}')}) LIMIT {SHOWN}", **_params(page, name))
            shown = rows.set_axis([_("Table"), _("Row"), _("What was found")], axis=1)
            table(shown, wide=_("What was found"), name=what)


def _all(page: Page) -> None:
    """Every check in words."""
    _ = page._
    rows = [(name, *check_name(_, name)) for name in checks()]
    frame = pd.DataFrame(
        {
            _("Check"): [what for _name, what, _advice in rows],
            _("Weight"): [_("rule") if name.startswith(FAIL) else _("worth a look") for name, _what, _advice in rows],
            _("What to do"): [advice for _name, _what, advice in rows],
            _("Name"): [name for name, _what, _advice in rows],
        }
    )
    table(frame, wide=_("What to do"), wide_px=380, rows=20, name=_("Checks"))
