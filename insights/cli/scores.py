"""`voc scores`: figures published before this system, as frozen months; and what has changed since it was published."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from insights.cli.say import say
from insights.errors import VocError
from insights.settings import default_settings

app = typer.Typer(
    no_args_is_help=True, help="Published scores: import past ones, take one back, list what was restated."
)


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
    columns = ["month", "metric", "survey", "scale", "segment", "value_published", "value_now", "n_published", "n_now"]
    columns += ["corrected_published", "corrected_now", "origin"]
    say(rows[columns].round(1).to_string(index=False) if len(rows) else "No published figure has changed.")


@app.command("withdraw")
def withdraw(
    month: Annotated[str, typer.Argument(help="Month of the imported figure, such as 2024-03.")],
    item: Annotated[str, typer.Argument(help="metric/survey/scale/segment, such as 'nps/relational/0-10/(all)'.")],
    reason: Annotated[str, typer.Option(help="Why; kept with the figure.")],
) -> None:
    """Take back a figure that was imported by mistake. It stays in the lake as withdrawn, with the reason."""
    from insights.steps.freeze import withdraw_score
    from insights.steps.stores import stores

    try:
        first = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        raise VocError(f"Month {month!r} is not a month such as 2024-03.") from None
    with stores(default_settings()) as (lake, _):
        report = withdraw_score(lake, run_id=f"cli-{uuid.uuid4()}", month=first, item=item, reason=reason)
    say(report.sentence())
