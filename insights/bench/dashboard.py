"""The dashboard at one million verbatims: each page first and kept, many readers while a flow writes, in a browser.

Everything goes through the real application, started as a process of its own on loopback; readers are sessions over its
websocket (`dashboard_viewer`), except where a browser is named. The lake is made where it is absent, and stays.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from insights.bench.dashboard_browser import browser, last_element_ms
from insights.bench.dashboard_crowd import PATIENCE_SECONDS, THINK_SECONDS, crowd, writing
from insights.bench.dashboard_lake import N, grow
from insights.bench.dashboard_server import APP, Served, served, settings_environment
from insights.bench.dashboard_viewer import Drawn, Viewer
from insights.bench.pipeline import AS_OF, bench_settings, run_chain
from insights.bench.report import Entry
from insights.errors import SettingsError
from insights.lake import open_lake
from insights.settings import Settings, load_settings

Say = Callable[[str], None]
PART, DATA = "dashboard", "demo company, each fact told many times"
ROOT = Path(__file__).parents[2]
VIEWS = ROOT / "dashboard" / "views"
FILTERS = (
    "lang=fr",
    "lang=fr&weeks=13",
    "lang=fr&weeks=52",
    "lang=fr&weeks=26&segments=small_business",
    "lang=en&weeks=13&channels=phone",
)  # a page takes what it knows of them from the address
PAGES_SECONDS = 240.0  # the filters that are not reached by then are left out, and told
WARM_SECONDS = 25.0  # a start at a million takes some ten seconds until then (docs/speed.md); it is not measured
READERS, CROWD_SECONDS = (1, 5, 20), 25.0
LAKE = "VOC_BENCH_LAKE"  # a folder with `data` and `keys` of a lake that is there already
IN_BROWSER, TIMES = ("week", "irritants", "scores", "priorities"), 3
FIRST_AIM, KEPT_AIM = "p95 < 1000 ms", "p95 < 200 ms"


def entries(say: Say) -> list[Entry]:
    """All figures of the part, in about eight minutes once the lake is there."""
    made = million(say)
    with tempfile.TemporaryDirectory(dir=made.data_dir.parent, prefix="bench_run_") as name:
        folder = Path(name)
        settings = to_write_in(made, folder)
        with open_lake(settings, read_only=True) as lake:
            size = f"{lake.scalar('SELECT count(*) FROM feedback'):,} feedback"
        environment = {**settings_environment(settings), "VOC_PAGE_LOG_MS": "0"}
        with served(APP, environment, folder) as app:
            with Viewer(app.address) as viewer:  # who comes first has what pages count by read into memory
                viewer.open("week")
            time.sleep(WARM_SECONDS)
            found = [*pages(app, size, say), *crowds(app, settings, size, say)]
            return [*found, *in_browser(app, settings, folder, size, say)]


def million(say: Say, n: int = N) -> Settings:
    """Settings of the lake of a million: that of $VOC_BENCH_LAKE, else made from the demo's lake where it is absent."""
    base = load_settings()
    if LAKE in os.environ:
        given = Path(os.environ[LAKE])
        return load_settings(data_dir=given / "data", keys_dir=given / "keys", as_of=AS_OF)
    folder = base.data_dir / "bench_million"
    settings = load_settings(data_dir=folder / "data", keys_dir=base.keys_dir / "bench_million", as_of=AS_OF)
    source = load_settings(as_of=AS_OF)
    if not (source.lake_dir / "catalog.sqlite").exists():
        source = bench_settings()
        run_chain(source, say)
    grow(source, settings, say, n)
    return settings


def to_write_in(made: Settings, folder: Path) -> Settings:
    """Settings of a copy of a lake below `folder`: its files are linked, only catalog and ledger are copied."""
    shutil.copytree(made.data_dir, folder / "data", copy_function=_linked)
    return load_settings(
        data_dir=folder / "data",
        keys_dir=made.keys_dir,
        as_of=AS_OF,
        ledger_url=f"sqlite:///{folder}/data/ledger.sqlite",
    )


def _linked(source: str, target: str) -> None:
    if Path(source).suffix in (".parquet", ".npy"):
        os.link(Path(source).resolve(), target)
    else:
        shutil.copy2(source, target)


def page_names() -> list[str]:
    """Every page of the dashboard."""
    return sorted(path.stem for path in VIEWS.glob("*.py") if path.stem != "__init__")


