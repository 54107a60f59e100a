"""`voc intake`: webhooks in."""

from __future__ import annotations

from typing import Annotated

import typer

from insights.cli.say import say
from insights.errors import SettingsError
from insights.settings import default_settings


def intake(
    host: Annotated[
        str, typer.Option(help="Address; any but this machine's must stand behind a TLS proxy.")
    ] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="Port; else VOC_INTAKE_PORT.")] = None,
    worker: Annotated[bool, typer.Option(help="Start the worker too, and start it again when it dies.")] = True,
    worker_only: Annotated[bool, typer.Option("--worker-only", help="Only the worker, in this process.")] = False,
) -> None:
    """Take webhooks until Ctrl-C: each event is verified, kept, redacted and its case opened within seconds."""
    settings = default_settings()
    if worker_only:
        if not worker:
            raise SettingsError("--worker-only and --no-worker leave nothing to do: give one of them.")
        from insights.intake.worker import main

        raise typer.Exit(main([]))
    from insights.intake.service import run
    from insights.key_book import first_start

    for line in first_start(settings):
        say(line)
    run(settings, host, port or settings.intake_port, worker=worker, say=say)
