"""docs/benchmark.json for programs and docs/benchmark.md for people; one part can be renewed and the rest stays."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "docs"


@dataclass(frozen=True)
class Entry:
    """One figure. `interval` is (low, high) or None; `rival` names what was measured beside it in the same run."""

    part: str
    name: str
    value: float
    unit: str
    data: str
    size: str
    aim: str = ""
    interval: tuple[float, float] | None = None
    rival: str = ""
    rival_value: float | None = None


def write_part(part: str, entries: Sequence[Entry], folder: Path = FOLDER) -> None:
    """Put a part's figures in place of its old ones and write both files."""
    path = folder / "benchmark.json"
    kept = [row for row in _read(path) if row["part"] != part]
    stamp = {"commit": _commit(), "date": datetime.now(UTC).date().isoformat()}
    rows = sorted([*kept, *({**asdict(entry), **stamp} for entry in entries)], key=lambda row: str(row["part"]))
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (folder / "benchmark.md").write_text(markdown(rows), encoding="utf-8")


def _read(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def _commit() -> str:
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=FOLDER.parent, capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or "unknown"


def markdown(rows: Sequence[dict[str, Any]]) -> str:
    """The report for people: a table a part, each figure beside its aim and its rival."""
    lines = [
        "# Benchmark",
        "",
        "Written by `make bench` (one part: `make bench PART=churn`). A rival is measured in the same run on the same data.",
        "Figures on the simulated company and on real sets are never mixed: the column *data* says which. Times are of a",
        "shared 2-core machine; read them as ratios.",
    ]
    for part in dict.fromkeys(str(row["part"]) for row in rows):
        lines += ["", f"## {part}", "", "| figure | value | interval | aim | rival | data | size | commit | date |"]
        lines += ["|---|---|---|---|---|---|---|---|---|"]
        lines += [_line(row) for row in rows if row["part"] == part]
    return "\n".join(lines) + "\n"


def _line(row: dict[str, Any]) -> str:
    interval = f"{_number(row['interval'][0])} to {_number(row['interval'][1])}" if row["interval"] else ""
    rival = f"{row['rival']}: {_number(row['rival_value'])}" if row["rival"] and row["rival_value"] is not None else ""
    value = f"{_number(row['value'])} {row['unit']}".strip()
    cells = (row["name"], value, interval, row["aim"], rival, row["data"], row["size"], row["commit"], row["date"])
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
