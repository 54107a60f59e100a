"""RavenStack (500 business accounts, two years, public and synthetic) through the real tables, the real panel, the real fit.

Its signals were drawn at random: the honest answer is that they are barely better than the base rate, and more would be
a leak.
The mapping stands here only. What the export writes as of today (accounts.churn_flag, subscriptions.churn_flag and
end_date, plan and upgrade flags without a date) enters no row: a picture holds what was known on its day.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.bench.report import Entry
from insights.churn.card import load_card
from insights.churn.design import Design
from insights.churn.evaluate import Ranking, cluster_bootstrap, cluster_codes, roc_auc
from insights.churn.leaks import HIGHEST_AUC, block_leaks
from insights.churn.logistic import log_odds, solve
from insights.churn.panel import TERMS, lines, prepare, temporal_split
from insights.churn.select import rung
from insights.churn.training import CHURN_CARD
from insights.churn.trials import LADDER, Trial, eta, run_trial
from insights.errors import ModelError
from insights.intervals import Array, Interval
from insights.irritants.now import sight
from insights.irritants.registry import Registry
from insights.lake import Lake, open_lake
from insights.settings import Settings, load_settings
from insights.steps.panel import Calls, rows_to_learn, store

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "churn_saas_ravenstack"
LAST = date(2024, 12, 31)
SEGMENT = "small_business"
DATA = "churn_saas_ravenstack"
DRAWS = 400
BARELY = 0.55  # lowest AUC that the interval must hold for signals drawn at random
TENURE = ("tenure_months", "first_year", "first_anniversary")
Frames = dict[str, pd.DataFrame]


def entries(say: Callable[[str], None]) -> list[Entry]:
    """Forward figures beside the base rate, and what the export's own flags would have claimed."""
    if not FOLDER.exists():
        say(f"  {FOLDER} is absent: left out")
        return []
    raw = read(FOLDER)
    with TemporaryDirectory() as folder:
        # monthly subscriptions: two weeks to act and three months to look, as for households
        settings = load_settings(
            **{"data_dir": Path(folder) / "data", "keys_dir": Path(folder) / "keys", "as_of": LAST},
            business_gap_days=14, business_horizon_days=90, competitors=[],
        )  # fmt: skip
        with open_lake(settings) as lake:
            known = panel_of(lake, contract_rows(raw))
    return [*_forward(known, settings, say), *_leaks(known, raw)]


def read(folder: Path) -> Frames:
    """The five tables with dates as dates."""
    dates = {
        **{"accounts": ["signup_date"], "churn_events": ["churn_date"], "feature_usage": ["usage_date"]},
        **{"subscriptions": ["start_date", "end_date"], "support_tickets": ["submitted_at", "closed_at"]},
    }
    return {name: pd.read_csv(folder / f"ravenstack_{name}.csv", parse_dates=days) for name, days in dates.items()}


def panel_of(lake: Lake, rows: Frames) -> pd.DataFrame:
    """The prepared rows with known outcomes, built by the real step from rows written by the real writer."""
    with lake.write() as writer:
        for name, frame in rows.items():
            writer.insert_new(name, frame)
    store(lake, lake.seen_through(sight(Registry(), ())), LAST, Calls([], [], []))
    return prepare(rows_to_learn(lake))


def contract_rows(raw: Frames) -> Frames:
    """The export as rows of our contracts, each held by its source on its own day."""
    tickets = _tickets(raw)
    answered = tickets["satisfaction_score"].notna()
    common = {"customer_id": tickets["account_id"], "available_at": tickets["submitted_at"]}
    feedback_id = "F" + tickets["ticket_id"]
    feedback = pd.DataFrame(
        {
            **common,
            "feedback_id": feedback_id,
            "source": "ravenstack",
            "kind": np.where(tickets["escalation_flag"], "ticket", "mail"),
            "occurred_at": tickets["submitted_at"],
        }
    )
    asked = {"customer_id": tickets["account_id"], "available_at": tickets["closed_at"]}
    answer = pd.DataFrame(
        {
            **asked,
            **{"feedback_id": "S" + tickets["ticket_id"], "question_id": "satisfaction", "metric": "csat"},
            **{"scale": "1-5", "value": tickets["satisfaction_score"], "occurred_at": tickets["closed_at"]},
        }
    )[answered]
    survey = answer[["feedback_id", "customer_id", "occurred_at", "available_at"]].assign(
        source="ravenstack", kind="survey"
    )
    return {
        "customer_snapshot": pictures(raw),
        "contact": pd.DataFrame(
            {**common, "contact_id": tickets["ticket_id"], "channel": "form", "occurred_at": tickets["submitted_at"]}
        ),
        "feedback": pd.concat([feedback, survey], ignore_index=True),
        "answer": answer,
        "invitation": pd.DataFrame(
            {
                **asked,
                "invitation_id": tickets["ticket_id"],
                "survey": "post_complaint",
                "sent_at": tickets["closed_at"],
                "feedback_id": ("S" + tickets["ticket_id"]).where(answered, None),
            }
        ),
        "churn_event": departures(raw),
    }


