"""`voc contacts`: who may be called or asked, why not, from when; what customers wish; lists for the survey tool."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from insights.cli.irritants import ME
from insights.cli.say import say
from insights.errors import LedgerError, VocError
from insights.settings import default_settings

if TYPE_CHECKING:
    from insights.steps.contacts_asked import SurveyList

app = typer.Typer(
    no_args_is_help=True, help="Who may be called or asked a survey: the law, consent, and the quarantine of surveys."
)

Customer = Annotated[str, typer.Argument(help="The customer's id in the CRM.")]
Actor = Annotated[str, typer.Option("--by", help="Who notes it.", show_default="your login")]
Language = Annotated[str, typer.Option(help="fr or en; else the setting.")]
On = Annotated[datetime | None, typer.Option(help="When the customer said it, on the clock of VOC_TIMEZONE; else now.")]
Survey = Annotated[str, typer.Option(help="A questionnaire of questionnaires.yaml, such as relational.")]
Channel = Annotated[str, typer.Option(help="phone, sms, email, letter or app.")]


@app.command("may-call")
def may_call(
    customer: Customer,
    purpose: Annotated[str, typer.Option(help="service, survey or prospecting; an offer makes it prospecting.")] = "",
    offer: Annotated[str, typer.Option(help="Type of offer, from contact_rules.yaml.")] = "",
    channel: Channel = "phone",
    survey: Annotated[str, typer.Option(help="For a survey: which one.")] = "",
    team: Annotated[str, typer.Option(help="Team of teams.yaml that calls.")] = "callbacks",
    at: On = None,
    language: Language = "",
) -> None:
    """Say whether a customer may be contacted, by which rules not, and from when. Ends with 1 where it may not."""
    from insights.contactability import purpose_of, why_not
    from insights.steps.contact_verdict import verdict_for
    from insights.steps.stores import stores

    settings = default_settings()
    with stores(settings) as (lake, ledger):
        verdict, rules = verdict_for(
            lake,
            ledger,
            customer,
            purpose=purpose,
            channel=channel,
            at=_instant(at) or settings.business_now(),
            offer=offer or None,
            survey=survey or None,
            team=team,
        )
    shown = language or settings.language
    if verdict.allowed:
        say(verdict.sentence(shown))
    for line in why_not(verdict, shown, rules):
        if line != verdict.sentence(shown):
            say(line)
    if purpose and purpose != verdict.request.purpose:
        say(f"An offer makes this contact {purpose_of(rules, offer=offer)}.")
    if verdict.blocks:
        raise typer.Exit(1)


@app.command()
def quarantine(survey: Survey = "relational", language: Language = "") -> None:
    """Count who may be asked a survey today, who may not and why, and when they will be free."""
    from insights.steps.contacts_asked import survey_list
    from insights.steps.stores import stores

    settings = default_settings()
    with stores(settings) as (lake, ledger):
        found = survey_list(lake, ledger, survey)
    _tell(found, language or settings.language)


@app.command("survey-list")
def survey_list_(
    survey: Survey,
    out: Annotated[Path | None, typer.Option(help="CSV to write; else below VOC_DATA_DIR/out.")] = None,
    channel: Channel = "email",
    size: Annotated[
        int | None, typer.Option(min=1, help="Ask as many, drawn by VOC_SEED; else all who may be.")
    ] = None,
    among: Annotated[
        Path | None,
        typer.Option(exists=True, help="CSV with customer_id: candidates; else whom the survey stands for."),
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", help="The list is being sent: remember who was asked, or not.")
    ] = False,
    by: Actor = ME,
    language: Language = "",
) -> None:
    """Write who may be asked today as CSV, and who may not with the reason; with --record remember both."""
    from insights.steps.contacts_asked import record_list, survey_list, write_list
    from insights.steps.stores import stores

    settings = default_settings()
    with stores(settings) as (lake, ledger):
        found = survey_list(lake, ledger, survey, channel=channel, among=_ids(among), size=size)
        path = out or settings.out_dir / f"survey-{survey}-{found.at.date().isoformat()}.csv"
        for file in write_list(found, path):
            say(f"{file} written")
        _tell(found, language or settings.language)
        if record:
            n_asked, n_not = record_list(lake, ledger, found, actor=by)
            say(f"Remembered: {n_asked} asked, {n_not} not asked (as never asked, with the reason).")
    say("The files name customers: delete them once the survey tool has them.")


@app.command()
def consent(
    customer: Customer,
    source: Annotated[str, typer.Option(help="Where it can be shown: reference of the form or recording.")] = "",
    withdraw: Annotated[bool, typer.Option("--withdraw", help="The customer takes it back.")] = False,
    on: On = None,
    by: Actor = ME,
) -> None:
    """Note a customer's consent to sales calls, with its source; or that it was withdrawn."""
    from insights.contactability.wishes import CONSENT_WITHDRAWN, CONSENTED

    if withdraw:
        _note(CONSENT_WITHDRAWN, customer, by, on, channel="phone")
    else:
        _note(CONSENTED, customer, by, on, channel="phone", source=source)


