"""A small company made by hand: ten weeks of feedback, six irritants, forty customers. Same seed, same rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

AS_OF = date(2026, 10, 31)
NOW = datetime(2026, 10, 31, 18, tzinfo=UTC)
WEEKS = 10

# id -> (French, English, owner, mentions a week before, mentions a week in the last four)
IRRITANTS: dict[str, tuple[str, str, str, int, int]] = {
    "IR-0001": ("Facture de régularisation trop élevée", "Catch-up bill far too high", "PO Facturation", 9, 9),
    "IR-0002": ("Attente interminable au téléphone", "Endless wait on the phone", "Responsable des plateaux", 12, 11),
    "IR-0003": ("Heures creuses déplacées", "Off-peak hours moved", "PO Offres & prix", 2, 9),
    "IR-0004": ("Rappel promis jamais reçu", "Promised callback never made", "Responsable des plateaux", 5, 5),
    "IR-0005": ("Remboursement qui n'arrive pas", "Refund that never arrives", "PO Paiement", 8, 2),
    "IR-0006": ("Chèque énergie non pris en compte", "Energy voucher ignored", "Pôle Solidarité", 1, 1),
}
TEXTS = {
    "IR-0001": "la facture de régularisation est tombée à 612 euros sans le moindre avertissement",
    "IR-0002": "quarante minutes d'attente avant d'avoir quelqu'un",
    "IR-0003": "mes heures creuses ont changé sans qu'on me prévienne <script>alert(1)</script> **gras** $x$",
    "IR-0004": "on devait me rappeler vendredi, personne n'a appelé [NOM_1]",
    "IR-0005": "j'attends le remboursement de mon trop-perçu depuis neuf semaines",
    "IR-0006": "le chèque énergie n'est pas sur la facture",
    "unclassified": "je ne suis pas content du tout",
}
CHANNELS = ("phone", "email", "sms", "social", "chat")
SEGMENTS = ("household", "household", "household", "small_business")
PRODUCTS = ("Fixe 2 ans", "Indexé")


def instant(days_ago: float, hour: int = 9) -> pd.Timestamp:
    """UTC instant that many days before the business day."""
    return pd.Timestamp(datetime(2026, 10, 31, hour, tzinfo=UTC) - timedelta(days=days_ago))


def customer(n: int) -> str:
    return f"C{n:07d}"


def _feedback_row(n: int, days_ago: float, **values: Any) -> dict[str, Any]:
    at = instant(days_ago, 8 + n % 9)
    row: dict[str, Any] = {
        "feedback_id": f"f{n:05d}",
        "source": "test",
        "source_id": str(n),
        "kind": "survey",
        "survey": "post_call",
        "channel": CHANNELS[n % 5],
        "occurred_at": at,
        "available_at": at,
        "available_basis": "source",
        "ingested_at": at,
        "customer_id": customer(n % 40),
        "segment": SEGMENTS[n % 4],
        "journey_stage": "billing",
        "touchpoint": "Téléphone",
        "product": PRODUCTS[n % 2],
        "brand": None,
        "language": "fr",
        "verbatim": None,
        "anonymous": False,
    }
    return row | values


def company(*, brands: tuple[str, ...] = (), kind: str = "survey") -> dict[str, pd.DataFrame]:
    """Frames by table. With `brands`: public reviews of several brands, without customers."""
    feedback: list[dict[str, Any]] = []
    mentions: list[dict[str, Any]] = []
    links: list[dict[str, Any]] = []
    for week in range(WEEKS):
        recent = week < 4
        wanted = [
            *((key, names[4] if recent else names[3]) for key, names in IRRITANTS.items()),
            ("unclassified", 4),
            ("", 15),
        ]
        for irritant_id, count in wanted:
            for k in range(count):
                n = len(feedback)
                text = TEXTS.get(irritant_id)
                extra: dict[str, Any] = {
                    "verbatim": f"Bonjour. {text}. Merci d'avance." if text else None,
                    "kind": kind,
                }
                if brands:
                    extra |= {
                        "brand": brands[n % len(brands)],
                        "customer_id": None,
                        "survey": None,
                        "author_key": f"a{n}",
                    }
                row = _feedback_row(n, week * 7 + (k % 6) + 0.5, **extra)
                feedback.append(row)
                if text:
                    mentions.append(_mention(row, text))
                    links.append(
                        {"mention_id": mentions[-1]["mention_id"], "irritant_id": irritant_id, "confidence": 0.8}
                    )
    frame = pd.DataFrame(feedback)
    return {
        "feedback": frame,
        "mention": pd.DataFrame(mentions),
        "mention_irritant": pd.DataFrame(links).assign(model_version="test"),
        "answer": _answers(frame, review=bool(brands)),
    }


def _mention(row: dict[str, Any], text: str) -> dict[str, Any]:
    return {
        "mention_id": "m" + row["feedback_id"],
        "feedback_id": row["feedback_id"],
        "unit_no": 2,
        "text": text,
        "text_sha": "sha" + row["feedback_id"],
        "voice": "customer",
        "language": "fr",
        "type": "complaint",
        "polarity": -0.7,
        "polarity_confidence": 0.9,
        "effort": False,
        "leave_intent": False,
        "occurred_at": row["occurred_at"],
        "available_at": row["available_at"],
        "customer_id": row["customer_id"],
        "model_version": "test",
    }


def _answers(feedback: pd.DataFrame, *, review: bool) -> pd.DataFrame:
    """CSAT 1-5 and CES 1-7 after calls; satisfaction falls in the last four weeks. Reviews: stars only."""
    draw = np.random.default_rng(7)
    rows = []
    for row in feedback.to_dict("records"):
        recent = row["occurred_at"] > instant(28)
        happy = draw.random() < (0.50 if recent else 0.75)
        base = {key: row[key] for key in ("feedback_id", "occurred_at", "available_at", "customer_id", "touchpoint")}
        rows.append(base | {"question_id": "csat", "metric": "csat", "scale": "1-5", "value": 5.0 if happy else 2.0})
        if not review:
            easy = 6.0 if draw.random() < 0.7 else 2.0
            rows.append(base | {"question_id": "ces", "metric": "ces", "scale": "1-7", "value": easy})
    return pd.DataFrame(rows)


def waves() -> dict[str, pd.DataFrame]:
    """Two waves of the relationship survey (April and October) with NPS: 60 answers each, the second lower."""
    feedback, answers = [], []
    for wave, (days_ago, promoters) in enumerate(((200, 25), (15, 18))):
        for k in range(60):
            n = 50_000 + wave * 100 + k
            row = _feedback_row(n, days_ago + k % 8, survey="relational", channel="email", customer_id=customer(k % 40))
            feedback.append(row)
            value = 10.0 if k < promoters else 8.0 if k < promoters + 20 else 3.0
            base = {
                key: row[key] for key in ("feedback_id", "occurred_at", "available_at", "customer_id", "touchpoint")
            }
            answers.append(base | {"question_id": "nps", "metric": "nps", "scale": "0-10", "value": value})
    return {"feedback": pd.DataFrame(feedback), "answer": pd.DataFrame(answers)}


def customers() -> pd.DataFrame:
    """The CRM picture of the last day."""
    numbers = range(40)
    return pd.DataFrame(
        {
            "customer_id": [customer(n) for n in numbers],
            "as_of": AS_OF,
            "available_at": instant(0),
            "segment": [SEGMENTS[n % 4] for n in numbers],
            "product": [PRODUCTS[n % 2] for n in numbers],
            "region": "Centre-Val de Loire",
            "contract_start_on": date(2024, 5, 1),
            "contract_end_on": date(2026, 12, 15),
            "payment_method": "direct_debit",
            "monthly_amount_eur": 92.0,
            "margin_eur_year": [62.0 if n % 4 < 3 else 240.0 for n in numbers],
            "n_unpaid": 0,
            "leaving": False,
            "objection": False,
        }
    )


def contacts() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "contact_id": [f"k{n}" for n in range(40)],
            "customer_id": [customer(n) for n in range(40)],
            "channel": "phone",
            "team": "Tours",
            "touchpoint": "Facture",
            "reason": "facture",
            "wait_seconds": 620.0,
            "duration_seconds": 400.0,
            "transferred": [n % 3 == 0 for n in range(40)],
            "abandoned": False,
            "occurred_at": [instant(3 + n % 30, 10) for n in range(40)],
            "available_at": [instant(3 + n % 30, 11) for n in range(40)],
        }
    )


def invitations() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "invitation_id": [f"i{n}" for n in range(40)],
            "customer_id": [customer(n) for n in range(40)],
            "survey": "relational",
            "channel": "email",
            "touchpoint": "relation",
            "sent_at": instant(20, 7),
            "suppressed_reason": None,
            "feedback_id": [f"f{n:05d}" if n % 5 == 0 else None for n in range(40)],
            "available_at": instant(20, 7),
        }
    )


def scores(reasons: list[str], *, card: bool = False) -> pd.DataFrame:
    """One score a customer; with `card` the index only."""
    numbers = range(40)
    chance = [None if card else round(0.42 - 0.01 * n, 3) for n in numbers]
    value = [15.0 if n % 4 < 3 else 120.0 for n in numbers]
    return pd.DataFrame(
        {
            "customer_id": [customer(n) for n in numbers],
            "scored_on": AS_OF,
            "model_kind": "card" if card else "logistic",
            "probability": chance,
            "probability_low": [None if p is None else p * 0.7 for p in chance],
            "probability_high": [None if p is None else min(1.0, p * 1.3) for p in chance],
            "index": [float(80 - n) for n in numbers],
            "rank": [n + 1 for n in numbers],
            "value_eur": value,
            "expected_loss_eur": [None if p is None else p * v for p, v in zip(chance, value, strict=True)],
            "reasons": [reasons[n % len(reasons)] for n in numbers],
            "model_version": "test-1",
        }
    )


def priorities(*, euros: bool = True) -> pd.DataFrame:
    """Ranks of the last week; IR-0006 is a weak signal."""
    rows = []
    for place, (irritant_id, names) in enumerate(IRRITANTS.items(), start=1):
        weak = irritant_id == "IR-0006"
        worth = 9000.0 / place
        rows.append(
            {
                "week": date(2026, 10, 26),
                "irritant_id": irritant_id,
                "n_mentions": names[4] * 4,
                "n_customers": names[4] * 3,
                "value_at_risk_eur": worth if euros else None,
                "value_at_risk_low_eur": worth * 0.4 if euros else None,
                "value_at_risk_high_eur": worth * 1.7 if euros else None,
                "nps_effect": -2.0 / place,
                "nps_effect_low": -3.5 / place,
                "nps_effect_high": -0.5 / place,
                **{"effect_metric": "nps", "effect_survey": "relational", "effect_scale": "0-10"},
                "trend_ratio": {"IR-0003": 3.1, "IR-0005": 0.4}.get(irritant_id, 1.0),
                "trend_low": {"IR-0003": 2.0, "IR-0005": 0.2}.get(irritant_id, 0.7),
                "trend_high": {"IR-0003": 4.8, "IR-0005": 0.7}.get(irritant_id, 1.4),
                "rank": place,
                "rank_low": max(1, place - 1),
                "rank_high": place + 2,
                "top3_probability": max(0.02, 0.98 - 0.22 * (place - 1)),
                "weak_signal": weak,
                "basis": "eur" if euros else "volume_severity",
                "model_version": "test-1",
            }
        )
    return pd.DataFrame(rows)
