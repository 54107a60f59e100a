"""The SQL of this project: one file, one SELECT, one table; and the checks a run must pass."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "sql"


@lru_cache(maxsize=64)
def sql(name: str) -> str:
    """The SELECT of insights/sql/<name>.sql."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def checks() -> list[str]:
    """Names of all checks: `fail_*` stop the run, `warn_*` are told."""
    return sorted(path.stem for path in (FOLDER / "checks").glob("*.sql"))
