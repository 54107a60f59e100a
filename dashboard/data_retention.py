"""Retention: how long each kind of row is kept by source and country, and what leaves in the next thirty days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import data_queries
from dashboard.data_words import kind_name, table_name
from dashboard.guard import empty
from dashboard.page import Page, explained, headline, table
from dashboard.words import plain
from insights.retention import Policy, Rule, load_policy

SOON_DAYS = 30


@dataclass(frozen=True)
class Due:
    """What one rule holds: rows kept, rows that leave within SOON_DAYS, the first day one leaves (None: no row)."""

    source: str
    what: str
    country: str
    rule: Rule
    n: int
    n_due: int
    first_on: date | None


def retention_part(page: Page) -> None:
    _ = page._
    found = due(page, load_policy(page.settings))
    if not any(one.n for one in found):
        empty(_("Nothing is kept yet."), _("Once data have arrived, this part says how long each kind is kept."))
        return
    _summary(page, found)
    table(_frame(page, found), wide=_("Why"), wide_px=420, rows=20, name=_("Retention"), raw=_raw(found))
    waiting = page.rows(data_queries.DUE_QUARANTINE, soon=page.today + timedelta(days=SOON_DAYS)).iloc[0]
    st.caption(
        plain(
            _(
                "Refused rows: {n}, kept {days} days. Raw posts: {inbox} days. Readings in the audit log: {audit} days."
            ).format(
                n=page.fmt.number(waiting["n"]),
                days=page.fmt.number(page.settings.quarantine_days),
                inbox=page.fmt.number(page.settings.inbox_days),
                audit=page.fmt.number(page.settings.audit_days),
            )
        )
    )
    with st.expander(_("Detail")):
        st.markdown(_("The rules stand in `retention.yaml`: change a number there, with your data protection officer."))
        _rules(page, found)


def due(page: Page, policy: Policy) -> list[Due]:
    """Feedback by source, kind and country, then the other tables; those that leave soonest in number first."""
    soon = page.today + timedelta(days=SOON_DAYS)
    said = page.rows(data_queries.DUE, soon=soon)
    found = [_of_feedback(page, policy, row) for row in said.to_dict("records")]
    for name, sql in data_queries.DUE_OF_TABLE.items():
        rule = policy.of_table(name)
        row = page.rows(sql, cutoff=soon - timedelta(days=rule.days)).iloc[0]
        first = None if pd.isna(row["first_on"]) else page.fmt.local_day(row["first_on"]) + timedelta(days=rule.days)
        if row["n"]:
            found.append(Due(table_name(page._, name), "", "", rule, int(row["n"]), int(row["n_due"]), first))
    return sorted(found, key=lambda one: -one.n_due)


def _of_feedback(page: Page, policy: Policy, row: dict[Any, Any]) -> Due:
    rule = policy.of_feedback(str(row["source"]), str(row["kind"]), str(row["country"]), bool(row["linked"]))
    linked = page._("known customer") if row["linked"] else page._("nobody's customer as far as we know")
    what = f"{kind_name(page._, str(row['kind']))}, {linked}"
    first = None if pd.isna(row["first_on"]) else page.fmt.local_day(row["first_on"])
    return Due(str(row["source"]), what, str(row["country"] or ""), rule, int(row["n"]), int(row["n_due"]), first)


def _summary(page: Page, found: list[Due]) -> None:
    _, fmt = page._, page.fmt
    n_due = sum(one.n_due for one in found)
    late = [one for one in found if one.first_on is not None and one.first_on < page.today]
    if late:
        told = _("**{what}** holds rows past their date: the next night removes them. If not, see Runs.").format(
            what=plain(late[0].source)
        )
    elif n_due:
        told = _("They leave by themselves, night after night. Most: **{what}** ({n}).").format(
            what=plain(found[0].source), n=fmt.number(found[0].n_due)
        )
    else:
        first = min((one.first_on for one in found if one.first_on), default=None)
        told = _("Nothing leaves before {day}: nothing to do.").format(day=fmt.day(first))
    definition = _("Rows whose last day of keeping lies within the next {days} days, in all tables.").format(
        days=SOON_DAYS
    )
    figure = explained(page, definition, n=sum(one.n for one in found))
    headline(_("Rows that leave in 30 days"), fmt.number(n_due), told, help=figure)


def _frame(page: Page, found: list[Due]) -> pd.DataFrame:
    _, fmt = page._, page.fmt
    return pd.DataFrame(
        {
            _("Source"): [one.source for one in found],
            _("Of whom"): [one.what for one in found],
            _("Country"): [one.country for one in found],
            _("Rows"): [fmt.number(one.n) for one in found],
            _("Leave in 30 days"): [fmt.number(one.n_due) for one in found],
            _("First leaves on"): [fmt.day(one.first_on) for one in found],
            _("Kept for"): [_("{n} days").format(n=fmt.number(one.rule.days)) for one in found],
        }
    )


def _raw(found: list[Due]) -> pd.DataFrame:
    return pd.DataFrame(
        [{**vars(one), "rule": one.rule.name, "days": one.rule.days, "basis": one.rule.basis} for one in found]
    )


def _rules(page: Page, found: list[Due]) -> None:
    """The rules in force here, with reason and basis as the company wrote them."""
    _, fmt = page._, page.fmt
    rules = list({one.rule.name: one.rule for one in found}.values())
    frame = pd.DataFrame(
        {
            _("Rule"): [rule.name for rule in rules],
            _("Kept for"): [_("{n} days").format(n=fmt.number(rule.days)) for rule in rules],
            _("Why"): [rule.reason for rule in rules],
            _("Basis"): [rule.basis for rule in rules],
        }
    )
    table(frame, wide=_("Why"), wide_px=420, name=_("Rules"))
