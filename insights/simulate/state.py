"""The state and the records of one portfolio while its weeks go by."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from insights.simulate import calendar
from insights.simulate.bank import Irritant
from insights.simulate.contacts import Contacts, Demand
from insights.simulate.customers import Bools, Floats, Ints, Population
from insights.simulate.departures import Boosts, Rates
from insights.simulate.invitations import Asked, Invitations
from insights.simulate.plan import Plan

GONE_DAYS, MOVER_DAYS = 120, 90


@dataclass
class Wave:
    """What everybody would answer at one relational wave: the truth behind the sample."""

    day: int
    customer: Ints
    k1: Ints
    k2: Ints
    solved: Bools
    leave: Bools


@dataclass
class World:
    """The state and the records of one portfolio."""

    pop: Population
    plan: Plan
    catalogue: tuple[Irritant, ...]
    demand: Demand
    exposure: Floats
    boosts: Boosts
    rates: Rates
    asked: Asked
    learned_on: Ints
    effective_on: Ints
    cause: Ints
    cause_irritant: Ints
    moved_on: Ints
    issue_day: Ints
    issue_k: Ints
    relative: Floats
    hazard_sum: Floats
    hazard_weeks: Ints
    hazard_90d: Floats
    contacts: list[Contacts] = field(default_factory=list)
    invitations: list[Invitations] = field(default_factory=list)
    waves: list[Wave] = field(default_factory=list)
    complaints: list[Contacts] = field(default_factory=list)
    n_contacts: int = 0


def dynamic_exposure(world: World, active: Bools, day: int) -> dict[int, Floats]:
    """Exposure of irritants whose groups change: new customers, movers, those who left, unpaid, end of term."""
    pop = world.pop
    tenure = pop.tenure_days(day)
    picture = int(calendar.PICTURE_OF_DAY[day])
    gone = (world.effective_on <= day) & (day - world.effective_on < GONE_DAYS) & (world.cause != 3)
    masks = {
        "first_year": tenure < 400,
        "new": tenure < 90,
        "mover": (day - world.moved_on >= -7) & (day - world.moved_on < MOVER_DAYS),
        "unpaid": pop.unpaid[:, picture] > 0,
        "term_end": pop.days_to_term(day) < 75,
    }
    out = {}
    for column, irritant in enumerate(world.catalogue):
        moving = {group: factor for group, factor in irritant.groups.items() if group in masks or group == "gone"}
        if moving:
            weights = world.exposure[:, column] * active
            for group, factor in moving.items():
                if group == "gone":
                    weights = np.where(gone, world.exposure[:, column] * factor, weights)
                else:
                    weights = np.where(masks[group], weights * factor, weights)
            out[column] = weights
    return out
