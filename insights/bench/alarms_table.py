"""docs/alarms_measured.md: every detector, rate, case and budget of the replay in one place."""

from __future__ import annotations

from pathlib import Path

from insights.bench.alarms_replay import CASES, LENGTH, RATES, SLOW, SUDDEN, Found, Replay
from insights.bench.report import FOLDER

HEAD = """# Outages put into quiet weeks: every detector

Written by `make bench PART=alarms`. Median minutes from the onset to the alarm and, in brackets, the share told within 15
minutes; `-`: fewer than half were found while they lasted (60 minutes after a sudden onset, 120 after a slow one). Every
detector's threshold is set on the same quiet weeks for the same false alarms; *false* is what it rang a week on the
held-out quiet weeks. The rate is of distinct authors an hour in the mean of the week; an outage adds 5 or 15 times that.
"""
NAMES = {
    "per_irritant": "budget of METHODS: one false alarm in two weeks for the series, no minimum of authors",
    "company": "budget of the company: one false alarm a week for 31 series in all, at least five authors",
}


def write_table(found: dict[tuple[str, str, float], Replay], folder: Path = FOLDER) -> None:
    """Write the tables of all sources and budgets."""
    lines = [HEAD]
    for source, budget in dict.fromkeys((source, budget) for source, budget, _ in found):
        for ramp, kind in ((SUDDEN, "sudden: ramp of 5 minutes"), (SLOW, "slow: ramp of 60 minutes")):
            lines += [f"\n## {source}; {NAMES[budget]}; {kind}\n", *_table(found, source, budget, ramp)]
    (folder / "alarms_measured.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _table(found: dict[tuple[str, str, float], Replay], source: str, budget: str, ramp: int) -> list[str]:
    columns = [(rate, case) for rate in RATES for case in CASES if case[1] == ramp]
    heads = [f"{rate:g}/h x{case[0]:g}" for rate, case in columns]
    lines = ["| detector | " + " | ".join(heads) + " | false |", "|---" * (len(heads) + 2) + "|"]
    for name in found[source, budget, RATES[0]]:
        cells = [_cell(found[source, budget, rate][name][case]) for rate, case in columns]
        false = [found[source, budget, rate][name][columns[0][1]].false_per_week for rate in RATES]
        lines.append(f"| {name} | {' | '.join(cells)} | {', '.join(f'{value:.2f}' for value in false)} |")
    return lines


def _cell(one: Found) -> str:
    median = f"{one.median:.3g}" if one.median <= max(LENGTH.values()) else "-"
    return f"{median} ({one.within(15):.0%})"