def pages(app: Served, size: str, say: Say) -> list[Entry]:
    """Server time of every page under every filter: when the lake is read, and when nothing of it has changed."""
    before = len(app.lines())
    taken = _drawings(app)
    told = app.lines()[before:]
    server = {asked: [one["ms"] for one in told if one["cached"] is asked] for asked in (False, True)}
    first = [new for each in taken.values() for new, _ in each]
    kept = [again for each in taken.values() for _, again in each]
    found: list[Entry] = []
    for page, mine in taken.items():
        new, again = max(one for one, _ in mine), max(two for _, two in mine)
        say(f"  {page}: first {new:.0f} ms at most, kept {again:.0f} ({len(mine)} filters)")
        found.append(_entry(f"{page}: first use, slowest of {len(mine)} filters", new, size, FIRST_AIM))
        found.append(_entry(f"{page}: kept, slowest of {len(mine)} filters", again, size, KEPT_AIM))
    n_all = len(taken) * len(FILTERS)
    return [
        *_quantiles("server time of a page that reads the lake (page log)", server[False], size, FIRST_AIM),
        *_quantiles("server time of a page from what is kept (page log)", server[True], size, KEPT_AIM),
        Entry(PART, f"pages under filters measured, of {n_all}", len(first), "", DATA, size),
        *_quantiles("all pages and filters, first use", first, size, FIRST_AIM),
        *_quantiles("all pages and filters, kept", kept, size, KEPT_AIM),
        Entry(PART, "pages that failed", app.n_failed(), "", DATA, size, aim="0"),
        *found,
    ]


def _drawings(app: Served) -> dict[str, list[tuple[float, float]]]:
    """Milliseconds of the first and of a second drawing by page, filter after filter until the time is over."""
    taken: dict[str, list[tuple[float, float]]] = {page: [] for page in page_names()}
    end = time.monotonic() + PAGES_SECONDS
    with Viewer(app.address) as viewer:
        viewer.open("pages")
        for query in FILTERS:
            for page, mine in taken.items():
                if not mine or time.monotonic() < end:
                    mine.append((viewer.open(page, query).ms, viewer.open(page, query).ms))
    return taken


def crowds(app: Served, settings: Settings, size: str, say: Say) -> list[Entry]:
    """The same pages with 1, 5 and 20 readers at once while a flow commits new feedback."""
    asked = [(page, query) for page in page_names() for query in FILTERS[:2]]
    found: list[Entry] = []
    failed = app.n_failed()
    with writing(settings) as took:
        for n in READERS:
            before, seed = len(took), settings.seed + n
            seen = crowd(app.address, asked, n, CROWD_SECONDS, seed)
            say(f"  {n} readers: {len(seen)} pages, {len(took) - before} commits meanwhile")
            found += _crowd_entries(n, seen, len(took) - before, size)
            found.append(Entry(PART, f"{n} readers: memory of the server", app.memory_mb(), "MB", DATA, size))
    commits = np.median(took) if took else np.nan
    found.append(Entry(PART, "a commit of the flow beside the readers, median", float(commits), "s", DATA, size))
    found.append(Entry(PART, "pages that failed meanwhile", app.n_failed() - failed, "", DATA, size, aim="0"))
    return found


def _crowd_entries(n: int, seen: Sequence[Drawn], n_commits: int, size: str) -> list[Entry]:
    about = f"{size}, {len(seen)} pages, {n_commits} commits, {THINK_SECONDS:.0f} s between pages"
    late = sum(one.ms >= 1000 * PATIENCE_SECONDS for one in seen)
    return [
        *_quantiles(f"{n} readers while a flow writes", [one.ms for one in seen], about, ""),
        Entry(PART, f"{n} readers: pages not drawn within {PATIENCE_SECONDS:.0f} s", late, "", DATA, about, aim="0"),
    ]


def in_browser(app: Served, settings: Settings, folder: Path, size: str, say: Say) -> list[Entry]:
    """Time to the last element in Chromium, beside a plain Streamlit page with pandas on the same table."""
    data = folder / "feedback.parquet"
    rival = folder / "plain.py"
    shutil.copy(Path(__file__).with_name("dashboard_rival.txt"), rival)
    with open_lake(settings, read_only=True) as lake:
        import pyarrow.parquet as pq

        pq.write_table(lake.read_arrow("SELECT * FROM feedback"), data)
    found: list[Entry] = []
    try:
        with browser() as opened, served(rival, {"RIVAL_FILE": str(data)}, folder) as plain:
            last_element_ms(opened, [plain.address, app.address])
            beside = float(np.median(last_element_ms(opened, [f"{plain.address}/?weeks=4"] * TIMES)))
            for page in IN_BROWSER:
                ours = float(np.median(last_element_ms(opened, [f"{app.address}/{page}?lang=fr"] * TIMES)))
                say(f"  {page}: last element after {ours:.0f} ms, the plain page {beside:.0f}")
                name = f"{page}: time to the last element in Chromium, kept, median of {TIMES}"
                rival_name = "a plain Streamlit page with pandas, kept"
                found.append(Entry(PART, name, ours, "ms", DATA, size, rival=rival_name, rival_value=beside))
    except SettingsError as error:
        say(f"  {error}: no figures in a browser")
    return found


def _quantiles(name: str, ms: Sequence[float], size: str, aim: str) -> list[Entry]:
    if not len(ms):
        return []
    return [
        _entry(f"{name}, p50", float(np.quantile(ms, 0.5)), size, ""),
        _entry(f"{name}, p95", float(np.quantile(ms, 0.95)), size, aim),
    ]


def _entry(name: str, ms: float, size: str, aim: str) -> Entry:
    return Entry(PART, name, ms, "ms", DATA, size, aim=aim)
