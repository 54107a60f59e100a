"""`voc irritants`: the registry of irritants from the command line. Every change is an event that can be undone."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.say import say
from insights.irritants import edit
from insights.settings import default_settings

if TYPE_CHECKING:
    from insights.irritants.registry import Registry
    from insights.lake import Lake
    from insights.ledger import Ledger

app = typer.Typer(no_args_is_help=True, help="The registry of irritants: names, merges, splits, themes, corrections.")

Id = Annotated[str, typer.Argument(help="Id of an irritant, such as IR-0007.")]
Fr = Annotated[str | None, typer.Option("--fr", help="Name in French.")]
En = Annotated[str | None, typer.Option("--en", help="Name in English.")]
Actor = Annotated[str, typer.Option("--by", help="Who decides.", show_default="your login")]


def _me() -> str:
    """The login of who types; a process without one, as in some containers, is `unknown`."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "unknown"


ME = _me()


@contextmanager
def _stores() -> Iterator[tuple[Lake, Ledger]]:
    from insights.steps.stores import stores

    with stores(default_settings()) as both:
        yield both


@app.command("list")
def list_(
    everything: Annotated[bool, typer.Option("--all", help="Merged ones too.")] = False,
    language: Annotated[str, typer.Option(help="fr or en.")] = "fr",
) -> None:
    """Irritants by theme, with their owner and how many texts they hold."""
    from insights.steps.resolved import registry, seen

    with _stores() as (lake, ledger):
        known = registry(ledger)
        counts = seen(lake, ledger, known).read("SELECT irritant_id, count(*) AS n FROM irritant_now GROUP BY 1")
    n_of = dict(zip(counts["irritant_id"], counts["n"], strict=True))
    shown = known.irritants.values() if everything else known.living()
    for one in sorted(shown, key=lambda one: (one.parent or "~", -n_of.get(one.irritant_id, 0), one.irritant_id)):
        theme = known.theme_of(one.irritant_id)
        parts = [one.irritant_id, one.label(language)[0], f"{n_of.get(one.irritant_id, 0)} mentions", one.status]
        parts += [theme.label(language)[0] if theme else "-", one.owner or "-", *(["hidden"] if one.hidden else [])]
        say("  ".join(parts))
    for theme in known.themes.values():
        say(f"{theme.theme_id}  {theme.label(language)[0]}")


@app.command("log")
def log(irritant_id: Annotated[str | None, typer.Argument(help="Only events of this one.")] = None) -> None:
    """What was decided, newest first, with the number each event is undone by."""
    from insights.steps.curate import history

    with _stores() as (_, ledger):
        for row in history(ledger, irritant_id).head(200).to_dict("records"):
            gone = "  (undone)" if row["undone"] else ""
            said = {name: value for name, value in row["payload"].items() if value and name != "keywords"}
            say(f"{row['event_id']}  {row['at']:%Y-%m-%d}  {row['actor']}  {row['kind']} {row['subject']} {said}{gone}")


@app.command()
def rename(irritant_id: Id, fr: Fr = None, en: En = None, definition: str | None = None, by: Actor = ME) -> None:
    """Give an irritant another name or a definition."""
    _record(lambda known: edit.rename(known, irritant_id, label_fr=fr, label_en=en, definition=definition), by)


@app.command()
def merge(
    irritant_id: Id, into: Annotated[str, typer.Argument(help="The irritant that stays.")], by: Actor = ME
) -> None:
    """Make an irritant part of another."""
    _record(lambda known: edit.merge(known, irritant_id, into), by)


@app.command()
def split(
    irritant_id: Id,
    take: Annotated[
        str, typer.Option(help="Numbers of the groups to take out, comma separated; none: show them.")
    ] = "",
    fr: Fr = None,
    en: En = None,
    by: Actor = ME,
) -> None:
    """Show the groups inside an irritant, or take one or several out as irritants of their own."""
    from dataclasses import replace

    from insights.steps.curate import record
    from insights.steps.resolved import registry
    from insights.steps.suggest import suggest_parts

    with _stores() as (lake, ledger):
        found = suggest_parts(lake, ledger, irritant_id)
        if not take:
            for number, one in enumerate(found, start=1):
                say(f"{number}  {one.part.label_fr or one.part.label_en}  {one.share:.0%}  « {one.examples[0]} »")
            say("Take groups out with --take 1,2." if found else f"{irritant_id}: its texts do not fall into groups.")
            return
        picked = [found[number - 1].part for number in _numbers(take, len(found))]
        if (fr or en) and len(picked) == 1:
            picked = [replace(picked[0], label_fr=fr, label_en=en, label_source=edit.PERSON)]
        at = lake.settings.business_now()
        record(ledger, [edit.split(registry(ledger), irritant_id, picked)], actor=by, at=at)
    say(f"{irritant_id}: {len(picked)} irritant(s) taken out.")


