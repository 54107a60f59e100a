"""Two feeds beside the pictures: departures as they are learned, and the contact log."""

from __future__ import annotations

from typing import Any

import numpy as np

from insights.simulate import calendar
from insights.simulate.contacts import CHANNELS, PHONE, SITES, TEAM_SITE, TEAMS, Contacts
from insights.simulate.customers import Bools, Floats
from insights.simulate.departures import CAUSES
from insights.simulate.state import World


def departures_rows(world: World, rng: np.random.Generator) -> dict[str, list[Any]]:
    """Columns of departures.csv in the order they were learned."""
    gone = np.flatnonzero(world.learned_on < calendar.N_DAYS)
    gone = gone[np.argsort(world.learned_on[gone], kind="stable")]
    ids = world.pop.ids()
    received = world.learned_on[gone] * calendar.DAY_S + 6 * 3_600 + rng.integers(0, 30_000, len(gone))
    return {
        "customer_id": [ids[i] for i in gone],
        "learned_on": calendar.iso_days(world.learned_on[gone]),
        "effective_on": calendar.iso_days(world.effective_on[gone]),
        "cause": [CAUSES[c] for c in world.cause[gone]],
        "reason": [_reason(world, int(i), rng) for i in gone],
        "received_at": calendar.stamps(received),
    }


def _reason(world: World, i: int, rng: np.random.Generator) -> str:
    """The reason stated, often none."""
    if world.cause[i] != 0:
        return ("", "déménagement", "impayé", "décès")[world.cause[i]] if rng.random() < 0.9 else ""
    fall = 0 <= world.learned_on[i] - calendar.day_of(calendar.TARIFF_FALL_ON) < 70
    if fall and rng.random() < 0.5:
        return "parti chez EDF"
    if rng.random() < 0.6:
        return ""
    k = int(world.cause_irritant[i])
    if k >= 0 and rng.random() < 0.7:
        return world.catalogue[k].theme.lower()
    return ("prix", "offre concurrente", "service client", "non précisé")[int(rng.integers(0, 4))]


REASONS = (
    "facture", "paiement", "prix", "espace client", "technique", "information", "contrat", "remboursement",
    "mensualités", "régularisation",
)  # fmt: skip


def contact_rows(
    world: World, made: Contacts, abandoned: Bools, rng: np.random.Generator, prefix: str
) -> dict[str, list[Any]]:
    """Columns of contacts.csv, in the order of `made` (time)."""
    n = len(made)
    phone = made.channel == PHONE
    ids = world.pop.ids()
    wait, duration, transferred = handling(world, made, abandoned, rng)
    at = made.day * calendar.DAY_S + made.second
    delay = np.where(
        made.channel == 4, rng.integers(1, 4, n) * calendar.DAY_S, np.nan_to_num(duration).astype(np.int64) + 300
    )
    received = np.minimum(at + delay, np.maximum(calendar.last_second(), at))
    own = [irritant.reason for irritant in world.catalogue] + ["information"]
    guess = rng.integers(0, len(REASONS), n)
    wrong = rng.random(n) < 0.12
    reason = [
        REASONS[g] if w or own[k] is None else own[k]
        for k, g, w in zip(made.k1.tolist(), guess.tolist(), wrong.tolist(), strict=True)
    ]
    touchpoint = [irritant.touchpoint for irritant in world.catalogue] + ["Téléphone"]
    return {
        "contact_id": [f"{prefix}K{row + 1:08d}" for row in range(n)],
        "customer_id": [ids[i] for i in made.customer],
        "channel": [CHANNELS[c] for c in made.channel],
        "team": [TEAMS[t] for t in made.team],
        "site": [SITES[TEAM_SITE[t]][0] for t in made.team],
        "site_country": [SITES[TEAM_SITE[t]][1] for t in made.team],
        "touchpoint": [touchpoint[k] for k in made.k1],
        "reason": reason,
        "wait_seconds": [f"{w:.0f}" if p else "" for w, p in zip(wait, phone, strict=True)],
        "duration_seconds": [f"{d:.0f}" for d in duration],
        "transferred": [str(bool(t)).lower() for t in transferred],
        "abandoned": [str(bool(a)).lower() for a in abandoned],
        "occurred_at": calendar.stamps(at),
        "received_at": calendar.stamps(received),
    }


def handling(world: World, made: Contacts, abandoned: Bools, rng: np.random.Generator) -> tuple[Floats, Floats, Bools]:
    """Waiting and handling seconds, transfers: long waits go with IRR-09, transfers with IRR-10, action C shortens."""
    n = len(made)
    index = {irritant.id: column for column, irritant in enumerate(world.catalogue)}
    told = np.stack([made.k1, made.k2, made.k3])
    waiting = (told == index["IRR-09"]).any(axis=0)
    busy = np.where(np.isin(calendar.MONTH[made.day], (1, 2, 9)), 1.35, 0.95)
    wait = rng.lognormal(np.log(34.0), 1.15, n) * busy * np.where(waiting, 12.0, 1.0) * np.where(abandoned, 5.0, 1.0)
    mean = np.array((450.0, 400.0, 760.0, 380.0, 840.0))[made.channel]
    trained = world.demand.trained[made.team] & (made.day >= calendar.day_of(calendar.ACTION_C_ON))
    catch_up = made.k1 == index["IRR-01"]
    mean = np.where(catch_up & (made.channel == PHONE), np.where(trained, 545.0, 660.0), mean)
    duration = mean * rng.lognormal(-0.08, 0.4, n) * ~abandoned
    transferred = (rng.random(n) < np.where((told == index["IRR-10"]).any(axis=0), 0.65, 0.10)) & ~abandoned
    return np.minimum(wait, 3_900), duration, transferred & (made.channel == PHONE)
