"""The part `load`: the intake at 500 posts a second, ten thousand new verbatims, a night over a long history, twenty viewers.

Everything runs on this machine alone and ends by itself. $VOC_BENCH_ROWS is the length of the history: 100,000 made of the
small company by default, from a million on of the demo company, whose chain alone takes most of an hour on two cores.
Wall seconds depend on what else the machine does; processor seconds hardly.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from insights.bench import load_intake
from insights.bench.dashboard import page_names, to_write_in
from insights.bench.dashboard_crowd import PATIENCE_SECONDS, crowd, writing
from insights.bench.dashboard_server import APP, served, settings_environment
from insights.bench.intake import read_answers, small_company
from insights.bench.intake_service import bench_settings
from insights.bench.load_nightly import Night, nights
from insights.bench.load_rivals import VERBATIMS, aggregates, discovery, redaction_rate
from insights.bench.load_verbatims import Ranking, ranked
from insights.bench.load_words import MAPPING, REVIEWS_AS_OF, new_answers, real_reviews
from insights.bench.report import Entry
from insights.lake import open_lake
from insights.settings import Settings, load_settings
from insights.simulate.enriched import LAST_DAY, own_stores

Say = Callable[[str], None]
PART = "load"
PER_SECOND, SECONDS = 500.0, 120.0
N_NEW, N_HISTORY, FULL = 10_000, 100_000, 1_000_000
ROWS = "VOC_BENCH_ROWS"
N_REDACTED, N_GROUPED = 2_000, 10_000
VIEWERS, VIEWING_SECONDS = 20, 25.0
ENRICHED, REAL, MADE = (
    "enriched rows made in DuckDB",
    "fr_insurance_reviews",
    "small demo company, words of three answers each",
)


def entries(say: Say) -> list[Entry]:
    """All figures of the part: within the hour on two quiet cores with the default history."""
    base = load_settings()
    n = int(os.environ.get(ROWS, N_HISTORY))
    size = "demo" if n >= FULL else "small"
    folder = base.data_dir / f"bench_load_{n}"
    intake = bench_settings(
        base.data_dir / "bench_intake", base.keys_dir / "bench_intake", intake_per_minute=int(90 * PER_SECOND)
    )
    rows = [row for row in read_answers(small_company(intake, say)) if row.get("comment")]
    found = load_intake.entries(intake, rows, PER_SECOND, SECONDS)
    found += verbatims(intake.data_dir / "exports", say)
    first, nightly = nights(folder, size, n, N_NEW, say)
    found += [*_night("first run over enriched rows", first, ""), *_night("nightly run", nightly, "<= 600")]
    return [*found, *rivals(own_stores(folder), say), *viewers(folder / "seed", size, say)]


def verbatims(exports: Path, say: Say, n: int = N_NEW) -> list[Entry]:
    """From file to ranked irritants: real reviews where they are at hand, and answers in new words."""
    seed = load_settings().seed
    found: list[Entry] = []
    with tempfile.TemporaryDirectory() as name:
        if reviews := real_reviews(Path(name) / "real", n, seed):
            found += _ranking(ranked(reviews, MAPPING, REVIEWS_AS_OF, say), REAL)
        made = new_answers(read_answers(exports), Path(name) / "made", n, LAST_DAY, seed)
        return found + _ranking(ranked(made, None, LAST_DAY, say), MADE)


def _ranking(one: Ranking, data: str) -> list[Entry]:
    about = f"{one.n_feedback:,} new French verbatims, an empty lake, {one.n_ranked} irritants ranked"
    entry = partial(Entry, PART, data=data, size=about)
    aim = "<= 120 (60 is the stretch)"
    return [
        entry("verbatims to ranked irritants: seconds", one.seconds, "s", aim=aim),
        entry("verbatims to ranked irritants: processor seconds", one.cpu_seconds, "s"),
        entry("verbatims to ranked irritants: memory of the process tree", one.peak_mb, "MB"),
        *(entry(f"verbatims, {step}: processor seconds", cost.cpu_seconds, "s") for step, cost in one.steps.items()),
    ]


def _night(name: str, one: Night, aim: str) -> list[Entry]:
    about = f"{one.n_before:,} feedback before, {one.n_after - one.n_before:,} new"
    entry = partial(Entry, PART, data=ENRICHED, size=about)
    return [
        entry(f"{name}: seconds", one.cost.seconds, "s", aim=aim),
        entry(f"{name}: processor seconds", one.cost.cpu_seconds, "s"),
        entry(f"{name}: memory of the process tree", one.cost.peak_mb, "MB", aim="<= 6000" if aim else ""),
        *(entry(f"{name}, {step}: seconds", seconds, "s") for step, seconds in one.steps.items()),
    ]


def rivals(history: Settings, say: Say) -> list[Entry]:
    """What stock Presidio, pandas and stock BERTopic take for the same work on the same rows."""
    with open_lake(history, read_only=True) as lake:
        texts = list(lake.read(VERBATIMS, n=N_REDACTED)["verbatim"])
    return [
        *redaction_rate(texts, ENRICHED, say),
        *aggregates(history, ENRICHED),
        *discovery(history, N_GROUPED, ENRICHED),
    ]


def viewers(company: Path, name_of: str, say: Say) -> list[Entry]:
    """Twenty readers of the company's pages while a flow commits; the part `dashboard` has them over a million rows."""
    with tempfile.TemporaryDirectory(dir=company, prefix="viewers_") as name:
        settings = to_write_in(own_stores(company), Path(name))
        environment = {**settings_environment(settings), "VOC_PAGE_LOG_MS": "0"}
        asked = [(page, "lang=fr") for page in page_names()]
        with served(APP, environment, Path(name)) as app, writing(settings) as took:
            seen = crowd(app.address, asked, VIEWERS, VIEWING_SECONDS, settings.seed)
            failed, memory = app.n_failed(), app.memory_mb()
    say(f"  {VIEWERS} viewers: {len(seen)} pages, {len(took)} commits meanwhile")
    ms = [one.ms for one in seen]
    size = f"{len(ms)} pages by {VIEWERS} viewers in {VIEWING_SECONDS:.0f} s, {len(took)} commits"
    entry = partial(Entry, PART, data=f"{name_of} company", size=size)
    return [
        entry(f"{VIEWERS} viewers: a page, p50", float(np.quantile(ms, 0.5)), "ms"),
        entry(f"{VIEWERS} viewers: a page, p95", float(np.quantile(ms, 0.95)), "ms"),
        entry(f"{VIEWERS} viewers: pages not drawn in time, or failed",
              sum(one >= 1000 * PATIENCE_SECONDS for one in ms) + failed, "", aim="0"),
        entry(f"{VIEWERS} viewers: memory of the server", memory, "MB"),
    ]  # fmt: skip
