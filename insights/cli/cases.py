"""`voc cases`: the open cases, what the rules would have opened last month, and which moments can be used."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Annotated

import typer

from insights.cli.say import say
from insights.errors import SettingsError
from insights.settings import default_settings

app = typer.Typer(help="Callback cases: list them, open and deliver what is due, rehearse the rules.")

Send = Annotated[bool, typer.Option("--send", help="Really send mails and webhooks, whatever VOC_DRY_RUN says.")]
Language = Annotated[str, typer.Option(help="fr or en; else the setting.")]


@app.callback(invoke_without_command=True)
def cases(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Closed cases too.")] = False,
    deliver: Annotated[bool, typer.Option("--deliver", help="Open what is due and deliver it first.")] = False,
    send: Send = False,
) -> None:
    """List the open callback cases by due time."""
    if context.invoked_subcommand is not None:
        return
    from insights.steps.callbacks import callbacks, case_table
    from insights.steps.stores import stores

    settings = default_settings()
    with stores(settings) as (lake, ledger):
        if deliver:
            say(callbacks(lake, ledger, run_id=f"cli-{uuid.uuid4()}", dry_run=False if send else None).sentence())
        frame = case_table(ledger, settings)
    if not everything and not frame.empty:
        frame = frame[~frame["state"].isin(["closed", "cancelled"])]
    say(frame.to_string(index=False, max_rows=60) if not frame.empty else "No open case.")


@app.command("dry-run")
def dry_run(
    month: Annotated[str, typer.Option(help="YYYY-MM; else the last whole month of the data.")] = "",
    language: Language = "",
) -> None:
    """What the rules would have opened in a month, by rule, team and day, against capacity. Nothing is written."""
    from insights.cases.rehearsal import by_day, by_rule, by_team
    from insights.cases.rehearsal_words import sentences, tables
    from insights.lake import Lake
    from insights.ledger import open_ledger
    from insights.steps.rehearsal import Rehearser
    from insights.steps.window import analysis_day

    settings = default_settings()
    shown = language or settings.language
    with Lake(settings, read_only=True) as lake, open_ledger(settings) as ledger:
        rehearser = Rehearser(lake, ledger)
        chosen = _month(month) if month else _last_whole(analysis_day(lake))
        found = rehearser.month(chosen)
    teams = by_team(found, rehearser.teams, rehearser.capacity)
    for sentence in sentences(found, chosen, shown):
        say(sentence)
    for table in tables(by_rule(found, rehearser.rules), teams, by_day(found), rehearser.teams, shown):
        say("")
        say(table.to_string(index=False))


@app.command("moments")
def moments(language: Language = "") -> None:
    """Which moments of moments.yaml have a column in the CRM picture, and how many customers each fits today."""
    from insights.cases.labels import label
    from insights.i18n import translator
    from insights.lake import Lake
    from insights.ledger import open_ledger
    from insights.steps.moments import moment_status

    settings = default_settings()
    shown = language or settings.language
    _ = translator(shown)
    with Lake(settings, read_only=True) as lake, open_ledger(settings) as ledger:
        found = moment_status(lake, ledger)
    words = {
        "no_column": _("no column `{column}` in the CRM picture yet"),
        "off": _("switched off; {n} customers would fit today"),
        "ready": _("{n} customers fit today, {limit} a day at most"),
    }
    for one in found:
        facts = {"column": one.moment.column, "n": one.n_customers, "limit": one.moment.daily_limit}
        say(f"{label(one.moment.moment, shown)}: {words[one.state].format(**facts)}")


def _month(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError as error:
        raise SettingsError(f"{text!r} is no month: write it as 2026-09.") from error


def _last_whole(today: date) -> date:
    """First day of the last month that is over on `today`."""
    if (today + timedelta(days=1)).day == 1:
        return today.replace(day=1)
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)
