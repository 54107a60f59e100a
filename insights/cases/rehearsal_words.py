"""The rehearsal of the rules in French and English."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from insights.calendar import Team
from insights.cases.labels import label, refusal_label
from insights.cases.rehearsal import Rehearsal
from insights.i18n import translator


def sentences(found: Rehearsal, month: date, language: str) -> list[str]:
    """What was rehearsed, how many cases, and why other signals open nothing."""
    _ = translator(language)
    told = [
        _("Rehearsal of {month}: one decision a day at noon, from no case at all; nothing is written.").format(
            month=f"{month:%Y-%m}"
        ),
        _("{n} cases would have opened; {joined} further signals would have joined one.").format(
            n=len(found.cases), joined=found.n_joined
        ),
    ]
    if found.refused:
        whys = ", ".join(f"{refusal_label(why, language)} {n}" for why, n in found.refused.items())
        told.append(_("Signals that open nothing (each counted once a reason): {whys}.").format(whys=whys))
    return told


def tables(
    rules: pd.DataFrame, teams: pd.DataFrame, days: pd.DataFrame, names: Mapping[str, Team], language: str
) -> list[pd.DataFrame]:
    """By rule, by team, by day, with headings in the reader's language."""
    _ = translator(language)
    unknown = _("not declared")
    by_rule = pd.DataFrame(
        {
            _("Rule"): [label(one, language) for one in rules["reason"]],
            _("Cases"): rules["n"],
            _("a day"): rules["a_day"].round(1),
        }
    )
    by_team = pd.DataFrame(
        {
            _("Team"): [names[one].name(language) for one in teams["team"]],
            _("Cases"): teams["n"],
            _("Busiest day"): teams["busiest_day"],
            _("Calls a day"): [unknown if pd.isna(one) else int(one) for one in teams["calls_a_day"]],
            _("Days over"): [unknown if pd.isna(one) else int(one) for one in teams["days_over"]],
        }
    )
    headings = {
        "day": _("Day"),
        "all": _("All"),
        **{one: label(f"family_{one}", language) for one in days.columns[1:-1]},
    }
    return [by_rule, by_team, days.rename(columns=headings)]
