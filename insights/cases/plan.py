"""The day's proactive calls: random ones first, then by expected net value, in what promises leave of each team's calls.

The hold-out is drawn along the way: a customer of it who would have had a call is withheld, the freed call goes to the
next one, and so on until nobody of the hold-out stands on the list. So both arms enter by the same rule, on the same day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from insights.calendar import Calendar
from insights.cases.allocate import NOBODY, Net, allocate
from insights.cases.capacity import ANY, Cell, Slots, TeamCapacity, cells_for, plan_day, slots_on
from insights.cases.config import Rules
from insights.cases.decision import CAPACITY, HOLDOUT, NOT_WORTH, NewCase
from insights.cases.holdout import HOLD, Arms, draw
from insights.cases.model import MOMENT, SCHEDULED, Case

OWN_TEAM_EUR = 0.02  # of two teams that cost the same, the rule's own calls


@dataclass(frozen=True)
class Planning:
    """What a day's list rests on beside the rules. `relative_cut`: measured effect of a call; None: the declared one.

    `avoided`: share of departures a call avoids by customer, of an uplift model; it takes the place of probability x cut.
    `barred`: the law's say on calling a customer (insights/contactability); it answers a rule's id, or nothing.
    """

    capacity: Mapping[str, TeamCapacity] = field(default_factory=dict)
    arms: Arms = Arms()
    relative_cut: float | None = None
    seed: int = 0
    avoided: Mapping[str, float] = field(default_factory=dict)
    barred: Callable[[str, Mapping[Any, Any], Iterable[Case]], str] | None = None


@dataclass(frozen=True)
class Filled:
    """A call of the list (`team`, and what the case keeps in `plan`), or why there is none (`why`)."""

    case: NewCase
    plan: Mapping[str, Any]
    team: str = ""
    why: str = ""


def fill_day(
    waiting: Sequence[NewCase],
    known: Iterable[Case],
    promised: Iterable[NewCase],
    *,
    rules: Rules,
    calendars: Mapping[str, Calendar],
    planning: Planning,
    now: datetime,
) -> list[Filled]:
    """What becomes of each proactive case that could be opened.

    `known`: cases before; those waiting by a promise and those planned for the same day take their calls first.
    `promised`: promise-bound cases that open in this run.
    """
    if not waiting:
        return []
    known = list(known)
    desk = _Day(rules, calendars, planning, now, sorted(waiting, key=lambda one: one.customer_id))
    slots = desk.left(known, list(promised))
    n_random = desk.n_random(known, slots)
    picked, slots = desk.at_random(n_random, slots)
    return [*picked, *desk.by_value({one.case.customer_id for one in picked}, slots)]


class _Day:
    """One day's list in the making; use `fill_day`."""

    def __init__(
        self, rules: Rules, calendars: Mapping[str, Calendar], planning: Planning, now: datetime, waiting: list[NewCase]
    ) -> None:
        self.rules, self.calendars, self.planning, self.now = rules, calendars, planning, now
        teams = {*planning.capacity} or {one.owner_team for one in waiting}
        self.days = {team: plan_day(calendars[team], now) for team in sorted(teams)}
        self.cells_of = {
            one.customer_id: cells_for(planning.capacity, one.segment, one.language, one.owner_team) for one in waiting
        }
        self.cells: list[Cell] = sorted({cell for cells in self.cells_of.values() for cell in cells})
        self.net = self._net(waiting)
        self.waiting = sorted(
            waiting, key=lambda one: (-self.net[one.customer_id], -one.signals[0].score, one.customer_id)
        )

    def _net(self, waiting: list[NewCase]) -> dict[str, float]:
        """Worth of each call: euros, or, of a card's index, margin x index, which only orders."""
        proactive = self.rules.proactive
        found = {}
        for one in waiting:
            signal = one.signals[0]
            worth = proactive.net_eur(signal.score, one.value_eur_year, self.planning.relative_cut)
            if one.customer_id in self.planning.avoided:
                worth = proactive.net_eur(self.planning.avoided[one.customer_id], one.value_eur_year, 1.0)
            found[one.customer_id] = float(worth if signal.is_probability else signal.score * one.value_eur_year)
        return found

    def left(self, known: list[Case], promised: list[NewCase]) -> Slots:
        """Free calls: each team's, less those of promised answers that wait and of calls already planned for the day."""
        whole = slots_on(self.planning.capacity, self.calendars, self.now, self.rules.daily_calls)
        owed = [self._cell(one.owner_team, one.language, whole) for one in known if self._owed(one)]
        owed += [self._cell(one.owner_team, one.language, whole) for one in promised]
        planned = [one for one in known if self._planned(one)]
        taken = [self._cell(one.owner_team, one.language, whole) for one in planned]
        return whole.less([*owed, *taken], overall=len(planned))

    def _owed(self, case: Case) -> bool:
        """A promised answer that takes a call of the day: nobody has spoken to the customer, and no later time is agreed."""
        if self.rules.is_proactive(case.reason) or not case.waits_for_contact or case.owner_team not in self.days:
            return False
        agreed = case.scheduled_at if case.state == SCHEDULED else None
        agreed = case.due_at if case.family == MOMENT else agreed  # it may be called on any day until then
        later = agreed is not None and self._local(agreed, case.owner_team) > self.days[case.owner_team]
        return not later and case.due_at >= self.now - timedelta(days=self.rules.proactive.promise_overdue_days)

    def _planned(self, case: Case) -> bool:
        """A proactive call of the same day's list, made earlier."""
        if not self.rules.is_proactive(case.reason) and not case.plan:
            return False
        on = case.plan.get("on") or self._local(case.opened_at, case.owner_team).isoformat()
        return on in {day.isoformat() for day in self.days.values()}

    def _local(self, at: datetime, team: str) -> date:
        calendar = self.calendars.get(team)
        return at.astimezone(ZoneInfo(calendar.timezone) if calendar else UTC).date()

    def _cell(self, team: str, language: str | None, whole: Slots) -> Cell:
        """The cell a call takes; the team's largest where the language is unknown or not one of its own."""
        own = [cell for cell in whole.cells if cell[0] == team]
        if not own or (team, language or ANY) in own:
            return team, language or ANY
        return max(own, key=lambda cell: (whole.cells[cell], cell))

    def n_random(self, known: list[Case], slots: Slots) -> int:
        """Random calls still due: `random_share` of the day's calls, its fraction by the day's own draw."""
        planned = [one for one in known if self._planned(one)]
        free = min(slots.overall, sum(slots.teams.values()) if slots.teams else slots.overall)
        wanted = self.rules.proactive.random_share * (free + len(planned))
        return max(int(wanted + draw("random calls", self._seed())) - sum(one.explored for one in planned), 0)

    def _seed(self) -> str:
        return f"{self.planning.seed}:{min(self.days.values(), default=self.now.date()).isoformat()}"

    def at_random(self, n: int, slots: Slots) -> tuple[list[Filled], Slots]:
        """`n` calls drawn among all customers who may be called, whatever they are worth; and the calls left."""
        found: list[Filled] = []
        pool = [one for one in self.waiting if one.signals[0].explored]
        for case in sorted(pool, key=lambda one: (draw(one.customer_id, self._seed()), one.customer_id)):
            cell = next((cell for cell in self.cells_of[case.customer_id] if _free(slots, cell)), None)
            if n <= 0:
                break
            if cell is None:
                continue
            found.append(self._filled(case, cell, explored=True))
            if not found[-1].why:
                slots, n = slots.less([cell], overall=1), n - 1
        return found, slots

    def by_value(self, done: set[str], slots: Slots) -> list[Filled]:
        """The rest of the calls by expected net value; who is held out is withheld and the list filled up again."""
        rows = [one for one in self.waiting if one.customer_id not in done]
        found: list[Filled] = []
        while True:
            placed = allocate(self._matrix(rows), self.cells, slots, self.rules.proactive.assignment)
            on_list = [
                self._filled(case, self.cells[cell]) for case, cell in zip(rows, placed, strict=True) if cell != NOBODY
            ]
            withheld = {one.case.customer_id: one for one in on_list if one.why}
            found += withheld.values()
            rows = [one for one in rows if one.customer_id not in withheld]
            if not withheld:
                break
        called = {one.case.customer_id for one in on_list}
        rest = [Filled(one, {}, why=self._why(one)) for one in rows if one.customer_id not in called]
        return [*found, *on_list, *rest]

    def _why(self, case: NewCase) -> str:
        return CAPACITY if self.net[case.customer_id] > 0 else NOT_WORTH

    def _matrix(self, rows: Sequence[NewCase]) -> Net:
        """Euros by customer and cell, NaN where the cell cannot call the customer."""
        place = {cell: column for column, cell in enumerate(self.cells)}
        net = np.full((len(rows), len(self.cells)), np.nan)
        usual = self.rules.proactive.call_eur
        for row, case in enumerate(rows):
            for cell in self.cells_of[case.customer_id]:
                team = self.planning.capacity.get(cell[0])
                more = 0.0 if team is None or team.call_eur is None else team.call_eur - usual
                net[row, place[cell]] = self.net[case.customer_id] - more + OWN_TEAM_EUR * (cell[0] == case.owner_team)
        return net

    def _filled(self, case: NewCase, cell: Cell, explored: bool = False) -> Filled:
        signal, arms = case.signals[0], self.planning.arms
        arm = arms.of(case.customer_id)
        plan = {
            "on": self.days[cell[0]].isoformat(),
            "probability": signal.score if signal.is_probability else None,
            "net_eur": round(self.net[case.customer_id], 2) if signal.is_probability else None,
            "explored": explored,
        }
        if arm is not None and arms.experiment is not None:
            plan |= {"experiment": arms.experiment.experiment_id, "stratum": arm[1]}
        return Filled(case, plan, cell[0], HOLDOUT if arm is not None and arm[0] == HOLD else "")


def _free(slots: Slots, cell: Cell) -> bool:
    return (
        slots.overall > 0 and slots.cells.get(cell, slots.overall) > 0 and slots.teams.get(cell[0], slots.overall) > 0
    )
