"""The watch at work: it rings for many people, not for many posts, and a cut of the stream changes nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st
from streams import START, later, outage, posts, quiet

from insights.alarms import POOLED, RULE, Alarm, WatchModel, WatchState, advance, alarm_id, fit_watch, start_watch
from insights.alarms.cusum import alarms, levels, path
from insights.alarms.hours import cells, minute_of, minutes_of
from insights.alarms.thresholds import drift_rates

LONG = "le service client de cette société ne répond jamais au téléphone et personne ne rappelle malgré vingt demandes"
FIT = later(56)


@pytest.fixture(scope="module")
def history() -> pd.DataFrame:
    return pd.concat([quiet("IR-1", 2, 9, 1), quiet("IR-2", 0.3, 9, 2)], ignore_index=True)


@pytest.fixture(scope="module")
def model(history: pd.DataFrame) -> WatchModel:
    return fit_watch(history, FIT)


def play(
    model: WatchModel, frame: pd.DataFrame, cuts: list[datetime], start: datetime = FIT
) -> tuple[WatchState, list[Alarm]]:
    """The stream read in pieces, its state written to JSON and read back between two."""
    state, found = start_watch(start), list[Alarm]()
    for cut in cuts:
        state = WatchState.of(json.loads(json.dumps(state.as_json())))
        state, rung = advance(model, state, frame[(frame["at"] >= pd.Timestamp(state.at)) & (frame["at"] < cut)], cut)
        found += rung
    return state, found


def rung(model: WatchModel, *frames: pd.DataFrame, days: float = 60) -> list[Alarm]:
    return play(model, pd.concat(frames), [later(days)])[1]


def test_an_outage_rings_with_its_evidence(model: WatchModel, history: pd.DataFrame) -> None:
    found = rung(model, history, outage("IR-1", later(58, 15), 30, 60))
    own = [one for one in found if one.series == "IR-1"]
    assert {one.series for one in found} == {"IR-1", POOLED}
    assert len(own) == 1
    first = own[0]
    assert later(58, 14.75) < first.started_at <= later(58, 15) + timedelta(minutes=1)
    assert first.raised_at <= later(58, 15) + timedelta(minutes=15)
    assert first.n_authors >= RULE.min_authors
    assert first.expected < 2 < first.n_authors
    assert first.statistic >= first.threshold == pytest.approx(model.series["IR-1"].thresholds[0], abs=1e-6)
    assert len(first.feedback_ids) == len(set(first.feedback_ids)) == first.n_authors
    assert first.alarm_id == alarm_id("IR-1", first.started_at)


def test_quiet_weeks_do_not_ring(model: WatchModel, history: pd.DataFrame) -> None:
    assert len(rung(model, history, days=63)) <= 2


@pytest.mark.parametrize(
    "burst",
    [
        outage("IR-1", later(58, 15), 30, 60).assign(author="one angry man"),
        outage("IR-1", later(58, 15), 30, 60).assign(text=LONG),
        outage("IR-1", later(58, 15), 30, 60).assign(suspect_wave="wave-1"),
        outage("IR-1", later(58, 15), 30, 60).assign(author=[f"pair {n % 2}" for n in range(30)]),
        outage("IR-1", later(58, 15), 3, 1),
    ],
    ids=["one author", "copies", "marked wave", "two who quarrel", "three people"],
)
def test_noise_of_few_does_not_ring(model: WatchModel, history: pd.DataFrame, burst: pd.DataFrame) -> None:
    assert [one.raised_at for one in rung(model, history, burst) if one.started_at.date() == later(58).date()] == [
        one.raised_at for one in rung(model, history) if one.started_at.date() == later(58).date()
    ]


def test_after_an_alarm_there_is_silence_then_it_may_ring_again(model: WatchModel, history: pd.DataFrame) -> None:
    found = [one for one in rung(model, history, outage("IR-1", later(58, 9), 240, 60)) if one.series == "IR-1"]
    gaps = [(b.raised_at - a.raised_at).total_seconds() / 60 for a, b in zip(found, found[1:], strict=False)]
    assert len(found) == 2
    assert min(gaps) >= RULE.cooldown_minutes
    assert not set(found[0].feedback_ids) & set(found[1].feedback_ids)


@given(st.lists(st.integers(0, 6 * 1440), max_size=12), st.integers(0, 3))
@trials(max_examples=12)
def test_any_cut_of_the_stream_gives_the_same_alarms(model: WatchModel, minutes: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    calm = posts("IR-1", np.sort(rng.integers(56 * 1440, 62 * 1440, 300)), f"calm{seed}")
    frame = pd.concat([calm, outage("IR-1", later(57, 10), 40, 50), outage("IR-2", later(60, 1), 12, 90, "two")])
    frame["text"] = [LONG if n % 9 == 0 else "panne" for n in range(len(frame))]
    whole, one_go = play(model, frame, [later(62)])
    pieces, in_parts = play(model, frame, [*(FIT + timedelta(minutes=m) for m in sorted(minutes)), later(62)])
    assert in_parts == one_go
    assert {"IR-1", "IR-2"} <= {one.series for one in one_go}
    assert pieces.series == whole.series


def test_the_stream_and_the_whole_history_agree(model: WatchModel) -> None:
    """The incremental engine against the vectorised one that thresholds and benchmarks rest on."""
    frame = pd.concat([quiet("IR-1", 2, 9, 11), outage("IR-1", later(61, 15), 25, 120)]).sort_values("at")
    frame = frame[frame["at"] >= pd.Timestamp(FIT)]
    found = [one for one in rung(model, frame, days=63) if one.series == "IR-1"]
    own, first = model.series["IR-1"], minute_of(FIT) // 60
    start = int(minutes_of(frame["at"])[0]) // 60
    hours = np.arange(start, first + 7 * 24, dtype=np.int64)
    base = np.array(own.rates)[cells(hours, model.holidays, model.rule.zone)]
    minutes = minutes_of(frame["at"]) - start * 60
    counts = np.bincount(minutes // 60, minlength=hours.size).astype(float)
    due = np.concatenate([np.zeros(model.rule.level_lag_hours), base])[: hours.size]
    assert due.size == base.size
    level = levels(counts, base, own.level_prior, model.rule)
    paths = (path(minutes, drift_rates(base, level, model.rule), model.rule.ratios[0]),)
    ends = alarms(paths, own.thresholds, model.rule.min_authors, model.rule.cooldown_minutes)
    assert minute_of(found[0].raised_at) == start * 60 + ends[0] + 1
    place = int(np.searchsorted(paths[0].minutes, ends[0]))
    assert found[0].statistic == pytest.approx(paths[0].value[place], rel=0.05)
    assert found[0].n_authors == paths[0].authors[place]


def test_posts_given_again_or_a_little_late_count_once(model: WatchModel) -> None:
    frame = outage("IR-1", later(58, 15), 4, 60)
    late = outage("IR-1", later(58, 15.02), 3, 30, "late")
    state, none = advance(model, start_watch(FIT), frame, later(58, 15.1))
    again, still = advance(model, state, frame, later(58, 15.15))
    assert (none, still, again.series[POOLED].cusums) == ([], [], state.series[POOLED].cusums)
    after, rang = advance(model, again, pd.concat([frame, late]), later(58, 15.2))
    assert [(one.series, one.n_authors) for one in rang] == [("IR-1", 7), (POOLED, 7)]
    assert (after.n_late, again.n_late) == (0, 0)


def test_posts_far_too_late_do_not_ring_and_are_counted_as_late(model: WatchModel) -> None:
    state, _ = advance(model, start_watch(FIT), posts("IR-1", np.zeros(0), "none"), later(59))
    after, rang = advance(model, state, outage("IR-1", later(58, 15), 50, 1), later(59, 1))
    assert (rang, after.n_late) == ([], 50)


def test_a_new_irritant_rings_in_all_together(model: WatchModel, history: pd.DataFrame) -> None:
    found = rung(model, history, outage("IR-77", later(58, 15), 30, 60))
    assert POOLED in {one.series for one in found}
    assert "IR-77" not in {one.series for one in found}


def test_the_given_state_is_not_changed_and_forgets_old_authors(model: WatchModel) -> None:
    state = start_watch(FIT)
    before = json.dumps(state.as_json())
    after, _ = advance(model, state, outage("IR-1", later(56, 1), 20, 60).assign(text=LONG), later(56, 2))
    assert json.dumps(state.as_json()) == before
    assert len(after.memory.authors[POOLED]) == 1
    much_later, _ = advance(model, after, outage("IR-1", later(59), 1, 60, "x"), later(59, 1))
    assert list(much_later.memory.authors[POOLED].values()) == [minute_of(later(59))]
    assert much_later.memory.texts == {}


def test_the_state_holds_no_author_as_written(model: WatchModel) -> None:
    after, _ = advance(model, start_watch(FIT), outage("IR-1", later(56, 1), 3, 60).assign(text=LONG), later(56, 2))
    assert "by out" not in json.dumps(after.as_json())
    assert "téléphone" not in json.dumps(after.as_json())


def test_a_rule_with_other_ratios_takes_the_state_up(model: WatchModel, history: pd.DataFrame) -> None:
    two = fit_watch(history, FIT, rule=replace(RULE, ratios=(4.0, 16.0)))
    state, _ = advance(model, start_watch(FIT), history[history["at"] >= pd.Timestamp(FIT)], later(58))
    _, found = advance(two, state, outage("IR-1", later(58, 15), 30, 60), later(59))
    assert "IR-1" in {one.series for one in found}
    assert START < FIT
