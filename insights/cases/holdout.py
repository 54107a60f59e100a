"""The hold-out of proactive calls: off until a director's signed event, then the same draw everywhere until it is read.

An experiment freezes, on the day it starts, its salt, the edges of the risk bands and, for each stratum (segment and
band), the number below which a unit is held out. A unit (the customer; for a business, its account) has one number, the
hash of salt and id: the same over runs, orders and machines. Exactly the declared share of each stratum's units of that
day lies below its threshold, and a unit that comes later is compared with the same threshold: nobody moves when others
come. The arm is fixed on the day a customer first stands on a list, and stays even when their risk band changes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from insights.cases.model import HELD_OUT, OPENED, Case
from insights.events import LedgerEvent

ON, OFF = "holdout.on", "holdout.off"
SUBJECT = "proactive_calls"
CALL, HOLD = "call", "hold"
BANDS = (0.50, 0.80, 0.95)  # quantiles of the score: edges of the four risk bands
FEWEST = 20  # units of a stratum below which its threshold is the share itself
DIGITS = 12


def draw(unit_id: str, salt: str) -> float:
    """The lasting number of a unit, uniform on 0 to 1: the first eight bytes of sha256(salt:unit)."""
    digest = hashlib.sha256(f"{salt}:{unit_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def in_holdout(unit_id: str, salt: str, share: float) -> bool:
    """True for a lasting random `share` of units; the same answer for the same salt, everywhere."""
    return draw(unit_id, salt) < share


@dataclass(frozen=True)
class Experiment:
    """One run of the hold-out as its signed event tells it. `read_on`: the day its result is read, written first."""

    experiment_id: str
    at: datetime
    actor: str
    share: float
    salt: str
    read_on: date
    edges: tuple[float, ...]
    thresholds: Mapping[str, float]
    base: float | None = None
    relative_cut: float = 0.20
    n_called: int = 0
    n_held: int = 0
    off_at: datetime | None = None

    def payload(self) -> dict[str, Any]:
        """What the event keeps; `from_event` reads it back."""
        names = ("experiment_id", "share", "salt", "base", "relative_cut", "n_called", "n_held")
        kept = {name: getattr(self, name) for name in names}
        return {
            **kept,
            "read_on": self.read_on.isoformat(),
            "edges": list(self.edges),
            "thresholds": dict(self.thresholds),
        }

    @classmethod
    def from_event(cls, event: LedgerEvent) -> Experiment:
        told = {name: value for name, value in event.payload.items() if name != "signature"}
        told |= {"edges": tuple(told["edges"]), "read_on": date.fromisoformat(told["read_on"])}
        return cls(at=event.at, actor=event.actor, **told)

    def arm(self, unit_id: str, stratum: str) -> str:
        """The arm a unit is drawn into; in a stratum nobody was in on the first day, the share is the threshold."""
        return HOLD if draw(unit_id, self.salt) < self.thresholds.get(stratum, self.share) else CALL


def signed_text(kind: str, actor: str, at: datetime, payload: Mapping[str, Any]) -> str:
    """The canonical text that the signature of an event covers."""
    told = {name: value for name, value in payload.items() if name != "signature"}
    return json.dumps([kind, actor, at.isoformat(), told], sort_keys=True, ensure_ascii=False)


def fold_holdout(events: Iterable[LedgerEvent], genuine: Callable[[LedgerEvent], bool]) -> list[Experiment]:
    """Experiments in order, the last of them running when its `off_at` is None. An event that is not genuine counts for
    nothing: neither a hold-out nor its end can be forged without the installation's key."""
    found: list[Experiment] = []
    for event in events:
        running = bool(found) and found[-1].off_at is None
        if event.kind == ON and not running and genuine(event):
            found.append(Experiment.from_event(event))
        elif event.kind == OFF and running and genuine(event):
            found[-1] = replace(found[-1], off_at=event.at)
    return found


def units(customers: pd.DataFrame) -> pd.Series:
    """What is drawn as one, indexed by customer_id: a small business's account where the CRM gives one, else the customer.

    `customers`: CUSTOMER_SNAPSHOT rows, one a customer; the column `account_id` need not be there.
    """
    own = customers["customer_id"].astype(str)
    if "account_id" in customers:
        account = customers["account_id"].where(customers["segment"] == "small_business")
        own = own.where(account.isna(), "account:" + account.astype(str))
    return pd.Series(own.to_numpy(), index=customers["customer_id"].astype(str), name="unit")


