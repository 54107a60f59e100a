"""`voc outbox`: where cases and notices go, what waits, what was given up, and how it is taken up again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from insights.cli.irritants import ME
from insights.cli.say import say
from insights.errors import DeliveryError
from insights.settings import default_settings

app = typer.Typer(no_args_is_help=True, help="Deliveries of cases and notices: endpoints, dead letters, tests.")

Name = Annotated[str, typer.Argument(help="Name of an endpoint, as `voc outbox list` shows it.")]
Actor = Annotated[str, typer.Option("--by", help="Who decides.", show_default="your login")]


@app.command("list")
def list_() -> None:
    """Every endpoint with what waits, arrived and was given up there, and its health."""
    from insights.ledger import open_ledger
    from insights.outbox.control import dead_letters, folded
    from insights.outbox.endpoints import load_directory

    settings = default_settings()
    endpoints = load_directory(settings, dry_run=settings.dry_run).endpoints
    with open_ledger(settings) as ledger:
        for endpoint in endpoints.values():
            box = folded(ledger, endpoint)
            state = "off (410)" if box.disabled else box.breaker.state(datetime.now(UTC))
            n_there = sum(one.state == "delivered" for one in box.deliveries.values())
            counts = f"{len(box.live())} waiting, {n_there} delivered, {len(dead_letters(box))} given up"
            say(f"{endpoint.endpoint_id}  {endpoint.kind}  {state}  {counts}")
    if settings.dry_run:
        say("VOC_DRY_RUN is on: deliveries are written to files, nothing is sent.")


@app.command()
def dead(name: Annotated[str, typer.Argument(help="Only this endpoint's.")] = "") -> None:
    """Messages that were given up: id, endpoint, case, tries, and why."""
    from insights.ledger import open_ledger
    from insights.outbox.control import dead_letters, folded
    from insights.outbox.endpoints import load_directory

    settings = default_settings()
    directory = load_directory(settings, dry_run=settings.dry_run)
    wanted = [directory.named(name)] if name else list(directory.endpoints.values())
    n_found = 0
    with open_ledger(settings) as ledger:
        for endpoint in wanted:
            for one in dead_letters(folded(ledger, endpoint)):
                n_found += 1
                tries = f"{one.n_attempts} tries"
                say(f"{one.message_id}  {endpoint.endpoint_id}  case {one.case_id}  {one.kind}  {tries}  {one.why}")
    if not n_found:
        say("No dead letter: everything given up speaks of cases that have ended, or there is none.")


@app.command()
def replay(
    name: Name,
    message_ids: Annotated[list[str] | None, typer.Argument(help="Ids of dead letters; none: all of them.")] = None,
    by: Actor = ME,
) -> None:
    """Send dead letters again, under their old ids: the next delivery takes them."""
    from insights.ledger import open_ledger
    from insights.outbox.control import dead_letters, folded
    from insights.outbox.control import replay as again
    from insights.outbox.endpoints import load_directory

    settings = default_settings()
    endpoint = load_directory(settings, dry_run=settings.dry_run).named(name)
    with open_ledger(settings) as ledger:
        wanted = message_ids or [one.message_id for one in dead_letters(folded(ledger, endpoint))]
        n_done = sum(again(ledger, endpoint, one, actor=by, at=datetime.now(UTC)) for one in wanted)
    say(f"{n_done} dead letters of {name} will be sent again.")


@app.command()
def enable(name: Name, by: Actor = ME) -> None:
    """Take deliveries up again: after a 410, or at once after a failure that is mended."""
    from insights.ledger import open_ledger
    from insights.outbox.control import enable as take_up
    from insights.outbox.endpoints import load_directory

    settings = default_settings()
    endpoint = load_directory(settings, dry_run=settings.dry_run).named(name)
    with open_ledger(settings) as ledger:
        take_up(ledger, endpoint, actor=by, at=datetime.now(UTC))
    say(f"{name}: deliveries go on.")


@app.command()
def test(
    name: Name,
    send: Annotated[bool, typer.Option("--send", help="Really ask, whatever VOC_DRY_RUN says.")] = False,
) -> None:
    """Send a signed test message, ask the CRM who we are, or write to the channel; no case is touched."""
    from insights.outbox.endpoints import load_directory
    from insights.outbox.trial import trial

    settings = default_settings()
    dry = settings.dry_run and not send
    endpoint = load_directory(settings, dry_run=dry).named(name)
    if dry:
        say(f"{name}: {endpoint.kind}, not asked (dry run); --send asks.")
        return
    answer = trial(endpoint, datetime.now(UTC))
    if not answer.ok:
        raise DeliveryError(f"{name} did not take it: {answer.detail or answer.error or answer.status}.")
    say(f"{name} answered {answer.status}.")


@app.command()
def poll() -> None:
    """Read outcomes from the CRMs that are to be read, and the states of issues from Jira."""
    from insights.ledger import open_ledger
    from insights.steps.deliver import read_outcomes
    from insights.steps.jira import read_states

    settings = default_settings()
    with open_ledger(settings) as ledger:
        told = [*read_outcomes(ledger, settings), *read_states(ledger, settings, at_once=True)]
        for line in told or ["No endpoint has `poll: true`, and none is a Jira."]:
            say(line)
