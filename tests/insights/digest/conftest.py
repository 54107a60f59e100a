"""One made-up week at an energy supplier, small enough to be checked by eye."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from insights.contracts import IRRITANT, PRIORITY
from insights.digest import Digest, build
from insights.digest.trends import counts

AS_OF = datetime(2026, 10, 31, 18, tzinfo=UTC)
WEEK = date(2026, 10, 26)

ROWS: list[tuple[Any, ...]] = [  # irritant, French, English, owner
    ("IR-0001", "Facture de régularisation trop élevée", "Catch-up bill far too high", "PO Facturation & mensualités"),
    ("IR-0022", "Heures creuses déplacées", "Off-peak hours moved", "PO Offres & prix"),
    ("IR-0013", "Rappel promis jamais reçu", "Promised callback never made", None),
    ("IR-0009", "Attente interminable au téléphone", "Endless wait on the phone", "Responsable des plateaux"),
    ("IR-0031", "Coupure du suivi dans l'application", None, None),
]
EUROS = ("value_at_risk_eur", "value_at_risk_low_eur", "value_at_risk_high_eur")
NONE = (None, None, None)
# mentions, customers; euros (value, low, high); effect (value, high); trend (ratio, low, high); rank (own, low, high)
FIGURES: dict[str, tuple[Any, ...]] = {
    "IR-0001": (124, 96, (34217, 21050, 52380), (-4.1, -1.2), (1.05, 0.86, 1.28), (1, 1, 2)),
    "IR-0022": (88, 71, (22640, 12900, 36100), (-2.0, 0.4), (2.13, 1.62, 2.79), (2, 1, 3)),
    "IR-0013": (61, 52, (15480, 8200, 25900), (-5.6, -2.0), (0.92, 0.7, 1.2), (3, 2, 4)),
    "IR-0009": (131, 104, (6120, 2100, 11800), (-1.0, 0.8), (0.98, 0.8, 1.2), (4, 3, 4)),
    "IR-0031": (7, 5, NONE, (None, None), (2.4, 1.1, 5.2), (5, 4, 5)),
}
BORN = {"IR-0022": date(2025, 11, 3), "IR-0031": date(2026, 10, 12)}
HELLO = "Bonjour, "
SAID = [  # irritant, words, channel, day of October, confidence
    ("IR-0001", "la facture de régularisation est tombée à 940 euros sans le moindre avertissement", "phone", 27, 0.9),
    ("IR-0001", "un rattrapage pareil à régler en une seule fois, je n'avais jamais vu ça", "email", 29, 0.8),
    ("IR-0001", "bonjour je suis [NOM_1] et la régularisation est énorme pour un T2", "phone", 30, 0.99),
    ("IR-0001", "nul", "social", 30, 0.99),
    ("IR-0022", "mon ballon chauffe maintenant en plein après-midi alors que je paie la nuit", "chat", 28, 0.7),
    ("IR-0022", "nobody told me my off-peak hours had moved until the bill came", "email", 26, 0.6),
    ("IR-0013", "on devait me rappeler sous 48 heures, cela fait neuf jours", "review_site", 30, 0.9),
    (
        "IR-0013",
        "troisième rappel promis, troisième rappel que j'attends encore, et à chaque fois je dois tout reprendre "
        "depuis le début avec quelqu'un d'autre qui ne trouve pas mon dossier et promet encore qu'on me rappellera",
        *("phone", 25, 0.8),
    ),
]


@pytest.fixture
def priorities() -> pd.DataFrame:
    rows = []
    for irritant_id, (n, customers, euros, effect, trend, ranks) in FIGURES.items():
        rows.append(
            {
                **{"week": WEEK, "irritant_id": irritant_id, "n_mentions": n, "n_customers": customers},
                **dict(zip(EUROS, euros, strict=True)),
                **{"nps_effect": effect[0], "nps_effect_low": -9.0, "nps_effect_high": effect[1]},
                **{"effect_metric": "nps", "effect_survey": "relational", "effect_scale": "0-10"},
                "tie": None if n < 10 else 1,
                **dict(zip(("trend_ratio", "trend_low", "trend_high"), trend, strict=True)),
                **dict(zip(("rank", "rank_low", "rank_high"), ranks, strict=True)),
                **{"top3_probability": 0.9, "weak_signal": n < 10, "basis": "eur", "model_version": "logistic-1"},
            }
        )
    return pd.DataFrame(rows).reindex(columns=list(PRIORITY.column_names))


@pytest.fixture
def registry() -> pd.DataFrame:
    rows = [
        {
            **{"irritant_id": key, "label_fr": french, "label_en": english, "owner": owner, "status": "active"},
            **{"label_source": "mined_both", "keywords": [], "parent": None, "lineage": None},
            **{"neighbour_id": None, "said_here": None, "said_there": None},
            "born_on": BORN.get(key, date(2024, 11, 4)),
        }
        for key, french, english, owner in ROWS
    ]
    return pd.DataFrame(rows)[list(IRRITANT.column_names)]


@pytest.fixture
def weekly() -> pd.DataFrame:
    """Twenty weeks, two segments; the week of 24 August collected nothing."""
    shape = {
        "IR-0001": [4, 5, 4, 6, 5, 5, 4, 6, 7, 6, 5, 6, 7, 6, 8, 6, 7, 8, 6, 7],
        "IR-0022": [0, 0, 1, 0, 1, 1, 0, 1, 1, 2, 1, 2, 2, 3, 3, 4, 5, 7, 8, 9],
        "IR-0013": [3, 4, 3, 3, 4, 3, 2, 3, 4, 3, 3, 4, 3, 3, 4, 3, 3, 2, 3, 3],
        "IR-0009": [8, 7, 8, 9, 7, 8, 8, 7, 9, 8, 7, 8, 8, 7, 8, 8, 9, 8, 7, 8],
        "IR-0031": [0] * 17 + [2, 2, 3],
    }
    rows = [
        {
            **{"week": WEEK - timedelta(days=7 * (19 - place)), "irritant_id": key, "segment": segment},
            **{"brand": "(none)", "n_mentions": n if segment == "household" else n // 4, "n_customers": n},
            **{"n_feedback": n, "polarity_sum": -0.6 * n, "channel_group": "phone"},
            **{"n_heard": 62 if segment == "household" else 14, "n_contacts": 0, "n_active": 0},
        }
        for key, counts in shape.items()
        for place, n in enumerate(counts)
        for segment in ("household", "small_business")
    ]
    frame = pd.DataFrame(rows)
    return frame[frame["week"] != date(2026, 8, 24)].reset_index(drop=True)


@pytest.fixture
def verbatims() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "irritant_id": [row[0] for row in SAID],
            "mention_id": [f"m{place}" for place in range(len(SAID))],
            "feedback_id": [f"f{place}" for place in range(len(SAID))],
            "text": [row[1] for row in SAID],
            "channel": [row[2] for row in SAID],
            "occurred_at": pd.to_datetime([f"2026-10-{row[3]}T09:30:00Z" for row in SAID]),
            "confidence": [row[4] for row in SAID],
            "polarity": -0.7,
            "language": ["en" if "nobody told" in row[1] else "fr" for row in SAID],
            "turn_no": pd.array([None] * len(SAID), dtype="Int64"),
            "start_char": [len(HELLO)] * len(SAID),
            "source": [f"{HELLO}{row[1]} Merci." for row in SAID],
            "product": ["Lumarelle Pro Souple" if place % 3 == 0 else "Lumarelle Souple" for place in range(len(SAID))],
            "journey_stage": "Facturation annuelle",
        }
    )


@pytest.fixture
def scores() -> pd.DataFrame:
    names = ["metric", "survey", "unit", "better", "value", "low", "high", "n"]
    before = ["value_before", "low_before", "high_before", "n_before"]
    rows = [
        ("nps", "relational", "points", "up", -8.0, -17.1, 1.3, 296, np.nan, np.nan, np.nan, 0),
        ("csat", "post_call", "%", "up", 63.0, 57.0, 68.6, 258, 74.0, 68.7, 78.7, 281),
        ("csat", "post_digital", "%", "up", 71.0, 60.0, 80.0, 71, 70.0, 60.0, 79.0, 80),
        ("ces", "post_call", "%", "up", 69.0, 63.0, 74.5, 251, 68.0, 62.0, 73.5, 270),
    ]
    return pd.DataFrame(rows, columns=[*names, *before])


@pytest.fixture
def cases() -> pd.DataFrame:
    """Fifteen promises due in the week: twelve kept, three missed of which one was tried in time; eight cases open. The
    open ones that are not due yet are of IR-0009, all others of IR-0001."""

    def row(state: str, due_days: float, **fields: Any) -> dict[str, Any]:
        due = AS_OF + timedelta(days=due_days)
        plain = {
            **{"state": state, "due_at": due, "opened_at": due - timedelta(days=2), "kept_promise": pd.NA},
            **{"first_attempt_at": pd.NaT, "overdue": False, "reason": "detractor", "irritant_id": "IR-0001"},
        }
        return {**plain, **fields}

    in_time = AS_OF - timedelta(days=5)
    rows = [row("closed", -3, kept_promise=True, first_attempt_at=in_time) for _ in range(12)]
    rows += [row("attempted", -3, kept_promise=False, first_attempt_at=in_time, overdue=True)]
    rows += [row("open", -1, kept_promise=False, overdue=True) for _ in range(2)]
    rows += [row("assigned", 1, irritant_id="IR-0009") for _ in range(5)] + [row("closed", -20, kept_promise=True)]
    frame = pd.DataFrame(rows)
    for column in ("due_at", "opened_at", "first_attempt_at"):
        frame[column] = pd.to_datetime(frame[column], utc=True)
    return frame.astype({"kept_promise": "boolean"})


@pytest.fixture
def make_digest(priorities, weekly, scores, verbatims, cases, registry) -> Callable[..., Digest]:
    def make(language: str = "fr", **changes: Any) -> Digest:
        given: dict[str, Any] = {
            **{"priorities": priorities, "weekly": weekly, "scores": scores, "verbatims": verbatims, "cases": cases},
            **{"registry": registry, "snapshot_id": 412, "week": WEEK, "as_of": AS_OF, "language": language},
            **{"company": "Lumarelle Énergie", "window_days": 90, "dashboard_url": "http://127.0.0.1:8501"},
        }
        given |= changes
        return build(**{**given, "weekly": counts(given["weekly"])})

    return make
