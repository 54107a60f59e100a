"""`voc actions`: the work that removes irritants, and what was shown of it. Every change is an event that can be undone."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.irritants import ME
from insights.cli.say import say
from insights.settings import default_settings

if TYPE_CHECKING:
    from insights.actions.book import Book
    from insights.actions.edit import Draft
    from insights.lake import Lake
    from insights.ledger import Ledger

app = typer.Typer(no_args_is_help=True, help="Actions on irritants: who does what until when, and did it work.")

Id = Annotated[str, typer.Argument(help="Id of an action, such as ACT-0001.")]
Actor = Annotated[str, typer.Option("--by", help="Who decides.", show_default="your login")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]
Many = Annotated[list[str] | None, typer.Option()]


@contextmanager
def _stores() -> Iterator[tuple[Lake, Ledger]]:
    from insights.steps.stores import stores

    with stores(default_settings()) as both:
        yield both


def _record(build: Callable[[Book], Draft], by: str) -> None:
    from insights.steps.actions import record

    with _stores() as (_, ledger):
        say(f"{record(ledger, build, actor=by, at=default_settings().business_now())}: noted")


@app.command("list")
def list_() -> None:
    """Actions, the overdue ones first, with the verdict on each."""
    from insights.actions.picture import action_frame
    from insights.steps.actions import book

    with _stores() as (lake, ledger):
        known = book(ledger)
        frame = action_frame(known.actions.values(), {}, default_settings().business_day())
        fixes = lake.read("SELECT action_id, verdict FROM fix WHERE speaks")
    verdicts = dict(zip(fixes["action_id"], fixes["verdict"], strict=True))
    for row in frame.to_dict("records"):
        late = f"{row['days_late']} days late" if row["days_late"] else ""
        parts = [row["action_id"], row["irritant_id"], row["state"], str(row["planned_on"] or "-"), row["title"]]
        say("  ".join([*parts, row["owner"] or "-", verdicts.get(row["action_id"], ""), late]).rstrip())
    if frame.empty:
        say("No action yet: `voc actions add` or `voc actions import` declares them.")


@app.command()
def add(
    irritant_id: Annotated[str, typer.Argument(help="The irritant it works on, such as IR-0007.")],
    title: Annotated[str, typer.Argument(help="What is done, in a few words; names of people are masked.")],
    owner: str | None = None,
    kind: Annotated[str, typer.Option(help="fix, training or message.")] = "fix",
    expect: Annotated[float | None, typer.Option(help="Share of the mentions it should remove, 0 to 1.")] = None,
    days: Annotated[float | None, typer.Option(help="Effort in days of work.")] = None,
    cost: Annotated[float | None, typer.Option(help="Cost in euros.")] = None,
    start: Day = None,
    due: Day = None,
    delay: Annotated[int, typer.Option(help="Weeks from the start until an effect is expected.")] = 0,
    reason: Many = None,
    measure: Many = None,
    by: Actor = ME,
) -> None:
    """Declare an action before it starts: what it is judged on cannot change afterwards."""
    from insights.steps.actions import declare

    told = {
        "irritant_id": irritant_id,
        "title": title,
        "owner": owner,
        "kind": kind,
        "expected_share": expect,
        "effort_days": days,
        "cost_eur": cost,
        "start_on": _day(start),
        "planned_on": _day(due),
        "decided_on": default_settings().business_day(),
        "delay_weeks": delay,
        "reasons": tuple(reason or ()),
        "measures": tuple(measure or (["contacts"] if reason else ["mentions"])),
    }
    with _stores() as (lake, ledger):
        say(f"{declare(lake, ledger, told, actor=by, at=default_settings().business_now())}: declared")


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None


@app.command()
def state(
    action_id: Id,
    to: Annotated[str, typer.Argument(help="planned, running, done or dropped.")],
    on: Day = None,
    by: Actor = ME,
) -> None:
    """The action is planned, running, done or dropped."""
    from insights.actions.edit import set_state

    day = _day(on) or default_settings().business_day()
    _record(lambda known: set_state(known, action_id, to, day), by)


@app.command()
def draw(
    action_id: Id,
    dimension: Annotated[str, typer.Option(help="team or site.")] = "team",
    seed: Annotated[int | None, typer.Option(help="Same seed, same draw.")] = None,
    by: Actor = ME,
) -> None:
    """Draw half of the teams at random, by site, before the action starts: the strongest proof there is."""
    from insights.steps.actions import book, draw_units

    settings = default_settings()
    with _stores() as (lake, ledger):
        at = settings.business_now()
        draw_units(lake, ledger, action_id, dimension, actor=by, at=at, seed=settings.seed if seed is None else seed)
        drawn = book(ledger).actions[action_id].comparison
    say(f"{action_id}: {', '.join(drawn.treated)}")


@app.command()
def send(
    action_id: Id,
    to: Annotated[str, typer.Option(help="Name of a jira endpoint; none: the only one there is.")] = "",
    language: Annotated[str, typer.Option(help="fr or en: of the issue.")] = "fr",
    by: Actor = ME,
) -> None:
    """Queue an action for Jira: the next delivery makes its issue, once."""
    from insights.steps import jira
    from insights.steps.actions import book
    from insights.steps.resolved import registry

    settings = default_settings()
    endpoint = jira.tracker_of(settings, to)
    with _stores() as (_, ledger):
        action = book(ledger).known(action_id)
        found = registry(ledger).irritants.get(action.irritant_id)
        name = found.label(language)[0] if found else action.irritant_id
        at = settings.business_now()
        new = jira.send(ledger, settings, endpoint, action, name, "", language, actor=by, at=at)
    say(f"{action_id}: {'queued for' if new else 'was queued before for'} {endpoint.endpoint_id}")


@app.command("import")
def import_(
    path: Path,
    dated: Annotated[bool, typer.Option("--dated", help="Each event carries the day the file says.")] = False,
    by: Actor = ME,
) -> None:
    """Declare the actions of a file (YAML); those known by title and start are passed over."""
    from insights.steps.actions import import_actions

    with _stores() as (lake, ledger):
        made = import_actions(lake, ledger, path, actor=by, at=default_settings().business_now(), dated=dated)
    say(f"{len(made)} declared {' '.join(made)}".rstrip())


@app.command()
def log(action_id: Annotated[str | None, typer.Argument(help="Only events of this one.")] = None) -> None:
    """What was decided, newest first, with the number each event is undone by."""
    from insights.steps.actions import history

    with _stores() as (_, ledger):
        for row in history(ledger, action_id).head(200).to_dict("records"):
            gone = "  (undone)" if row["undone"] else f"  (not counted: {row['refused']})" if row["refused"] else ""
            said = {name: value for name, value in row["payload"].items() if value}
            say(f"{row['event_id']}  {row['at']:%Y-%m-%d}  {row['actor']}  {row['kind']} {row['subject']} {said}{gone}")


@app.command()
def undo(event_id: int, by: Actor = ME) -> None:
    """Take back one event of an action; undoing an undo brings it back."""
    from insights.steps.actions import undo as take_back

    with _stores() as (_, ledger):
        say(f"{take_back(ledger, event_id, actor=by, at=default_settings().business_now())}: taken back")


@app.command()
def prove() -> None:
    """Estimate what every action did, and rewrite the ledger of fixes."""
    from insights.steps.prove import prove as step

    with _stores() as (lake, ledger):
        report = step(lake, ledger, run_id=f"cli-{uuid.uuid4()}")
    say(report.sentence())
    for line in report.note.get("verdicts", []):
        say(f"  {line}")
    for line in report.note.get("unreadable", []):
        say(f"  could not be read: {line}")


@app.command()
def told(
    action_id: Id,
    approve: Annotated[str, typer.Option("--approve", help="Approve the message shown with this digest.")] = "",
    export: Annotated[bool, typer.Option("--export", help="Write the approved list for your sending tool.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Export a list that was exported before.")] = False,
    by: Actor = ME,
) -> None:
    """Show who would be told that a proven action works, and in which words; approve; export."""
    from insights.steps import told as steps

    with _stores() as (lake, ledger):
        if approve:
            steps.approve(lake, ledger, action_id, approve, actor=by)
        found = steps.telling(lake, ledger, action_id)
        say(
            f"{action_id}: {len(found.customers)} customers may be told; "
            + (f"approved by {found.by}" if found.approved else "not approved")
            + (f"; {found.n_told} stand on a list that left before" if found.n_told else "")
        )
        for language, text in found.texts.items():
            say(f"[{language}] {text}")
        say(f"digest of this text: {found.digest}")
        if export:
            say(str(steps.export_told(lake, ledger, action_id, actor=by, again=again)))


@app.command()
def sheet(action_id: Id, language: Annotated[str, typer.Option(help="fr or en.")] = "fr") -> None:
    """Write the situation sheet of an action (PDF): what customers say, and room for what to say instead."""
    from insights.steps.sheet import write_sheet

    with _stores() as (lake, ledger):
        say(str(write_sheet(lake, ledger, action_id, language)))


@app.command("director-page")
def director_page(language: Annotated[str, typer.Option(help="fr or en.")] = "fr") -> None:
    """Write the director's page of the last complete month (PDF): scores, priorities, verdicts, promises."""
    from insights.steps.director import write_director_page

    with _stores() as (lake, ledger):
        say(str(write_director_page(lake, ledger, language)))
