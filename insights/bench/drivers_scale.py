"""Seconds and memory from irritant_weekly to priority at one million feedback rows made in DuckDB: prints one JSON line.

A process of its own (`python -m insights.bench.drivers_scale`), so that its memory is its own. Customers, their panel and
the churn model are made here: 100,000 customers, a model fitted on 60,000 customer-months.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from insights.churn.attribution import Attribution
from insights.churn.card import load_card
from insights.churn.design import Design
from insights.churn.evaluate import cluster_codes
from insights.churn.logistic import fit_logistic
from insights.churn.model import ChurnModel
from insights.churn.panel import prepare
from insights.churn.training import CHURN_CARD
from insights.contracts import CHURN_PANEL
from insights.irritants.registry import BORN
from insights.lake import Lake, open_lake
from insights.ledger import open_ledger
from insights.settings import load_settings
from insights.steps.churn_models import save_model
from insights.steps.prioritize import prioritize
from insights.steps.resolved import registry, seen
from insights.steps.run_log import peak_memory_mb
from insights.steps.weekly import weekly

N, CUSTOMERS, IRRITANTS = 1_000_000, 100_000, 60
AS_OF = date(2026, 10, 31)
FEEDBACK = """
INSERT INTO feedback BY NAME
SELECT 'f' || i AS feedback_id, 'bench' AS source, 'f' || i AS source_id,
    ['call', 'mail', 'chat', 'survey', 'survey', 'review'][1 + i % 6] AS kind,
    CASE i % 6 WHEN 3 THEN 'relational' WHEN 4 THEN 'post_call' END AS survey,
    ['phone', 'email', 'chat', 'email', 'sms', 'web'][1 + i % 6] AS channel,
    TIMESTAMPTZ '2024-11-01 08:00:00+00' + to_minutes(CAST(floor(i * 1.0512) AS BIGINT)) AS occurred_at,
    occurred_at AS available_at, 'c' || (hash(i) % $customers) AS customer_id,
    CASE WHEN hash(i) % 12 = 0 THEN 'small_business' ELSE 'household' END AS segment,
    CASE WHEN i % 3 < 2 THEN 'words' END AS verbatim
FROM range($n) t(i)
"""
MENTION = """
INSERT INTO mention BY NAME
SELECT 'm' || substr(feedback_id, 2) AS mention_id, feedback_id, 1 AS unit_no, 'customer' AS voice,
    CASE WHEN hash(feedback_id) % 3 = 0 THEN 0.5 ELSE -0.6 END AS polarity, occurred_at, available_at, customer_id
FROM feedback WHERE verbatim IS NOT NULL
"""
ASSIGNED = """
INSERT INTO mention_irritant BY NAME
SELECT mention_id, format('IR-{:04d}', 1 + (sqrt(hash(mention_id || 'k') % 1000000 / 1000000.0) * $k)::INTEGER % $k)
    AS irritant_id, 0.8 AS confidence FROM mention WHERE polarity < 0
"""
ANSWER = """
INSERT INTO answer BY NAME
SELECT f.feedback_id, 'q' AS question_id, CASE f.survey WHEN 'relational' THEN 'nps' ELSE 'csat' END AS metric,
    CASE f.survey WHEN 'relational' THEN '0-10' ELSE '1-5' END AS scale,
    CASE f.survey WHEN 'relational' THEN least(10, 5 + hash(f.feedback_id || 'v') % 6 - 4 * (coalesce(m.polarity, 0) < 0)::INTEGER)
        ELSE least(5, 2 + hash(f.feedback_id || 'v') % 4 - (coalesce(m.polarity, 0) < 0)::INTEGER) END::DOUBLE AS value,
    f.occurred_at, f.available_at, f.customer_id
FROM feedback f LEFT JOIN mention m USING (feedback_id) WHERE f.kind = 'survey'
"""
CONTACT = """
INSERT INTO contact BY NAME
SELECT 'k' || i AS contact_id, 'c' || (hash(i) % $customers) AS customer_id, ['phone', 'email', 'chat'][1 + i % 3] AS channel,
    TIMESTAMPTZ '2024-11-01 08:00:00+00' + to_minutes(CAST(floor(i * 0.525) AS BIGINT)) AS occurred_at,
    occurred_at AS available_at
