"""Govern removes what is past its date by rule, says so, and leaves the rest."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import insert

from insights.lake import Lake, open_lake
from insights.ledger import Ledger
from insights.ledger.schema import INBOX
from insights.settings import Settings
from insights.steps.clock import doubt
from insights.steps.govern import govern
from insights.steps.purge import overdue, purge

DAY = date(2026, 10, 31)
YEAR, THREE_YEARS = 365, 1095
OLD = {  # rule, table, its day column, days kept, other columns of the row
    "contacts": ("contact", "occurred_at", THREE_YEARS, {"contact_id": "{n}"}),
    "invitations": ("invitation", "sent_at", THREE_YEARS, {"invitation_id": "{n}"}),
    "crm_pictures": ("customer_snapshot", "as_of", THREE_YEARS, {"customer_id": "{n}"}),
    "departures": ("churn_event", "learned_on", THREE_YEARS, {"customer_id": "{n}"}),
    "churn_panel": ("churn_panel", "t0", THREE_YEARS, {"customer_id": "{n}"}),
    "scores": ("churn_score", "scored_on", YEAR, {"customer_id": "{n}"}),
    "quotes": ("published", "published_at", YEAR, {"publication_id": "d", "item": "{n}", "kind": "quote"}),
}


def rows(table: str, column: str, days: int, more: dict[str, str]) -> pd.DataFrame:
    """One row on the last day it may stay, one a day older."""
    said: list[dict[str, Any]] = []
    for n, age in (("stays", days), ("goes", days + 1)):
        day: Any = DAY - timedelta(days=age)
        if column.endswith("_at"):
            day = datetime(day.year, day.month, day.day, 23, tzinfo=UTC)
        said.append({name: text.format(n=n) for name, text in more.items()} | {column: day})
    return pd.DataFrame(said)


def test_a_row_goes_the_day_after_its_last(lake: Lake, ledger: Ledger) -> None:
    with lake.write() as writer:
        for table, column, days, more in OLD.values():
            writer.insert_new(table, rows(table, column, days, more))
    expected = {f"{rule}: {table}": 1 for rule, (table, *_) in OLD.items()}
    assert overdue(lake) == expected
    assert purge(lake, ledger) == expected
    for table, *_ in OLD.values():
        left = lake.read(f'SELECT * FROM "{table}"')
        assert len(left) == 1 and "stays" in left.iloc[0].astype(str).tolist(), table
    assert purge(lake, ledger) == {}


@pytest.mark.faults
def test_a_clock_far_ahead_deletes_nothing_on_its_first_night(settings: Settings, lake: Lake, ledger: Ledger) -> None:
    def ran(days: int) -> pd.DataFrame:
        started = {"started_at": datetime.now(UTC) - timedelta(days=days), "as_of_on": DAY, "note": "{}"}
        return pd.DataFrame([{"run_id": f"{days}", "step": "govern", **started}])

    with lake.write() as writer:
        writer.insert_new("run", ran(2000))
        at = datetime(2015, 1, 1, tzinfo=UTC)
        writer.insert_new("contact", pd.DataFrame([{"contact_id": "old", "occurred_at": at, "available_at": at}]))
    with open_lake(settings.model_copy(update={"as_of": None})) as today:
        first = govern(today, ledger, run_id="first night")
        assert "the clock is right" in first.note["retention_waits"] and first.note["purged_by_rule"] == {}
        with today.write() as writer:
            writer.insert_new("run", ran(1))
        assert doubt(today) == ""
        second = govern(today, ledger, run_id="second night")
        assert second.note["purged_by_rule"] == {"contacts: contact": 1} and "retention_waits" not in second.note
        assert doubt(lake) == ""  # a pinned day is meant


def test_figures_of_a_digest_stay_for_good(lake: Lake, ledger: Ledger) -> None:
    at = datetime(2015, 1, 1, tzinfo=UTC)
    figure = {"publication_id": "d", "item": "f", "kind": "figure", "published_at": at}
    with lake.write() as writer:
        writer.insert_new("published", pd.DataFrame([figure]))
    assert purge(lake, ledger) == {}


def test_feedback_goes_by_its_own_date_and_is_counted_by_rule(lake: Lake, ledger: Ledger) -> None:
    at = datetime(2020, 1, 1, tzinfo=UTC)
    row = {"source": "s", "occurred_at": at, "available_at": at, "country": "FR"}
    kinds = {"call": DAY - timedelta(days=1), "survey": DAY, "review": DAY - timedelta(days=9)}
    frame = pd.DataFrame(
        [row | {"feedback_id": k, "source_id": k, "kind": k, "retention_until": d} for k, d in kinds.items()]
    )
    turn = pd.DataFrame([{"feedback_id": k, "turn_no": 1, "text": "x"} for k in kinds])
    mention = pd.DataFrame([{"mention_id": k, "feedback_id": k, "text_sha": k, "text": "x"} for k in kinds])
    with lake.write() as writer:
        for table, rows_ in {"feedback": frame, "turn": turn, "mention": mention}.items():
            writer.insert_new(table, rows_)
        writer.insert_new("mention_irritant", pd.DataFrame({"mention_id": list(kinds), "irritant_id": "i"}))
        writer.insert_new("embedding", pd.DataFrame({"text_sha": list(kinds), "encoder_version": "e"}))
    assert purge(lake, ledger) == {"transcripts: feedback": 1, "prospects: feedback": 1}
    for table in ("feedback", "turn", "mention", "mention_irritant", "embedding"):
        assert lake.scalar(f"SELECT count(*) FROM {table}") == 1, table


def test_sealed_rows_and_posts_go_on_their_own_day(lake: Lake, ledger: Ledger) -> None:
    bad = {"source": "s", "reason": "r"}
    days = {"stays": DAY, "goes": DAY - timedelta(days=1)}
    with lake.write() as writer:
        writer.insert_new(
            "quarantine", pd.DataFrame([bad | {"source_id": n, "expires_on": d} for n, d in days.items()])
        )
    at = datetime(2026, 10, 1, tzinfo=UTC)
    post = {"source": "s", "received_at": at, "sealed": "x", "state": "done", "attempts": 1}
    with ledger.engine.begin() as connection:
        for name, day in days.items():
            connection.execute(insert(INBOX).values(**post, event_key=name, expires_on=day))
    assert purge(lake, ledger) == {"quarantine: quarantine": 1, "inbox: inbox": 1}


def test_a_note_goes_a_year_after_its_event_and_the_event_stays(lake: Lake, ledger: Ledger) -> None:
    for name, day in {"old": datetime(2025, 10, 1, tzinfo=UTC), "new": datetime(2026, 10, 1, tzinfo=UTC)}.items():
        ledger.append("case.reached", name, {}, actor="ines", at=day, key=name)
        ledger.put_text(f"note:{name}", "C1", "un mot")
    assert purge(lake, ledger) == {"notes: event_text": 1}
    assert (ledger.text("note:old"), ledger.text("note:new")) == (None, "un mot")
    assert len(ledger.events()) == 2
