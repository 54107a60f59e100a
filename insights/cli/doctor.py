"""`voc doctor`: every setting with its value and source, and what can be checked, checked."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.table import Table

from insights.settings import Settings, load_settings, setting_source


def doctor() -> None:
    """Print settings and checks; exit 1 when a check fails."""
    from insights.cli.checks import all_checks

    settings = load_settings()
    console = Console(width=max(Console().width, 160))
    console.print(settings_table(settings))
    checks = list(all_checks(settings))
    table = Table("check", "", "what was seen", title="Checks")
    for name, passed, seen in checks:
        table.add_row(name, "[green]ok[/]" if passed else "[red]FAILS[/]", seen)
    console.print(table)
    if not all(passed for _, passed, _ in checks):
        raise typer.Exit(1)


def settings_table(settings: Settings) -> Table:
    """Every setting, secrets masked, with where it comes from."""
    table = Table("setting", "value", "source", "meaning", title="Settings")
    for name, field in Settings.model_fields.items():
        table.add_row(
            f"VOC_{name.upper()}", str(getattr(settings, name)), setting_source(name, settings), field.description
        )
    return table
