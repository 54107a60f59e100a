"""The bench of alarms: streams keep rate and roughness, budgets are kept, files with and without incidents are read."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from insights.alarms import COMPANY, RULE
from insights.alarms.baseline import hour_counts
from insights.alarms.cusum import spaced
from insights.alarms.dispersion import Dispersion, dispersions, moments
from insights.alarms.hours import WEEK, instant
from insights.bench.alarms import TWEETS, read_tweets, tweet_incidents
from insights.bench.alarms_detectors import RIVALS, Stream, crossings, cusum, limits_for
from insights.bench.alarms_files import incidents_of, injected, instants, posts_of
from insights.bench.alarms_replay import BUDGETS, SUDDEN, Found, outages, replay, trial
from insights.bench.alarms_streams import draw, source, synthetic
from insights.bench.alarms_table import write_table
from insights.bench.alarms_walk import busy_span, counted_minutes, judged, own, walk
from insights.cli.main import app
from insights.errors import SourceError

SPREAD = Dispersion(0.04, 0.04, 0.1)
START = pd.Timestamp("2026-01-05", tz="UTC")


def company(weeks: int, rate: float, seed: int = 1) -> pd.DataFrame:
    minutes = draw(synthetic(weeks, SPREAD), rate, np.random.default_rng(seed))
    at = START + pd.to_timedelta(minutes, unit="m")
    return pd.DataFrame({"when": at, "who": [f"u{n}" for n in range(len(at))], "said": "panne de l'appli"})


def with_outage(frame: pd.DataFrame, at: pd.Timestamp, n: int = 40) -> pd.DataFrame:
    times = [at + timedelta(minutes=k) for k in range(n)]
    burst = pd.DataFrame({"when": times, "who": [f"o{at.value}{k}" for k in range(n)], "said": "plus rien ne marche"})
    return pd.concat([frame, burst], ignore_index=True)


def test_a_stream_has_the_rate_asked_for_and_the_roughness_of_its_source() -> None:
    rough = Dispersion(0.2, 0.1, 0.0)
    minutes = draw(synthetic(52, rough), 30, np.random.default_rng(3))
    one = hour_counts(minutes, 0, 52 * WEEK, [])
    due = synthetic(52, rough).expected * 1e9 * 30
    found = dispersions({"all": moments(one, due, minutes)}, "all")["all"]
    assert minutes.size / (52 * WEEK) == pytest.approx(30, rel=0.05)
    assert (found.day, found.hour) == (pytest.approx(0.2, abs=0.06), pytest.approx(0.1, abs=0.03))


def test_a_source_keeps_the_good_and_bad_days_it_had() -> None:
    rng = np.random.default_rng(1)
    busy = rng.gamma(2, 1 / 2, 70)
    minutes = np.sort(np.concatenate([rng.integers(d * 1440, (d + 1) * 1440, int(b * 40)) for d, b in enumerate(busy)]))
    monday = 4 * 1440
    one = source("days", minutes + monday, [])
    drawn = np.bincount(draw(one, 20, rng) // 1440, minlength=70)[:70]
    assert np.corrcoef(drawn, busy[: drawn.size])[0, 1] > 0.7


def test_outages_add_what_they_say_from_their_onset_on() -> None:
    quiet = Stream(np.zeros(0, dtype=np.int64), np.full(WEEK * 8, 12.0), SPREAD)
    loud, onsets = outages(quiet, 12.0, 15.0, SUDDEN, np.random.default_rng(0))
    assert loud.minutes.size / onsets.size == pytest.approx(15 * 12 * (57.5 / 60), rel=0.1)
    assert all(((loud.minutes >= start) & (loud.minutes < start + 60)).sum() > 100 for start in onsets)


@pytest.mark.parametrize("name", [*RIVALS, "ours"])
def test_each_detector_keeps_the_budget_on_the_weeks_its_limit_is_set_on(name: str) -> None:
    per_week, rule = BUDGETS["per_irritant"]
    one = trial(synthetic(30, SPREAD), 4.0, per_week)
    detector = {"ours": cusum(rule), **RIVALS}[name]
    limits = limits_for([detector(s) for s in one.train], per_week * one.weeks("train"), 1, RULE.cooldown_minutes)
    rung = sum(spaced(crossings(detector(s), limits, 1), RULE.cooldown_minutes).size for s in one.train)
    more = sum(spaced(crossings(detector(s), tuple(0.8 * v for v in limits), 1), 120).size for s in one.train)
    assert rung <= per_week * one.weeks("train") < more


def test_a_large_outage_is_told_in_minutes_and_the_table_shows_it(tmp_path: Path) -> None:
    one = trial(synthetic(30, SPREAD), 12.0, 0.5)
    found = replay(one, {"ours": cusum(BUDGETS["per_irritant"][1]), "fixed count": RIVALS["fixed count"]}, 0.5, 1)
    assert found["ours"][15, SUDDEN].median <= 6
    assert found["ours"][15, SUDDEN].median < found["fixed count"][15, SUDDEN].median
    write_table({("s", "company", rate): found for rate in (0.5, 2.0, 12.0, 60.0)}, tmp_path)
    assert f"{found['ours'][15, SUDDEN].median:.3g} (100%)" in (tmp_path / "alarms_measured.md").read_text("utf-8")


def test_an_alarm_outside_incidents_is_false_and_one_inside_other_events_is_neither() -> None:
    found = judged(np.array([50, 130, 500]), [(100, 200), (300, 400)], [(450, 550)], 0, 10_080)
    assert found.delays.tolist() == [30, np.inf]
    assert (found.found, found.median) == (0.5, 30)
    assert found.false_per_week == pytest.approx(1 / ((10_080 - 300) / 10_080))
    assert Found(found.delays, 0.0).within(15) == 0


def test_real_outages_in_real_tweets_are_told(shared_data: Path) -> None:
    """Three weeks of autumn 2024, two of them watched: the night of 2 September, read by hand, rings; nothing was tuned on it."""
    posts = read_tweets(shared_data / TWEETS)
    begin = posts["at"].min()
    assert begin.year <= 2024
    span = (
        int(pd.Timestamp("2024-08-12", tz="UTC").timestamp()) // 60,
        int(pd.Timestamp("2024-09-09", tz="UTC").timestamp()) // 60,
    )
    alarms = walk(posts, span)
    start, end = next(one for one in tweet_incidents()["outage"] if span[0] < one[0] < span[1])
    inside = [one for one in alarms if instant(start) < one.raised_at <= instant(end)]
    assert inside
    assert inside[0].raised_at - instant(start) <= timedelta(minutes=30)
    assert len(alarms) <= 6


def test_marks_of_the_tweets_are_in_order() -> None:
    spans = sorted(span for own_spans in tweet_incidents().values() for span in own_spans)
    assert all(start < end for start, end in spans)
    assert all(one[1] <= other[0] for one, other in zip(spans, spans[1:], strict=False))


def test_the_command_tells_incidents_of_a_file(tmp_path: Path) -> None:
    onset = START + timedelta(days=36, hours=14)
    with_outage(company(6, 2), onset).to_csv(tmp_path / "posts.csv", index=False)
    pd.DataFrame({"Start": [onset], "End": [onset + timedelta(hours=1)]}).to_csv(tmp_path / "w.csv", index=False)
    told = CliRunner().invoke(
        app,
        ["bench", "alarms", "--file", str(tmp_path / "posts.csv"), "--time", "when", "--author", "who", "--text", "said",
         "--incidents", str(tmp_path / "w.csv"), "--rates", "", "--json"],
    )  # fmt: skip
    found = json.loads(told.stdout)
    assert found["about"]["weeks"] == 6
    assert found["real"]["company"]["ours"]["found"] == 1
    assert found["real"]["company"]["ours"]["median_minutes"] <= 15
    assert set(found["real"]["per_irritant"]) == {"ours", *RIVALS}
    assert found["injected"] == {}


def test_outages_are_put_into_a_stream_at_the_rates_asked_for() -> None:
    found = injected(synthetic(24, SPREAD), [2.0], ["per_irritant"])["per_irritant"]
    assert set(found) == {f"2/h, x{times}, {kind}" for times in (5, 15) for kind in ("sudden", "slow")}
    assert found["2/h, x15, sudden"]["ours"]["median_minutes"] < 25
    assert set(found["2/h, x5, slow"]) == {"ours", *RIVALS}


@pytest.mark.parametrize(
    ("values", "first"),
    [
        (["2026-01-13T17:52:00Z", "2026-01-13 18:52:00+01:00"], "2026-01-13T17:52:00+00:00"),
        ([1768326720, 1768326721], "2026-01-13T17:52:00+00:00"),
        ([1768326720000, 1768326721000], "2026-01-13T17:52:00+00:00"),
        (["Tue Jan 13 17:52:00 +0000 2026", "no time"], "2026-01-13T17:52:00+00:00"),
    ],
)
def test_times_are_read_as_they_come(values: list[object], first: str) -> None:
    assert instants(pd.Series(values))[0].isoformat() == first


def test_files_that_cannot_be_used_say_why() -> None:
    frame = pd.DataFrame({"t": ["soon"], "a": ["x"], "s": ["y"]})
    with pytest.raises(SourceError, match="column t is a time"):
        posts_of(frame, "t", "a", "s", Path("posts.csv"))
    with pytest.raises(SourceError, match="start and end; it has begins"):
        incidents_of(pd.DataFrame({"begins": [1]}), Path("w.csv"))
    with pytest.raises(SourceError, match="row 3"):
        incidents_of(
            pd.DataFrame({"start": ["2026-01-02", "2026-01-03"], "end": ["2026-01-03", "2026-01-02"]}), Path("w.csv")
        )
    few = company(2, 2).rename(columns={"when": "at", "who": "author", "said": "text"})
    few = few.assign(series=None, feedback_id=[str(n) for n in range(len(few))])
    with pytest.raises(SourceError, match="weeks in a row"):
        busy_span(counted_minutes(few.head(60)))
    assert own(few.head(0), (0, 4 * WEEK * 60), [], [], COMPANY, RULE).n_alarms == 0
