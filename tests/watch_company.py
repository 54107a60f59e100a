"""A small company with ten quiet weeks of complaints, and an outage that comes in through the hot path."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import insert

from insights.lake import Lake, open_lake
from insights.ledger import Ledger, open_ledger
from insights.ledger.schema import INBOX, STAGED
from insights.settings import Settings
from insights.steps.staging import contract_frame, dump
from insights.steps.watch import Watch

NOW = datetime(2026, 10, 31, 18, tzinfo=UTC)
OUTAGE, BILL = "IR-0001", "IR-0002"
TEXTS = (
    "Impossible de se connecter à l'espace client ce soir",
    "Page blanche sur l'application depuis une heure",
    "Le site est planté, on attend quoi pour réparer ?",
    "Mon compte affiche une erreur, rien ne marche",
    "Encore une panne, l'appli ne répond plus du tout",
    "Je ne peux plus accéder à mes factures, le site est tombé",
    "Erreur 500 à chaque tentative de connexion",
    "Service indisponible, bravo",
)


def rows(n: int, irritant: str, at: Sequence[datetime], prefix: str, **more: Any) -> dict[str, pd.DataFrame]:
    """Posts by table: one complaint each, by different people."""
    ids = [f"{prefix}{i:04d}" for i in range(n)]
    feedback = pd.DataFrame(
        {
            **{"feedback_id": ids, "source": "posts", "source_id": ids, "kind": "post", "channel": "social"},
            **{"occurred_at": list(at), "available_at": list(at), "available_basis": "source", "ingested_at": list(at)},
            **{"customer_id": [f"C{prefix}{i:04d}" for i in range(n)], "language": "fr", "country": "FR"},
            **{"verbatim": [f"{TEXTS[i % len(TEXTS)]} ({i})" for i in range(n)], "anonymous": False},
            **{"region": "Bretagne", "product": "Fixe 2 ans", "recontact": "yes"},
        }
        | more
    )
    mention = pd.DataFrame(
        {
            **{"mention_id": [f"m{one}" for one in ids], "feedback_id": ids, "unit_no": 1, "start_char": 0},
            **{"end_char": 10, "text": feedback["verbatim"], "text_sha": [f"s{one}" for one in ids]},
            **{"voice": "customer", "language": "fr", "type": "complaint", "polarity": -0.8},
            **{"polarity_confidence": 0.9, "effort": False, "leave_intent": False, "occurred_at": list(at)},
            **{"available_at": list(at), "customer_id": feedback["customer_id"], "model_version": "test"},
        }
    )
    linked = pd.DataFrame(
        {"mention_id": mention["mention_id"], "irritant_id": irritant, "confidence": 0.9, "model_version": "test"}
    )
    return {"feedback": feedback, "mention": mention, "mention_irritant": linked}


def quiet_weeks(lake: Lake, ledger: Ledger, until: datetime = NOW, weeks: int = 10, a_day: float = 3.0) -> None:
    """Irritants of the registry, and complaints about them in office hours at random, the same each time."""
    for key, label, parent in ((OUTAGE, "Espace client en panne", "TH-01"), (BILL, "Facture illisible", "TH-02")):
        payload = {"label_fr": label, "label_en": None, "status": "active", "parent": parent}
        ledger.append("irritant.born", key, payload, actor="policy", at=until, key=f"born:{key}")
    draws = np.random.default_rng(11)
    for key, prefix in ((OUTAGE, "q"), (BILL, "b")):
        n = int(weeks * 7 * a_day)
        days = np.sort(draws.uniform(1, weeks * 7, n))[::-1]
        at = [(until - timedelta(days=float(day))).replace(hour=int(draws.integers(7, 20))) for day in days]
        put(lake, rows(n, key, at, prefix))


def put(lake: Lake, frames: dict[str, pd.DataFrame]) -> None:
    """Into the lake."""
    with lake.write() as writer:
        for name, frame in frames.items():
            writer.insert_new(name, frame)


def stage(ledger: Ledger, frames: dict[str, pd.DataFrame], event: str = "e1") -> None:
    """As the hot path leaves them: redacted rows that wait for the lake's next commit."""
    body = {name: dump(name, contract_frame(name, frame)) for name, frame in frames.items()}
    with ledger.engine.begin() as connection:
        inbox = {"source": "posts", "event_key": event, "received_at": NOW, "sealed": ledger.keys.seal("{}")}
        made = connection.execute(insert(INBOX).values(**inbox, state="staged", attempts=1))
        key = made.inserted_primary_key[0]
        connection.execute(insert(STAGED).values(inbox_id=key, staged_at=NOW, frames=json.dumps(body)))


def outage(n: int = 9, start: datetime = NOW - timedelta(minutes=9), every: float = 1.0, **more: Any) -> dict[str, Any]:
    """Posts of an outage, one every so many minutes."""
    prefix = more.pop("prefix", "o")
    return rows(n, OUTAGE, [start + timedelta(minutes=i * every) for i in range(n)], prefix, **more)


def ring_company(settings: Settings) -> None:
    """An outage three weeks ago, found by replay, and one that has just rung; one case waits behind it, one never does."""
    with open_lake(settings) as lake, open_ledger(settings) as ledger:
        quiet_weeks(lake, ledger, weeks=14, a_day=1.5)
        put(lake, outage(12, NOW - timedelta(days=21), prefix="p"))
        watch = Watch(lake, ledger)
        watch.first(NOW - timedelta(hours=1))
        put(lake, outage())
        for n, reason in enumerate(("detractor", "urgency")):
            payload = {
                "customer_id": f"Co000{n}", "reason": reason, "owner_team": "callbacks", "irritant_id": OUTAGE,
                "promise": "standard" if n == 0 else "urgent", "family": "answer" if n == 0 else "danger",
                "due_at": (NOW + timedelta(days=3)).isoformat(), "signals": [f"{reason}:o000{n}"],
            }  # fmt: skip
            ledger.append("case.opened", f"case{n}", payload, actor="rules", at=NOW, key=f"case:{n}")
        watch.round(NOW, dry_run=True)
