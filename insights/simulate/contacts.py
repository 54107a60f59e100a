"""Contacts with the company, week by week: who gets in touch about what, through which channel, and again.

Volumes follow the calendar; customers are drawn by their exposure to each irritant. A contact carries up to three
irritants (`k1`, `k2`, `k3`, -1 for none). What is left unsolved comes back within seven days.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from insights.simulate import calendar, profiles
from insights.simulate.bank import Irritant
from insights.simulate.customers import Bools, Floats, Ints, Population

CHANNELS = ("phone", "email", "chat", "form", "letter")
CHANNEL_SHARES = np.array((0.625, 0.14, 0.14, 0.07, 0.025))
PHONE, EMAIL, CHAT, FORM, LETTER = range(5)
IRRITANT_SHARE = 0.60  # contacts that carry an irritant
FIRST_CONTACT = 0.715  # contacts that are not the repeat of another within seven days
N_TEAMS = 24
SITES = (("Tours", "FR"), ("Amiens", "FR"), ("Casablanca", "MA"))
TEAM_SITE = np.array([0] * 8 + [1] * 8 + [2] * 8)
COMPLAINT_TEAMS, SOLIDARITY_TEAMS = (4, 5), (6, 7)
TEAMS = (
    *("Tours Experts 1", "Tours Experts 2", "Tours Experts 3", "Tours Experts 4"),
    *("Tours Réclamations 1", "Tours Réclamations 2", "Pôle Solidarité 1", "Pôle Solidarité 2"),
    *(f"Amiens {n}" for n in range(1, 9)),
    *(f"Casablanca {n}" for n in range(1, 9)),
)
_HABIT_CHANNEL = np.array([[1.25, 0.7, 0.1, 0.5, 3.5], [1.0, 1.0, 0.9, 1.0, 0.9], [0.85, 1.15, 1.6, 1.2, 0.3]])
REPEAT_EXTRA = (("IRR-11", 0.08), ("IRR-13", 0.15), ("IRR-12", 0.03), ("IRR-14", 0.03), ("IRR-09", 0.03))


@dataclass
class Contacts:
    """Columns of contacts, one row each. `second` is the second of the day, `first` the row of the chain's start."""

    customer: Ints
    day: Ints
    second: Ints
    channel: Ints
    k1: Ints
    k2: Ints
    k3: Ints
    team: Ints
    solved: Bools
    leave: Bools
    repeat: Bools
    formal: Bools

    def __len__(self) -> int:
        return len(self.customer)

    def take(self, rows: Ints | Bools) -> Contacts:
        """The chosen rows."""
        return Contacts(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    @staticmethod
    def join(parts: list[Contacts]) -> Contacts:
        """Rows of all parts, one after the other."""
        return Contacts(**{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Contacts)})


@dataclass(frozen=True)
class Demand:
    """What drives contacts: daily profiles, primary weights, companions, who knows how to explain a catch-up bill."""

    catalogue: tuple[Irritant, ...]
    profiles: Floats
    general: Floats
    weights: Floats
    companions: tuple[tuple[tuple[int, float], ...], ...]
    repeat_extra: tuple[tuple[int, float], ...]
    channel: Floats
    trained: Bools
    contacts_per_year: float
    formal_factor: float

    @property
    def waiting(self) -> int:
        """Column of the wait on the phone."""
        return 8

    @property
    def catch_up(self) -> int:
        """Column of the catch-up bill, the irritant of action C."""
        return 0


def demand(catalogue: tuple[Irritant, ...], per_year: float, formal_factor: float, trained: Bools) -> Demand:
    """Profiles and weights; primary weights are lowered by what companions will add, so that shares come out."""
    index = {irritant.id: column for column, irritant in enumerate(catalogue)}
    companions = tuple(tuple((index[key], p) for key, p in irritant.together.items()) for irritant in catalogue)
    repeat_extra = tuple((index[key], p) for key, p in REPEAT_EXTRA)
    channel = np.array(
        [[share * row.channels.get(name, 1.0) for name, share in zip(CHANNELS, CHANNEL_SHARES, strict=True)]
         for row in catalogue]
        + [list(CHANNEL_SHARES * np.array((0.97, 1.1, 1.0, 0.95, 0.8)))]
    )  # fmt: skip
    return Demand(
        catalogue=catalogue,
        profiles=np.array([profiles.irritant_profile(row.id, row.months) for row in catalogue]),
        general=profiles.general_profile(),
        weights=_primary(np.array([row.share for row in catalogue]), companions, repeat_extra),
        companions=companions,
        repeat_extra=repeat_extra,
        channel=channel / channel.sum(axis=1, keepdims=True),
        trained=trained,
        contacts_per_year=per_year,
        formal_factor=formal_factor,
    )


def _primary(
    share: Floats, companions: tuple[tuple[tuple[int, float], ...], ...], extra: tuple[tuple[int, float], ...]
) -> Floats:
    """Weights p of the first irritant such that p plus its companions is proportional to the shares."""
    matrix = np.eye(len(share))
    for first, pairs in enumerate(companions):
        for second, p in pairs:
            matrix[second, first] += p
    for second, p in extra:
        matrix[second, :] += 0.28 * p
    weights = np.maximum(np.linalg.solve(matrix, share), 0.25 * share)
    return np.asarray(weights / weights.sum())


def draw_customers(rng: np.random.Generator, weights: Floats, size: int) -> Ints:
    """Rows drawn with probability proportional to the weights."""
    cumulative = np.cumsum(weights)
    return np.asarray(np.searchsorted(cumulative, rng.random(size) * cumulative[-1], side="right"))


