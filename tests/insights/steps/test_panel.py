"""The panel on a real lake: in parts as in one, from snapshots as from today, a feed that stops, calls of the ledger."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from insights.churn.feed import last_complete_day
from insights.churn.leaks import check_time_travel
from insights.errors import ModelError
from insights.lake import Lake, open_lake
from insights.lake.lake import Reader
from insights.ledger import Ledger
from insights.settings import Settings, load_settings
from insights.steps.panel import (
    SOURCES,
    Calls,
    Stored,
    calls,
    complete_through,
    movers_kept,
    panel,
    parts,
    rows_of,
    rows_to_learn,
    seen_at,
    slices,
    store,
)
from insights.steps.resolved import seen, sight_of

LAST = date(2025, 5, 31)
MONTHS = [date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30), LAST]
NONE = Calls([], [], [])
N = 12


def at(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def month_of(lake: Lake, month: date) -> int:
    """One month of a dozen customers, committed on its evening; returns the snapshot."""
    ids = [f"C{i:02d}" for i in range(N)]
    pictures = pd.DataFrame(
        {
            **{"customer_id": ids, "as_of": month, "available_at": at(month, 22), "segment": "household"},
            **{"contract_start_on": date(2022, 1, 1), "margin_eur_year": 60.0, "usage_30d": 100.0 + month.month},
            **{"usage_30d_last_year": 110.0, "n_logins_30d": np.arange(N) % 3, "leaving": False, "objection": False},
        }
    )
    day = month - timedelta(days=9)
    contacts = pd.DataFrame(
        {
            **{"contact_id": [f"K{month:%m}{i}" for i in range(4)], "customer_id": ids[month.month : month.month + 4]},
            **{"occurred_at": at(day), "available_at": [at(day + timedelta(days=5 * i)) for i in range(4)]},
        }
    )
    said = contacts.assign(feedback_id="F" + contacts["contact_id"]).drop(columns="contact_id")
    mentions = said.assign(mention_id="M" + said["feedback_id"], unit_no=1, voice="customer", polarity=-0.7, text="x")
    with lake.write() as writer:
        writer.insert_new("customer_snapshot", pictures)
        writer.insert_new("contact", contacts[contacts["available_at"] < at(month, 23)])
        writer.insert_new("contact", waiting(lake, month, contacts))
        writer.insert_new(
            "feedback", said.assign(source="t", kind="mail")[lambda rows: rows["available_at"] < at(month, 23)]
        )
        writer.insert_new("mention", mentions[mentions["available_at"] < at(month, 23)])
        writer.insert_new(
            "churn_event",
            pd.DataFrame(
                {
                    **{"customer_id": [f"C{month.month:02d}"], "learned_on": [day], "cause": ["chosen"]},
                    **{"available_at": [at(day + timedelta(days=month.month))]},
                }
            ),
        )
    return lake.snapshot_id()


def waiting(lake: Lake, month: date, contacts: pd.DataFrame) -> pd.DataFrame:
    """Contacts of the month before that the source held only in this one."""
    before = month.replace(day=1) - timedelta(days=1)
    day = before - timedelta(days=9)
    rows = contacts.assign(
        contact_id=[f"K{before:%m}{i}" for i in range(4)],
        occurred_at=at(day),
        available_at=[at(day + timedelta(days=5 * i)) for i in range(4)],
    )
    return rows[rows["available_at"] >= at(before, 23)]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, extension_dir: Path) -> tuple[Settings, dict[date, int]]:
    """The five months written once; each test gets a copy of the lake."""
    folder = tmp_path_factory.mktemp("months")
    where = {"data_dir": folder / "data", "keys_dir": folder / "keys", "extension_dir": extension_dir}
    settings = load_settings(**where, as_of=LAST)
    with open_lake(settings) as lake:
        return settings, {month: month_of(lake, month) for month in MONTHS}


@pytest.fixture
def snapshots(settings: Settings, written: tuple[Settings, dict[date, int]]) -> dict[date, int]:
    shutil.copytree(written[0].lake_dir, settings.lake_dir)
    return written[1]


def test_panel_from_every_snapshot_is_that_of_today(snapshots: dict[date, int], lake: Lake, ledger: Ledger) -> None:
    sight = sight_of(ledger)
    now = panel(lake.seen_through(sight), LAST, NONE)
    then = pd.concat([_last(panel(seen_at(lake, sight, at_), month, NONE), month) for month, at_ in snapshots.items()])
    assert now.groupby("t0").size().tolist() == [
        len(then[then["t0"] == month]) for month in sorted(then["t0"].unique())
    ]
    assert now["n_contacts_90d"].sum() > 0
    check_time_travel(now, then)


def test_a_picture_overwritten_as_of_today_is_caught(snapshots: dict[date, int], lake: Lake, ledger: Ledger) -> None:
    with lake.write() as writer:  # the plan after the save-offer, written into the pictures of before
        writer.execute(
            "UPDATE customer_snapshot SET price_change_on = DATE '2025-03-01', n_logins_30d = 9 WHERE as_of < '2025-03-01'"
        )
    sight = sight_of(ledger)
    now = _last(panel(lake.seen_through(sight), MONTHS[1], NONE), MONTHS[1])
    then = _last(panel(seen_at(lake, sight, snapshots[MONTHS[1]]), MONTHS[1], NONE), MONTHS[1])
    with pytest.raises(ModelError, match=r"2025-02-28.*price_change_60d.*n_logins_30d"):
        check_time_travel(now, then)


def _last(rows: pd.DataFrame, month: date) -> pd.DataFrame:
    return rows[pd.to_datetime(rows["t0"]) == pd.Timestamp(month)]


def test_parts_write_what_one_part_writes(snapshots: dict[date, int], lake: Lake, ledger: Ledger) -> None:
    reader = seen(lake, ledger)
    day = date(2025, 5, 20)  # a scoring day that is no month end
    assert store(lake, reader, LAST, NONE).n_rows > 0  # an older run, up to another day
    n = store(lake, reader, day, NONE).n_rows
    whole = lake.read("SELECT * FROM churn_panel ORDER BY t0, customer_id")
    assert _anew(lake, reader, day, part_rows=2 * N).n_rows == n == len(whole)
    assert [span[-1] for span, _ in parts(reader, day, NONE, 2 * N)] == [date(2025, 2, 28), date(2025, 4, 30), day]
    pd.testing.assert_frame_equal(lake.read("SELECT * FROM churn_panel ORDER BY t0, customer_id"), whole)
    assert whole["t0"].max() == day
    assert len(rows_of(lake, day)) == (whole["t0"] == day).sum() > 0


def _anew(lake: Lake, reader: Reader, day: date, called: Calls = NONE, **told: Any) -> Stored:
    """Every slice counted again."""
    with lake.write() as writer:
        writer.execute("DELETE FROM counted_part")
    return store(lake, reader, day, called, **told)


ANSWER = {"feedback_id": "S1", "question_id": "q", "metric": "nps", "scale": "0-10", "value": 2.0, "customer_id": "C11"}
# what happens to the lake, and the slices that read it: of January to May, all that end on or after a month
CHANGES: dict[str, tuple[list[tuple[str, str | dict[str, Any]]], int]] = {
    "nothing": ([], 0),
    "a contact of yesterday": (
        [("contact", {"contact_id": "K", "customer_id": "C11", "occurred_at": at(LAST), "available_at": at(LAST)})], 1,
    ),
    "a contact of January that its source held in April": (
        [("contact", {"contact_id": "L", "customer_id": "C11", "occurred_at": at(MONTHS[0]), "available_at": at(MONTHS[3])})],
        2,
    ),
    "an answer of February that came today": (
        [("answer", {**ANSWER, "occurred_at": at(MONTHS[1]), "available_at": at(MONTHS[1])})], 4,
    ),
    "an invitation answered two months later": (
        [
            ("invitation", {"invitation_id": "I", "customer_id": "C11", "sent_at": at(MONTHS[1]), "feedback_id": "A",
                            "available_at": at(MONTHS[1])}),
            ("feedback", {"feedback_id": "A", "source": "t", "kind": "survey", "occurred_at": at(MONTHS[3]),
                          "available_at": at(MONTHS[3])}),
        ], 4,
    ),
    "an answer taken back": ([("", "UPDATE feedback SET available_at = NULL, occurred_at = NULL WHERE feedback_id = 'A'")], 2),
    "a corrected polarity": ([("", "UPDATE mention SET polarity = 0.5 WHERE mention_id = 'MFK031'")], 3),
    "an irritant given": (
        [("mention_irritant", {"mention_id": "MFK011", "irritant_id": "IR-0001", "confidence": 0.9})], 4,
    ),
    "a wave of copies": ([("", "UPDATE feedback SET suspect_wave = 'w' WHERE feedback_id = 'FK021'")], 4),
    "a picture overwritten": ([("", "UPDATE customer_snapshot SET n_unpaid = 2 WHERE as_of = DATE '2025-04-30'")], 2),
    "a departure learned late": (
        [("churn_event", {"customer_id": "C09", "learned_on": date(2025, 4, 2), "cause": "chosen", "available_at": at(LAST)})],
        5,
    ),
    "an erasure": (
        [("", f'DELETE FROM "{name}" WHERE customer_id = \'C04\'') for name in (*SOURCES[:-1], "churn_panel")], 5,
    ),
    "rows lost from the panel": ([("", "DELETE FROM churn_panel WHERE t0 = DATE '2025-03-31' AND customer_id = 'C11'")], 1),
}  # fmt: skip


EARLY = "a contact of yesterday"


@pytest.mark.parametrize(
    "names",
    [(EARLY,), pytest.param([one for one in CHANGES if one != EARLY], marks=pytest.mark.faults, id="all others")],
)
def test_only_slices_that_read_a_change_are_counted_again_and_are_what_all_would_be(
    snapshots: dict[date, int], lake: Lake, ledger: Ledger, names: Sequence[str]
) -> None:
    reader = seen(lake, ledger)
    assert store(lake, reader, LAST, NONE).n_counted == len(MONTHS)
    for name in names:
        changes, n_slices = CHANGES[name]
        with lake.write() as writer:
            for table, change in changes:
                if isinstance(change, str):
                    writer.execute(change)
                else:
                    writer.insert_new(table, pd.DataFrame([change]))
        _same_as_all(lake, reader, name, n_slices)


@pytest.mark.faults
def test_calls_objections_and_settings_count_the_slices_again_that_they_rule(
    snapshots: dict[date, int], lake: Lake, ledger: Ledger
) -> None:
    reader = seen(lake, ledger)
    store(lake, reader, LAST, NONE)
    _same_as_all(lake, reader, "a call on a case", 3, Calls(["C11"], [MONTHS[2]], [True]))
    _same_as_all(lake, reader, "a customer who objects", 5, Calls(["C11"], [MONTHS[2]], [True]), left_out=["C11"])
    lake.settings = lake.settings.model_copy(update={"household_gap_days": 3})
    _same_as_all(lake, reader, "another gap", 5)


def _same_as_all(lake: Lake, reader: Reader, name: str, n_slices: int, called: Calls = NONE, **told: Any) -> None:
    kept = "SELECT * FROM churn_panel ORDER BY t0, customer_id"
    assert store(lake, reader, LAST, called, **told).n_counted == n_slices, name
    found = lake.read(kept)
    assert _anew(lake, reader, LAST, called, **told).n_counted == len(MONTHS), name
    pd.testing.assert_frame_equal(found, lake.read(kept), obj=name)
    assert lake.check_keys() == []


def test_a_scoring_day_of_before_leaves_no_slice(snapshots: dict[date, int], lake: Lake, ledger: Ledger) -> None:
    reader = seen(lake, ledger)
    for day in (20, 21):
        store(lake, reader, date(2025, 5, day), NONE)
    assert list(lake.read("SELECT DISTINCT t0 FROM churn_panel ORDER BY 1")["t0"]) == [*MONTHS[:4], date(2025, 5, 21)]
    assert lake.counts()["counted_part"] == len(MONTHS)


def test_customers_left_out_have_no_row(snapshots: dict[date, int], lake: Lake, ledger: Ledger) -> None:
    store(lake, seen(lake, ledger), LAST, NONE, left_out=["C00", "C10"])
    assert lake.scalar("SELECT count(*) FROM churn_panel WHERE customer_id IN ('C00', 'C10')") == 0
    assert lake.scalar("SELECT count(*) FROM churn_panel WHERE customer_id = 'C11'") == len(MONTHS)


def test_a_company_without_pictures_has_no_panel(lake: Lake, ledger: Ledger) -> None:
    assert store(lake, seen(lake, ledger), LAST, NONE).n_rows == 0
    assert panel(seen(lake, ledger), LAST, NONE).empty


def test_whole_customers_are_drawn_for_a_fit(lake: Lake) -> None:
    rows = [
        {"customer_id": f"C{i:04d}", "t0": month, "segment": "household", "label": i % 7 == 0}
        for i in range(400)
        for month in MONTHS[:3]
    ]
    with lake.write() as writer:
        writer.insert_new("churn_panel", pd.DataFrame(rows))
    drawn = rows_to_learn(lake, 600)
    assert 400 < len(drawn) < 800
    assert (drawn.groupby("customer_id").size() == 3).all()
    assert len(rows_to_learn(lake)) == 1200


def test_calls_of_the_ledger_are_counted_at_t0(snapshots: dict[date, int], lake: Lake, ledger: Ledger) -> None:
    for kind, day in (("opened", 1), ("attempted", 2), ("reached", 3), ("reached", 29)):
        payload = {"customer_id": "C11"} if kind == "opened" else {}
        ledger.append(f"case.{kind}", "case-1", payload, actor="a", at=at(date(2025, 3, day)), key=f"{kind}{day}")
    found = calls(ledger)
    assert found == Calls(["C11"] * 3, [date(2025, 3, day) for day in (2, 3, 29)], [False, True, True])
    rows = panel(seen(lake, ledger), LAST, found).query("customer_id == 'C11'").set_index("t0")
    rows.index = pd.to_datetime(rows.index)
    assert rows["n_callbacks_90d"].tolist() == [0, 0, 2, 2, 2]
    assert rows["n_callbacks_missed_90d"].tolist() == [0, 0, 1, 1, 0]


def test_labels_end_where_the_feed_stops(snapshots: dict[date, int], lake: Lake, ledger: Ledger) -> None:
    """A dozen departures a day until the end of February, then none: March is not a month without departures."""
    days = pd.date_range("2024-12-01", "2025-02-28").repeat(12)
    events = pd.DataFrame(
        {"customer_id": [f"X{i}" for i in range(len(days))], "learned_on": days.date, "cause": "chosen"}
    ).assign(available_at=[at(day.date()) for day in days])
    with lake.write() as writer:
        writer.execute("DELETE FROM churn_event")
        writer.insert_new("churn_event", events)
    assert complete_through(lake, LAST) == date(2025, 2, 28)
    assert panel(seen(lake, ledger), LAST, NONE)["label"].isna().all()


def test_a_small_company_is_silent_for_weeks_without_having_stopped() -> None:
    days = pd.to_datetime(["2025-01-03", "2025-02-10", "2025-03-20"])
    feed = pd.DataFrame({"learned_on": days, "known_on": days})
    assert last_complete_day(feed, date(2025, 4, 30)) == date(2025, 4, 30)
    assert last_complete_day(feed, date(2026, 4, 30)) == date(2025, 3, 20), "a year of silence is no chance"
    late = feed.assign(known_on=days + pd.Timedelta(days=4))
    assert last_complete_day(late, date(2025, 4, 30)) == date(2025, 4, 26)
    assert last_complete_day(feed.head(0), date(2025, 4, 30)) is None
    assert last_complete_day(feed, date(2025, 2, 1)) == date(2025, 2, 1), "what comes later is not known yet"


def test_movers_who_stay_have_a_rate_of_their_own(lake: Lake) -> None:
    moved = pd.DataFrame(
        {
            "customer_id": ["A", "B", "C", "D"],
            "learned_on": [date(2025, 1, 10)] * 3 + [date(2025, 5, 25)],
            "cause": "natural",
        }
    )
    back = pd.DataFrame(
        {
            **{"customer_id": ["A", "B"], "as_of": LAST, "available_at": at(LAST), "segment": "household"},
            "contract_start_on": [date(2025, 1, 12), date(2020, 1, 1)],
        }
    )
    with lake.write() as writer:
        writer.insert_new("churn_event", moved)
        writer.insert_new("customer_snapshot", back)
    found = movers_kept(lake, LAST)
    assert (found.n_moved, found.n_kept) == (3, 1), "D moved less than 60 days ago, B's contract is the old one"
    assert found.share.value == pytest.approx(1 / 3)
    assert found.share.low < 1 / 3 < found.share.high


def test_slices_end_on_the_scoring_day() -> None:
    assert slices(date(2025, 1, 31), date(2025, 3, 15)) == [date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 15)]
    assert slices(date(2025, 1, 15), date(2025, 2, 28)) == [date(2025, 1, 31), date(2025, 2, 28)]
    assert slices(date(2025, 1, 5), date(2025, 1, 15)) == [date(2025, 1, 15)]
