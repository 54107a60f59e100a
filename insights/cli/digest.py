"""`voc digest`: write the week's digests, send them, or write one again as it was sent."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.say import say
from insights.errors import DeliveryError, SettingsError
from insights.settings import default_settings

if TYPE_CHECKING:
    from insights.lake import Lake
    from insights.ledger import Ledger

Send = Annotated[bool, typer.Option("--send", help="Really send mails and posts, whatever VOC_DRY_RUN says.")]
Owner = Annotated[str | None, typer.Option(help="Only this owner's digest (id in owners.yaml), due or not.")]
Replay = Annotated[
    str | None,
    typer.Option(help="Write this digest again as it was sent (publication id, as digest-2026-10-26-billing-fr)."),
]


def digest(send: Send = False, owner: Owner = None, replay: Replay = None) -> None:
    """Write this week's irritant digests to files, and send them with --send."""
    from insights.steps.digest import digest as step
    from insights.steps.stores import stores

    if replay and (send or owner):
        raise SettingsError("--replay only writes files again: use it without --send and --owner.")
    with stores(default_settings()) as (lake, ledger):
        if replay:
            _replay(lake, ledger, replay)
            return
        run_id = f"cli-{uuid.uuid4()}"
        report = step(lake, ledger, run_id=run_id, dry_run=False if send else None, owner_id=owner)
    say(report.sentence())


def _replay(lake: Lake, ledger: Ledger, publication_id: str) -> None:
    from insights.steps.digest_replay import replay

    done = replay(lake, ledger, publication_id)
    say(done.sentence())
    if not done.honest:
        raise DeliveryError("The rows of the table published no longer give what was sent.")
