"""A small company with a planted hazard, written for these tests: which irritant costs customers is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from undecided import put_before

from insights.churn import boosted, ebm, trials
from insights.contracts import BY_NAME

SQL = Path(__file__).parents[3] / "insights" / "sql"
PARAMS: dict[str, Any] = {
    "first_t0": date(2024, 10, 31),
    "last_t0": date(2026, 10, 31),
    "complete_through": date(2026, 10, 31),
    "household_gap": 14,
    "household_horizon": 90,
    "business_gap": 30,
    "business_horizon": 180,
    "competitors": ["Boréval", "Kilovia"],
    **{"callback_customers": [], "callback_days": [], "callback_reached": []},
}
MONTHS = [month.date() for month in pd.date_range("2024-10-31", "2026-10-31", freq="ME")]
# log hazard ratio of an irritant over the 90 days after it is named; IR-0003 is loud and harmless
IRRITANTS = {"IR-0001": 1.2, "IR-0002": 0.7, "IR-0003": 0.0, "IR-0004": 0.0}
SHARES = (0.15, 0.15, 0.55, 0.15)
Tables = dict[str, pd.DataFrame]


def utc(days: pd.Series | pd.DatetimeIndex | np.ndarray, hours: int = 12) -> pd.Series:
    return pd.Series(pd.to_datetime(np.asarray(days)).tz_localize("UTC") + pd.Timedelta(hours=hours))


def lateness(n: int, rng: np.random.Generator) -> pd.TimedeltaIndex:
    """Hours until the source held a row: mostly within three days, for one in four up to a month (over a month end)."""
    late = np.where(rng.random(n) < 0.25, rng.integers(72, 720, n), rng.integers(0, 72, n))
    return pd.to_timedelta(late, unit="h")


def make_company(n: int, seed: int, base_rate: float = 0.02, contacts: float = 0.1) -> Tables:
    """Tables of a company of `n` customers over 25 month ends. `base_rate`: chosen departures a month at rest."""
    rng = np.random.default_rng(seed)
    ids = np.array([f"C{i:06d}" for i in range(n)])
    business = rng.random(n) < 0.08
    start = pd.to_datetime("2024-10-01") - pd.to_timedelta(rng.integers(0, 2500, n), unit="D")
    usage_trend = rng.normal(0, 0.15, n)
    gone = np.full(n, False)
    pressure = np.zeros((n, len(IRRITANTS)))  # days left during which an irritant weighs
    effects = np.array(list(IRRITANTS.values()))
    pictures, mentions, events, contact_rows = [], [], [], []
    for month in MONTHS:
        here = np.flatnonzero(~gone)
        pictures.append(_picture(ids, here, month, business, start, usage_trend, rng))
        for day in (3, 13, 23):
            instant = pd.Timestamp(month) + pd.Timedelta(days=day)
            named = here[rng.random(len(here)) < contacts * (1 + business[here])]
            which = rng.choice(len(IRRITANTS), len(named), p=SHARES)
            pressure[named, which] = 90
            mentions.append(pd.DataFrame({"customer": named, "which": which, "day": instant}))
            calls = here[rng.random(len(here)) < contacts]
            contact_rows.append(pd.DataFrame({"customer": calls, "day": instant}))
            log_rate = (pressure > 0) @ effects - 4.0 * usage_trend
            p = np.clip(base_rate / 3 * np.exp(log_rate), 0, 1)
            leaving = here[rng.random(len(here)) < p[here]]
            moving = here[rng.random(len(here)) < 0.002]
            cause = {**dict.fromkeys(moving, "natural"), **dict.fromkeys(leaving, "chosen")}
            keys = [k for k in cause if not gone[k]]
            events.append(pd.DataFrame({"customer": keys, "cause": [cause[k] for k in keys], "day": instant}))
            gone[keys] = True
            here = np.flatnonzero(~gone)
            pressure -= 10
    last = pd.Timestamp(MONTHS[-1])
    return _tables(ids, pictures, *(_until(frames, last) for frames in (mentions, events, contact_rows)), rng)


def _until(frames: list[pd.DataFrame], last: pd.Timestamp) -> pd.DataFrame:
    frame = pd.concat(frames, ignore_index=True)
    return frame[frame["day"] <= last].reset_index(drop=True)


def _picture(ids, here, month, business, start, usage_trend, rng) -> pd.DataFrame:  # type: ignore[no-untyped-def]
    k = len(here)
    return pd.DataFrame(
        {
            "customer_id": ids[here],
            "as_of": month,
            # one picture in twenty comes two days late: the month before is then in force
            "available_at": utc([month] * k, 22) + pd.to_timedelta(48 * (rng.random(k) < 0.05), unit="h"),
            "segment": np.where(business[here], "small_business", "household"),
            "region": "Centre",
            "age_band": rng.choice(["18-34", "35-64", "65+"], k),
            "digital_habit": rng.choice(["low", "high"], k),
            "contract_start_on": start[here].date,
            "margin_eur_year": np.where(business[here], 240.0, 62.0),
            "usage_30d": 300 * np.exp(usage_trend[here] + rng.normal(0, 0.1, k)),
            "usage_30d_last_year": 300.0,
            "n_logins_30d": rng.poisson(1.0, k),
            "n_unpaid": rng.poisson(0.05, k),
            "leaving": False,
            "objection": False,
        }
    )


def _tables(ids, pictures, mentions, events, contacts, rng) -> Tables:  # type: ignore[no-untyped-def]
    said, surveys = _said(ids, mentions, rng), _surveys(ids, contacts, rng)
    n = len(contacts)
    return {
        "customer_snapshot": pd.concat(pictures, ignore_index=True),
        "mention": said["mention"],
        "mention_irritant": said["mention_irritant"],
        "feedback": pd.concat([said["feedback"], surveys["feedback"]], ignore_index=True),
        "answer": pd.concat([said["answer"], surveys["answer"]], ignore_index=True),
        "invitation": surveys["invitation"],
        "churn_event": pd.DataFrame(
            {
                "customer_id": ids[events["customer"].astype(int)],
                "learned_on": events["day"].dt.date,
                "cause": events["cause"],
                "available_at": utc(events["day"]),
            }
        ),
        "contact": pd.DataFrame(
            {
                "contact_id": [f"K{i}" for i in range(n)],
                "customer_id": ids[contacts["customer"]],
                "channel": "phone",
                "transferred": rng.random(n) < 0.1,
                "abandoned": rng.random(n) < 0.1,
                "occurred_at": utc(contacts["day"]),
                "available_at": utc(contacts["day"], 13) + lateness(n, rng),
            }
        ),
    }


def _said(ids, mentions, rng) -> Tables:  # type: ignore[no-untyped-def]
    """One mail or formal complaint per mention, some with a 0-10 answer: lower where IR-0001 is named."""
    n = len(mentions)
    mention_ids = np.array([f"M{i:07d}" for i in range(n)])
    said_at = utc(mentions["day"])
    mention = pd.DataFrame(
        {
            "mention_id": mention_ids,
            "feedback_id": np.char.add("F", mention_ids.astype(str)),
            "unit_no": 1,
            "text": np.where(rng.random(n) < 0.03, "je pars chez Boreval", "c'est trop cher"),
            "voice": "customer",
            "polarity": rng.uniform(-1, -0.2, n),
            "effort": rng.random(n) < 0.1,
            "leave_intent": rng.random(n) < 0.02,
            "occurred_at": said_at,
            "available_at": said_at + lateness(n, rng),
            "customer_id": ids[mentions["customer"]],
        }
    )
    feedback = mention[["feedback_id", "occurred_at", "available_at", "customer_id"]].assign(
        source="test", kind=np.where(rng.random(n) < 0.3, "ticket", "mail"), segment="household", channel="email"
    )
    irritant = pd.DataFrame(
        {"mention_id": mention_ids, "irritant_id": np.array(list(IRRITANTS))[mentions["which"]], "confidence": 0.9}
    )
    answered = rng.random(n) < 0.3
    answer = mention.loc[answered, ["feedback_id", "customer_id", "occurred_at", "available_at"]].assign(
        question_id="q1", metric="nps", scale="0-10"
    )
    answer["value"] = np.clip(np.round(rng.normal(6 - 2 * (mentions["which"][answered] == 0), 2)), 0, 10)
    return {"mention": mention, "feedback": feedback, "mention_irritant": irritant, "answer": answer}


def _surveys(ids, contacts, rng) -> Tables:  # type: ignore[no-untyped-def]
    """One survey per contact, a third answered (without words) on the next day, the answer held late or not."""
    n = len(contacts)
    sent = utc(contacts["day"], 15)
    invitation = pd.DataFrame(
        {
            "invitation_id": [f"I{i}" for i in range(n)],
            "customer_id": ids[contacts["customer"]],
            "survey": "post_call",
            "sent_at": sent,
            "feedback_id": pd.Series([f"S{i}" for i in range(n)]).where(rng.random(n) < 0.33, None),
            "available_at": sent + lateness(n, rng),
        }
    )
    answered = invitation[invitation["feedback_id"].notna()]
    occurred = answered["sent_at"] + pd.Timedelta(days=1)
    common = answered[["feedback_id", "customer_id"]].assign(
        occurred_at=occurred, available_at=occurred + lateness(len(answered), rng)
    )
    answer = common.assign(
        question_id="q1", metric="csat", scale="1-5", value=rng.integers(1, 6, len(common)).astype(float)
    )
    return {"invitation": invitation, "feedback": common.assign(source="test", kind="survey"), "answer": answer}


def connect(tables: Tables) -> duckdb.DuckDBPyConnection:
    """A plain DuckDB in memory with every contract's table, filled."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone='UTC'")
    for table in BY_NAME.values():
        connection.execute(table.ddl())
        frame = tables.get(table.name)
        if frame is not None and not frame.empty:
            connection.register("incoming", frame)
            connection.execute(f"INSERT INTO {table.name} BY NAME SELECT * FROM incoming")
            connection.unregister("incoming")
    put_before(connection)
    return connection