@app.command("do-not")
def do_not(
    customer: Customer,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="The customer may be contacted again.")] = False,
    on: On = None,
    by: Actor = ME,
) -> None:
    """Note that a customer does not want to be contacted: no offer, no survey; service calls are warned of."""
    from insights.contactability.wishes import DO_NOT, DO_NOT_WITHDRAWN

    _note(DO_NOT_WITHDRAWN if withdraw else DO_NOT, customer, by, on)


@app.command()
def refused(customer: Customer, on: On = None, by: Actor = ME) -> None:
    """Note that a customer refused a sales call on the phone: nobody calls to sell for the legal silence."""
    from insights.contactability.wishes import REFUSED

    _note(REFUSED, customer, by, on, channel="phone")


@app.command()
def prefers(customer: Customer, channel: Channel, on: On = None, by: Actor = ME) -> None:
    """Note the channel a customer prefers."""
    from insights.contactability.wishes import PREFERRED

    _note(PREFERRED, customer, by, on, channel=channel)


@app.command()
def rules(language: Language = "") -> None:
    """List the rules that hold, with what each applies to and the text it rests on."""
    from insights.contactability import rule_name
    from insights.steps.contact_facts import contact_rules

    settings = default_settings()
    for entry in contact_rules(settings).rules:
        state = "" if entry.enabled else " (off)"
        say(f"{entry.id}{state}: {rule_name(entry.id, language or settings.language)}")
        say(f"    {', '.join(entry.applies_to)}; {', '.join(entry.who)}; since {entry.valid_from}")
        say(f"    {entry.rests_on(language or settings.language)}")


def _note(kind: str, customer: str, by: str, on: datetime | None, **payload: str) -> None:
    from insights.contactability import wish_draft
    from insights.ledger import open_ledger

    settings = default_settings()
    draft = wish_draft(kind, customer, actor=by, at=settings.business_now(), on_at=_instant(on), **payload)
    with open_ledger(settings) as ledger:
        if not ledger.append(**draft.row()):
            raise LedgerError(f"{kind} of {customer} was noted already with this time.")
    say(f"Noted: {kind} of {customer}.")


def _tell(found: SurveyList, language: str) -> None:
    """Counts of both sides, by reason."""
    from insights.contactability import rule_name

    say(f"{len(found.asked)} may be asked {found.survey} by {found.channel}; {len(found.not_asked)} may not:")
    for reason, rows in found.not_asked.groupby("reason", sort=True):
        free = rows["until"].dropna()
        days = free.dt.tz_convert(default_settings().timezone).dt.date
        when = f", free from {days.min()} to {days.max()}" if len(free) else ""
        say(f"  {rule_name(str(reason), language)} ({reason}): {len(rows)}{when}")


def _ids(path: Path | None) -> list[str] | None:
    if path is None:
        return None
    from insights.cli.bench import read_frame

    table = read_frame(path)
    if "customer_id" not in table:
        raise VocError(f"{path}: no column customer_id; it has {', '.join(map(str, table.columns))}.")
    return sorted({str(one) for one in table["customer_id"].dropna()})


def _instant(wall: datetime | None) -> datetime | None:
    """A wall-clock time typed by the reader, as an instant."""
    if wall is None:
        return None
    return wall.replace(tzinfo=ZoneInfo(default_settings().timezone)).astimezone(UTC)
