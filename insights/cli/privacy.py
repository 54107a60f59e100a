"""`voc erase`, `voc export`, `voc object`: a person's rights."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.say import say
from insights.errors import LedgerError
from insights.settings import load_settings

if TYPE_CHECKING:
    from insights.access import Viewer

Customer = Annotated[str, typer.Option("--customer", help="The customer's id in the CRM.")]
Extra = Annotated[list[str] | None, typer.Option(help="Look for this as well; may be given several times.")]


def erase(
    customer: Customer,
    email: Extra = None,
    phone: Extra = None,
    name: Extra = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would leave.")] = False,
) -> None:
    """Erase a customer everywhere, prove it by a search before and after, and leave a receipt."""
    from insights.ledger.readings import ERASURE, note
    from insights.privacy import erase as module
    from insights.privacy.ledger_rows import pseudonym
    from insights.steps.stores import stores

    extra = [*(email or []), *(phone or []), *(name or [])]
    with stores(load_settings()) as (lake, ledger):
        if dry_run:
            for line in module.preview(lake, ledger, customer, extra).sentences():
                say(line)
            return
        receipt = module.erase(lake, ledger, customer, extra=extra)
        note(ledger, _at_terminal(), "voc erase", ERASURE, customer_id=pseudonym(ledger.keys, customer))
    for line in receipt.sentences():
        say(line)
    if not receipt.proven:
        raise LedgerError("The erasure is not proven: read the lines above.")


def export(
    customer: Customer,
    out: Annotated[Path | None, typer.Option(help="JSON file to write; an HTML page is written beside it.")] = None,
) -> None:
    """Write everything held on a customer, as JSON and as a page to read."""
    from insights.ledger.readings import EXPORT, note
    from insights.privacy.export import as_html, export_person
    from insights.steps.stores import stores

    settings = load_settings()
    with stores(settings) as (lake, ledger):
        told = export_person(lake, ledger, customer, settings.language)
        note(ledger, _at_terminal(), "voc export", EXPORT, customer_id=customer)
    path = out or Path(f"export-{''.join(char if char.isalnum() else '_' for char in customer)}.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1, default=str), encoding="utf-8")
    path.with_suffix(".html").write_text(as_html(told), encoding="utf-8")
    for file in (path, path.with_suffix(".html")):
        file.chmod(0o600)
    say(f"{sum(map(len, told['held'].values()))} entries written to {path} and {path.with_suffix('.html')}")
    say("These files hold personal data: hand them to the person, then delete them.")


def _at_terminal() -> Viewer:
    """Who the audit log names for a command: the account of this machine."""
    from insights.access import Viewer

    account = f"terminal:{getpass.getuser()}"
    return Viewer(account, account, (), "terminal")


def object_(
    customer: Customer,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="The customer takes the objection back.")] = False,
) -> None:
    """Record a customer's objection to scoring: data are kept, not scored, and nobody calls proactively."""
    from insights.privacy.objection import object_to_scoring, withdraw_objection
    from insights.steps.stores import stores

    settings = load_settings()
    actor, at = getpass.getuser(), settings.business_now()
    with stores(settings) as (lake, ledger):
        if withdraw:
            done = withdraw_objection(ledger, customer, actor=actor, at=at)
            say("Withdrawn: scored again from the next run on." if done else "No objection stands in the ledger.")
        else:
            done = object_to_scoring(lake, ledger, customer, actor=actor, at=at)
            say("Recorded: the scores are gone, and none will be made." if done else "This objection already stands.")
