"""`voc alarms`: incidents, what people decide about them, the watch itself, and whether who is on call can be told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.irritants import ME
from insights.cli.say import say
from insights.errors import DeliveryError, SettingsError
from insights.settings import Settings, default_settings

if TYPE_CHECKING:
    from insights.alarms.incidents import Incident
    from insights.ledger import Ledger

app = typer.Typer(no_args_is_help=True, help="Early warning: incidents, decisions on them, the watch, a test alarm.")

Id = Annotated[str, typer.Argument(help="Id of an incident, as `voc alarms list` shows it.")]
Actor = Annotated[str, typer.Option("--by", help="Who decides.", show_default="your login")]
Language = Annotated[str, typer.Option(help="fr or en; else the setting.")]
Send = Annotated[bool, typer.Option("--send", help="Really send, whatever VOC_DRY_RUN says.")]


@app.command("list")
def list_(
    everything: Annotated[bool, typer.Option("--all", help="Closed and replayed ones too.")] = False,
    language: Language = "",
) -> None:
    """Whether alarms can be trusted now, and the open incidents."""
    from insights.lake import Lake
    from insights.ledger import open_ledger
    from insights.steps.resolved import registry
    from insights.steps.watch_heart import outlook
    from insights.steps.watch_record import incidents
    from insights.steps.watch_show import name_in

    settings = default_settings()
    shown = language or settings.language
    with Lake(settings, read_only=True) as lake, open_ledger(settings) as ledger:
        known, names = incidents(ledger), registry(ledger)
        now = outlook(settings, ledger, lake, known)
    since = f" since {now.since.isoformat()}" if now.since else ""
    say(f"{now.state}{since}" + (f" (not seen: {', '.join(now.blind)})" if now.blind else ""))
    wanted = [one for one in known.values() if everything or one.is_open]
    for one in sorted(wanted, key=lambda each: (each.raised_at, each.incident_id), reverse=True):
        say(_line(one, name_in(one.lead, names, shown), settings))
    if not wanted:
        say("No open incident.")


@app.command()
def show(incident_id: Id, language: Language = "") -> None:
    """One incident: what, since when, how many people, where, their words, similar ones, held customers."""
    from insights.alarms.holding import held
    from insights.cases import fold_cases
    from insights.lake import Lake
    from insights.ledger import open_ledger
    from insights.steps.incidents import answer_of, note_of
    from insights.steps.watch_show import story

    settings = default_settings()
    shown = language or settings.language
    with Lake(settings, read_only=True) as lake, open_ledger(settings) as ledger:
        one = _known(ledger, incident_id)
        title, lines = story(lake, ledger, one, shown)
        for line in (title, *lines):
            say(line)
        say(_line(one, "", settings))
        for text in (note_of(ledger, one), answer_of(ledger, one)):
            say(f"> {text}") if text else None
        for case in held(fold_cases(ledger.events(("case.",))).values(), incident_id):
            say(f"held: case {case.case_id}, customer {case.customer_id}, due {case.due_at.isoformat()}")


@app.command()
def take(incident_id: Id, by: Actor = ME) -> None:
    """Say that you look after it."""
    _decide(incident_id, "take", by)


@app.command()
def close(
    incident_id: Id,
    reason: Annotated[str, typer.Option(help="What it was: real, false_alarm, planned, duplicate.")],
    note: Annotated[str, typer.Option(help="What to remember; kept encrypted.")] = "",
    by: Actor = ME,
) -> None:
    """Close an incident with what it was; held customers are given back at the next round."""
    _decide(incident_id, "close", by, reason=reason, text=note)


@app.command()
def reopen(incident_id: Id, by: Actor = ME) -> None:
    """Open a closed incident again."""
    _decide(incident_id, "reopen", by)


@app.command()
def answer(incident_id: Id, text: Annotated[str, typer.Option(help="The one answer for all.")], by: Actor = ME) -> None:
    """Write the one answer for all held customers; kept encrypted, shown on their cases."""
    _decide(incident_id, "answer", by, text=text)


@app.command()
def undo(incident_id: Id, by: Actor = ME) -> None:
    """Take back the newest decision on an incident."""
    from insights.ledger import open_ledger
    from insights.steps.incidents import undo as back

    settings = default_settings()
    with open_ledger(settings) as ledger:
        one = _known(ledger, incident_id)
        last = one.decisions[-1] if one.decisions else 0
        done = back(ledger, incident_id, last, actor=by, at=settings.business_now(), language=settings.language)
    say(_line(done, "", settings))


@app.command()
def watch(
    once: Annotated[bool, typer.Option("--once", help="One round, then end.")] = False,
    every: Annotated[float, typer.Option(help="Seconds between rounds.")] = 5.0,
    send: Send = False,
) -> None:
    """Keep watching until Ctrl-C, without Prefect; `voc serve` does it by itself."""
    from insights.steps.watch import keep_watching, open_watch

    settings = default_settings()
    dry = settings.dry_run and not send
    with open_watch(settings) as (lake, ledger):
        try:
            total = keep_watching(lake, ledger, dry_run=dry, every_seconds=every, rounds=1 if once else None, say=say)
        except KeyboardInterrupt:
            return
    say(", ".join(f"{key} {n}" for key, n in sorted(total.items())) or "Nothing rang.")


@app.command()
def test(send: Send = False) -> None:
    """Send a test alarm to everybody on call; no incident is opened."""
    from insights.outbox.endpoints import load_directory
    from insights.outbox.ring import on_call_endpoints, probe

    settings = default_settings()
    dry = settings.dry_run and not send
    wanted = on_call_endpoints(directory := load_directory(settings, dry_run=dry))
    if not wanted:
        raise SettingsError("Nobody is on call: name enabled endpoints under told, on_call in endpoints.yaml.")
    failed = []
    for endpoint in wanted:
        if dry:
            say(f"{endpoint.endpoint_id}: {endpoint.kind}, not asked (dry run); --send asks.")
            continue
        answer = probe(endpoint, directory.on_call.language if directory.on_call else "fr", datetime.now(UTC))
        say(f"{endpoint.endpoint_id}: {answer.detail or answer.error or answer.status}")
        failed += [] if answer.ok else [endpoint.endpoint_id]
    if failed:
        raise DeliveryError(f"Not told: {', '.join(failed)}. Correct endpoints.yaml, then test again.")


def _decide(incident_id: str, step: str, by: str, reason: str = "", text: str = "") -> None:
    from insights.ledger import open_ledger
    from insights.steps.incidents import decide

    settings = default_settings()
    with open_ledger(settings) as ledger:
        one = decide(
            ledger, incident_id, step, actor=by, at=settings.business_now(), reason=reason, text=text,
            language=settings.language,
        )  # fmt: skip
    say(_line(one, "", settings))


def _known(ledger: Ledger, incident_id: str) -> Incident:
    from insights.errors import LedgerError
    from insights.steps.watch_record import incidents

    found = incidents(ledger).get(incident_id)
    if found is None:
        raise LedgerError(f"There is no incident {incident_id!r}: `voc alarms list --all` shows those there are.")
    return found


def _line(one: Incident, name: str, settings: Settings) -> str:
    from insights.alarms.words import figure, local, outcome

    state = "replayed" if one.replayed and one.reason is None else "open" if one.is_open else "closed"
    taken = f", taken by {one.taken_by}" if one.taken_by and one.is_open else ""
    why = f" ({outcome(one.reason, settings.language)})" if one.reason else ""
    people = f"{one.n_authors} people, {figure(one.expected, 'en')} expected"
    return f"{one.incident_id}  {state}{why}{taken}  {local(one.raised_at, settings.timezone)}  {name or one.lead}  {people}"
