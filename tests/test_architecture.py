"""The one law, held by reading the imports: dashboard -> insights <- flows, and edges -> core -> base."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BASE = {"contracts", "errors", "settings", "i18n", "yaml_files", "jumps", "__init__"}
EDGES = {
    "backup",
    "lake",
    "stores",
    "ledger",
    "sources",
    "outbox",
    "simulate",
    "steps",
    "bench",
    "cli",
    "border",
    "keys",
    "key_book",
    "telemetry",
    "intake",
    "privacy",
    "partitions",
}
EDGE_LIBRARIES = {"duckdb", "sqlalchemy", "alembic", "httpx", "smtplib", "filelock"}


def modules(top: str) -> list[Path]:
    return sorted((ROOT / top).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer(path: Path) -> str:
    """base, core or edge, by the first name below insights/."""
    name = path.relative_to(ROOT / "insights").parts[0].removesuffix(".py")
    if name in BASE:
        return "base"
    return "edge" if name in EDGES else "core"


@pytest.mark.parametrize(
    ("top", "forbidden"),
    [
        ("insights", {"prefect", "streamlit", "flows", "dashboard"}),
        ("dashboard", {"prefect", "flows", "duckdb", "sqlalchemy"}),
        ("flows", {"streamlit", "dashboard", "duckdb", "sqlalchemy"}),
    ],
)
def test_tops_do_not_see_each_other(top: str, forbidden: set[str]) -> None:
    found = modules(top)
    assert found, f"{top}/ holds no module"
    offences = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in found
        for name in imports(path)
        if name.split(".")[0] in forbidden
    ]
    assert offences == []


def test_core_imports_no_edge_and_base_no_core() -> None:
    offences = []
    for path in modules("insights"):
        own = layer(path)
        for name in imports(path):
            parts = name.split(".")
            if own != "edge" and parts[0] in EDGE_LIBRARIES:
                offences.append(f"{path.relative_to(ROOT)} imports {name}")
            if parts[0] == "insights" and len(parts) > 1:
                target = (
                    "edge" if parts[1] in EDGES else "base" if parts[1] in BASE or parts[1].startswith("__") else "core"
                )
                rank = {"base": 0, "core": 1, "edge": 2}
                if rank[target] > rank[own]:
                    offences.append(f"{path.relative_to(ROOT)} ({own}) imports {name} ({target})")
    assert offences == []


def test_only_simulation_and_bench_know_the_truth() -> None:
    readers = [
        path.relative_to(ROOT).as_posix()
        for top in ("insights", "flows", "dashboard")
        for path in modules(top)
        if "truth/" in path.read_text(encoding="utf-8") or '"truth"' in path.read_text(encoding="utf-8")
    ]
    assert [
        name for name in readers if not name.startswith(("insights/simulate/", "insights/bench/", "insights/cli/demo"))
    ] == []


def test_no_registry_host_is_named() -> None:
    hosts = ["py" + "pi.org", "python" + "hosted.org", "registry." + "npmjs", "deb." + "debian.org"]
    named = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in [
            ROOT / "requirements.lock",
            ROOT / "pyproject.toml",
            ROOT / "Makefile",
            ROOT / "README.md",
            *modules("insights"),
        ]
        if path.exists()
        for host in hosts
        if host in path.read_text(encoding="utf-8")
    ]
    assert named == []