def strata(customers: pd.DataFrame, score: pd.Series, edges: Iterable[float]) -> pd.DataFrame:
    """Unit and stratum (`segment/band`, band 0 the lowest) of each customer, indexed by customer_id.

    `score`: 0 to 1 by customer_id. A unit has the band of its customer most at risk and one of its segments (the first
    in order), so that all customers of an account share a stratum.
    """
    frame = pd.DataFrame({"unit": units(customers)})
    frame["segment"] = customers["segment"].fillna("(none)").astype(str).to_numpy()
    frame["score"] = score.reindex(frame.index).fillna(0.0).to_numpy(dtype=float)
    by_unit = frame.groupby("unit", sort=False).agg(score=("score", "max"), segment=("segment", "min"))
    band = np.searchsorted(np.asarray(tuple(edges), dtype=float), by_unit["score"].to_numpy(), side="right")
    by_unit["stratum"] = by_unit["segment"] + "/" + pd.Series(band, index=by_unit.index).astype(str)
    return frame[["unit"]].assign(stratum=frame["unit"].map(by_unit["stratum"]))


def band_edges(score: pd.Series) -> tuple[float, ...]:
    """Scores that part the risk bands, at the quantiles BANDS of today's customers."""
    return tuple(round(float(edge), DIGITS) for edge in np.quantile(score.to_numpy(dtype=float), BANDS))


def thresholds(placed: pd.DataFrame, salt: str, share: float) -> dict[str, float]:
    """By stratum, the number below which exactly `share` of its units lie (half way to the next one).

    `placed`: rows of `strata`. A stratum of fewer than FEWEST units takes the share itself.
    """
    found: dict[str, float] = {}
    for stratum, members in placed.drop_duplicates("unit").groupby("stratum"):
        numbers = np.sort([draw(unit, salt) for unit in members["unit"]])
        k = round(share * len(numbers))
        exact = len(numbers) >= FEWEST and 0 < k < len(numbers)
        found[str(stratum)] = round(float(numbers[k - 1 : k + 1].mean()), DIGITS) if exact else share
    return found


@dataclass(frozen=True)
class Arms:
    """Who is in which arm today. `protected`: never withheld and out of the experiment. No experiment: nobody is."""

    experiment: Experiment | None = None
    placed: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["unit", "stratum"]))
    protected: frozenset[str] = frozenset()
    entered: Mapping[str, str] = field(default_factory=dict)  # unit -> arm it entered with

    def of(self, customer_id: str) -> tuple[str, str] | None:
        """Arm and stratum of a customer; None when they are not part of the experiment."""
        if self.experiment is None or customer_id in self.protected or customer_id not in self.placed.index:
            return None
        unit, stratum = (str(self.placed.at[customer_id, name]) for name in ("unit", "stratum"))
        return self.entered.get(unit) or self.experiment.arm(unit, stratum), stratum


ENTRY_TYPES = {
    "customer_id": "str",
    "arm": "str",
    "entered_at": "datetime64[us, UTC]",
    "stratum": "str",
    "segment": "str",
    "probability": "float64",
    "explored": "bool",
    "case_id": "str",
}


def entries(events: Iterable[LedgerEvent], experiment_id: str) -> pd.DataFrame:
    """Who entered an experiment and how: columns ENTRY_TYPES, key customer_id, in order of entry.

    A customer enters with the first list they stand on: called (case.opened) or withheld; nothing later changes it.
    """
    rows: dict[str, dict[str, Any]] = {}
    for event in events:
        plan = event.payload.get("plan") or {}
        if event.kind not in (OPENED, HELD_OUT) or plan.get("experiment") != experiment_id:
            continue
        customer = event.subject if event.kind == HELD_OUT else str(event.payload["customer_id"])
        stratum = str(plan["stratum"])
        rows.setdefault(
            customer,
            {
                "customer_id": customer,
                "arm": HOLD if event.kind == HELD_OUT else CALL,
                "entered_at": event.at,
                "stratum": stratum,
                "segment": stratum.partition("/")[0],
                "probability": plan.get("probability"),
                "explored": bool(plan.get("explored")),
                "case_id": None if event.kind == HELD_OUT else event.subject,
            },
        )
    frame = pd.DataFrame(list(rows.values()), columns=list(ENTRY_TYPES))
    frame["entered_at"] = pd.to_datetime(frame["entered_at"], utc=True)
    return frame.astype(ENTRY_TYPES)


def entered_arms(entered: pd.DataFrame, unit_of: pd.Series) -> dict[str, str]:
    """Arm by unit, of the first of its customers who entered. `unit_of`: by customer_id; a customer not in it is a unit."""
    if entered.empty:
        return {}
    known = entered["customer_id"].map(unit_of).fillna(entered["customer_id"])
    first = entered.assign(unit=known).drop_duplicates("unit")
    return dict(zip(first["unit"].astype(str), first["arm"].astype(str), strict=True))


def promised(cases: Iterable[Case], is_proactive: Callable[[str], bool]) -> set[str]:
    """Customers we owe an answer: a case of theirs that is bound by a promise has not ended."""
    return {case.customer_id for case in cases if case.is_open and not is_proactive(case.reason)}
