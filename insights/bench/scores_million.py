"""A million answers in a lake of their own: seconds and peak memory of the step `measure`.

The rows are made inside DuckDB, without a text: 100,000 customers with twelve pictures each, two questionnaires sent for
each answer, and half a million contacts.
"""

from __future__ import annotations

import shutil
import subprocess
import sys

from insights.bench.report import Entry
from insights.bench.scores_shared import PART, Say
from insights.lake import open_lake
from insights.lake.lake import Writer
from insights.settings import Settings, load_settings

N, N_CUSTOMERS, N_CONTACTS, N_SENT = 1_000_000, 100_000, 500_000, 2
AS_OF = "2026-10-31"
PICTURES = """
INSERT INTO customer_snapshot BY NAME
SELECT printf('C%07d', c) AS customer_id, CAST(m AS DATE) AS as_of, m AS available_at,
    CASE WHEN c % 12 = 0 THEN 'small_business' ELSE 'household' END AS segment, 'P' || c % 9 AS product,
    'R' || c % 13 AS region, ['18-34', '35-44', '45-59', '60-74', '75+'][1 + (hash(c, 1) % 5)::INT] AS age_band,
    ['avoids', 'regular', 'heavy'][1 + (hash(c, 2) % 3)::INT] AS digital_habit, DATE '2026-10-01' - (hash(c, 3) % 2500)::INT
    AS contract_start_on, 40.0 + hash(c, 4) % 200 AS margin_eur_year, false AS leaving
FROM range($n) customers(c), generate_series(TIMESTAMPTZ '2025-10-31', TIMESTAMPTZ '2026-10-01', INTERVAL 1 MONTH) p(m)
"""
SPOKEN = """
SELECT f, printf('C%07d', hash(f, 5) % $customers) AS customer_id,
    TIMESTAMPTZ '2025-11-01 08:00:00+00' + to_seconds((hash(f, 6) % 31400000)::INT) AS moment,
    ['relational', 'post_call', 'post_digital'][(1 + f % 3)::INT] AS survey
FROM range($n) answers(f)
"""
FEEDBACK = f"""
INSERT INTO feedback BY NAME
SELECT printf('f%08d', f) AS feedback_id, 'bench' AS source, printf('f%08d', f) AS source_id, 'survey' AS kind, survey,
    'email' AS channel, moment AS occurred_at, moment AS available_at, moment AS ingested_at, customer_id, 'household' AS segment,
    'T' || f % 7 AS touchpoint, 'P' || hash(f, 7) % 9 AS product, 'R' || hash(f, 8) % 13 AS region,
    'Team ' || f % 24 AS agent_team, false AS anonymous
FROM ({SPOKEN})
"""
ANSWERS = f"""
INSERT INTO answer BY NAME
SELECT printf('f%08d', f) AS feedback_id, 'q' AS question_id, CASE survey WHEN 'relational' THEN 'nps' ELSE 'csat' END
    AS metric, CASE survey WHEN 'relational' THEN '0-10' ELSE '1-5' END AS scale,
    CASE survey WHEN 'relational' THEN hash(f, 9) % 11 ELSE 1 + hash(f, 9) % 5 END AS value, moment AS occurred_at,
    moment AS available_at, customer_id
FROM ({SPOKEN})
"""
INVITATIONS = f"""
INSERT INTO invitation BY NAME
SELECT printf('i%08d-%d', f, k) AS invitation_id,
    CASE k WHEN 0 THEN customer_id ELSE printf('C%07d', hash(f, k, 10) % $customers) END AS customer_id, survey,
    'email' AS channel, moment - INTERVAL 1 HOUR AS sent_at, CASE k WHEN 0 THEN printf('f%08d', f) END AS feedback_id,
    moment AS available_at
FROM ({SPOKEN}), range($sent) sent(k)
"""
CONTACTS = """
INSERT INTO contact BY NAME
SELECT printf('k%08d', k) AS contact_id, printf('C%07d', hash(k, 11) % $customers) AS customer_id,
    ['phone', 'email', 'chat'][(1 + k % 3)::INT] AS channel, 'Team ' || k % 24 AS team, 'T' || k % 7 AS touchpoint,
    CASE k % 3 WHEN 0 THEN 20.0 + hash(k, 12) % 300 END AS wait_seconds, k % 11 = 0 AS abandoned,
    TIMESTAMPTZ '2025-11-01 08:00:00+00' + to_seconds((hash(k, 13) % 31400000)::INT) AS occurred_at,
    occurred_at AS available_at
FROM range($n) contacts(k)
"""
RUN = "SELECT seconds, peak_memory_mb FROM run WHERE step = 'measure' ORDER BY started_at DESC LIMIT 1"


def million_entries(say: Say, n: int = N) -> list[Entry]:
    """Seconds and memory of `measure` in a process of its own, on a lake that is deleted afterwards."""
    base = load_settings()
    folder = base.data_dir / "bench_scores"
    settings = load_settings(data_dir=folder / "data", keys_dir=base.keys_dir / "bench_scores", as_of=AS_OF)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        say(f"  writing {n:,} answers to {folder}")
        with open_lake(settings) as lake, lake.write() as writer:
            fill(writer, n)
        subprocess.run([sys.executable, "-m", "insights.bench.scores_million", str(settings.data_dir),
                        str(settings.keys_dir)], check=True)  # fmt: skip
        with open_lake(settings, read_only=True) as lake:
            row = lake.read(RUN).iloc[0]
            size = f"{n:,} answers, {N_SENT * n:,} invitations, {lake.counts()['contact']:,} contacts"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    data = "rows made in DuckDB"
    return [
        Entry(PART, "who answered, weights, metric_daily, frozen months: seconds", row["seconds"], "s", data, size),
        Entry(PART, "the same: peak memory", row["peak_memory_mb"], "MB", data, size),
    ]


def fill(writer: Writer, n: int) -> None:
    """A year of answers, invitations, contacts and pictures; customers and contacts follow the number of answers."""
    n_customers, n_contacts = (max(1, round(one * n / N)) for one in (N_CUSTOMERS, N_CONTACTS))
    writer.execute(PICTURES, n=n_customers)
    for statement in (FEEDBACK, ANSWERS):
        writer.execute(statement, n=n, customers=n_customers)
    writer.execute(INVITATIONS, n=n, customers=n_customers, sent=N_SENT)
    writer.execute(CONTACTS, n=n_contacts, customers=n_customers)


def _measure(settings: Settings) -> None:
    from insights.steps.measure import measure
    from insights.steps.stores import stores

    with stores(settings) as (lake, ledger):
        measure(lake, ledger, run_id="million")


if __name__ == "__main__":
    _measure(load_settings(data_dir=sys.argv[1], keys_dir=sys.argv[2], as_of=AS_OF))
