"""The alarm before the hotline: injected outages at equal false alarms beside rivals, real outages in real tweets, the demo's.

Three sources: METHODS 3's synthetic null, the demo company's posts, French telecom tweets (absent: left out). A real
history is brought to each rate by `alarms_streams.draw`. Incidents in the tweets were read and marked by hand in
alarms_tweets.csv: the weeks that set thresholds and count false alarms are without them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd

from insights.alarms import COMPANY, RULE
from insights.alarms.dispersion import Dispersion
from insights.alarms.hours import minutes_of
from insights.bench.alarms_demo import Demo, incident_alarms, minutes_gained, quiet_posts, read_demo
from insights.bench.alarms_detectors import RIVALS
from insights.bench.alarms_replay import (
    BUDGETS,
    CASES,
    LENGTH,
    RATES,
    SLOW,
    SUDDEN,
    Case,
    Found,
    Replay,
    case_name,
    own_noise,
    replays,
    trial,
)
from insights.bench.alarms_streams import Source, source, synthetic
from insights.bench.alarms_table import write_table
from insights.bench.alarms_walk import Span, Walked, busy_span, counted_minutes, own, rivals
from insights.bench.report import Entry

Say = Callable[[str], None]
PART = "alarms"
SHARED = Path(__file__).parents[3] / "shared" / "data"
TWEETS = Path("fr_free_telecom_tweets") / "free_tweet_export.csv"
BRAND = ("Freebox", "free")
GAP = ("2024-10-26T00:00Z", "2024-11-01T00:00Z")  # hardly anything was collected
SYNTHETIC = Dispersion(
    0.04, 0.04, 0.1
)  # a fifth more or less from day to day and from hour to hour, a reply to one post in ten
AIMS = {("per_irritant", "12/h, x15, sudden"): "<= 5", ("per_irritant", "2/h, x15, sudden"): "<= 12"}
SEVERE_RATES = (2.0, 12.0, 60.0)
OUTAGES_A_WEEK = {"a severe outage every four days": 7 / 4, "one a month": 12 / 52.18}  # in a series, for the precision


def entries(say: Say, shared: Path = SHARED) -> list[Entry]:
    """All figures; writes the full table to docs/alarms_measured.md."""
    demo = read_demo()
    sources = [synthetic(60, SYNTHETIC), _demo_source(demo)]
    told = _demo_entries(demo, say)
    path = shared / TWEETS
    if path.exists():
        posts = read_tweets(path)
        sources.append(_tweet_source(posts))
        told += _real_entries(posts, say)
    else:
        say(f"  {path} is absent: left out")
    found: dict[tuple[str, str, float], Replay] = {}
    for one in sources:
        for budget in BUDGETS:
            for rate in RATES:
                found[one.name, budget, rate] = replays(one, rate, budget)
        told += [*_replay_entries(one, found, say), *_noise_entries(one, say), *_severe_entries(one, found, say)]
    write_table(found)
    return told


def read_tweets(path: Path) -> pd.DataFrame:
    """Customers' tweets; the operator's own two accounts are left out."""
    raw = pd.read_csv(path, dtype=str)
    raw = raw[~raw["author"].isin(BRAND)]
    at = pd.to_datetime(raw["date"], utc=True)
    frame = pd.DataFrame({"series": None, "author": raw["author"], "at": at, "feedback_id": raw.index.astype(str)})
    return frame.assign(text=raw["text"]).sort_values(["at", "feedback_id"], ignore_index=True)


def tweet_incidents() -> dict[str, list[Span]]:
    """Spans marked by hand: outage (of many customers), local (of a town), publicity (news about the brand, no failure)."""
    marks = pd.read_csv(str(files("insights.bench") / "alarms_tweets.csv"))
    first, last = (minutes_of(pd.to_datetime(marks[name], utc=True)) for name in ("start", "end"))
    spans: dict[str, list[Span]] = {"outage": [], "local": [], "publicity": []}
    for start, end, kind in zip(first.tolist(), last.tolist(), marks["kind"], strict=True):
        spans[str(kind)].append((start, end))
    return spans


def _tweet_source(posts: pd.DataFrame) -> Source:
    minutes = counted_minutes(posts)
    start, end = busy_span(minutes)
    gap = minutes_of(pd.to_datetime(pd.Series(GAP), utc=True)).tolist()
    spans = [span for own in tweet_incidents().values() for span in own]
    inside = minutes[(minutes >= start) & (minutes < end)]
    return source("French telecom tweets", inside, [*spans, (gap[0], gap[1])])


def _demo_source(demo: Demo) -> Source:
    posts, bursts = quiet_posts(demo)
    return source("demo company", counted_minutes(posts), bursts)


def _demo_entries(demo: Demo, say: Say) -> list[Entry]:
    """Minutes gained on the planted outage, and which series rang first."""
    alarms = incident_alarms(demo, "outage")
    start = pd.Timestamp(demo.events["outage"]["first_post_at"])
    gained = minutes_gained(demo, alarms)
    first = min(one.raised_at for one in alarms if one.raised_at >= start)
    delay = (pd.Timestamp(first) - start).total_seconds() / 60
    say(
        f"  demo outage: rang {delay:.0f} min after the first post, {gained:.0f} min before the first call that speaks of it"
    )
    size = f"{len(alarms)} alarms, budget of the company"
    return [
        Entry(PART, "outage: from the first alarm to the first call that speaks of it", gained, "min", "demo company", size, "> 0"),
        Entry(PART, "outage: from the first post to the first alarm", delay, "min", "demo company", size),
    ]  # fmt: skip


def _real_entries(posts: pd.DataFrame, say: Say) -> list[Entry]:
    """Real outages in the tweets, the watch fitted anew each Monday; rivals with as many false alarms on the same weeks."""
    minutes, marks = counted_minutes(posts), tweet_incidents()
    span, other = busy_span(minutes), [*marks["local"], *marks["publicity"]]
    mine = own(posts, span, marks["outage"], other, COMPANY, RULE)
    others = rivals(minutes, span, marks["outage"], other, RIVALS, mine.false_per_week, RULE)
    best = max(others, key=lambda name: (others[name].found, others[name].within(30), name))
    data, size = (
        "French telecom tweets, as they came",
        f"{mine.delays.size} outages, {mine.weeks_quiet:.0f} quiet weeks",
    )
    say(f"  tweets: {mine.found:.0%} of {mine.delays.size} outages, median {mine.median:.0f} min, "
        f"{mine.false_per_week:.2f} false a week; {best}: {others[best].found:.0%}")  # fmt: skip
    rows: list[tuple[str, Callable[[Walked], float], str, str]] = [
        ("real outages found", lambda one: one.found, "", ">= 0.9"),
        ("real outages told within 30 minutes", lambda one: one.within(30), "", ""),
        ("minutes from the first tweet of an outage, those found", lambda one: one.median, "min", ""),
        ("false alarms a week", lambda one: one.false_per_week, "", "<= 1"),
    ]
    return [
        Entry(PART, name, value(mine), unit, data, size, aim, None, best, value(others[best]))
        for name, value, unit, aim in rows
    ]


def _replay_entries(one: Source, found: dict[tuple[str, str, float], Replay], say: Say) -> list[Entry]:
    """Median minutes and share within 15 minutes by rate and case, the best rival beside each."""
    told = []
    for budget in BUDGETS:
        for rate in RATES:
            replay = found[one.name, budget, rate]
            for case in CASES:
                told += _case(one, budget, rate, case, replay)
            mine = replay["ours"][15, SUDDEN]
            say(f"  {one.name}, {budget}, {rate:g}/h: x15 {mine.median:.0f} min, {mine.within(15):.0%} in 15; "
                f"{mine.false_per_week:.2f} false a week")  # fmt: skip
    return told


def _case(one: Source, budget: str, rate: float, case: Case, replay: Replay) -> list[Entry]:
    mine = replay["ours"][case]
    others = {name: cases[case] for name, cases in replay.items() if name != "ours"}
    best = min(others, key=lambda name: (others[name].median, -others[name].within(15), name))
    name, size = (
        f"{budget}: {case_name(rate, case)}",
        f"{mine.minutes.size} outages, {mine.false_per_week:.2f} false a week",
    )
    aim = AIMS.get((budget, case_name(rate, case)), "")
    told = [
        Entry(
            PART,
            f"{name}: told in 15 min",
            mine.within(15),
            "",
            one.name,
            size,
            "",
            None,
            best,
            others[best].within(15),
        )
    ]
    if np.isfinite(mine.median):
        rival = min(others[best].median, float(LENGTH[case[1]]) + 1)
        told.insert(0, Entry(PART, f"{name}: median", mine.median, "min", one.name, size, aim, None, best, rival))
    return told


def _noise_entries(one: Source, say: Say) -> list[Entry]:
    """False alarms a week at the product's own thresholds, which have never seen these weeks' alarms."""
    told = []
    for budget, (per_week, rule) in BUDGETS.items():
        seen = [own_noise(trial(one, rate, per_week), per_week, rule) for rate in RATES]
        say(f"  {one.name}, {budget}: own thresholds ring {', '.join(f'{value:.2f}' for value in seen)} times a week")
        told += [
            Entry(PART, f"{budget}: false alarms a week at own thresholds, {rate:g}/h", value, "", one.name, "", f"{per_week:.2g}")
            for rate, value in zip(RATES, seen, strict=True)
        ]  # fmt: skip
    return told


def _severe_entries(one: Source, found: dict[tuple[str, str, float], Replay], say: Say) -> list[Entry]:
    """Recall on outages of fifteen times the rate, and precision, which hangs on how often a series has one."""
    cases: Sequence[Found] = [
        found[one.name, "company", rate]["ours"][case]
        for rate in SEVERE_RATES
        for case in ((15.0, SUDDEN), (15.0, SLOW))
    ]
    recall = float(np.mean([case.within(np.inf) for case in cases]))
    false = float(np.mean([case.false_per_week for case in cases]))
    shares = {name: rate * recall / (rate * recall + false) for name, rate in OUTAGES_A_WEEK.items()}
    told = ", ".join(f"{value:.1%} at {name}" for name, value in shares.items())
    say(f"  {one.name}: severe outages, recall {recall:.1%}, precision {told}")
    size = f"x15 at 2 to 60/h, {sum(case.minutes.size for case in cases)} outages"
    return [
        Entry(PART, "severe outages found, company budget", recall, "", one.name, size, ">= 0.9"),
        *(
            Entry(PART, f"precision of alarms, company budget, {name}", value, "", one.name, size, ">= 0.9")
            for name, value in shares.items()
        ),
    ]