@app.command()
def theme(
    irritant_id: Annotated[
        str | None, typer.Argument(help="Irritant to put there; none: only make or rename it.")
    ] = None,
    to: Annotated[str | None, typer.Option(help="Id of a theme, such as TH-01.")] = None,
    fr: Fr = None,
    en: En = None,
    by: Actor = ME,
) -> None:
    """Make or rename a theme, and put an irritant there (without --to and names: under none)."""
    if fr or en:
        to = _record(lambda known: edit.theme(known, to, label_fr=fr, label_en=en), by)
    if irritant_id:
        _record(lambda known: edit.move(known, irritant_id, to), by)


@app.command()
def owner(
    irritant_id: Id, name: Annotated[str, typer.Argument(help="Who owns it; '' for nobody.")], by: Actor = ME
) -> None:
    """Give an irritant to a product owner."""
    _record(lambda known: edit.own(known, irritant_id, name), by)


@app.command()
def retire(irritant_id: Id, by: Actor = ME) -> None:
    """Mark an irritant as dormant."""
    _record(lambda known: edit.retire(known, irritant_id), by)


@app.command()
def wake(irritant_id: Id, by: Actor = ME) -> None:
    """Make a dormant irritant active again."""
    _record(lambda known: edit.wake(known, irritant_id), by)


@app.command()
def hide(irritant_id: Id, by: Actor = ME) -> None:
    """Leave an irritant out of lists, the ranking and digests; it is counted all the same."""
    _record(lambda known: edit.hide(known, irritant_id), by)


@app.command()
def show(irritant_id: Id, by: Actor = ME) -> None:
    """Bring a hidden irritant back."""
    _record(lambda known: edit.show(known, irritant_id), by)


@app.command()
def undo(
    event_id: Annotated[int, typer.Argument(help="Number of the event, from `voc irritants log`.")], by: Actor = ME
) -> None:
    """Take a decision back."""
    from insights.steps import curate

    with _stores() as (lake, ledger):
        curate.undo(ledger, event_id, actor=by, at=lake.settings.business_now())
    say(f"Event {event_id} no longer counts.")


@app.command()
def proposals() -> None:
    """Changes the last discovery proposes, with their evidence."""
    from insights.steps.curate import open_proposals

    with _stores() as (_, ledger):
        found = open_proposals(ledger)
    for one in found:
        evidence = ", ".join(f"{name} {value:.2g}" for name, value in one.payload.get("evidence", {}).items())
        say(f"{one.event_id}  {one.kind} {' + '.join(one.irritant_ids)}  ({evidence})")
    say("Decide with `voc irritants accept N` or `voc irritants refuse N`." if found else "Nothing waits for a person.")


@app.command()
def accept(event_id: int, by: Actor = ME) -> None:
    """Take a proposal."""
    from insights.steps import curate

    with _stores() as (lake, ledger):
        curate.take(ledger, event_id, actor=by, at=lake.settings.business_now())
    say(f"Proposal {event_id} taken.")


@app.command()
def refuse(event_id: int, by: Actor = ME) -> None:
    """Refuse a proposal: it is not made again."""
    from insights.steps import curate

    with _stores() as (lake, ledger):
        curate.refuse(ledger, event_id, actor=by, at=lake.settings.business_now())
    say(f"Proposal {event_id} refused.")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The code frame: CSV, TSV, XLSX or JSON Lines, one row a cause.")],
    by: Actor = ME,
) -> None:
    """Seed the registry from an existing code frame (label, definition, examples, owner, theme) and map the history."""
    from insights.cli.bench import read_frame as read_table
    from insights.irritants.frame import read_frame
    from insights.steps.adopt import adopt

    entries = read_frame(read_table(file).to_dict("records"), file.name)
    with _stores() as (lake, ledger):
        found = adopt(lake, ledger, entries, source=file.name, actor=by)
    for sentence in found.sentences():
        say(sentence)


def _record(draft: Callable[[Registry], edit.Draft], by: str) -> str:
    """Record one draft and say so; returns its subject."""
    from insights.steps.curate import record
    from insights.steps.resolved import registry

    with _stores() as (lake, ledger):
        made = draft(registry(ledger))
        n_new = record(ledger, [made], actor=by, at=lake.settings.business_now())
    say(f"{made.subject}: {made.kind.removeprefix('irritant.')}." if n_new else "Nothing changed: decided already.")
    return made.subject


def _numbers(text: str, highest: int) -> list[int]:
    from insights.errors import LedgerError

    try:
        found = [int(part) for part in text.split(",") if part.strip()]
    except ValueError:
        found = []
    if not found or not all(1 <= one <= highest for one in found):
        raise LedgerError(f"--take {text!r}: give numbers from 1 to {highest}, as `voc irritants split` shows them.")
    return found
