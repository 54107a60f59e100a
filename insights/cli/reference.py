"""docs/reference.md, made from the code: every command, setting, table, source and metric. A test holds it true."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import typer
from typer.main import get_command

from insights.contracts import TABLES
from insights.metrics import METRICS
from insights.settings import PREFIX, Settings
from insights.sources import RecordSource, registry

TARGET = Path(__file__).parents[2] / "docs" / "reference.md"


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
