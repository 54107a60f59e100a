"""The simulated company's three actions and two traps, read by the product on the lake of the part `demo`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from math import isnan
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from insights.actions.book import read
from insights.actions.load import Wanted, load_actions
from insights.actions.model import Action
from insights.bench.pipeline import bench_settings
from insights.bench.proof_null import Shape, shapes
from insights.bench.report import Entry
from insights.lake import Lake, open_lake
from insights.ledger import Ledger, open_ledger
from insights.proof.known import FILE, KnownEvent, load_known
from insights.proof.verdict import PROVEN, Reading, judged, overall
from insights.simulate import write
from insights.steps.actions import meant
from insights.steps.proof_rows import contact_series
from insights.steps.prove import Evidence, read_action
from insights.steps.resolved import registry
from insights.steps.window import analysis_day

Say = Callable[[str], None]
DATA = "demo company"
PART = "proof"
WORKS = {"A": True, "B": False, "C": True}
TRAPS = (
    # name, words of the irritant, contact reasons, decided, start: actions nobody took, declared where a fall comes by itself
    ("sales calls, as if ours", ("demarch", "vente"), ("vente",), date(2026, 7, 20), date(2026, 8, 10)),
    ("waiting after its peak, as if ours", ("attente", "waiting"), (), date(2026, 3, 9), date(2026, 4, 6)),
)


def entries(say: Say) -> list[Entry]:
    """One entry an action and a trap; none before the part `demo` has run."""
    settings = bench_settings()
    if not (settings.lake_dir / "catalog.sqlite").exists():
        say(f"  {settings.lake_dir} is absent: run the part `demo` first; the three actions are left out")
        return []
    with open_lake(settings, read_only=True) as lake, open_ledger(settings) as ledger:
        return measured(lake, ledger, say)


def measured(lake: Lake, ledger: Ledger, say: Say) -> list[Entry]:
    """Verdicts of the demo's actions and traps on one lake."""
    path = lake.settings.reference_dir / "demo" / "actions.yaml"
    actions = [_action(lake, ledger, path, number) for number in range(3)]
    events = load_known(lake.settings.reference_dir / "demo" / FILE)
    found = []
    for letter, action in zip(WORKS, actions, strict=True):
        for one in _read(lake, ledger, actions, action, events):
            found.append(_entry(f"action {letter}, {one.measure}", one, "1" if WORKS[letter] else "0"))
            say(f"  action {letter}, {one.measure}: {one.verdict} {one.effect:.2f} ({one.low:.2f} to {one.high:.2f})")
    for trap in _traps(lake, ledger):
        for name, told in (("", events), (", law and calendar untold", [])):
            said = overall(_read(lake, ledger, [*actions, trap], trap, told))
            if said is not None:
                found.append(_entry(f"trap: {trap.title}{name}", said, "0"))
                say(f"  trap {trap.title}{name}: {said.verdict} {said.reason} {said.effect:.2f}")
    return found


def _read(
    lake: Lake, ledger: Ledger, actions: Sequence[Action], action: Action, events: Sequence[KnownEvent]
) -> list[Reading]:
    evidence = Evidence(lake, ledger, registry(ledger), actions, events, analysis_day(lake))
    return judged(read_action(evidence, action))


def _action(lake: Lake, ledger: Ledger, path: Path, number: int) -> Action:
    wanted = load_actions(path)[number]
    fields = {name: value for name, value in wanted.told.items()}
    irritant = meant(lake, ledger, wanted, path)
    return replace(Action(f"BENCH-{number}", "", irritant), **read(fields))


def _traps(lake: Lake, ledger: Ledger) -> list[Action]:
    out = []
    for number, (title, words, reasons, decided, start) in enumerate(TRAPS):
        irritant = meant(lake, ledger, Wanted("", words, "done", {}), Path(__file__))
        measures = ("contacts", "mentions") if reasons else ("mentions",)
        out.append(
            Action(
                f"TRAP-{number}",
                title,
                irritant,
                decided_on=decided,
                start_on=start,
                reasons=reasons,
                measures=measures,
            )
        )
    return out


def _entry(name: str, one: Reading, aim: str) -> Entry:
    """1 where the product calls it proven, else 0; the effect stands in the size."""
    seen = (
        "" if isnan(one.effect) else f"effect {one.effect:.2f} ({one.low:.2f} to {one.high:.2f}), {one.n_counts} cases"
    )
    teams = f", {one.n_units} teams" if one.n_units else ""
    why = f"not shown: {one.reason}; " if one.verdict != PROVEN else ""
    proven = float(one.verdict == PROVEN)
    return Entry(PART, f"{name}: called proven", proven, "", DATA, f"{why}{seen}{teams}".rstrip("; "), aim=aim)


def contact_shapes(say: Say) -> list[Shape]:
    """Rates and seasons of the simulated company's contacts by reason, from exports made anew."""
    with TemporaryDirectory() as folder:
        write("demo", Path(folder), seed=bench_settings().seed, progress=None)
        rows = pd.read_csv(
            Path(folder) / "exports" / "contacts" / "contacts.csv", sep=";", usecols=["reason", "occurred_at"]
        )
    at = pd.to_datetime(rows["occurred_at"], utc=True).dt.tz_localize(None)
    week = (at - pd.to_timedelta(at.dt.weekday, unit="D")).dt.date
    counted = (
        pd.DataFrame({"week": week, "key": rows["reason"], "n": 1}).groupby(["week", "key"], as_index=False)["n"].sum()
    )
    say(f"  shapes of {counted['key'].nunique()} contact reasons")
    series = contact_series(counted, Action("none", "", ""), (), ())
    return shapes(series)
