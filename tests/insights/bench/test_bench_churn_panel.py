"""The benches of the panel: a made-up company through the real step, and an export whose flags of today enter no row."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from insights.bench import churn_saas, churn_scale
from insights.intervals import Interval
from insights.lake import Lake
from insights.settings import Settings


def export(n: int = 60) -> churn_saas.Frames:
    """The five tables of a small export of the same shape, drawn here."""
    rng = np.random.default_rng(4)
    ids = [f"A-{i}" for i in range(n)]
    day = lambda low, high, k: pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(low, high, k), unit="D")  # noqa: E731
    accounts = pd.DataFrame({"account_id": ids, "signup_date": day(0, 200, n), "country": "FR"})
    accounts = accounts.assign(referral_source="partner", churn_flag=rng.random(n) < 0.3)
    subscriptions = pd.DataFrame(
        {"subscription_id": [f"S-{i}" for i in range(n)], "account_id": ids, "mrr_amount": 100}
    )
    subscriptions = subscriptions.assign(start_date=accounts["signup_date"], churn_flag=accounts["churn_flag"])
    subscriptions["end_date"] = (subscriptions["start_date"] + pd.Timedelta(days=300)).where(accounts["churn_flag"])
    used = pd.DataFrame({"subscription_id": rng.choice(subscriptions["subscription_id"], 600), "usage_count": 2})
    tickets = pd.DataFrame({"ticket_id": [f"T-{i}" for i in range(150)], "account_id": rng.choice(ids, 150)})
    tickets = tickets.assign(submitted_at=day(200, 700, 150), escalation_flag=False)
    tickets["satisfaction_score"] = np.where(rng.random(150) < 0.5, 4.0, np.nan)
    left = accounts.sample(30, random_state=1)[["account_id", "signup_date"]]
    return {
        "accounts": accounts,
        "subscriptions": subscriptions,
        "feature_usage": used.assign(usage_date=day(0, 700, 600)),
        "support_tickets": tickets.assign(closed_at=tickets["submitted_at"] + pd.Timedelta(days=1)),
        "churn_events": left.assign(churn_date=left["signup_date"] + pd.Timedelta(days=250))[
            ["account_id", "churn_date"]
        ],
    }


def test_what_the_export_writes_as_of_today_enters_no_row() -> None:
    raw = export()
    rewritten = dict(raw)
    rewritten["accounts"] = raw["accounts"].assign(churn_flag=~raw["accounts"]["churn_flag"])
    ends = raw["subscriptions"]["end_date"]
    later = ends.where(ends <= pd.Timestamp("2023-12-31"))  # an end of next year is not known in December
    rewritten["subscriptions"] = raw["subscriptions"].assign(churn_flag=True, end_date=later)
    assert (ends > pd.Timestamp("2023-12-31")).any()
    before, after = (churn_saas.contract_rows(one) for one in (raw, rewritten))
    for name in before:
        held = [rows[name] for rows in (before, after)]
        if name == "customer_snapshot":
            held = [rows[rows["as_of"] <= date(2023, 12, 31)] for rows in held]
        pd.testing.assert_frame_equal(*held)


def test_the_export_goes_through_the_real_panel(lake: Lake) -> None:
    lake.settings = lake.settings.model_copy(update={"business_gap_days": 14, "business_horizon_days": 90})
    known = churn_saas.panel_of(lake, churn_saas.contract_rows(export()))
    assert known["gap_days"].eq(14).all()
    assert known["label"].sum() > 20
    assert known["n_contacts_365d"].max() > 1 and known["csat_last_share"].notna().any()
    assert {"answered", "silent", "never_asked"} <= set(known["asked_state"])


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.45, 0.56, "not shown better"), (0.52, 0.63, "barely better"), (0.7, 0.8, "look for a leak")],
)
def test_the_verdict_is_the_interval_s(low: float, high: float, said: str) -> None:
    assert said in churn_saas.verdict(Interval(np.asarray((low + high) / 2), np.asarray(low), np.asarray(high)))


def test_the_real_export_where_it_is(shared_data: Path) -> None:
    raw = churn_saas.read(shared_data / "churn_saas_ravenstack")
    pictures = churn_saas.pictures(raw)
    assert pictures.duplicated(["customer_id", "as_of"]).sum() == 0
    assert pictures["as_of"].max() == churn_saas.LAST
    assert "churn_flag" not in pictures.columns


def test_the_made_up_company_runs_whole(settings: Settings, lake: Lake) -> None:
    churn_scale.fill(lake, 400)
    counts = lake.counts()
    assert counts["customer_snapshot"] > 400 * 20
    assert counts["contact"] == 920
    assert not lake.check_keys()
    assert lake.scalar("SELECT count(DISTINCT as_of) FROM customer_snapshot") == 25
