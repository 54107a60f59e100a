"""A real lake and ledger in a temporary folder, and the real app on top of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pandas as pd
from dashboard_frames import (
    AS_OF,
    IRRITANTS,
    NOW,
    company,
    contacts,
    customer,
    customers,
    invitations,
    priorities,
    scores,
    waves,
)
from dashboard_learned import discovery
from streamlit.testing.v1 import AppTest
from undecided import UNDECIDED

from insights.lake import Lake, open_lake
from insights.ledger import Ledger, open_ledger
from insights.settings import Settings
from insights.steps.assigning import assigner_path

ROOT = Path(__file__).parents[2]
APP = ROOT / "dashboard" / "app.py"
METRICS_SQL = (ROOT / "insights" / "sql" / "metric_daily.sql").read_text(encoding="utf-8")
REASONS = [
    json.dumps(
        [
            {"family": "irritant", "code": "irritant", "contribution": 1.2, "values": {"irritant_id": "IR-0001"}},
            {"family": "contract", "code": "contract_end_60d", "contribution": 0.8, "values": {}},
            {"family": "effort", "code": "n_contacts_90d", "contribution": 0.3, "values": {"n_contacts_90d": 4}},
        ]
    ),
    json.dumps([{"family": "contract", "code": "first_year", "contribution": 0.6, "values": {}}]),
]
TAILS = [
    *("hier", "lundi", "mardi", "janvier", "février", "mars", "avril", "juin", "juillet", "août", "septembre"),
    *("octobre", "novembre", "décembre", "encore", "toujours", "pourtant", "vraiment", "enfin", "déjà", "ensuite"),
    *("partout", "jamais", "souvent", "parfois", "bientôt", "demain", "matin", "soir", "midi"),
]
# these texts differ by a word, so that there are enough to look for groups in
VARIED = """
UPDATE mention SET text = text || ' ' || $words[1 + CAST(substr(feedback_id, 2) AS INTEGER) % len($words)]
WHERE mention_id IN (SELECT mention_id FROM mention_irritant WHERE irritant_id IN (SELECT unnest($irritants)))
"""


def settings_for(folder: Path) -> Settings:
    return Settings(
        data_dir=folder / "data", keys_dir=folder / "keys", reference_dir=ROOT / "data" / "reference", as_of=AS_OF
    )


def fill(lake: Lake, frames: dict[str, pd.DataFrame]) -> None:
    """Write the frames, then the daily components the pages read, with the product's own SQL."""
    with lake.write() as writer:
        for table, frame in frames.items():
            writer.insert_new(table, frame)
    daily = lake.seen_through(UNDECIDED).read(METRICS_SQL)
    with lake.write() as writer:
        writer.replace("metric_daily", daily)


def know_irritants(ledger: Ledger) -> None:
    for irritant_id, (french, english, owner, *_rest) in IRRITANTS.items():
        payload = {"label_fr": french, "label_en": english, "owner": owner, "status": "active"}
        ledger.append("irritant.born", irritant_id, payload, actor="policy", at=NOW, key=f"born:{irritant_id}")


def open_callbacks(ledger: Ledger) -> None:
    """Three cases: one late, one due tomorrow, one whose promise was kept."""
    for n, (reason, hours, signal) in enumerate(
        (
            ("detractor", -3, "detractor:f00000"),
            ("risk", 26, "risk:2026-10-31"),
            ("leave_intent", -50, "leave_intent:f00002"),
        )
    ):
        payload = {
            "customer_id": customer(n),
            "reason": reason,
            "owner_team": "callbacks",
            "promise": "standard",
            "due_at": (NOW + timedelta(hours=hours)).isoformat(),
            "signals": [signal],
            "irritant_id": "IR-0001",
            "segment": "household",
            "language": "fr",
            "value_eur_year": 62.0,
        }
        opened = NOW - timedelta(hours=60)
        ledger.append("case.opened", f"case{n}", payload, actor="rules", at=opened, key=f"case:{customer(n)}:opened:1")
    at = NOW - timedelta(hours=55)
    for step, payload in (("assigned", {}), ("reached", {}), ("resolved", {"outcome": "solved"}), ("closed", {})):
        ledger.append(f"case.{step}", "case2", payload, actor="Nadia", at=at, key=f"case:case2:{step}:1")


def write_full(settings: Settings, *, card: bool = False) -> None:
    """A company with everything: surveys in waves, customers, scores, ranks, callbacks."""
    said, asked = company(), waves()
    with open_lake(settings) as lake:
        fill(
            lake,
            {
                **said,
                "feedback": pd.concat([said["feedback"], asked["feedback"]]),
                "answer": pd.concat([said["answer"], asked["answer"]]),
                "customer_snapshot": customers(),
                "contact": contacts(),
                "invitation": invitations(),
                "churn_score": scores(REASONS, card=card),
                "priority": priorities(euros=not card),
            },
        )
    with open_ledger(settings) as ledger:
        know_irritants(ledger)
        open_callbacks(ledger)


def write_reviews(settings: Settings) -> None:
    """Public reviews of three brands: no customers, no model, no callbacks."""
    with open_lake(settings) as lake:
        fill(lake, company(brands=("Assur Un", "Mutuelle Deux", "Banque Trois"), kind="review"))
        with lake.write() as writer:
            writer.insert_new("priority", priorities(euros=False))
    with open_ledger(settings) as ledger:
        know_irritants(ledger)


def write_empty(settings: Settings) -> None:
    """A lake without a row: after the first migration, before the first file."""
    open_lake(settings).close()


def write_learned(settings: Settings) -> None:
    """The full company with all that a discovery leaves: vectors, assigner, weak signals, notes."""
    write_full(settings)
    found = discovery()
    with open_lake(settings) as lake, lake.write() as writer:
        writer.execute(VARIED, irritants=["IR-0001", "IR-0005"], words=TAILS)
        for table, frame in found.tables.items():
            writer.insert_new(table, frame)
    found.assigner.save(assigner_path(settings))


WRITERS: dict[str, Callable[[Settings], None]] = {
    "full": write_full,
    "card": lambda settings: write_full(settings, card=True),
    "reviews": write_reviews,
    "learned": write_learned,
    "empty": write_empty,
    "none": lambda settings: None,
}


def words_of(test: AppTest) -> str:
    """Everything a reader sees as text on the page."""
    labels = [*(e.label for e in test.expander), *(e.label for e in test.button)]
    elements = [*test.title, *test.header, *test.subheader, *test.markdown, *test.caption, *test.text, *test.info]
    elements += [*test.warning, *test.error, *test.success]
    metrics = [f"{metric.label} {metric.value}" for metric in test.metric]
    tables = [frame.value.to_csv(index=False) for frame in test.dataframe]
    return "\n".join([*(str(element.value) for element in elements), *metrics, *tables, *labels])
