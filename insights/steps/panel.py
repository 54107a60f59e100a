"""The churn panel, written in parts of some slices each: a million customers need no more memory than a part of them.

A slice is counted again only where something changed that it reads (`panel_marks`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date
from itertools import groupby
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
from insights.steps.panel_marks import marks

PART_ROWS = 1_000_000  # rows of a part of the panel, and of one commit: about 3 GB at their peak
FIT_ROWS = 1_500_000  # rows a model learns from: whole customers, drawn by a hash of their id
SCORED_ROWS = 100_000  # customers scored at a time
NAME = "churn_panel"
KNOWN = f"SELECT CAST(part AS DATE) AS t0, mark, n_rows FROM counted_part WHERE table_name = '{NAME}'"
HELD = "SELECT t0, count(*) AS n_rows FROM churn_panel GROUP BY t0"
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


def parts(
    reader: Reader, day: date, called: Calls, part_rows: int = PART_ROWS
) -> Iterator[tuple[Sequence[date], pa.Table]]:
    """The whole panel up to `day` as (its slices, rows), in order of time: at most about `part_rows` rows each."""
    months, size = _slices_of(reader.lake, day, part_rows)
    yield from _counted(reader, cut(months, size), rules(reader.lake, day, called))


def _counted(
    reader: Reader, spans: Sequence[Sequence[date]], params: Mapping[str, Any]
) -> Iterator[tuple[Sequence[date], pa.Table]]:
    for span in spans:
        yield span, reader.read_arrow(sql("churn_panel"), first_t0=span[0], last_t0=span[-1], **params)


def rules(lake: Lake, day: date, called: Calls) -> dict[str, Any]:
    """The parameters of churn_panel.sql but its first and last t0."""
    settings = lake.settings
    return {
        "complete_through": complete_through(lake, day),
        "household_gap": settings.household_gap_days,
        "household_horizon": settings.household_horizon_days,
        "business_gap": settings.business_gap_days,
        "business_horizon": settings.business_horizon_days,
        "competitors": list(settings.competitors),
        **called.params(),
    }


def _slices_of(lake: Lake, day: date, part_rows: int) -> tuple[list[date], int]:
    """Every t0 up to `day`, and how many of them make a part."""
    first, n_customers = _extent(lake, day)
    return (slices(first, day) if first else []), max(1, part_rows // max(1, n_customers))


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


@dataclass(frozen=True)
class Stored:
    """Rows of the stored panel, its slices, and how many of these were counted now."""

    n_rows: int
    n_slices: int
    n_counted: int


def store(
    lake: Lake, reader: Reader, day: date, called: Calls, left_out: Collection[str] = (), part_rows: int = PART_ROWS
) -> Stored:
    """Bring the stored panel to `day`, a commit a part. `left_out`: customers without a row.

    Only slices are counted whose rows or rules changed since they were stored (`panel_marks`). Each part replaces its
    slices and their marks together: a run that is cut short leaves whole slices, and the next goes on from there.
    """
    months, size = _slices_of(lake, day, part_rows)
    params = rules(lake, day, called)
    now = marks(reader, months, params, left_out) if months else {}
    _forget(lake, months)
    known = {row.t0: (row.mark, row.n_rows) for row in lake.read(KNOWN).itertuples()}
    stored = {row.t0: row.n_rows for row in lake.read(HELD).itertuples()}
    stale = [t0 for t0 in months if known.get(t0) != (now[t0], stored.get(t0, 0))]
    out = pa.array(sorted(left_out), pa.string())
    for span, rows in _counted(reader, _runs(months, stale, size), params):
        kept = rows.filter(pc.invert(pc.is_in(rows["customer_id"], value_set=out)))
        n_rows = {one["values"]: one["counts"] for one in kept["t0"].value_counts().to_pylist()}
        told = [{"table_name": NAME, "part": str(t0), "mark": now[t0], "n_rows": n_rows.get(t0, 0)} for t0 in span]
        with lake.write() as writer:
            writer.replace_arrow(NAME, kept, "t0 BETWEEN $first AND $last", {"first": span[0], "last": span[-1]})
            writer.upsert("counted_part", pd.DataFrame(told))
    return Stored(int(lake.scalar("SELECT count(*) FROM churn_panel")), len(months), len(stale))


def _forget(lake: Lake, months: Sequence[date]) -> None:
    """Take out the slices that are none any more, as yesterday's scoring day."""
    old = "NOT IN (SELECT unnest($months::DATE[]))"
    if lake.scalar(f"SELECT count(*) FROM churn_panel WHERE t0 {old}", months=list(months)):
        with lake.write() as writer:
            writer.execute(f"DELETE FROM churn_panel WHERE t0 {old}", months=list(months))
            gone = f"DELETE FROM counted_part WHERE table_name = '{NAME}' AND CAST(part AS DATE) {old}"
            writer.execute(gone, months=list(months))


def _runs(months: Sequence[date], stale: Collection[date], size: int) -> list[Sequence[date]]:
    """The stale slices in parts of neighbours, at most `size` each."""
    found: list[Sequence[date]] = []
    for is_stale, run in groupby(months, key=lambda t0: t0 in stale):
        if is_stale:
            found += cut(list(run), size)
    return found


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
