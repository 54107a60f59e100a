"""What a discovery leaves behind, for the small company made by hand: real vectors, an assigner, signals and notes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from dashboard_frames import AS_OF, NOW, TEXTS, company, instant

from insights.irritants.assign import Assigner
from insights.irritants.certificate import Certificate
from insights.ledger import Ledger
from insights.ledger.placements import append_placed
from insights.topics.encoder import encoder_for

HELD_BACK: dict[str, Any] = {
    "f1": 0.78, "f1_low": 0.71, "f1_high": 0.84, "nearness_f1": 0.69, "nearness_low": 0.60, "nearness_high": 0.77,
    "gain": 0.09, "gain_low": 0.03, "gain_high": 0.15, "n": 64, "n_corrections": 64, "n_moves": 31, "folds": 5,
    "same_coder": 0.9, "two_coders_low": 0.7, "two_coders_high": 0.85,
}  # fmt: skip
CERTIFICATE = Certificate(300, 280, 6, 1.0, 0.041, 0.92, None)
SIGNAL = "signal-1"


@dataclass(frozen=True)
class Discovered:
    tables: dict[str, pd.DataFrame]
    assigner: Assigner


def discovery() -> Discovered:
    """Vectors of every text (its words, and a little noise that tells one feedback from another)."""
    said = company()
    links = said["mention"].merge(said["mention_irritant"], on="mention_id")
    encoder, draw = encoder_for("use-multilingual", 1), np.random.default_rng(3)
    base = dict(zip(TEXTS, encoder(list(TEXTS.values())), strict=True))
    rows = np.vstack([base[one] for one in links["irritant_id"]]) + draw.normal(0, 0.02, (len(links), 512))
    vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    assigner = Assigner.fit(vectors, ["fr"] * len(links), list(links["irritant_id"]), encoder.version)
    embedding = {"text_sha": links["text_sha"], "encoder_version": encoder.version, "vector": list(vectors)}
    outside = links.loc[links["irritant_id"] == "unclassified", "text_sha"].tolist()
    tables = {
        "embedding": pd.DataFrame(embedding),
        "weak_signal": _signals(outside),
        "irritant_change": _changes(),
        "run": _runs(),
    }
    return Discovered(tables, assigner)


def _signals(outside: list[str]) -> pd.DataFrame:
    row = {
        "signal_id": SIGNAL,
        "found_on": AS_OF,
        "since_on": date(2026, 10, 4),
        "label_fr": "Mécontentement général",
        "label_en": None,
        "n_new": 16,
        "n_history": 4,
        "expected": 5.2,
        "lift": 3.1,
        "p_value": 0.001,
        "nearest_id": "IR-0004",
        "nearest_cosine": 0.4,
        "text_shas": outside[:20],
    }
    return pd.DataFrame([row])


def _changes() -> pd.DataFrame:
    row = {"week": date(2026, 10, 26), "irritant_id": "IR-0003", "n_seen_before": 8.0, "n_base": 11.0, "n_now": 36.0}
    return pd.DataFrame([row | {"customers": 25.0, "model": 3.0}])


def _runs() -> pd.DataFrame:
    """A discovery and a ranking at registry version 6 (the six births), then a run that found nothing new."""
    notes = {
        ("discover", 3): {
            "irritants": 6,
            "unclassified_share": 0.08,
            "waiting": 3,
            "weak_signals": 1,
            "resolution": 1.0,
            "certificate": CERTIFICATE.to_payload(),
            "held_back": HELD_BACK,
        },
        ("discover", 1): {"said": "nothing new since the last run"},
        ("prioritize", 2): {"registry": 6, "basis": "eur"},
    }
    rows = [
        {
            "run_id": f"run{days}",
            "step": step,
            "started_at": instant(days),
            "seconds": 1.0,
            "n_in": 1,
            "n_out": 1,
            "n_quarantined": 0,
            "peak_memory_mb": 100.0,
            "snapshot_id": 1,
            "as_of_on": AS_OF,
            "note": json.dumps(note),
        }
        for (step, days), note in notes.items()
    ]
    return pd.DataFrame(rows)


def propose(ledger: Ledger) -> dict[str, int]:
    """Three proposals of the last discovery, as insights/steps/discover.py writes them: event ids by kind."""
    moving = [(sha, "IR-0002", "") for sha in _texts_of("IR-0002")[::2]]
    merge = {"texts_moving": 40.0, "share_of_irritant": 0.62}
    split = {"texts_moving": float(len(moving)), "share_of_irritant": 0.5}
    told: list[tuple[str, list[str], dict[str, float], list[tuple[str, str, str]]]] = [
        ("merge", ["IR-0004", "IR-0002"], merge, []),
        ("split", ["IR-0002"], split, moving),
        ("death", ["IR-0006"], {"texts_moving": 0.0}, []),
    ]
    for kind, ids, evidence, moves in told:
        names = {"label_fr": "Attente avec musique", "label_en": None, "keywords": ["musique"]} if moves else {}
        payload = {"irritant_ids": ids, "evidence": evidence, "score": 0.6, "names": names, "fit": "fit-1"}
        event = {"kind": f"proposal.{kind}", "subject": ids[0], "payload": payload, "actor": "discover", "at": NOW}
        append_placed(ledger, {**event, "key": f"proposal.{kind}:{ids[0]}:fit-1"}, moves)
    return {event.kind.partition(".")[2]: event.event_id for event in ledger.events(("proposal.",))}


def _texts_of(irritant_id: str) -> list[str]:
    said = company()
    links = said["mention"].merge(said["mention_irritant"], on="mention_id")
    return list(links.loc[links["irritant_id"] == irritant_id, "text_sha"])
