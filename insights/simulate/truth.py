"""The truth beside the exports: what each clause carries, where personal data stand, who leaves and why.

Read by the benchmark only; nothing of it is ever ingested.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from insights.simulate import calendar
from insights.simulate.compose import Piece
from insights.simulate.departures import CAUSES, NEVER
from insights.simulate.state import World

CLAUSES = pa.schema(
    [
        ("source", pa.string()),
        ("source_id", pa.string()),
        ("clause_no", pa.int32()),
        ("turn_no", pa.int32()),
        ("text", pa.string()),
        ("kind", pa.string()),
        ("irritant_id", pa.string()),
        ("polarity", pa.float64()),
        ("leave_intent", pa.bool_()),
        ("urgency", pa.string()),
        ("language", pa.string()),
        ("sarcasm", pa.bool_()),
    ]
)
PII = pa.schema(
    [
        ("source", pa.string()),
        ("source_id", pa.string()),
        ("turn_no", pa.int32()),
        ("entity", pa.string()),
        ("value", pa.string()),
    ]
)
CUSTOMERS = pa.schema(
    [
        ("customer_id", pa.string()),
        ("segment", pa.string()),
        ("arrived_on", pa.date32()),
        ("chosen_hazard_year", pa.float64()),
        ("event", pa.string()),
        ("learned_on", pa.date32()),
        ("effective_on", pa.date32()),
        ("irritant_id", pa.string()),
        ("first_leaver_silent", pa.bool_()),
        ("moved_on", pa.date32()),
        ("holdout", pa.bool_()),
    ]
)
HAZARDS = pa.schema([("customer_id", pa.string()), ("as_of", pa.date32()), ("chosen_90d_probability", pa.float32())])
SCORES = pa.schema(
    [
        ("wave", pa.date32()),
        ("metric", pa.string()),
        ("segment", pa.string()),
        ("n", pa.int64()),
        ("positive_share", pa.float64()),
        ("negative_share", pa.float64()),
        ("value", pa.float64()),
    ]
)
RESPONSES = pa.schema(
    [
        ("response_id", pa.string()),
        ("customer_id", pa.string()),
        ("true_latent", pa.float64()),
        ("contradicts", pa.bool_()),
        ("irritant_id", pa.string()),
    ]
)


@dataclass
class Truth:
    """Rows of truth collected while texts are written."""

    clauses: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in CLAUSES.names})
    pii: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in PII.names})
    responses: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in RESPONSES.names})
    n_texts: int = 0

    def text(self, source: str, source_id: str, pieces: Iterable[Piece], hidden: bool = False) -> None:
        """Record the clauses of one text in reading order; `hidden` keeps personal data only (refused, repost)."""
        self.n_texts += 1
        columns = self.clauses
        for number, piece in enumerate(() if hidden else pieces, start=1):
            columns["source"].append(source)
            columns["source_id"].append(source_id)
            columns["clause_no"].append(number)
            columns["turn_no"].append(piece.turn_no)
            columns["text"].append(piece.text)
            columns["kind"].append(piece.kind)
            columns["irritant_id"].append(piece.irritant_id)
            columns["polarity"].append(piece.polarity)
            columns["leave_intent"].append(piece.leave)
            columns["urgency"].append(piece.urgency)
            columns["language"].append(piece.language)
            columns["sarcasm"].append(piece.sarcasm)
        for piece in pieces:
            for entity, value in piece.pii:
                self.personal(source, source_id, piece.turn_no, entity, value)

    def personal(self, source: str, source_id: str, turn_no: int | None, entity: str, value: str) -> None:
        """Record one personal value as written."""
        row = (source, source_id, turn_no, entity, value)
        for name, item in zip(PII.names, row, strict=True):
            self.pii[name].append(item)

    def response(self, response_id: str, customer: str, latent: float, contradicts: bool, irritant: str | None) -> None:
        """Record what stands behind one survey answer."""
        row = (response_id, customer, latent, contradicts, irritant)
        for name, item in zip(RESPONSES.names, row, strict=True):
            self.responses[name].append(item)


def _dates(days: Any, none: Any) -> pa.Array:
    values = np.asarray(days, dtype=np.int64) + (calendar.FIRST_DAY.toordinal() - 719_163)
    return pa.array(np.where(none, 0, values).astype(np.int32), type=pa.int32(), mask=np.asarray(none)).cast(
        pa.date32()
    )


def customer_table(world: World, silent: Any, holdout: Any) -> pa.Table:
    """One row per customer: yearly chosen hazard (mean over observed weeks), departure, its cause and its irritant."""
    pop = world.pop
    stays = world.learned_on == NEVER
    weeks = np.maximum(world.hazard_weeks, 1)
    ids = np.array([irritant.id for irritant in world.catalogue] + [""])
    irritant = ids[world.cause_irritant]
    return pa.table(
        [
            pop.ids(),
            np.where(pop.business, "small_business", "household"),
            _dates(pop.arrival, np.zeros(pop.n, dtype=bool)),
            1 - np.exp(-world.hazard_sum / weeks * 365.25 / 7),
            np.array((*CAUSES, "none"))[world.cause],
            _dates(world.learned_on, stays),
            _dates(world.effective_on, stays),
            pa.array(irritant, mask=irritant == ""),
            silent,
            _dates(world.moved_on, world.moved_on == NEVER),
            holdout,
        ],
        schema=CUSTOMERS,
    )


def hazard_table(world: World, present: Any, picture: int) -> pa.Table:
    """True probability of a chosen departure within 90 days of one picture, for the customers in it."""
    ids = np.asarray(world.pop.ids(), dtype=object)[present]
    as_of = calendar.MONTH_ENDS[picture]
    return pa.table(
        [ids, pa.array([as_of] * len(ids), type=pa.date32()), world.hazard_90d[present, picture]], schema=HAZARDS
    )