def departures(raw: Frames) -> pd.DataFrame:
    """Every account's departures: the stated reasons are all of choice."""
    events = raw["churn_events"].drop_duplicates(["account_id", "churn_date"])
    day = events["churn_date"].dt.date
    return pd.DataFrame(
        {
            **{"customer_id": events["account_id"], "learned_on": day, "effective_on": day, "cause": "chosen"},
            "available_at": events["churn_date"].dt.tz_localize("UTC"),
        }
    )


def pictures(raw: Frames) -> pd.DataFrame:
    """One picture of each account and month end from signup on, made of what had begun by then."""
    usage = raw["feature_usage"].merge(raw["subscriptions"][["subscription_id", "account_id"]], on="subscription_id")
    months = pd.date_range("2023-01-31", LAST, freq="ME")
    return pd.concat([_picture(raw, usage, month) for month in months], ignore_index=True)


def _picture(raw: Frames, usage: pd.DataFrame, month: pd.Timestamp) -> pd.DataFrame:
    here = raw["accounts"][raw["accounts"]["signup_date"] <= month].set_index("account_id")
    begun = raw["subscriptions"][raw["subscriptions"]["start_date"] <= month]
    running = begun[~(begun["end_date"] <= month)]
    last_left = raw["churn_events"].query("churn_date <= @month").groupby("account_id")["churn_date"].max()
    again = begun.merge(last_left.rename("left_on"), left_on="account_id", right_index=True)
    again_on = again[again["start_date"] > again["left_on"]].groupby("account_id")["start_date"].min()
    used = {
        name: usage[usage["usage_date"].between(day - pd.Timedelta(days=29), day)].groupby("account_id")["usage_count"]
        for name, day in {"now": month, "then": month - pd.Timedelta(days=365)}.items()
    }
    mrr = running.groupby("account_id")["mrr_amount"].sum().reindex(here.index).fillna(0.0)
    return pd.DataFrame(
        {
            **{
                "customer_id": here.index,
                "as_of": month.date(),
                "segment": SEGMENT,
                "leaving": False,
                "objection": False,
            },
            "available_at": month.tz_localize("UTC") + pd.Timedelta(hours=22),
            "region": here["country"].to_numpy(),
            "acquisition_channel": here["referral_source"].to_numpy(),
            "contract_start_on": again_on.reindex(here.index).fillna(here["signup_date"]).dt.date.to_numpy(),
            "monthly_amount_eur": mrr.to_numpy(float),
            "margin_eur_year": 12 * mrr.to_numpy(float),
            "usage_30d": used["now"].sum().reindex(here.index).fillna(0.0).to_numpy(float),
            "usage_30d_last_year": used["then"].sum().reindex(here.index).to_numpy(float),
            "n_logins_30d": used["now"].size().reindex(here.index).fillna(0).to_numpy(int),
        }
    )


def _tickets(raw: Frames) -> pd.DataFrame:
    """Tickets of the time as a customer, in UTC."""
    tickets = raw["support_tickets"].merge(raw["accounts"][["account_id", "signup_date"]], on="account_id")
    tickets = tickets[tickets["submitted_at"] >= tickets["signup_date"]].reset_index(drop=True)
    return tickets.assign(**{name: tickets[name].dt.tz_localize("UTC") for name in ("submitted_at", "closed_at")})