def build_panel(tables: Tables, swap: tuple[str, str] | None = None, **changes: Any) -> pd.DataFrame:
    """churn_panel.sql over these tables, as the lake hands it out (through Arrow). `swap`: a leak put into the SQL."""
    with connect(tables) as connection:
        sql = (SQL / "churn_panel.sql").read_text(encoding="utf-8")
        if swap:
            assert sql.count(swap[0]) == 1, f"the SQL has changed: {swap[0]!r}"
            sql = sql.replace(*swap)
        return connection.execute(sql, PARAMS | changes).to_arrow_table().to_pandas()


@pytest.fixture(scope="session", autouse=True)
def short_fits() -> Iterator[None]:
    """Few rounds and bags: the tests ask whether the parts agree, the benchmark how good the models get."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ebm, "SETTINGS", ebm.SETTINGS | {"max_rounds": 40, "interactions": 1})
        patch.setattr(boosted, "TREES", 30)
        patch.setattr(trials, "BAGS", 3)
        yield


@pytest.fixture(scope="session")
def company() -> Tables:
    return make_company(2000, seed=7, base_rate=0.01)


@pytest.fixture(scope="session")
def panel(company: Tables) -> pd.DataFrame:
    return build_panel(company)


@pytest.fixture(scope="session")
def make_panel() -> Callable[..., pd.DataFrame]:
    return build_panel
