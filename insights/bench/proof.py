"""Did it work: the demo's three actions and two traps, 2,000 fixes that do nothing, and fixes that do something.

Rivals in the same run: the plain comparison of twelve weeks before and after, and the interrupted series without
placebos. Every null series and every planted fix is made up; their rates and seasons are those of the simulated
company's contacts and of real French reviews. Each fix is looked at 8, 26 and 52 weeks after its effect, as far as its
weeks go, and counts as proven (or worse) when any look says so; the rival without placebos looks as often.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm

from insights.bench import proof_demo
from insights.bench.proof_null import Shape, company, drawn_date, peak_date, planted, shapes
from insights.bench.report import Entry
from insights.intervals import wilson
from insights.proof.interrupted import Effect, alone, effect
from insights.proof.series import SERIES_LOOKS, Phases, Weekly, after_weeks
from insights.proof.verdict import PROVEN, SERIES, WORSE, Reading, alpha_at, judged

Say = Callable[[str], None]
PART = "proof"
SEED = 20261031
N_NULL, EACH = 2000, 10  # null fixes; of one made-up company
N_IRRITANTS, N_WEEKS = 20, 104
N_POWER = 50
PLACEBOS = 80
RATIOS, COUNTS = (0.5, 0.7, 0.85), (5, 20, 60)
NAIVE_WEEKS = 12
REAL_WEEKS = 130
REVIEWS = Path(__file__).parents[3] / "shared" / "data" / "fr_insurance_reviews"


@dataclass(frozen=True)
class Tried:
    """What three methods say of one fix: proven or not; whether the interval holds the true ratio, None without one.

    `ours`, `worse`, `series`: in any week; `covered`: in the last one.
    """

    ours: bool
    series: bool
    naive: bool
    covered: bool | None
    worse: bool = False


def entries(say: Say) -> list[Entry]:
    """Entries of the part `proof`."""
    found = proof_demo.entries(say)
    base = proof_demo.contact_shapes(say)
    real = real_series(say)
    known = [*base, *shapes(real)] if real else base
    return [*found, *_null(known, say), *_real(real, say), *_power(base, say)]


def tried(key: str, found: Phases, series: Mapping[str, Weekly], truth: float) -> Tried:
    """Our verdicts week after week and those of two rivals on one series.

    Placebos only widen: where the step alone shows nothing, or holds the truth, they are not asked.
    """
    naive = before_after(series[key], found)
    said, plain, held = set(), False, None
    for weeks in (look for look in SERIES_LOOKS if look <= len(found.before) - found.step_at):
        then, cut = after_weeks(found, {key: series[key]}, weeks)
        if (one := alone(cut[key], then)) is None:
            continue
        half = norm.isf(alpha_at(weeks) / 2) * one.error
        sure, held = abs(one.log_ratio) > half, abs(one.log_ratio - np.log(truth)) <= half
        plain = plain or one.log_ratio + half < 0
        if not sure and held:
            continue
        seen = effect(key, *after_weeks(found, series, weeks), 1 - alpha_at(weeks), PLACEBOS)
        assert seen is not None
        said.add(judged([_reading(seen, alpha_at(weeks))])[0].verdict)
        held = seen.low <= truth <= seen.high
    return Tried(PROVEN in said, plain, naive, held, WORSE in said)


def _reading(seen: Effect, alpha: float) -> Reading:
    return Reading(
        "mentions", SERIES, "ratio", "lower", seen.ratio, seen.low, seen.high, seen.p, seen.beaten, seen.beaten_up,
        holds=(seen.halves[0] < 0) == (seen.halves[1] < 0), alpha=alpha,
    )  # fmt: skip


def before_after(one: Weekly, found: Phases) -> bool:
    """Twelve weeks before the effect against twelve after it, per exposure, as if counts were Poisson."""
    late = slice(found.step_at, found.step_at + NAIVE_WEEKS)
    early = slice(max(found.step_at - NAIVE_WEEKS, 0), found.step_at)
    after, before = one.count[late].sum() + 0.5, one.count[early].sum() + 0.5
    change = np.log(after / one.exposure[late].sum()) - np.log(before / one.exposure[early].sum())
    return bool(change + norm.ppf(0.975) * np.sqrt(1 / after + 1 / before) < 0)


def _null(known: list[Shape], say: Say) -> list[Entry]:
    """Fixes that do nothing, half at random dates and half decided at the worst weeks."""
    done = [one for number in range(N_NULL // EACH) for one in _null_company(known, number)]
    say(f"  {len(done)} null fixes")
    size = f"{len(done)} null fixes, {N_WEEKS} weeks, {N_IRRITANTS} irritants a company"
    return [
        _rate("null fixes called proven", [one.ours for _, one in done], size, "<= 0.05", "before and after",
              float(np.mean([one.naive for _, one in done]))),
        _rate("null fixes called proven, second rival", [one.ours for _, one in done], size, "<= 0.05",
              "series without placebos", float(np.mean([one.series for _, one in done]))),
        _rate("null fixes decided at a peak, called proven", [one.ours for peak, one in done if peak],
              f"{sum(peak for peak, _ in done)} of them", "<= 0.05", "before and after",
              float(np.mean([one.naive for peak, one in done if peak]))),
        _rate("null fixes called worse", [one.worse for _, one in done], size, "<= 0.05"),
        _rate("null fixes: interval holds 1", [one.covered for _, one in done if one.covered is not None],
              f"{sum(one.covered is not None for _, one in done)} null fixes with an estimate", ">= 0.95"),
    ]  # fmt: skip


def _null_company(known: list[Shape], number: int) -> Iterator[tuple[bool, Tried]]:
    rng = np.random.default_rng([SEED, 1, number])
    series = company(rng, known, N_IRRITANTS, N_WEEKS)
    for turn, key in enumerate(list(series)[:EACH]):
        peak = turn % 2 == 0
        found = peak_date(series[key].count) if peak else drawn_date(rng, N_WEEKS)
        yield peak, tried(key, found, series, 1.0)


def _power(known: list[Shape], say: Say) -> list[Entry]:
    """Fixes that work, by what is left and by weekly counts, each beside both rivals."""
    out = []
    for ratio in RATIOS:
        for count in COUNTS:
            shaped = [Shape(count, one.season) for one in known]
            done = [one for number in range(N_POWER // EACH) for one in _power_company(shaped, ratio, number)]
            name, size, ours = (
                f"fix leaves x{ratio:g} of {count} a week: proven",
                f"{len(done)} fixes",
                [one.ours for one in done],
            )
            naive, series = (
                float(np.mean(flags)) for flags in zip(*((one.naive, one.series) for one in done), strict=True)
            )
            out.append(_rate(name, ours, size, "", "before and after", naive))
            out.append(_rate(f"{name}, second rival", ours, size, "", "series without placebos", series))
        say(f"  power at x{ratio:g}: {', '.join(f'{one.value:.2f}' for one in out[-2 * len(COUNTS) :: 2])}")
    return out


def _power_company(known: list[Shape], ratio: float, number: int) -> Iterator[Tried]:
    rng = np.random.default_rng([SEED, 2, number])
    series = company(rng, known, N_IRRITANTS, N_WEEKS)
    for key in list(series)[:EACH]:
        found = drawn_date(rng, N_WEEKS)
        yield tried(key, found, {**series, key: planted(rng, series[key], found, ratio)}, ratio)


def real_series(say: Say) -> dict[str, Weekly]:
    """Weekly one and two star reviews by insurer, over the last 130 whole weeks of the real reviews."""
    if not REVIEWS.exists():
        say(f"  {REVIEWS} is absent: no real series")
        return {}
    frames = [
        pd.read_excel(path, usecols=["note", "assureur", "date_publication"]) for path in sorted(REVIEWS.glob("*.xlsx"))
    ]
    rows = pd.concat(frames, ignore_index=True).dropna()
    day = pd.to_datetime(rows["date_publication"], format="%d/%m/%Y", errors="coerce")
    rows = rows.assign(week=day - pd.to_timedelta(day.dt.weekday, unit="D")).dropna()
    everything = rows.groupby("week").size().asfreq("7D", fill_value=0).iloc[1:-1].tail(REAL_WEEKS)
    bad = rows[rows["note"].astype(float) <= 2]
    table = bad.pivot_table(index="week", columns="assureur", values="note", aggfunc="size", fill_value=0)
    table = table.reindex(everything.index, fill_value=0)
    kept = table.loc[:, table.sum() >= REAL_WEEKS / 2]
    week = np.asarray(everything.index.to_numpy(), dtype="datetime64[D]")
    total, exposure = kept.sum(axis=1).to_numpy(float), everything.to_numpy(float)
    return {
        str(name): Weekly(week, kept[name].to_numpy(float), exposure, total - kept[name].to_numpy(float))
        for name in kept
    }


def _real(series: Mapping[str, Weekly], say: Say) -> list[Entry]:
    """Real weekly complaints of insurers with dates at which, as far as we know, nothing was done."""
    rng = np.random.default_rng([SEED, 3])
    done = []
    for key, one in series.items():
        for turn in range(EACH):
            found = peak_date(one.count) if turn == 0 else drawn_date(rng, len(one))
            done.append(tried(key, found, series, 1.0))
    if not done:
        return []
    say(f"  {len(done)} random dates on {len(series)} real series")
    size = f"{len(done)} dates, {len(series)} insurers, {len(next(iter(series.values())))} weeks"
    naive = float(np.mean([one.naive for one in done]))
    ours = [one.ours for one in done]
    return [
        _rate(
            "real series, random dates: called proven",
            ours,
            size,
            "<= 0.05",
            "before and after",
            naive,
            "fr_insurance_reviews",
        )
    ]


def _rate(
    name: str, flags: list[bool], size: str, aim: str, rival: str = "", rival_value: float | None = None,
    data: str = "made-up series",
) -> Entry:  # fmt: skip
    share = wilson(float(sum(flags)), float(max(len(flags), 1)))
    return Entry(
        PART, name, float(share.value), "", data, size, aim=aim, interval=(float(share.low), float(share.high)),
        rival=rival, rival_value=rival_value,
    )  # fmt: skip
