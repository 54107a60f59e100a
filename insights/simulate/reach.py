"""One week of contacts: first contacts, what comes back within seven days, and the mentions they leave."""

from __future__ import annotations

import numpy as np

from insights.simulate import calendar, contacts
from insights.simulate.contacts import Contacts
from insights.simulate.customers import Bools, Ints
from insights.simulate.state import World, dynamic_exposure

WORRY = 0.45  # who thinks of leaving gets in touch more
SAME_CHANNEL = 0.66
REPEAT_GAPS = np.array((0.30, 0.22, 0.15, 0.12, 0.10, 0.07, 0.04))


def week_of_contacts(world: World, week: int, active: Bools, rng: np.random.Generator) -> Contacts:
    """First contacts of the week and their repeats; mentions are recorded."""
    day = min(week * 7 + 3, calendar.N_DAYS - 1)
    pull = np.exp(WORRY * world.relative.clip(-2, 3))
    dynamic = {column: weights * pull for column, weights in dynamic_exposure(world, active, day).items()}
    who, when, what = contacts.issues(rng, world.demand, week, np.asarray(active * pull), world.exposure, dynamic)
    when = np.maximum(when, np.minimum(world.pop.arrival[who], calendar.N_DAYS - 1))
    k2, k3 = contacts.companions_of(rng, what, world.demand)
    parts = [_describe(world, who, when, what, k2, k3, np.full(len(who), -1), rng)]
    for _ in range(5):
        again = _repeat(world, parts[-1], rng)
        if not len(again):
            break
        parts.append(again)
    made = Contacts.join(parts)
    left_before = (made.day > world.effective_on[made.customer]) & ~np.isin(made.k1, (3, 4))
    made = made.take(~left_before)
    world.contacts.append(made)
    world.n_contacts += len(made)
    _remember(world, made)
    return made


def _describe(
    world: World, who: Ints, when: Ints, k1: Ints, k2: Ints, k3: Ints, before: Ints, rng: np.random.Generator
) -> Contacts:
    """Contacts with channel, team, second, outcome. `before` is the channel of the contact repeated, -1 for a first."""
    demand = world.demand
    repeat = before >= 0
    channel = contacts.channels(rng, demand, world.pop, who, when, k1)
    shut = calendar.CLOSED[when] & ((before == contacts.PHONE) | (before == contacts.CHAT))
    channel = np.where(repeat & ~shut & (rng.random(len(who)) < SAME_CHANNEL), before, channel)
    base = np.select(
        [channel == contacts.LETTER, (channel == contacts.EMAIL) | (channel == contacts.FORM)],
        [0.55, 0.058],
        default=0.0,
    )
    formal = (k1 >= 0) & (
        rng.random(len(who)) < np.minimum(base * demand.formal_factor * np.where(repeat, 1.6, 1.0), 0.95)
    )
    team = contacts.teams(rng, demand, k1, formal)
    outage = next(i for i, irritant in enumerate(world.catalogue) if irritant.id == "IRR-16")
    return Contacts(
        customer=who,
        day=when,
        second=contacts.seconds(rng, when, channel, k1, outage),
        channel=channel,
        k1=k1,
        k2=k2,
        k3=k3,
        team=team,
        solved=contacts.solved(rng, demand, when, k1, team, formal),
        leave=(k1 >= 0) & (rng.random(len(who)) < np.minimum(0.022 * np.exp(0.55 * world.relative[who]), 0.22)),
        repeat=repeat,
        formal=formal,
    )


def _repeat(world: World, parent: Contacts, rng: np.random.Generator) -> Contacts:
    """Contacts that come back within seven days: mostly what was not solved, now with the wrongs of the handling."""
    chance = np.where(parent.solved, 0.11, 0.55) - 0.04 * (parent.k1 < 0)
    rows = parent.take(rng.random(len(parent)) < chance)
    gap = 1 + np.searchsorted(np.cumsum(REPEAT_GAPS), rng.random(len(rows)))
    inside = rows.day + gap < calendar.N_DAYS
    rows, gap = rows.take(inside), gap[inside]
    k2 = np.full(len(rows), -1)
    draw = rng.random(len(rows))
    edge = 0.0
    for column, p in world.demand.repeat_extra:
        k2 = np.where((draw >= edge) & (draw < edge + p) & (rows.k1 >= 0) & (rows.k1 != column), column, k2)
        edge += p
    return _describe(world, rows.customer, rows.day + gap, rows.k1, k2, np.full(len(rows), -1), rows.channel, rng)


def _remember(world: World, made: Contacts) -> None:
    order = np.argsort(made.day * calendar.DAY_S + made.second, kind="stable")
    made = made.take(order)
    for number, irritant in enumerate((made.k1, made.k2, made.k3)):
        leave = made.leave & (irritant >= 0) if number == 0 else np.zeros(len(made), dtype=bool)
        told = (irritant >= 0) if number else np.ones(len(made), dtype=bool)
        world.boosts.add(
            made.customer[told], made.day[told], irritant[told], made.solved[told] & (number == 0), leave[told]
        )
    told = made.k1 >= 0
    world.issue_day[made.customer[told]] = made.day[told]
    world.issue_k[made.customer[told]] = made.k1[told]
    formal = made.take(made.formal)
    np.maximum.at(world.asked.formal, formal.customer, formal.day)
    world.complaints.append(formal)
