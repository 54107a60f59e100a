"""`voc scores`: figures published before this system, as frozen months; and what has changed since it was published."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Annotated

import typer

from insights.cli.say import say
from insights.errors import VocError
from insights.settings import default_settings

app = typer.Typer(no_args_is_help=True, help="Published scores: import past ones, list what was restated.")


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(help="CSV, TSV or XLSX: month, metric, survey, value, n; segment and scale if any.")
    ],
) -> None:
    """Keep scores published in the past as frozen months. Rows that cannot be kept are named with their reason."""
    from insights.cli.bench import read_frame
    from insights.steps.freeze import import_scores
    from insights.steps.stores import stores

    table = read_frame(file)
    with stores(default_settings()) as (lake, ledger):
        report, found = import_scores(lake, ledger, run_id=f"cli-{uuid.uuid4()}", table=table, name=file.name)
    for sentence in found.refused:
        say(f"  REFUSED {sentence}")
    say(report.sentence())
    if found.refused:
        raise VocError(f"{len(found.refused)} row(s) refused: see the lines above. The others are kept.")


@app.command("restated")
def restated() -> None:
    """List the published figures that are others now."""
    from insights.steps.stores import stores

    with stores(default_settings()) as (lake, _):
        rows = lake.read("SELECT * FROM restatement ORDER BY month DESC, metric, survey, scale, segment")
    columns = ["month", "metric", "survey", "segment", "value_published", "value_now", "n_published", "n_now", "origin"]
    say(rows[columns].round(1).to_string(index=False) if len(rows) else "No published figure has changed.")
