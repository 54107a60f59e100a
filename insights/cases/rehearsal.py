"""What the rules would have opened in a month: one decision a day at noon, from no case at all, nothing recorded.

Each case is taken as settled at its due time, so that later signals of the customer open the next one. It says what the
rules ask for; what people would have done is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from insights.calendar import Team
from insights.cases.capacity import TeamCapacity, open_share, plan_day
from insights.cases.config import Rules
from insights.cases.decision import NewCase, Opened
from insights.cases.fold import fold_cases
from insights.cases.model import CLOSED, Case, EventDraft, Signal

Decide = Callable[[datetime, Sequence[Signal], Mapping[str, Case]], Opened]


@dataclass(frozen=True)
class Rehearsal:
    """`cases`: one row a case that would have opened (day, reason, team, family, proactive, due_at). `refused`: by why."""

    cases: pd.DataFrame
    refused: Mapping[str, int]
    n_joined: int
    days: tuple[date, ...]


@dataclass(frozen=True)
class _Event:
    kind: str
    subject: str
    at: datetime
    actor: str
    payload: Mapping[str, Any]
    event_id: int = 0
    idempotency_key: str = ""


@dataclass
class _Tally:
    rows: list[dict[str, Any]] = field(default_factory=list)
    refused: dict[str, set[str]] = field(default_factory=dict)  # signals by why, each once
    n_joined: int = 0


def rehearse(signals: Iterable[Signal], days: Sequence[date], decide: Decide, timezone: str) -> Rehearsal:
    """`signals`: all of the month on what customers said. `decide`: the rules at an instant, on the cases known then."""
    ordered = sorted(signals, key=lambda one: (one.at, one.signal_id))
    known: dict[str, Case] = {}
    tally = _Tally()
    for day in days:
        noon = datetime.combine(day, time(12), tzinfo=ZoneInfo(timezone)).astimezone(UTC)
        known = {key: _settled(case, noon) for key, case in known.items()}
        opened = decide(noon, [one for one in ordered if one.at <= noon], known)
        known = _after(opened, known)
        _count(tally, opened, day)
    columns = ["day", "reason", "team", "family", "proactive", "due_at"]
    told = {why: len(seen) for why, seen in sorted(tally.refused.items(), key=lambda pair: (-len(pair[1]), pair[0]))}
    return Rehearsal(pd.DataFrame(tally.rows, columns=columns), told, tally.n_joined, tuple(days))


def _settled(case: Case, now: datetime) -> Case:
    due = max(case.due_at, case.opened_at)
    return replace(case, state=CLOSED, closed_at=due) if case.is_open and due <= now else case


def _after(opened: Opened, known: Mapping[str, Case]) -> dict[str, Case]:
    fresh = fold_cases(_events(case.draft() for case in opened.cases))
    found = {**known, **fresh}
    for joined in opened.joined:
        case = found[joined.case_id]
        found[joined.case_id] = replace(case, signals=(*case.signals, joined.signal.signal_id))
    return found


def _events(drafts: Iterable[EventDraft]) -> Iterator[_Event]:
    for draft in drafts:
        yield _Event(draft.kind, draft.subject, draft.at, draft.actor, draft.payload)


def _count(tally: _Tally, opened: Opened, day: date) -> None:
    tally.rows += [_row(case, day) for case in opened.cases]
    tally.n_joined += len(opened.joined)
    for one in opened.refused:
        tally.refused.setdefault(one.why, set()).add(one.signal.signal_id)


def _row(case: NewCase, day: date) -> dict[str, Any]:
    return {
        "day": day,
        "reason": case.reason,
        "team": case.owner_team,
        "family": case.family,
        "proactive": bool(case.plan),
        "due_at": case.due_at,
    }


def by_rule(found: Rehearsal, rules: Rules) -> pd.DataFrame:
    """One row a rule, in the file's order, with every rule that opened nothing: reason, n, a_day (mean)."""
    n = found.cases["reason"].value_counts()
    rows = [
        {"reason": reason, "n": int(n.get(reason, 0)), "a_day": n.get(reason, 0) / max(len(found.days), 1)}
        for reason in dict.fromkeys(rule.reason for rule in rules.rules)
    ]
    return pd.DataFrame(rows)


def by_team(found: Rehearsal, teams: Mapping[str, Team], capacity: Mapping[str, TeamCapacity]) -> pd.DataFrame:
    """One row a team: cases, those on its busiest day, calls it has on a full day, days on which cases exceed its calls.

    A case that opens on a closed day counts on the team's next opening day. `calls_a_day` and `days_over` are NA
    where teams.yaml declares no capacity.
    """
    rows = []
    for team_id, one in teams.items():
        own = found.cases.loc[found.cases["team"] == team_id, "day"]
        daily = own.map(lambda day, team=one: _workday(day, team)).value_counts()
        calls = {day: _calls(capacity.get(team_id), one, day) for day in sorted({*found.days, *daily.index})}
        over = [day for day, n in calls.items() if n is not None and daily.get(day, 0) > n]
        known = team_id in capacity
        full = capacity[team_id].total or sum(capacity[team_id].slots.values()) if known else pd.NA
        rows.append(
            {
                "team": team_id,
                "n": int(daily.sum()),
                "busiest_day": int(daily.max()) if len(daily) else 0,
                "calls_a_day": full,
                "days_over": len(over) if known else pd.NA,
            }
        )
    return pd.DataFrame(rows)


def _workday(day: date, team: Team) -> date:
    noon = datetime.combine(day, time(12), tzinfo=ZoneInfo(team.calendar.timezone))
    return plan_day(team.calendar, noon)


def _calls(capacity: TeamCapacity | None, team: Team, day: date) -> int | None:
    if capacity is None:
        return None
    total = sum(capacity.slots.values()) if capacity.total is None else capacity.total
    return int(total * open_share(team.calendar, day) + 1e-9)


def by_day(found: Rehearsal) -> pd.DataFrame:
    """One row a day of the month: cases by family, and in all."""
    counts = pd.crosstab(found.cases["day"], found.cases["family"]) if len(found.cases) else pd.DataFrame()
    whole = counts.reindex(list(found.days), fill_value=0)
    whole.columns.name = None
    return whole.assign(all=whole.sum(axis=1)).rename_axis("day").reset_index()


def month_days(month: date) -> list[date]:
    """Every day of a month."""
    days = [month.replace(day=1) + timedelta(days=n) for n in range(31)]
    return [day for day in days if day.month == month.month]
