"""Seconds and memory of the panel and of scoring for one million customers over 24 months, rows made in DuckDB.

The rows go into a real lake in a temporary folder, the real step writes the panel, the model that serves scores every
customer. `python -m insights.bench.churn_scale` is a process of its own, so that its memory is its own: it prints one
JSON line. A small company that never was: its figures of quality say nothing and are not told.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from insights.bench.report import Entry
from insights.churn.training import Parameters, fit
from insights.irritants.now import sight
from insights.irritants.registry import Registry
from insights.lake import Lake, open_lake
from insights.settings import load_settings
from insights.steps.panel import PART_ROWS, Calls, rows_of, rows_to_learn, score_rows, store
from insights.steps.run_log import peak_memory_mb

CUSTOMERS, MONTHS = 1_000_000, 24
AS_OF = date(2026, 10, 31)
LEARN_ROWS = 100_000  # the fit itself is measured elsewhere: here it only has to give a model that scores
CUSTOMER = """
CREATE TEMP TABLE made AS
SELECT i, 'c' || i AS customer_id, CASE WHEN hash(i, 's') % 12 = 0 THEN 'small_business' ELSE 'household' END AS segment,
    CASE WHEN hash(i, 'l') % 100 < 36 THEN (hash(i, 'm') % $months)::INTEGER + 1 ELSE 999 END AS left_month,
    ['web', 'phone', 'comparator', 'partner'][(1 + hash(i, 'c') % 4)::INTEGER] AS channel,
    DATE '2015-01-01' + (hash(i, 'd') % 3500)::INTEGER AS since
FROM range($n) t(i)
"""
PICTURE = """
INSERT INTO customer_snapshot BY NAME
SELECT customer_id, last_day($first::DATE + INTERVAL (m) MONTH) AS as_of, 
    (as_of + 1)::TIMESTAMPTZ - INTERVAL 2 HOUR AS available_at, segment, channel AS acquisition_channel, since AS contract_start_on,
    CASE WHEN i % 3 = 0 THEN as_of + (i % 300)::INTEGER END AS contract_end_on, 'direct_debit' AS payment_method,
    'electricity' AS energy, 60.0 + i % 90 AS monthly_amount_eur, 62.0 AS margin_eur_year,
    200.0 + hash(i, m) % 100 AS usage_30d, 240.0 AS usage_30d_last_year, (hash(i, m, 'l') % 4)::INTEGER AS n_logins_30d,
    (hash(i, m, 'u') % 40 = 0)::INTEGER AS n_unpaid, false AS leaving, false AS objection
FROM made, range($from, $to) t(m) WHERE m < left_month
"""
EVENT = """
INSERT INTO churn_event BY NAME
SELECT customer_id, last_day($first::DATE + INTERVAL (left_month - 1) MONTH) + 1 + (hash(i, 'e') % 27)::INTEGER AS learned_on,
    learned_on AS effective_on, CASE WHEN hash(i, 'x') % 2 = 0 THEN 'chosen' ELSE 'natural' END AS cause,
    learned_on::TIMESTAMPTZ AS available_at
FROM made WHERE left_month < 999
"""
MOMENT = "TIMESTAMPTZ '2024-11-01 08:00:00+00' + to_minutes((hash({key}) % 1050000)::BIGINT)"
CONTACT = f"""
INSERT INTO contact BY NAME
SELECT 'k' || k AS contact_id, 'c' || hash(k) % $n AS customer_id, 'phone' AS channel, hash(k, 't') % 9 = 0 AS transferred,
    hash(k, 'a') % 11 = 0 AS abandoned, {MOMENT.format(key="k, 'at'")} AS occurred_at,
    occurred_at + INTERVAL 20 MINUTE AS available_at
FROM range(($n * 2.3)::BIGINT) t(k)
"""
INVITED = f"""
INSERT INTO invitation BY NAME
SELECT 'i' || k AS invitation_id, 'c' || hash(k, 'i') % $n AS customer_id, 'post_call' AS survey,
    {MOMENT.format(key="k, 'iat'")} AS sent_at, CASE WHEN k % 7 = 0 THEN 'fi' || k END AS feedback_id, sent_at AS available_at
FROM range(($n * 3.5)::BIGINT) t(k)
"""
FEEDBACK = f"""
INSERT INTO feedback BY NAME
SELECT feedback_id, 'bench' AS source, 'survey' AS kind, customer_id, sent_at + INTERVAL 1 DAY AS occurred_at,
    occurred_at + INTERVAL 1 HOUR AS available_at
FROM invitation WHERE feedback_id IS NOT NULL
UNION ALL BY NAME
SELECT 'fm' || k AS feedback_id, 'bench' AS source, CASE WHEN k % 9 = 0 THEN 'ticket' ELSE 'call' END AS kind,
    'c' || hash(k, 'f') % $n AS customer_id, {MOMENT.format(key="k, 'fat'")} AS occurred_at,
    occurred_at + INTERVAL (hash(k, 'late') % 10) DAY AS available_at
