"""The portfolio: who is a customer, when they came, and what the CRM will show of them month after month.

One array per attribute, one row per customer. `arrival` is a day number (negative before the first day). Monthly
states (`engagement`, `unpaid`, `usage`) have one column per month-end picture; they drive both the pictures and the
hazard of leaving, so that what the CRM shows really predicts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from insights.simulate import calendar, profiles
from insights.simulate.bank import Irritant
from insights.simulate.personal import MAIL_DOMAINS, Person, names, phone_number, slug
from insights.simulate.plan import Plan

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

AGE_BANDS = ("18-34", "35-44", "45-59", "60-74", "75+")
AGE_SHARES = (0.26, 0.24, 0.30, 0.13, 0.07)
HABITS = ("avoids", "regular", "heavy")
HABIT_BY_AGE = ((0.02, 0.53, 0.45), (0.03, 0.62, 0.35), (0.08, 0.70, 0.22), (0.30, 0.60, 0.10), (0.60, 0.36, 0.04))
PRODUCTS = (
    "Lumarelle Souple", "Lumarelle Fixe 1 an", "Lumarelle Fixe 2 ans", "Lumarelle Fixe 3 ans", "Lumarelle Vert Souple",
    "Lumarelle Vert Fixe 2 ans", "Lumarelle Pro Souple", "Lumarelle Pro Fixe 1 an", "Lumarelle Pro Fixe 3 ans",
)  # fmt: skip
PRODUCT_YEARS = np.array([0, 1, 2, 3, 0, 2, 0, 1, 3])
HOUSEHOLD_PRODUCTS = (0.42, 0.16, 0.14, 0.06, 0.12, 0.10)
BUSINESS_PRODUCTS = (0.35, 0.40, 0.25)
ACQUISITIONS = ("web", "phone", "comparator", "door_to_door", "referral", "partner")
ACQUISITION_SHARES = (0.30, 0.18, 0.22, 0.14, 0.09, 0.07)
ENERGIES = ("electricity", "gas", "dual")
PAYMENTS = ("direct_debit", "card", "cheque")
N_PICTURES = len(calendar.MONTH_ENDS)
N_BEFORE = 12  # months of usage before the first picture


@dataclass
class Population:
    """Arrays of one portfolio, all of length n (states: n rows, one column per picture)."""

    n: int
    first_number: int
    arrival: Ints
    business: Bools
    english: Bools
    age: Ints
    habit: Ints
    region: Ints
    product: Ints
    acquisition: Ints
    energy: Ints
    electric_heating: Bools
    peak: Bools
    payment: Ints
    annual_kwh: Floats
    margin_eur: Floats
    low_income: Bools
    paper: Bools
    house: Bools
    tenant: Bools
    ev: Bools
    tank: Bools
    smart_meter: Bools
    woman: Bools
    first_name: Ints
    last_name: Ints
    propensity: Floats
    frailty: Floats
    opted_out: Bools
    no_address: Bools
    objection: Bools
    engagement: Floats
    unpaid: Ints
    usage: Floats
    id_texts: list[str] = field(default_factory=list)

    def ids(self) -> list[str]:
        """Customer ids, C and seven digits (made once)."""
        if not self.id_texts:
            self.id_texts = [f"C{self.first_number + i:07d}" for i in range(self.n)]
        return self.id_texts

    def tenure_days(self, day: int) -> Ints:
        """Days since the start of the relation."""
        return day - self.arrival

    @property
    def term_years(self) -> Ints:
        """Years of the fixed term; 0 for an indexed price."""
        return np.asarray(PRODUCT_YEARS[self.product])

    def days_to_term(self, day: int) -> Ints:
        """Days to the end of the running fixed term; a large number without one."""
        length = np.maximum(self.term_years, 1) * 365
        left = length - (self.tenure_days(day) % length)
        return np.where(self.term_years > 0, left, 100_000)

    def person(self, i: int) -> Person:
        """The invented person behind row i."""
        first, last = self.full_name(i)
        number = self.first_number + i
        domain = MAIL_DOMAINS[number % len(MAIL_DOMAINS)]
        email = f"{slug(first)}.{slug(last)}{number}@{domain}"
        return Person(first, last, email, phone_number(number), int(self.region[i]), bool(self.business[i]))

    def full_name(self, i: int) -> tuple[str, str]:
        """First and last name of row i."""
        pool = names()
        if self.english[i]:
            first = pool.english_first[self.first_name[i] % len(pool.english_first)]
            return first, pool.english_last[self.last_name[i] % len(pool.english_last)]
        firsts = pool.women if self.woman[i] else pool.men
        return firsts[self.first_name[i] % len(firsts)], pool.last[self.last_name[i] % len(pool.last)]


def build(plan: Plan, rng: np.random.Generator, first_number: int) -> Population:
    """Draw one portfolio: those under contract on the first day, then the arrivals of two years."""
    arrival = _arrivals(plan, rng)
    n = len(arrival)
    business = rng.random(n) < 0.08
    english = ~business & (rng.random(n) < 0.055)
    age = _pick(rng, AGE_SHARES, n)
    region = _pick(rng, names().region_shares, n)
    low_income = ~business & (rng.random(n) < 0.16)
    engagement, unpaid, usage = _states(rng, low_income, business)
    return Population(
        n=n,
        first_number=first_number,
        arrival=arrival,
        business=business,
        english=english,
        age=age,
        region=np.where(english & (rng.random(n) < 0.8), np.where(rng.random(n) < 0.6, 2, 3), region),
        acquisition=_pick(rng, ACQUISITION_SHARES, n),
        payment=_pick(rng, (0.83, 0.12, 0.05), n),
        margin_eur=np.where(business, 240.0, 62.0) * rng.lognormal(-0.06, 0.35, n),
        low_income=low_income,
        smart_meter=rng.random(n) < 0.94,
        woman=rng.random(n) < 0.53,
        first_name=rng.integers(0, 10_000, n),
        last_name=rng.integers(0, 10_000, n),
        propensity=rng.gamma(3.0, 1 / 3.0, n),
        frailty=rng.normal(0.0, 0.30, n),
        opted_out=rng.random(n) < 0.02,
        no_address=rng.random(n) < 0.03,
        objection=rng.random(n) < 0.008,
        engagement=engagement,
        unpaid=unpaid,
        usage=usage,
        **_habits(rng, age),
        **_homes(rng, business, english, age),
    )


def _habits(rng: np.random.Generator, age: Ints) -> dict[str, Any]:
    """Digital habit by age, and the bill on paper that goes with it."""
    habit = _pick_rows(rng, np.array(HABIT_BY_AGE)[age])
    paper = rng.random(len(age)) < np.array((0.75, 0.22, 0.04))[habit]
    return {"habit": habit, "paper": paper}


def _homes(rng: np.random.Generator, business: Bools, english: Bools, age: Ints) -> dict[str, Any]:
    """Home, energy, offer and yearly use."""
    n = len(business)
    house = ~business & (rng.random(n) < np.where(english, 0.95, 0.52))
    tenant = ~business & (rng.random(n) < np.where(age == 0, 0.75, np.where(house, 0.12, 0.45)))
    energy = np.where(business, 0, _pick(rng, (0.70, 0.06, 0.24), n))
    electric = (energy == 0) & (rng.random(n) < 0.45)
    offer = np.where(business, 6 + _pick(rng, BUSINESS_PRODUCTS, n), _pick(rng, HOUSEHOLD_PRODUCTS, n))
    return {
        "house": house,
        "tenant": tenant,
        "energy": energy,
        "electric_heating": electric,
        "product": offer,
        "peak": (energy != 1) & (rng.random(n) < np.where(house, 0.52, 0.22)),
        "annual_kwh": _annual_use(rng, business, electric, house, energy),
        "ev": house & (rng.random(n) < 0.08),
        "tank": electric | (rng.random(n) < 0.3),
    }


def _pick(rng: np.random.Generator, shares: tuple[float, ...], n: int) -> Ints:
    weights = np.cumsum(np.asarray(shares, dtype=float))
    return np.searchsorted(weights / weights[-1], rng.random(n), side="right")


def _pick_rows(rng: np.random.Generator, shares: Floats) -> Ints:
    """One category per row of a matrix of weights."""
    cumulative = np.cumsum(shares, axis=1)
    return np.asarray((rng.random((len(shares), 1)) * cumulative[:, -1:] > cumulative).sum(axis=1))


def _arrivals(plan: Plan, rng: np.random.Generator) -> Ints:
    """Day numbers of arrival: a stock with a long tail of loyalty, then newcomers with the season of moves."""
    n = plan.n_customers
    stock = -np.maximum(1, np.minimum(rng.gamma(1.05, 1_150, n), 5_500)).astype(np.int64)
    season = profiles.month_profile(calendar.MOVE_MONTHS)
    n_new = round(n * plan.arrivals_share_year * 2)
    new = np.searchsorted(np.cumsum(season) / season.sum(), np.sort(rng.random(n_new)), side="right")
    return np.concatenate([stock, new])


def _annual_use(rng: np.random.Generator, business: Bools, electric: Bools, house: Bools, energy: Ints) -> Floats:
    base = np.where(business, 14_000.0, np.where(electric, 9_500.0, np.where(energy == 0, 3_600.0, 13_000.0)))
    return np.asarray(base * np.where(house, 1.25, 0.85) * rng.lognormal(-0.08, 0.4, len(base)))


def _states(rng: np.random.Generator, low_income: Bools, business: Bools) -> tuple[Floats, Ints, Floats]:
    """Monthly states: engagement (AR 1, unit variance), unpaid bills (0 to 3), log usage factor (with 12 before)."""
    n = len(low_income)
    engagement = np.empty((n, N_PICTURES + 1))
    engagement[:, 0] = rng.normal(size=n)
    unpaid = np.zeros((n, N_PICTURES + 1), dtype=np.int64)
    enter = 0.010 * np.where(low_income, 4.5, 1.0) * np.where(business, 1.5, 1.0)
    usage = np.empty((n, N_BEFORE + N_PICTURES + 1))
    usage[:, 0] = rng.normal(0, 0.2, n)
    for month in range(1, usage.shape[1]):
        usage[:, month] = 0.93 * usage[:, month - 1] + rng.normal(0, 0.075, n)
    for month in range(1, N_PICTURES + 1):
        engagement[:, month] = 0.9 * engagement[:, month - 1] + rng.normal(0, (1 - 0.81) ** 0.5, n)
        late = unpaid[:, month - 1] > 0
        draw = rng.random(n)
        unpaid[:, month] = np.where(
            late, np.where(draw < 0.38, 0, np.minimum(unpaid[:, month - 1] + (draw > 0.8), 3)), draw < enter
        )
    return engagement, unpaid, usage


def usage_change(pop: Population, picture: int) -> Floats:
    """Log of usage against the same month a year before, at one picture."""
    return np.asarray(pop.usage[:, picture + N_BEFORE] - pop.usage[:, picture])


def group_masks(pop: Population) -> dict[str, Bools]:
    """Fixed groups of customers named in irritants.yaml."""
    indexed = pop.term_years == 0
    return {
        "instalments": pop.payment == 0,
        "direct_debit": pop.payment == 0,
        "electric_heating": pop.electric_heating,
        "middle_aged": (pop.age == 2) | (pop.age == 3),
        "active_age": (pop.age == 1) | (pop.age == 2),
        "young": pop.age == 0,
        "under_45": pop.age <= 1,
        "senior": pop.age >= 3,
        "senior_75": pop.age == 4,
        "gas": pop.energy != 0,
        "no_smart_meter": ~pop.smart_meter,
        "business": pop.business,
        "household": ~pop.business,
        "low_income": pop.low_income,
        "other_income": ~pop.low_income,
        "indexed": indexed,
        "comparator": pop.acquisition == 2,
        "referral": pop.acquisition == 4,
        "tech": pop.habit == 2,
        "avoids": pop.habit == 0,
        "ev": pop.ev,
        "tank": pop.tank,
        "single_rate": ~pop.peak,
        "house": pop.house,
    }


DYNAMIC_GROUPS = ("first_year", "new", "mover", "gone", "unpaid", "term_end")


def exposure(pop: Population, catalogue: tuple[Irritant, ...]) -> Floats:
    """Fixed part of how often each customer meets each irritant. Shape (n, irritants), float."""
    masks = group_masks(pop)
    table = np.ones((pop.n, len(catalogue)))
    for column, irritant in enumerate(catalogue):
        for group, factor in irritant.groups.items():
            if group not in DYNAMIC_GROUPS:
                table[masks[group], column] *= factor
    return table * pop.propensity[:, None]
