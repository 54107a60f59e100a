"""`voc score`: score the customers now, or say of one customer why the score is what it is."""

from __future__ import annotations

import uuid
from typing import Annotated

import typer

from insights.cli.say import say
from insights.errors import VocError
from insights.i18n import LANGUAGES
from insights.settings import default_settings


def score(
    explain: Annotated[
        str,
        typer.Option("--explain", metavar="CUSTOMER", help="Explain this customer's score; nothing is computed anew."),
    ] = "",
    language: Annotated[str, typer.Option(help="fr or en; else VOC_LANGUAGE.")] = "",
) -> None:
    """Build the churn panel and score every customer now; with --explain, tell one customer's score apart."""
    settings = default_settings()
    if not explain:
        _score_now()
        return
    chosen = language or settings.language
    if chosen not in LANGUAGES:
        raise VocError(f"Language {chosen!r} is none of {', '.join(LANGUAGES)}.")
    for line in _explained(explain, chosen):
        say(line)


def _score_now() -> None:
    from insights.steps.score import score as step
    from insights.steps.stores import stores
    from insights.steps.watch_model import watch_model

    with stores(default_settings()) as (lake, ledger):
        run_id = f"cli-{uuid.uuid4()}"
        say(step(lake, ledger, run_id=run_id).sentence())
        say(watch_model(lake, ledger, run_id=run_id).sentence())


def _explained(customer_id: str, language: str) -> list[str]:
    from insights.churn.telling import tell
    from insights.digest.words import Words
    from insights.lake import open_lake
    from insights.ledger import open_ledger
    from insights.steps.explain import explain
    from insights.steps.resolved import registry

    settings = default_settings()
    with open_lake(settings, read_only=True) as lake, open_ledger(settings) as ledger:
        found = explain(lake, ledger, customer_id)
        labels = registry(ledger).labels(language)
    return tell(found, Words(language, settings.timezone), labels)
