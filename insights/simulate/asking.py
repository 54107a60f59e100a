"""One week of surveys: who is asked after what, who is left out, who answers."""

from __future__ import annotations

import numpy as np

from insights.simulate import calendar, contacts, invitations, scores
from insights.simulate.contacts import Contacts
from insights.simulate.customers import Bools, Floats, Ints
from insights.simulate.invitations import (
    POST_CALL,
    POST_COMPLAINT,
    POST_DIGITAL,
    RELATIONAL,
    WELCOME,
    Invitations,
)
from insights.simulate.state import Wave, World, dynamic_exposure

RECENT_DAYS = 120
About = tuple[Ints, Ints, Bools, Bools]  # k1, k2, solved, leave


def _send(
    world: World,
    survey: int,
    who: Ints,
    at: Ints,
    reason: Ints,
    about: About,
    contact: Ints,
    rng: np.random.Generator,
    order: Floats | None = None,
) -> None:
    """Record invitations, sent or not; draw who answers; a told irritant counts as a mention (not twice for calls)."""
    k1, k2, solved, leave = about
    plan = getattr(world.plan, invitations.SURVEYS[survey])
    sent = reason == 0
    replied = np.zeros(len(who), dtype=bool)
    level = None if order is None else order[sent]
    replied[sent] = invitations.answers(rng, world.pop, plan.answer_share, who[sent], k1[sent], leave[sent], level)
    answered_at = at + invitations.answer_lag(rng, survey, len(who))
    replied &= (answered_at < calendar.last_second() - 3_600) & (at >= 0)
    world.asked.sent(who[sent], at[sent] // calendar.DAY_S, replied[sent], survey == RELATIONAL)
    if survey in (RELATIONAL, POST_DIGITAL, WELCOME):
        world.boosts.add(
            who[replied], answered_at[replied] // calendar.DAY_S, k1[replied], solved[replied], leave[replied]
        )
    world.invitations.append(
        Invitations(who, np.full(len(who), survey), at, reason, replied, answered_at, k1, k2, solved, leave, contact)
    )


def post_call(world: World, made: Contacts, week: int, rng: np.random.Generator) -> None:
    """A text message within the hour after a call, once in ninety days."""
    rows = np.flatnonzero((made.channel == contacts.PHONE) & (made.day <= world.effective_on[made.customer]))
    rows = rows[np.argsort(made.day[rows] * calendar.DAY_S + made.second[rows], kind="stable")]
    calls = made.take(rows)
    at = calls.day * calendar.DAY_S + calls.second + rng.integers(900, 3_600, len(calls))
    reason = world.asked.reasons(world.pop, calls.customer, calls.day, relational=False)
    _, seen = np.unique(calls.customer, return_index=True)
    again = np.ones(len(calls), dtype=bool)
    again[seen] = False
    reason = np.where((reason == 0) & again, 1, reason)
    days = np.arange(week * 7, min(week * 7 + 7, calendar.N_DAYS))
    target = world.plan.post_call.n_sent * world.demand.general[days].sum() / calendar.N_DAYS
    _leave_out(reason, target, rng)
    at = np.where(at < calendar.last_second(), at, calendar.last_second() - 60)
    first_row = world.n_contacts - len(made)
    _send(
        world,
        POST_CALL,
        calls.customer,
        at,
        reason,
        (calls.k1, calls.k2, calls.solved, calls.leave),
        first_row + rows,
        rng,
    )


def _leave_out(reason: Ints, target: float, rng: np.random.Generator) -> None:
    """Beyond the weekly target, eligible rows are not sampled (in place)."""
    eligible = np.flatnonzero(reason == 0)
    extra = len(eligible) - round(target + rng.random() - 0.5)
    if extra > 0:
        reason[rng.permutation(eligible)[:extra]] = 5


def _experience(world: World, who: Ints, day: int, place: str, chance: float, rng: np.random.Generator) -> About:
    """What these customers would speak of on a day at a place: (k1, k2, solved, leave)."""
    demand = world.demand
    window = slice(max(0, day - 21), day + 1)
    places = np.array([irritant.places.get(place, 1.0) for irritant in world.catalogue])
    weights = demand.weights * demand.profiles[:, window].mean(axis=1) * places
    table = world.exposure[who, :-1] / world.pop.propensity[who, None].clip(1e-3)
    active = np.ones(world.pop.n, dtype=bool)
    for column, dynamic in dynamic_exposure(world, active, day).items():
        table[:, column] = dynamic[who] / world.pop.propensity[who].clip(1e-3)
    recent = np.where(day - world.issue_day[who] <= RECENT_DAYS, world.issue_k[who], -1)
    k1 = invitations.experience(rng, weights, table, recent, chance)
    k2, _ = contacts.companions_of(rng, k1, demand)
    leave = (k1 >= 0) & (rng.random(len(who)) < np.minimum(0.03 * np.exp(0.55 * world.relative[who]), 0.25))
    return k1, k2, rng.random(len(who)) < 0.25, leave


def relational(world: World, active: Bools, day: int, rng: np.random.Generator) -> None:
    """A wave: what everybody would say, then the sample that is asked."""
    everybody = np.flatnonzero(active & (world.pop.arrival <= day) & (world.learned_on > day))
    about = _experience(world, everybody, day, "relational", 0.36, rng)
    world.waves.append(Wave(day, everybody, *about))
    rows = rng.permutation(len(everybody))
    reason = world.asked.reasons(world.pop, everybody[rows], np.full(len(rows), day), relational=True)
    asked = np.flatnonzero(reason == 0)[: world.plan.relational.n_sent]
    last = asked[-1] + 1 if len(asked) else 0
    rows, reason = rows[:last], reason[:last]
    at = day * calendar.DAY_S + 10 * 3_600 + rng.integers(0, 7_200, last) + calendar.DAY_S * rng.integers(0, 3, last)
    k1, k2, solved, leave = about[0][rows], about[1][rows], about[2][rows], about[3][rows]
    who = everybody[rows]
    order = scores.expected(world.pop, world.catalogue, who, k1, k2, solved, leave)
    order = order + scores.tenure_points(world.pop, who, day)
    _send(world, RELATIONAL, who, at, reason, (k1, k2, solved, leave), np.full(last, -1), rng, order)


def post_digital(world: World, active: Bools, first: int, last: int, rng: np.random.Generator) -> None:
    """After a task in the account or the app."""
    days = last - first + 1
    target = world.plan.post_digital.n_sent * days / calendar.N_DAYS
    weights = active * np.array((0.15, 1.0, 2.6))[world.pop.habit]
    count = int(rng.poisson(target * 1.42))
    who = np.unique(contacts.draw_customers(rng, weights, count))
    who = who[(world.pop.arrival[who] < first) & (world.learned_on[who] > last)]
    day = rng.integers(first, last + 1, len(who))
    reason = world.asked.reasons(world.pop, who, day, relational=False)
    _leave_out(reason, target, rng)
    at = day * calendar.DAY_S + calendar.seconds_in_day(rng, calendar.WRITE_HOURS, len(who))
    at = np.minimum(at, calendar.last_second() - 60)
    about = _experience(world, who, first, "post_digital", 0.34, rng)
    _send(world, POST_DIGITAL, who, at, reason, about, np.full(len(who), -1), rng)


def welcome(world: World, active: Bools, first: int, last: int, rng: np.random.Generator) -> None:
    """Day 7 after the start, or the first bill (day 55) for every other newcomer."""
    pop = world.pop
    due = pop.arrival + np.where(np.arange(pop.n) % 2 == 0, 7, 55)
    who = np.flatnonzero(active & (pop.arrival >= 0) & (due >= first) & (due <= last) & (world.learned_on > due))
    reason = world.asked.reasons(pop, who, due[who], relational=False)
    newcomers = max(1, round(world.plan.n_customers * world.plan.arrivals_share_year * 2))
    keep = world.plan.welcome.n_sent / newcomers * 1.24
    reason = np.where((reason == 0) & (rng.random(len(who)) > keep), 5, reason)
    at = due[who] * calendar.DAY_S + 9 * 3_600 + rng.integers(0, 30_000, len(who))
    at = np.minimum(at, calendar.last_second() - 60)
    about = _experience(world, who, first, "welcome", 0.36, rng)
    _send(world, WELCOME, who, at, reason, about, np.full(len(who), -1), rng)


def post_complaint(world: World, first: int, last: int, rng: np.random.Generator) -> None:
    """When a complaint is closed (day 12 to 18 after it was written)."""
    if not world.complaints:
        return
    recent = Contacts.join(world.complaints[-5:])
    closed = recent.day + 12 + recent.second % 7
    rows = recent.take((closed >= first) & (closed <= last))
    rows = rows.take(world.effective_on[rows.customer] > last)
    rows = rows.take(np.sort(np.unique(rows.customer, return_index=True)[1]))
    at = (
        np.maximum(rows.day + 12 + rows.second % 7, first) * calendar.DAY_S
        + 36_000
        + rng.integers(0, 20_000, len(rows))
    )
    at = np.minimum(at, calendar.last_second() - 60)
    reason = np.where(world.pop.opted_out[rows.customer], 3, np.where(world.pop.no_address[rows.customer], 4, 0))
    _send(
        world,
        POST_COMPLAINT,
        rows.customer,
        at,
        reason,
        (rows.k1, rows.k2, rows.solved, rows.leave),
        np.full(len(rows), -1),
        rng,
    )
