"""The churn panel, written in parts of some slices each: a million customers need no more memory than a part of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from insights.churn.feed import last_complete_day
from insights.churn.model import ChurnModel
from insights.intervals import Interval, wilson
from insights.irritants.now import Sight
from insights.lake import Lake
from insights.lake.connect import ALIAS
from insights.lake.lake import Reader
from insights.lake.queries import sql
from insights.ledger import Ledger
from insights.partitions import Partitions, cut

PART_ROWS = 1_000_000  # rows of a part of the panel, and of one commit: about 3 GB at their peak
FIT_ROWS = 1_500_000  # rows a model learns from: whole customers, drawn by a hash of their id
SCORED_ROWS = 100_000  # customers scored at a time
BUCKETS = 4096  # the first three hexadecimal digits of the hash
SOURCES = tuple(
    ["answer", "churn_event", "contact", "customer_snapshot", "feedback", "invitation", "mention", "mention_irritant"]
)
OPENED, REACHED, ATTEMPTED = "case.opened", "case.reached", "case.attempted"
DEPARTURES = """
SELECT learned_on, greatest(learned_on, coalesce(CAST(available_at AT TIME ZONE 'UTC' AS DATE), learned_on)) AS known_on
FROM churn_event
"""
LEARN = """
SELECT * FROM churn_panel WHERE label IS NOT NULL AND '0' || substr(md5(customer_id), 1, 3) < $below
ORDER BY t0, customer_id
"""
SCORED = "SELECT customer_id FROM churn_panel WHERE t0 = $day ORDER BY customer_id"
SCORED_SPAN = """
SELECT * FROM churn_panel WHERE t0 = $day AND customer_id BETWEEN $first AND $last ORDER BY customer_id
"""
MOVES = """
WITH moved AS (
    SELECT customer_id, learned_on FROM churn_event
    WHERE cause = 'natural' AND learned_on > $day::DATE - 425 AND learned_on <= $day::DATE - 60
)
SELECT count(*) AS n_moved, count(*) FILTER (WHERE EXISTS (
    SELECT 1 FROM customer_snapshot s
    WHERE s.customer_id = m.customer_id AND s.as_of > m.learned_on AND s.as_of <= $day::DATE
      AND s.contract_start_on >= m.learned_on - 45 AND NOT coalesce(s.leaving, false)
)) AS n_kept
FROM moved m
"""


@dataclass(frozen=True)
class Calls:
    """Calls made on cases: three columns of one length. `days` are UTC days on which the ledger held the call."""

    customers: list[str]
    days: list[date]
    reached: list[bool]

    def params(self) -> dict[str, Any]:
        """The parameters of churn_panel.sql."""
        return {"callback_customers": self.customers, "callback_days": self.days, "callback_reached": self.reached}


@dataclass(frozen=True)
class Moves:
    """Of customers whose move ended their contract at least 60 days ago (a year of them): who has a new one with us.

    `share` is Wilson's, 0 to 1; NaN without a move. A mover who never ended a contract is in no departure feed.
    """

    n_moved: int
    n_kept: int
    share: Interval


def calls(ledger: Ledger) -> Calls:
    """Every call on a case, reached or not, in the order of the ledger; calls of erased customers are gone."""
    owner: dict[str, str] = {}
    found = Calls([], [], [])
    for event in ledger.events((OPENED, REACHED, ATTEMPTED)):
        if event.kind == OPENED and event.payload.get("customer_id"):
            owner[event.subject] = str(event.payload["customer_id"])
        elif event.kind in (REACHED, ATTEMPTED) and event.subject in owner:
            found.customers.append(owner[event.subject])
            found.days.append(event.at.astimezone(UTC).date())
            found.reached.append(event.kind == REACHED)
    return found


def complete_through(lake: Lake, day: date) -> date | None:
    """The last day whose departures are all known on `day`; None where no departure was ever told."""
    return last_complete_day(lake.read(DEPARTURES), day)


def movers_kept(lake: Lake, day: date) -> Moves:
    """Retention of movers: moves are no chosen departures, they have a figure of their own."""
    n_moved, n_kept = lake.read(MOVES, day=day).astype(int).iloc[0]
    return Moves(int(n_moved), int(n_kept), wilson(n_kept, n_moved))


def slices(first: date, last: date) -> list[date]:
    """Month ends from `first` to `last`, and `last` itself."""
    ends = [month.date() for month in pd.date_range(first, last, freq="ME")]
    return ends if ends and ends[-1] == last else [*ends, last]


def parts(reader: Reader, day: date, called: Calls, part_rows: int = PART_ROWS) -> Iterator[tuple[date, pa.Table]]:
    """The panel up to `day` as (last t0, rows), in order of time: at most about `part_rows` rows each."""
    lake, settings = reader.lake, reader.lake.settings
    first, n_customers = _extent(lake, day)
    if first is None:
        return
    months = slices(first, day)
    size = max(1, part_rows // max(1, n_customers))
    fixed = {
        "complete_through": complete_through(lake, day),
        "household_gap": settings.household_gap_days,
        "household_horizon": settings.household_horizon_days,
        "business_gap": settings.business_gap_days,
        "business_horizon": settings.business_horizon_days,
        "competitors": list(settings.competitors),
        **called.params(),
    }
    for at in range(0, len(months), size):
        span = months[at : at + size]
        yield span[-1], reader.read_arrow(sql("churn_panel"), first_t0=span[0], last_t0=span[-1], **fixed)


def _extent(lake: Lake, day: date) -> tuple[date | None, int]:
    """The first picture's day and the customers of the largest picture."""
    counted = "SELECT as_of, count(*) AS n FROM customer_snapshot WHERE as_of <= $day GROUP BY 1"
    found = lake.read_arrow(f"SELECT min(as_of), max(n) FROM ({counted})", day=day).to_pylist()[0]
    first, n = found.values()
    return first, int(n or 0)


