"""`voc pull`: ask sources for what is new, now."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Annotated

import typer

from insights.cli.say import say
from insights.errors import VocError
from insights.settings import default_settings

Name = Annotated[str, typer.Argument(help="Name of the source; without one, all that are configured.")]


def pull(source: Name = "") -> None:
    """Ask a source for its news (X, Mastodon, Trustpilot, ...): pages, rate limits and retries are taken care of."""
    from insights.steps.pull import pull as one
    from insights.steps.pull import pull_all
    from insights.steps.stores import stores

    with stores(default_settings()) as (lake, ledger):
        run_id = f"cli-{uuid.uuid4()}"
        report = (
            one(lake, ledger, source, run_id=run_id, say=say)
            if source
            else pull_all(lake, ledger, run_id=run_id, say=say, every=timedelta(0))
        )
    say(report.sentence())
    if report.note.get("failed"):
        raise VocError(f"{', '.join(report.note['failed'])} could not be pulled: see the lines above.")
