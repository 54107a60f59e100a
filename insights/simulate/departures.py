"""Why customers leave: weekly hazards from contract, behaviour and what was said, and who goes when.

Chosen departures follow a proportional hazard: contract (tenure, end of term, price), behaviour (engagement, usage),
an unobserved frailty, and the boosts left by mentions. Moves, unpaid bills and deaths compete. Age and digital habit
never enter the chosen hazard.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from insights.simulate import calendar, profiles
from insights.simulate.bank import Irritant
from insights.simulate.customers import Bools, Floats, Ints, Population, usage_change

CAUSES = ("chosen", "natural", "unpaid", "death")
CHOSEN_YEAR = (0.082, 0.075)  # households, small businesses
NATURAL_YEAR = (0.071, 0.046)
UNPAID_YEAR = (0.013, 0.014)
DEATH_YEAR = 0.009
MOVERS_KEPT = 0.34
# What is left of the yearly rates once events and mentions have raised the hazard (tuned over seeds).
BASE_FACTOR = (0.71, 0.56)
NEVER = 10**6
KERNEL_WEEKS = 26
SAME_AGAIN, SOLVED, LEAVE_INTENT, SILENT_TWICE = 1.5, 0.75, 3.5, 1.15
MAX_BOOST = float(np.log(8.0))
PRICE_EVENT_DAYS = 84
NORMAL_DAYS = (0, 150, 270, 365, 600, 690)  # away from the price events
MOVE_SEASON = profiles.month_profile(calendar.MOVE_MONTHS)


def kernel(delay_days: int) -> Floats:
    """Weekly shape of a mention's effect: soon for a price, late for a business contract.

    Mean 1 over the first 13 weeks (26 for a late one), so that the ratio holds over 90 days; what is left of the
    disappointment fades until week 26.
    """
    weeks = np.arange(1, KERNEL_WEEKS + 1, dtype=float)
    if delay_days >= 50:
        shape = np.exp(-0.5 * ((weeks - 9.5) / 4.5) ** 2)
    else:
        peak = 1.2 if delay_days < 25 else 3.4
        shape = weeks / peak * np.exp(1 - weeks / peak) + (0.9 if delay_days < 25 else 0.15) * np.exp(-weeks / 2)
        shape = shape / shape[:13].mean()
        shape[13:] = np.linspace(0.20 if delay_days < 25 else 0.50, 0.05, KERNEL_WEEKS - 13)
        return np.asarray(shape)
    return np.asarray(shape / shape.mean())


@dataclass
class Boosts:
    """Log hazard left by mentions: rows customers, columns weeks. `kernels[k]` is the log effect of irritant k."""

    table: Floats
    kernels: Floats
    leave: Floats
    flat: Floats
    last_mention: Ints

    @classmethod
    def empty(cls, n: int, catalogue: tuple[Irritant, ...]) -> Boosts:
        effects = np.array([np.log1p((irritant.hazard - 1) * kernel(irritant.delay_days)) for irritant in catalogue])
        flat = np.zeros(KERNEL_WEEKS)
        flat[:13] = 1.0
        return cls(
            table=np.zeros((n, calendar.N_WEEKS + KERNEL_WEEKS + 8), dtype=np.float32),
            kernels=effects,
            leave=np.log1p((LEAVE_INTENT - 1) * kernel(19)),
            flat=flat,
            last_mention=np.full((n, len(catalogue)), -NEVER),
        )

    def add(self, customers: Ints, days: Ints, irritants: Ints, solved: Bools, leave: Bools) -> None:
        """Record mentions: one row per customer, day and irritant (-1: none, only the intent to leave counts)."""
        told = irritants >= 0
        who, when, what = customers[told], days[told], irritants[told]
        again = when - self.last_mention[who, what] <= 30
        effect = self.kernels[what] + self.flat * (
            np.log(SAME_AGAIN) * again + np.log(SOLVED) * solved[told]
        )[:, None]  # fmt: skip
        self._spread(who, when, effect)
        np.maximum.at(self.last_mention, (who, what), when)
        if leave.any():
            self._spread(customers[leave], days[leave], np.broadcast_to(self.leave, (int(leave.sum()), KERNEL_WEEKS)))

    def _spread(self, customers: Ints, days: Ints, effect: Floats) -> None:
        columns = (days // 7)[:, None] + np.arange(1, KERNEL_WEEKS + 1)
        np.add.at(self.table, (customers[:, None], columns), effect.astype(np.float32))

    def week(self, week: int) -> Floats:
        """Log boost of every customer in one week, bounded."""
        return np.asarray(np.clip(self.table[:, week].astype(float), -0.3, MAX_BOOST))


def contract_part(pop: Population, day: int) -> Floats:
    """Log hazard from the contract alone on one day: tenure, term, price, offer, how they came."""
    tenure = pop.tenure_days(day)
    left = pop.days_to_term(day)
    length = pop.term_years * 365
    in_term = (pop.term_years > 0) & (left > 75)
    just_renewed = (pop.term_years > 0) & (length - left < 30) & (tenure > 200)
    log = np.select(
        [tenure < 90, tenure < 330, tenure < 460, tenure < 1_100, tenure < 2_200],
        [-0.65, 0.20, 1.40, 0.15, -0.70],
        default=-1.35,
    )
    log = log + 1.10 * (pop.acquisition == 2) + 0.80 * (pop.acquisition == 3) - 0.40 * (pop.acquisition == 4)
    log = log - 1.10 * in_term + 1.60 * ((pop.term_years > 0) & (left <= 75)) + 0.7 * just_renewed
    log = log - 0.60 * (pop.payment == 0) - 0.45 * (pop.energy == 2) - 0.40 * ((pop.product == 4) | (pop.product == 5))
    return np.asarray(log + 0.25 * np.log(pop.annual_kwh / 5_000).clip(-1.2, 1.2))


def price_part(pop: Population, day: int) -> Floats:
    """Log hazard from prices: own rise of 2026 (indexed offers above all), tariff fall of February 2025 (fixed)."""
    since = day - calendar.day_of(calendar.PRICE_NOTICE_ON)
    indexed = pop.term_years == 0
    log = np.zeros(pop.n)
    if 0 <= since < PRICE_EVENT_DAYS:
        log = log + np.where(indexed, np.log(2.05), np.log(1.08))
    elif PRICE_EVENT_DAYS <= since < 2 * PRICE_EVENT_DAYS:
        log = log + np.where(indexed, np.log(1.18), 0.0)
    if 0 <= day - calendar.day_of(calendar.TARIFF_FALL_ON) < 70:
        log = log + np.where(indexed, 0.1, np.log(1.7))
    return log


def behaviour_part(pop: Population, picture: int) -> Floats:
    """Log hazard from the month's states: engagement low, usage up (a dearer bill), bills unpaid."""
    usage = usage_change(pop, picture).clip(-0.6, 0.6)
    return np.asarray(-0.85 * pop.engagement[:, picture] + 1.5 * usage + 0.25 * (pop.unpaid[:, picture] > 0))