def panel(reader: Reader, day: date, called: Calls) -> pd.DataFrame:
    """The whole panel in memory, for small companies and measurements."""
    tables = [rows for _, rows in parts(reader, day, called)]
    return pa.concat_tables(tables).to_pandas() if tables else pd.DataFrame()


def store(
    lake: Lake, reader: Reader, day: date, called: Calls, left_out: Collection[str] = (), part_rows: int = PART_ROWS
) -> int:
    """Write the panel up to `day` in the place of the stored one, a commit a part; returns its rows.

    Each part replaces all rows from the part before to its own last t0 (the last part: everything later): a run that is
    cut short leaves whole slices, and the next run writes them all again. `left_out`: customers without a row.
    """
    written, after = 0, date.min
    out = pa.array(sorted(left_out), pa.string())
    for end, rows in parts(reader, day, called, part_rows):
        kept = rows.filter(pc.invert(pc.is_in(rows["customer_id"], value_set=out)))
        span = {"after": after, "until": date.max if end == day else end}
        with lake.write() as writer:
            written += writer.replace_arrow("churn_panel", kept, "t0 > $after AND t0 <= $until", span)
        after = end
    if after == date.min:
        with lake.write() as writer:
            writer.execute("DELETE FROM churn_panel")
    return written


def rows_to_learn(lake: Lake, fit_rows: int = FIT_ROWS) -> pd.DataFrame:
    """Stored rows with a known outcome, all months of a customer or none, about `fit_rows` at most.

    Customers are drawn by the MD5 of their id, whatever they did: base rates stay as they are and no row needs a weight.
    """
    n = int(lake.scalar("SELECT count(*) FROM churn_panel WHERE label IS NOT NULL"))
    kept = BUCKETS if n <= fit_rows else max(1, int(BUCKETS * fit_rows / n))
    return lake.read(LEARN, below=f"{kept:04x}")


def rows_of(lake: Lake, day: date) -> pd.DataFrame:
    """Stored rows of one t0."""
    return lake.read("SELECT * FROM churn_panel WHERE t0 = $day ORDER BY customer_id", day=day)


def seen_at(lake: Lake, sight: Sight, snapshot_id: int) -> Reader:
    """The lake as one of its snapshots held it, irritants as `sight` sees them: rows overwritten since are as they were.

    The panel of a t0 from the snapshot of that evening must be today's of the same t0, but for rows that were loaded
    later than their source held them.
    """
    version = int(snapshot_id)
    past = [
        f'CREATE TEMP VIEW "{name}" AS SELECT * FROM {ALIAS}."{name}" AT (VERSION => {version})' for name in SOURCES
    ]
    return lake.seen_through(replace(sight, views=(*past, *sight.views)))


def score_rows(model: ChurnModel, rows: pd.DataFrame, day: date, size: int = SCORED_ROWS) -> pd.DataFrame:
    """`model.predict` of many customers, `size` at a time, ranked over all of them."""
    return ranked(model, [model.predict(rows.iloc[at : at + size], day) for at in range(0, len(rows), size)])


def ranked(model: ChurnModel, scored: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The scores of several lots of customers as those of one."""
    if len(scored) == 1:
        return scored[0]
    risk = "index" if model.kind == "card" else "probability"
    found = pd.concat(scored, ignore_index=True).sort_values(
        [risk, "value_eur", "customer_id"], ascending=[False, False, True], kind="stable", ignore_index=True
    )
    return found.assign(rank=range(1, len(found) + 1))


def scores_of(over: Partitions, lake: Lake, model: ChurnModel, day: date, size: int = SCORED_ROWS) -> pd.DataFrame:
    """Scores of every customer of the stored panel at `day`, some at a time; empty without any."""
    customers = lake.read_arrow(SCORED, day=day).column(0).to_pylist()
    spans = [(day, str(lot[0]), str(lot[-1])) for lot in cut(customers, size)]
    found = [one.to_pandas() for one in over.map(score_part, model, spans)]
    return ranked(model, found) if found else pd.DataFrame()


def score_part(lake: Lake, model: ChurnModel, span: tuple[date, str, str]) -> pa.Table:
    """Scores of the customers of one span: day, first id, last id."""
    day, first, last = span
    rows = lake.read(SCORED_SPAN, day=day, first=first, last=last)
    return pa.Table.from_pandas(model.predict(rows, day), preserve_index=False)
