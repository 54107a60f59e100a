"""Two years of one portfolio, week after week: contacts, surveys, and departures that follow from both.

The order within a week: contacts (they raise next weeks' hazard), surveys about them, departures. Nothing looks ahead.
"""

from __future__ import annotations

import numpy as np

from insights.simulate import asking, calendar, contacts, departures, reach
from insights.simulate.bank import irritants
from insights.simulate.customers import N_PICTURES, Bools, Population, exposure
from insights.simulate.departures import NEVER, Boosts, Rates
from insights.simulate.invitations import Asked
from insights.simulate.plan import Plan
from insights.simulate.state import World


def simulate(pop: Population, plan: Plan, trained: Bools, rng: np.random.Generator) -> World:
    """Run the weeks and return the world with its records (contacts and invitations not yet sorted)."""
    catalogue = irritants()
    n = pop.n
    never = np.full(n, NEVER)
    formal_factor = plan.formal_share_year / 0.032 / (plan.contacts_per_year / 1.15)
    world = World(
        pop=pop,
        plan=plan,
        catalogue=catalogue,
        demand=contacts.demand(catalogue, plan.contacts_per_year, formal_factor, trained),
        exposure=np.column_stack([exposure(pop, catalogue), pop.propensity]),
        boosts=Boosts.empty(n, catalogue),
        rates=Rates.of(pop, plan.chosen_factor),
        asked=Asked.nobody(n),
        learned_on=never.copy(),
        effective_on=never.copy(),
        cause=np.full(n, -1),
        cause_irritant=np.full(n, -1),
        moved_on=never.copy(),
        issue_day=-never,
        issue_k=np.full(n, -1),
        relative=np.zeros(n),
        hazard_sum=np.zeros(n),
        hazard_weeks=np.zeros(n, dtype=np.int64),
        hazard_90d=np.full((n, N_PICTURES), np.nan, dtype=np.float32),
    )
    for week in range(calendar.N_WEEKS):
        _week(world, week, rng)
    return world


def _week(world: World, week: int, rng: np.random.Generator) -> None:
    first, last = week * 7, min(week * 7 + 6, calendar.N_DAYS - 1)
    active = (world.pop.arrival <= last) & (world.learned_on > first)
    made = reach.week_of_contacts(world, week, active, rng)
    asking.post_call(world, made, week, rng)
    asking.post_complaint(world, first, last, rng)
    asking.post_digital(world, active, first, last, rng)
    asking.welcome(world, active, first, last, rng)
    for wave_on in calendar.WAVES:
        if first <= calendar.day_of(wave_on) <= last:
            asking.relational(world, active, calendar.day_of(wave_on), rng)
    _depart(world, week, active, rng)


def _depart(world: World, week: int, active: Bools, rng: np.random.Generator) -> None:
    """Draw this week's departures among competing causes; keep the true hazards."""
    first, last = week * 7, min(week * 7 + 6, calendar.N_DAYS - 1)
    boost = world.boosts.week(week)
    hazards = departures.weekly_hazards(world.pop, world.rates, boost, world.asked.silent_run >= 2, first)
    hazards = hazards * ((last - first + 1) / 7)
    world.relative = np.log(hazards[0] / world.rates.chosen / ((last - first + 1) / 7)) - 0.3
    world.hazard_sum += hazards[0] * active
    world.hazard_weeks += active
    for picture, end in enumerate(calendar.MONTH_ENDS):
        if first <= max(0, calendar.day_of(end)) <= last:
            world.hazard_90d[:, picture] = 1 - np.exp(-hazards[0] * 90 / 7)
    settled = active & (world.pop.arrival < first - 14) & (world.learned_on == NEVER)
    total = hazards.sum(axis=0)
    going = np.flatnonzero(settled & (rng.random(world.pop.n) < 1 - np.exp(-total)))
    cause = (rng.random(len(going)) * total[going] > np.cumsum(hazards[:, going], axis=0)).sum(axis=0)
    day = rng.integers(first, last + 1, len(going))
    kept = (cause == 1) & (rng.random(len(going)) < departures.MOVERS_KEPT)
    world.moved_on[going[cause == 1]] = day[cause == 1]
    going, cause, day = going[~kept], cause[~kept], day[~kept]
    lag = rng.integers(0, 22, len(going))
    world.learned_on[going] = day
    world.effective_on[going] = day + np.where(cause == 3, 0, np.where(cause == 2, lag // 2, lag))
    world.cause[going] = cause
    raised = boost[going] > 0.2
    world.cause_irritant[going] = np.where((cause == 0) & raised, world.issue_k[going], -1)