def _forward(known: pd.DataFrame, settings: Settings, say: Callable[[str], None]) -> list[Entry]:
    n_left = known.loc[known["label"] == 1, "customer_id"].nunique()
    kinds, line = LADDER[rung(n_left)], lines(known)[0]
    trial = run_trial(known, line, load_card(settings.reference_dir / CHURN_CARD), kinds, settings.seed)
    if trial is None:
        say("  no test month lies far enough behind its training months")
        return []
    y, kind = trial.tested["label"].to_numpy(float), kinds[-1]
    clusters = cluster_codes(trial.tested["customer_id"].to_numpy())
    size = f"{len(known)} account months, {n_left} departures; tested {int(y.sum())} of {len(y)}"
    found = []
    for name, score in {
        kind: trial.tested[eta(kind)].to_numpy(float),
        "without tenure": _timeless(known, trial),
    }.items():
        auc, gain = _intervals(y, score, clusters, settings.seed)
        say(f"  {name}: {verdict(auc)}")
        found += [
            _entry(f"{name}: roc_auc, forward", auc, size, ".5 nearly or wholly in the interval", "base rate", 0.5),
            _entry(f"{name}: pr_auc over the base rate, forward", gain, size, "", "base rate", float(y.mean())),
            _entry(f"{name}: verdict, {verdict(auc)}", auc, size, "barely better than the base rate"),
        ]
    return found


def _timeless(known: pd.DataFrame, trial: Trial) -> Array:
    """Scores of the same test rows without the months with us: the export drew each departure between signup and its own
    last day, so the time since signup does tell a little, and nothing else should."""
    split = temporal_split(known, trial.line)
    assert split is not None
    train, test = known[split.train], known[split.test]
    design = Design.learn(
        train, [term for term in TERMS if "tenure_months" not in term.values and term.name not in TENURE]
    )
    return log_odds(design.matrix(test), solve(design.matrix(train), train["label"].to_numpy(float), trial.ridge))


def _intervals(y: Array, score: Array, clusters: NDArray[np.int64], seed: int) -> tuple[Interval, Interval]:
    """ROC-AUC, and PR-AUC less the base rate, with 95 % intervals by account."""
    ranking = Ranking(y, score)
    gain = cluster_bootstrap(clusters, lambda w: ranking.pr_auc(w) - float(np.average(y, weights=w)), seed, DRAWS)
    return cluster_bootstrap(clusters, ranking.roc_auc, seed, DRAWS), gain


def verdict(auc: Interval) -> str:
    """What a reader may take from it, said by the figures themselves."""
    if auc.low <= 0.5:
        return "not shown better than the base rate"
    return "barely better than the base rate" if auc.low <= BARELY else "better than chance allows: look for a leak"


def _leaks(known: pd.DataFrame, raw: Frames) -> list[Entry]:
    """The flags of the export, held against the departures, and the check that stops them."""
    flag = raw["accounts"].set_index("account_id")["churn_flag"]
    as_of_today = known["customer_id"].map(flag).astype(float)
    y, size = known["label"].to_numpy(float), f"{len(known)} account months"
    # most people would predict the flag itself: any column made of it then knows the future
    flagged = known.assign(label=as_of_today, n_unpaid=as_of_today.astype(int))
    told = {
        "highest AUC of a single column of the panel": (
            float(block_leaks(known)["auc"].iloc[0]),
            f"under {HIGHEST_AUC}",
        ),
        "accounts.churn_flag of today against the departures: AUC, not used": (roc_auc(y, as_of_today.to_numpy()), ""),
        "accounts.churn_flag as target and as column: fit refused": (float(_refused(flagged)), "1"),
    }
    return [Entry("churn-saas", name, value, "", DATA, size, aim) for name, (value, aim) in told.items()]


def _refused(rows: pd.DataFrame) -> bool:
    try:
        block_leaks(rows)
    except ModelError:
        return True
    return False


def _entry(name: str, found: Interval, size: str, aim: str, rival: str = "", rival_value: float | None = None) -> Entry:
    interval = (float(found.low), float(found.high))
    return Entry("churn-saas", name, float(found.value), "", DATA, size, aim, interval, rival, rival_value)
