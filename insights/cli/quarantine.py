"""`voc quarantine`: what was refused, and a second try after its cause was mended."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from insights.cli.say import say
from insights.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Rows that were refused: see them, try them again.")


@app.command("list")
def listed() -> None:
    """Rows that wait by source and reason, without a word of them, and the day the first of each is deleted."""
    from insights.steps.quarantine import batches
    from insights.steps.stores import stores

    with stores(load_settings()) as (lake, _):
        found = batches(lake)
    for row in found.to_dict("records"):
        say(f"{row['source']}  {row['reason']}: {row['n']} row(s) of {row['n_files']} file(s), {row['detail']}")
        say(f"  first deleted after {str(row['expires_on'])[:10]}; try again: voc quarantine retry {row['source']}")
    if found.empty:
        say("Nothing waits in quarantine.")


@app.command()
def retry(
    source: Annotated[str, typer.Argument(help="Name of the source or mapping.")],
    reason: Annotated[str, typer.Option(help="Only rows refused for this reason.")] = "",
    row: Annotated[list[str] | None, typer.Option(help="Only this row, by its id; may be given several times.")] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="Mapping file that reads them; else the one in the drop folder.")
    ] = None,
) -> None:
    """Try refused rows again, after a mapping, sources.yaml or a lexicon was mended. Those that fail again stay."""
    from insights.steps import quarantine
    from insights.steps.stores import stores

    with stores(load_settings()) as (lake, ledger):
        told = quarantine.retry(
            lake, ledger, source, actor=getpass.getuser(), reason=reason, source_ids=row or [], mapping=mapping
        )
    say(told.sentence())
