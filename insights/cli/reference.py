"""docs/reference.md, made from the code: every command, setting, table, source and metric. A test holds it true."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer
from typer.main import get_command

from insights.contracts import TABLES
from insights.metrics import METRICS
from insights.settings import PREFIX, Settings
from insights.sources import RecordSource, registry

DOCS = Path(__file__).parents[2] / "docs"
TARGET = DOCS / "reference.md"
SOURCES = DOCS / "sources.md"
MEASURED = DOCS / "sources_measured.json"
BEGIN, END = "<!-- made by `voc reference`: begin -->", "<!-- made by `voc reference`: end -->"


def reference(app: typer.Typer) -> str:
    """The whole document."""
    lines = ["# Reference", "", "Made by `voc reference` from the code; do not edit by hand."]
    for title, rows in (
        ("Commands", commands(app)),
        ("Settings", settings()),
        ("Metrics", metrics()),
        ("Sources", sources()),
        ("Tables", tables()),
    ):
        lines += ["", f"## {title}", "", *rows]
    return "\n".join(lines) + "\n"


def commands(app: typer.Typer) -> Iterator[str]:
    """One line a command, with its options."""
    yield from ("| command | what it does | arguments and options |", "|---|---|---|")
    root = get_command(app)
    for path, command in _walk("voc", root):
        parts = [_parameter(parameter) for parameter in command.params if parameter.name != "help"]
        yield f"| `{path}` | {(command.help or '').splitlines()[0]} | {', '.join(parts)} |"


def _parameter(parameter: object) -> str:
    options = getattr(parameter, "opts", [])
    name = str(getattr(parameter, "name", ""))
    return f"`{max(options, key=len) if options and options[0].startswith('-') else name.upper()}`"


def _walk(path: str, command: object) -> Iterator[tuple[str, typer.core.TyperCommand]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield path, command  # type: ignore[misc]
        return
    for name in sorted(children):
        yield from _walk(f"{path} {name}", children[name])


def settings() -> Iterator[str]:
    """One line a setting."""
    yield from ("| setting | default | meaning |", "|---|---|---|")
    for name, field in Settings.model_fields.items():
        default = ", ".join(field.default) if isinstance(field.default, tuple) else field.default
        shown = "" if default is None or default == "" else f"`{default}`"
        yield f"| `{PREFIX}{name.upper()}` | {shown} | {field.description} |"


def metrics() -> Iterator[str]:
    """One line a metric."""
    yield from ("| metric | in French | in English | numerator | denominator |", "|---|---|---|---|---|")
    for metric in METRICS.values():
        yield f"| `{metric.name}` | {metric.label_fr} | {metric.label_en} | {metric.numerator} | {metric.denominator} |"


def sources() -> Iterator[str]:
    """One line a source."""
    yield from ("| source | files | what arrives |", "|---|---|---|")
    for source in registry().values():
        target = "feedback" if isinstance(source, RecordSource) else source.table
        yield f"| `{source.name}` | {', '.join(f'`{p}`' for p in source.patterns)} | {target} |"


def sources_page(page: str) -> str:
    """docs/sources.md with its table renewed between the two marks."""
    head, _, rest = page.partition(BEGIN)
    tail = rest.partition(END)[2]
    return f"{head}{BEGIN}\n" + "\n".join(_sources_table()) + f"\n{END}{tail}"


def _sources_table() -> Iterator[str]:
    """Source, ways in, real payload tried, rows in and out, what is set aside and why."""
    measured: dict[str, list[dict[str, Any]]] = {}
    for row in json.loads(MEASURED.read_text(encoding="utf-8")):
        measured.setdefault(row["source"], []).append(row)
    yield "| source | ways in | real payload tried | read | in | again | quarantined | set aside, and why |"
    yield "|---|---|---|---|---|---|---|---|"
    feedback = [source for source in registry().values() if isinstance(source, RecordSource)]
    known = {source.name for source in feedback}
    for source in feedback:
        rows = measured.get(source.name, [{}])
        for row in rows:
            yield _source_line(source.title or source.name, _ways(source), row, source.set_aside)
    for name in sorted(set(measured) - known):
        for row in measured[name]:
            yield _source_line(f"{name} (mapping)", "file", row, {})


def _ways(source: RecordSource) -> str:
    ways = ["file " + " ".join(f"`{pattern}`" for pattern in source.patterns)] if source.patterns else []
    ways += [f"webhook `/hooks/{source.name}`"] if source.hook else []
    return ", ".join([*ways, *([f"`voc pull {source.name}`"] if source.pull else [])])


def _source_line(title: str, ways: str, row: Mapping[str, Any], why: Mapping[str, str]) -> str:
    counts = row.get("set_aside", {})
    aside = "; ".join(
        f"{code}{f' {counts[code]}' if code in counts else ''}: {why.get(code, '')}".rstrip(": ")
        for code in sorted({*why, *counts})
    )
    bad = ", ".join(f"{reason} {n}" for reason, n in sorted(row.get("quarantined", {}).items()))
    if not row:
        return f"| {title} | {ways} | none: fixtures only |  |  |  |  | {aside} |"
    files = f"{row['payload']} ({row['n_files']} file{'s' * (row['n_files'] > 1)})"
    return f"| {title} | {ways} | {files} | {row['n_read']} | {row['n_in']} | {row['n_again']} | {bad} | {aside} |"


def tables() -> Iterator[str]:
    """One section a table."""
    for table in TABLES:
        yield from (
            f"### {table.name}",
            "",
            f"One row per {table.grain}. Key: {', '.join(table.key)}. {table.kind.title()}.",
        )
        yield from ("", "| column | type | meaning |", "|---|---|---|")
        for column in table.columns:
            yield f"| {column.name} | {column.type} | {column.doc} |"
        yield ""
