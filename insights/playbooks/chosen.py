"""Replies that advisers chose: the event that keeps a choice, how well the ranking did, and what a reply came to.

An event holds the reply's id, its rank and how much of it was rewritten; never a word of the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any

import pandas as pd

from insights.cases.model import REPLY_CHOSEN, Case, EventDraft
from insights.events import LedgerEvent
from insights.intervals import mean_interval

CHOSEN = REPLY_CHOSEN
NONE = "none"  # none of the replies would do: its reciprocal rank is 0
HELPED = frozenset({"solved", "explained", "goodwill", "staying"})  # outcomes of case_rules.yaml
PRIOR_CASES = 10.0  # a share of so many cases is half its own, half that of the level above
COLUMNS = ("case_id", "round", "playbook_id", "reply_id", "rank", "edited_share", "at")


@dataclass(frozen=True)
class Ranking:
    """Mean reciprocal rank of the chosen replies, with its 95 % interval (NaN under two), and how much was rewritten."""

    n: int
    value: float
    low: float
    high: float
    n_none: int
    edited_share: float


def reply_event(
    case: Case, reply_id: str, *, playbook_id: str, rank: int | None, edited_share: float, actor: str, at: datetime
) -> EventDraft:
    """The event of a choice; `rank` from 1, None where no reply would do. The same choice twice in a row is one event."""
    turn = case.counts.get("case.reopened", 0)
    payload = {"playbook": playbook_id, "reply": reply_id, "rank": rank, "edited_share": round(edited_share, 2)}
    number = case.written.get(CHOSEN, 0) + (case.reply != reply_id)
    key = f"case:{case.case_id}:reply_chosen:{turn}:{number}:{reply_id}"
    return EventDraft(CHOSEN, case.case_id, payload, actor, at, key)


def edited_share(offered: str, used: str) -> float:
    """Share of the words that are not those offered, 0 (as it was) to 1 (another text)."""
    return 1.0 - SequenceMatcher(None, offered.split(), used.split(), autojunk=False).ratio()


def choices(events: Iterable[LedgerEvent]) -> pd.DataFrame:
    """One row a case and round (a case reopened begins another), columns COLUMNS: the last choice made in it."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for event in events:
        if event.kind == CHOSEN:
            told = event.payload
            turn = event.idempotency_key.split(":reply_chosen:")[1].split(":")[0]
            rows[event.subject, turn] = {
                "case_id": event.subject,
                "round": int(turn) if turn.isdigit() else 0,
                "playbook_id": told.get("playbook"),
                "reply_id": told.get("reply"),
                "rank": told.get("rank"),
                "edited_share": told.get("edited_share"),
                "at": event.at,
            }
    return pd.DataFrame(list(rows.values()), columns=list(COLUMNS))


def ranking(chosen: pd.DataFrame) -> Ranking:
    """How well the ranking did on `choices`; a choice of none counts 0.

    Advisers see the first reply first, so that a high value is in part their habit: docs/playbooks.md.
    """
    rank = pd.to_numeric(chosen["rank"]).astype("float64")
    worth = (1.0 / rank).fillna(0.0)
    found = mean_interval(worth.sum(), (worth**2).sum(), len(worth))
    edited = chosen.loc[rank.notna(), "edited_share"].astype("float64")
    return Ranking(
        len(worth),
        float(found.value),
        float(found.low),
        min(float(found.high), 1.0) if pd.notna(found.high) else float("nan"),
        int(rank.isna().sum()),
        float(edited.mean()) if len(edited) else float("nan"),
    )


def helped(chosen: pd.DataFrame, cases: Mapping[str, Case]) -> pd.DataFrame:
    """Choices whose case has come to an outcome: reply_id, irritant_id, helped (0 or 1). Of a case, its last round."""
    rows = [
        {
            "reply_id": row["reply_id"],
            "irritant_id": cases[row["case_id"]].irritant_id,
            "helped": float(cases[row["case_id"]].outcome in HELPED),
        }
        for row in chosen.to_dict("records")
        if row["case_id"] in cases
        and cases[row["case_id"]].outcome is not None
        and row["round"] == cases[row["case_id"]].counts.get("case.reopened", 0)
    ]
    return pd.DataFrame(rows, columns=["reply_id", "irritant_id", "helped"])


def shares(found: pd.DataFrame, irritant_id: str | None) -> dict[str, tuple[float, int]]:
    """Share of cases each reply helped, and on how many of this irritant, shrunk twice: to its other cases, then to all.

    `found`: rows of `helped`. A posterior mean with a prior worth PRIOR_CASES (Gelman et al., Bayesian Data Analysis 3,
    section 2.4), so that one lucky case moves nothing far.
    """
    if found.empty:
        return {}
    everywhere = _toward(found["helped"], 0.5)
    shrunk: dict[str, tuple[float, int]] = {}
    for reply_id, rows in found.groupby("reply_id", sort=True):
        same = (rows["irritant_id"] == irritant_id).fillna(False).to_numpy(dtype=bool)
        elsewhere = _toward(rows.loc[~same, "helped"], everywhere)
        shrunk[str(reply_id)] = (_toward(rows.loc[same, "helped"], elsewhere), int(same.sum()))
    return shrunk


def _toward(values: pd.Series, mean: float) -> float:
    return float((values.sum() + PRIOR_CASES * mean) / (len(values) + PRIOR_CASES))