def chosen_log(pop: Population, day: int) -> Floats:
    """Log hazard of a chosen departure without mentions, up to the base rate."""
    picture = int(calendar.PICTURE_OF_DAY[min(day, calendar.N_DAYS - 1)])
    return contract_part(pop, day) + price_part(pop, day) + behaviour_part(pop, picture) + pop.frailty


@dataclass
class Rates:
    """Weekly base rates, scaled so that the yearly rates of the bible come out."""

    chosen: Floats
    natural: Floats
    unpaid_yes: float
    unpaid_no: float
    death: Floats

    @classmethod
    def of(cls, pop: Population, chosen_factor: float) -> Rates:
        start = pop.arrival < 0
        # Several days, extremes cut: the level of a small segment must not hang on a few customers on one day.
        relative = np.mean([np.exp(np.minimum(chosen_log(pop, day), 2.5)) for day in NORMAL_DAYS], axis=0)
        chosen = np.zeros(pop.n)
        for business, yearly, base in zip((False, True), CHOSEN_YEAR, BASE_FACTOR, strict=True):
            mean = relative[start & (pop.business == business)].mean()
            chosen[pop.business == business] = base * chosen_factor * yearly * 7 / 365.25 / mean
        move = np.where(pop.business, 1.0, np.where(pop.tenant, 2.2, 0.6) * np.where(pop.age == 0, 1.6, 0.9))
        natural = np.zeros(pop.n)
        for business, yearly in ((False, NATURAL_YEAR[0]), (True, NATURAL_YEAR[1])):
            group = pop.business == business
            natural[group] = move[group] / move[group & start].mean() * yearly * 1.09 / (1 - MOVERS_KEPT) * 7 / 365.25
        late = float((pop.unpaid[:, 1:] > 0).mean())
        unpaid = UNPAID_YEAR[0] * 1.09 * 7 / 365.25
        age = np.array([0.15, 0.2, 0.5, 2.2, 7.0])[pop.age] * ~pop.business
        death = age / age[start].mean() * DEATH_YEAR * 1.09 * 7 / 365.25
        return cls(chosen, natural, 0.85 * unpaid / late, 0.15 * unpaid / (1 - late), death)


def weekly_hazards(pop: Population, rates: Rates, boost: Floats, silent: Bools, day: int) -> Floats:
    """Hazards of the week that holds `day`. Shape (4, n), in the order of CAUSES; moves include those kept."""
    log = chosen_log(pop, day) + boost + np.log(SILENT_TWICE) * silent
    season = MOVE_SEASON[min(day, calendar.N_DAYS - 1)]
    picture = int(calendar.PICTURE_OF_DAY[min(day, calendar.N_DAYS - 1)])
    truce = 0.55 if calendar.WINTER[min(day, calendar.N_DAYS - 1)] else 1.32
    late = pop.unpaid[:, picture] > 0
    return np.stack(
        [
            rates.chosen * np.exp(log),
            rates.natural * season,
            np.where(late, rates.unpaid_yes, rates.unpaid_no) * truce,
            rates.death,
        ]
    )
