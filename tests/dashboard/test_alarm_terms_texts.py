"""Which texts are compared for new words: where there are too many, some of every week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import duckdb

from dashboard.alarm_terms import TEXTS

UNTIL = datetime(2026, 10, 31, tzinfo=UTC)
ROWS = """
CREATE TABLE feedback AS SELECT 'F' || n AS feedback_id, 'C' || n AS customer_id, NULL::VARCHAR AS author_key,
    $until::TIMESTAMPTZ - n * INTERVAL 6 HOUR AS occurred_at, 'text' AS verbatim, 'fr' AS language,
    NULL::VARCHAR AS suspect_wave, 'survey' AS kind FROM range(200) r(n)
"""


def read(most: int) -> list[tuple[str, datetime]]:
    with duckdb.connect() as own:
        own.execute("SET TimeZone = 'UTC'")
        own.execute(ROWS, {"until": UNTIL})
        asked = {"since": UNTIL - timedelta(weeks=8), "until": UNTIL, "most": most}
        return [(row[0], row[2]) for row in own.execute(TEXTS, asked).fetchall()]


def test_few_are_drawn_from_all_weeks_and_come_newest_first() -> None:
    drawn = read(40)
    assert len(drawn) == 40
    assert drawn == sorted(drawn, key=lambda row: row[1], reverse=True)
    assert len([at for _, at in drawn if at > UNTIL - timedelta(days=7)]) < 20
    assert len([at for _, at in drawn if at < UNTIL - timedelta(weeks=4)]) > 5


def test_all_are_read_where_they_are_few() -> None:
    assert [name for name, _ in read(1000)] == [f"F{n}" for n in range(200)]