def evenly(rng: np.random.Generator, made: Contacts, rows: Ints, count: int) -> Ints:
    """A systematic sample of rows, every n-th by irritant and time: each irritant keeps its share and its season."""
    ordered = rows[np.lexsort((made.second[rows], made.day[rows], made.k1[rows]))]
    count = min(count, len(ordered))
    places = ((np.arange(count) + rng.random()) * len(ordered) / max(count, 1)).astype(np.int64)
    return np.asarray(ordered[places])


def companions_of(rng: np.random.Generator, k1: Ints, table: Demand) -> tuple[Ints, Ints]:
    """Second and third irritant of each row, by what goes together (-1: none)."""
    k2, k3 = np.full(len(k1), -1), np.full(len(k1), -1)
    for first, pairs in enumerate(table.companions):
        rows = np.flatnonzero(k1 == first)
        for second, p in pairs if len(rows) else ():
            hit = rows[rng.random(len(rows)) < p]
            free = k2[hit] < 0
            k3[hit[~free]] = np.where(k3[hit[~free]] < 0, second, k3[hit[~free]])
            k2[hit[free]] = second
    return k2, k3


def issues(
    rng: np.random.Generator, table: Demand, week: int, active: Floats, exposure: Floats, dynamic: dict[int, Floats]
) -> tuple[Ints, Ints, Ints]:
    """First contacts of one week: customers, days, irritants (-1: none). `active` weights customers, 0 for absent."""
    days = np.arange(week * 7, min(week * 7 + 7, calendar.N_DAYS))
    daily = (active > 0).sum() * table.contacts_per_year * FIRST_CONTACT / 365.25
    profiles = np.vstack([table.profiles[:, days], table.general[None, days]])
    volume = daily * np.append(table.weights * IRRITANT_SHARE, 1 - IRRITANT_SHARE) * profiles.sum(axis=1)
    counts = rng.poisson(volume)
    who, when, what = [], [], []
    for column, count in enumerate(counts):
        if not count:
            continue
        neutral = column == len(table.catalogue)
        weights = exposure[:, -1] if neutral else dynamic.get(column, exposure[:, column] * active)
        if neutral:
            weights = weights * active
        if weights.sum() <= 0:
            continue
        who.append(draw_customers(rng, weights, count))
        when.append(days[draw_customers(rng, profiles[column], count)])
        what.append(np.full(count, -1 if neutral else column))
    if not who:
        return np.zeros(0, int), np.zeros(0, int), np.zeros(0, int)
    return np.concatenate(who), np.concatenate(when), np.concatenate(what)


def channels(rng: np.random.Generator, table: Demand, pop: Population, customer: Ints, day: Ints, k1: Ints) -> Ints:
    """Channel of each contact: by irritant and digital habit; phones and chats are closed on Sundays."""
    weights = table.channel[k1] * _HABIT_CHANNEL[pop.habit[customer]]
    weights[calendar.CLOSED[day], PHONE] = 0
    weights[calendar.CLOSED[day], CHAT] = 0
    cumulative = np.cumsum(weights, axis=1)
    return np.asarray((rng.random((len(k1), 1)) * cumulative[:, -1:] > cumulative).sum(axis=1))


def teams(rng: np.random.Generator, table: Demand, k1: Ints, formal: Bools) -> Ints:
    """Team of each contact: complaints and solidarity have their own."""
    team = rng.integers(0, N_TEAMS, len(k1))
    special = np.isin(team, COMPLAINT_TEAMS + SOLIDARITY_TEAMS)
    team = np.where(special & (rng.random(len(k1)) < 0.6), rng.integers(8, N_TEAMS, len(k1)), team)
    themes = np.array([irritant.theme == "Solidarité" for irritant in table.catalogue] + [False])
    team = np.where(themes[k1] & (rng.random(len(k1)) < 0.6), rng.choice(SOLIDARITY_TEAMS, len(k1)), team)
    return np.where(formal, rng.choice(COMPLAINT_TEAMS, len(k1)), team)


def solved(rng: np.random.Generator, table: Demand, day: Ints, k1: Ints, team: Ints, formal: Bools) -> Bools:
    """Solved in the contact: more often without irritant; action C helps trained teams on catch-up bills."""
    chance = np.where(k1 < 0, 0.88, 0.52) - 0.15 * formal
    after = day >= calendar.day_of(calendar.ACTION_C_ON)
    chance = chance + 0.20 * ((k1 == table.catch_up) & after & table.trained[team])
    return np.asarray(rng.random(len(k1)) < chance)


def seconds(rng: np.random.Generator, day: Ints, channel: Ints, k1: Ints, outage: int) -> Ints:
    """Second of the day: opening hours on the phone and chat, any hour in writing; the outage has its own evening."""
    live = (channel == PHONE) | (channel == CHAT)
    second = np.where(
        live, calendar.call_seconds(rng, day), calendar.seconds_in_day(rng, calendar.WRITE_HOURS, len(day))
    )
    in_outage = (day == calendar.day_of(calendar.OUTAGE_ON)) & (k1 == outage)
    evening = rng.integers(calendar.OUTAGE_FIRST_CALL_S + 60, calendar.LINES_CLOSE_S, len(day))
    late = rng.integers(calendar.OUTAGE_FIRST_CALL_S + 600, calendar.OUTAGE_END_S + 3_600, len(day))
    second = np.where(in_outage, np.where(live, evening, late), second)
    in_debit = (day == calendar.day_of(calendar.DOUBLE_DEBIT_ON)) & ~live
    second = np.where(
        in_debit, np.maximum(second, calendar.DEBIT_FIRST_POST_S + rng.integers(60, 9_000, len(day))), second
    )
    last = day == calendar.N_DAYS - 1
    return np.where(last, np.minimum(second, calendar.CUT_OFF_S - rng.integers(1_800, 14_000, len(day))), second)
