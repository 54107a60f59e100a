"""SQL of the page Data and privacy. Small tables only; never a raw row."""

from __future__ import annotations

from insights.steps.purge import DAY

# by quarter of an hour first: a calendar costs much more a row than a division
QUARTER = "epoch_us(available_at) // 900000000"
DAY_OF_QUARTER = "CAST(make_timestamptz(quarter * 900000000) AT TIME ZONE $zone AS DATE)"
ARRIVALS = f"""
WITH quarters AS (
    SELECT source, {QUARTER} AS quarter, count(*) AS n, max(available_at) AS last_at, min(kind) AS first_kind,
        max(kind) AS last_kind
    FROM feedback WHERE available_at < $until GROUP BY source, quarter
)
SELECT source, {DAY_OF_QUARTER} AS day, sum(n)::BIGINT AS n, max(last_at) AS last_at,
    min(first_kind) AS first_kind, max(last_kind) AS last_kind
FROM quarters GROUP BY source, day
"""
TABLES = ("contact", "invitation", "customer_snapshot", "churn_event")
_QUARTERS = "\nUNION ALL\n".join(
    f"SELECT '{name}' AS source, {QUARTER} AS quarter, count(*) AS n, max(available_at) AS last_at "
    f"FROM {name} WHERE available_at < $until GROUP BY quarter"
    for name in TABLES
)
TABLE_ARRIVALS = f"""
WITH quarters AS ({_QUARTERS})
SELECT source, {DAY_OF_QUARTER} AS day, sum(n)::BIGINT AS n, max(last_at) AS last_at FROM quarters GROUP BY source, day
"""
LAST_INGEST = "SELECT max(started_at) AS at FROM run WHERE step IN ('ingest', 'pull', 'tables')"

RUNS = """
SELECT run_id, step, started_at, seconds, n_in, n_out, n_quarantined, peak_memory_mb
FROM run WHERE step NOT IN ('ingest_file', 'screen') ORDER BY started_at DESC LIMIT 100
"""
STEPS = """
SELECT step, max(started_at) AS last_at, arg_max(seconds, started_at) AS seconds, arg_max(n_in, started_at) AS n_in,
    arg_max(n_out, started_at) AS n_out, median(seconds) AS usual_seconds, count(*) AS n_runs
FROM run WHERE step NOT IN ('ingest_file', 'screen') GROUP BY step ORDER BY last_at DESC
"""
REFUSED = """
SELECT started_at, note FROM run WHERE step = 'ingest' AND note LIKE '%"refused": [{%'
ORDER BY started_at DESC LIMIT 30
"""
INGESTED = """
SELECT DISTINCT json_extract_string(note, '$.file') AS file FROM run
WHERE step = 'ingest_file' AND started_at >= $since
"""

QUARANTINED = """
SELECT source_id, reason, detail, file, line, seen_at, expires_on FROM quarantine
WHERE source = $source AND reason = $reason ORDER BY seen_at DESC, file, line LIMIT 200
"""
SEALED = """
SELECT raw_encrypted FROM quarantine WHERE source = $source AND source_id = $source_id AND reason = $reason
"""
GOVERNED = """
SELECT started_at, as_of_on, note FROM run WHERE step = 'govern' ORDER BY started_at DESC LIMIT 1
"""

DUE = """
SELECT source, kind, country, customer_id IS NOT NULL AS linked, count(*) AS n,
    count(*) FILTER (WHERE retention_until < $soon) AS n_due, min(retention_until) AS first_on
FROM feedback GROUP BY ALL ORDER BY n_due DESC, source, kind, country
"""
DUE_OF_TABLE = {
    name: f"SELECT count(*) AS n, count(*) FILTER (WHERE {dated} < $cutoff) AS n_due, "
    f'min(CAST({dated} AS DATE)) AS first_on FROM "{name}" WHERE {dated} IS NOT NULL'
    for name, dated in DAY.items()
}
DUE_QUARANTINE = "SELECT count(*) AS n, count(*) FILTER (WHERE expires_on < $soon) AS n_due FROM quarantine"