FROM range(($n * 0.6)::BIGINT) t(k)
"""
ANSWER = """
INSERT INTO answer BY NAME
SELECT feedback_id, 'q' AS question_id, CASE WHEN hash(feedback_id) % 3 = 0 THEN 'nps' ELSE 'csat' END AS metric,
    CASE WHEN metric = 'nps' THEN '0-10' ELSE '1-5' END AS scale, 1.0 + hash(feedback_id, 'v') % 5 AS value,
    occurred_at, available_at, customer_id
FROM feedback WHERE kind = 'survey'
"""
MENTION = """
INSERT INTO mention BY NAME
SELECT 'm' || feedback_id || u AS mention_id, feedback_id, u::INTEGER AS unit_no, 'customer' AS voice,
    'la facture est fausse et personne ne rappelle' AS text,
    -0.9 + (hash(feedback_id, u) % 180) / 100.0 AS polarity, hash(feedback_id, u, 'e') % 8 = 0 AS effort,
    hash(feedback_id, u, 'l') % 60 = 0 AS leave_intent, occurred_at, available_at, customer_id
FROM feedback, range(1, 4) t(u) WHERE kind <> 'survey' OR hash(feedback_id, 'w') % 2 = 0
"""
ASSIGNED = """
INSERT INTO mention_irritant BY NAME
SELECT mention_id, format('IR-{:04d}', 1 + hash(mention_id) % 40) AS irritant_id, 0.8 AS confidence
FROM mention WHERE polarity < -0.15
"""


def entries(say: Callable[[str], None]) -> list[Entry]:
    """Seconds and peak memory of panel and scoring."""
    done = subprocess.run(
        [sys.executable, "-m", "insights.bench.churn_scale"], check=False, capture_output=True, text=True
    )
    if done.returncode:
        say(f"  the million customers failed: {done.stderr.strip()[-300:]}")
        return []
    told = json.loads(done.stdout.strip().splitlines()[-1])
    return [
        Entry("churn-scale", row["name"], row["value"], row["unit"], "made in DuckDB", told["size"])
        for row in told["rows"]
    ]


def fill(lake: Lake, n: int, months: int = MONTHS) -> None:
    """The made-up company: `n` customers, `months` + 1 pictures, and what they said and asked in two years."""
    first = date(AS_OF.year - months // 12, AS_OF.month, 1)
    with lake.write() as writer:
        writer.execute(CUSTOMER, n=n, months=months)
        writer.execute(EVENT, first=first)
        for statement in (CONTACT, INVITED, FEEDBACK):
            writer.execute(statement, n=n)
        for statement in (ANSWER, MENTION, ASSIGNED):
            writer.execute(statement)
    for start in range(0, months + 1, 5):
        with lake.write() as writer:
            end = min(start + 5, months + 1)
            writer.execute(PICTURE, **{"first": first, "from": start, "to": end})
    with lake.write() as writer:
        writer.execute("DROP TABLE made")


def measure(n: int) -> list[dict[str, Any]]:
    """One row a figure: name, value, unit."""
    rows: list[dict[str, Any]] = []
    with TemporaryDirectory() as folder:
        place = {"data_dir": Path(folder) / "data", "keys_dir": Path(folder) / "keys", "as_of": AS_OF}
        with open_lake(load_settings().model_copy(update=place)) as lake:
            _timed(rows, "made-up rows written to the lake", lambda: fill(lake, n))
            before = peak_memory_mb()
            reader = lake.seen_through(sight(Registry(), ()))
            written = _timed(rows, "panel", lambda: store(lake, reader, AS_OF, Calls([], [], [])).n_rows)
            rows += [{"name": "panel: rows", "value": written, "unit": ""}]
            rows += [{"name": "panel: peak memory", "value": peak_memory_mb(), "unit": "MB"}]
            rows += [{"name": "made-up rows: peak memory", "value": before, "unit": "MB"}]
            learned = _timed(rows, "rows to learn read", lambda: rows_to_learn(lake, LEARN_ROWS))
            model = fit(learned, Parameters.from_settings(lake.settings), AS_OF, 1)
            today = rows_of(lake, AS_OF)
            scored = _timed(rows, f"scoring ({model.kind})", lambda: score_rows(model, today, AS_OF))
            with lake.write() as writer:
                _timed(rows, "scores written", lambda: writer.replace("churn_score", scored))
            rows += [{"name": "customers scored", "value": len(scored), "unit": ""}]
    return [*rows, {"name": "all: peak memory", "value": peak_memory_mb(), "unit": "MB"}]


def _timed(rows: list[dict[str, Any]], name: str, work: Callable[[], Any]) -> Any:
    begun, used = time.perf_counter(), _cpu()
    done = work()
    rows.append({"name": name, "value": round(time.perf_counter() - begun, 1), "unit": "s"})
    rows.append({"name": f"{name}: processor", "value": round(_cpu() - used, 1), "unit": "s"})
    return done


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else CUSTOMERS
    size = f"{n:,} customers, {MONTHS} months, parts of {PART_ROWS:,} rows"
    sys.stdout.write(json.dumps({"size": size, "rows": measure(n)}) + "\n")


if __name__ == "__main__":
    main()