FROM range($n) t(i)
"""
PICTURE = """
INSERT INTO customer_snapshot BY NAME
SELECT 'c' || i AS customer_id, DATE '2026-10-31' AS as_of, TIMESTAMPTZ '2026-10-31 00:00:00+00' AS available_at,
    'household' AS segment, DATE '2022-01-01' + (i % 1500)::INTEGER AS contract_start_on
FROM range($customers) t(i)
"""


def main() -> None:
    rows: list[dict[str, object]] = []
    base = load_settings()
    with TemporaryDirectory() as folder:
        place = {"data_dir": Path(folder) / "data", "keys_dir": Path(folder) / "keys", "as_of": AS_OF}
        settings = base.model_copy(update=place)
        with open_lake(settings) as lake, open_ledger(settings) as ledger:
            for number in range(1, IRRITANTS + 1):
                told = {"label_fr": f"Irritant {number}"}
                key = f"IR-{number:04d}"
                ledger.append(BORN, key, told, actor="bench", at=datetime(2026, 1, 1, tzinfo=UTC), key=key)
            _fill(lake)
            save_model(settings, AS_OF, _model())
            known = registry(ledger)
            reader = seen(lake, ledger, known)
            counted = _timed(rows, "irritant_weekly: seconds", lambda: weekly(reader, known))
            with lake.write() as writer:
                writer.replace("irritant_weekly", counted)
            _timed(rows, "irritant_weekly to priority: seconds", lambda: prioritize(lake, ledger, run_id="bench"))
    rows.append({"name": "irritant_weekly to priority: peak memory", "value": peak_memory_mb(), "unit": "MB"})
    size = f"{N:,} feedback, {CUSTOMERS:,} customers, {IRRITANTS} irritants"
    sys.stdout.write(json.dumps({"size": size, "rows": rows}) + "\n")


def _timed(rows: list[dict[str, object]], name: str, work: Callable[[], object]) -> object:
    begun = time.perf_counter()
    done = work()
    rows.append({"name": name, "value": round(time.perf_counter() - begun, 2), "unit": "s"})
    return done


def _fill(lake: Lake) -> None:
    with lake.write() as writer:
        writer.execute(FEEDBACK, n=N, customers=CUSTOMERS)
        writer.execute(MENTION)
        writer.execute(ASSIGNED, k=IRRITANTS)
        writer.execute(ANSWER)
        writer.execute(CONTACT, n=N, customers=CUSTOMERS)
        writer.execute(PICTURE, customers=CUSTOMERS)
        writer.insert_new("churn_panel", _panel(AS_OF, CUSTOMERS, 1, labelled=False))


def _panel(t0: date, n: int, seed: int, *, labelled: bool) -> pd.DataFrame:
    """A churn panel of n customers, one in twenty of whom named irritants."""
    rng = np.random.default_rng(seed)
    named = [[f"IR-{k:04d}" for k in sorted(set(rng.integers(1, IRRITANTS + 1, m)))] for m in rng.poisson(0.05, n)]
    many = np.array([len(one) for one in named])
    left = rng.random(n) < 0.02 * (1 + many)
    frame = pd.DataFrame({name: np.zeros(n) for name in CHURN_PANEL.column_names})
    flags = [column.name for column in CHURN_PANEL.columns if column.type == "BOOLEAN"]
    told: dict[str, object] = dict.fromkeys(flags, False)
    told |= {
        **{"customer_id": [f"c{i}" for i in range(n)], "t0": t0, "segment": "household", "value_eur": 20.0},
        **{"gap_days": 14, "horizon_days": 90, "tenure_months": rng.gamma(2, 12, n), "irritants_90d": named},
        **{"n_contacts_90d": rng.poisson(0.2, n) + many, "event": None, "label": left if labelled else None},
    }
    return frame.assign(**told)


def _model() -> ChurnModel:
    known = prepare(_panel(date(2026, 5, 31), 60_000, 2, labelled=True))
    design = Design.learn(known)
    y = known["label"].to_numpy(float)
    fitted = fit_logistic(design.matrix(known), y, cluster_codes(known["customer_id"].to_numpy()), 30.0)
    card = load_card(load_settings().reference_dir / CHURN_CARD)
    report = {"n_events": 0, "n_rows": 0, "n_customers": 0, "first_t0": None, "last_t0": None}
    return ChurnModel.of_fitted(card, AS_OF, report, design, fitted, {}, Attribution.learn(known))


if __name__ == "__main__":
    main()
