"""`voc holdout`: hold a share of proactive calls back, so that their effect can be measured; and see where it stands."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.irritants import ME
from insights.cli.say import say
from insights.settings import default_settings

if TYPE_CHECKING:
    from insights.digest.words import Words

app = typer.Typer(
    no_args_is_help=True,
    help="Hold-out of proactive calls: off until a director switches it on. Answers are never held.",
)

Actor = Annotated[
    str, typer.Option("--by", help="Who decides; written on the signed event.", show_default="your login")
]
Language = Annotated[str, typer.Option(help="fr or en; else the setting.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask again.")]


def _words(language: str = "") -> Words:
    from insights.digest.words import Words

    settings = default_settings()
    return Words(language or settings.language, settings.timezone)


@app.command()
def on(
    share: Annotated[float | None, typer.Option(help="Share held back, 0 to 0.5; else VOC_HOLDOUT_SHARE.")] = None,
    read_on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day the result is read; else when there is enough.")
    ] = None,
    by: Actor = ME,
    yes: Yes = False,
) -> None:
    """Start to hold back: the draw and the day of reading are signed and fixed."""
    from insights.cases.holdout_words import meaning, sentences
    from insights.steps.holdout import status, switch_on
    from insights.steps.stores import stores

    words = _words()
    say(meaning(words))
    if not yes:
        typer.confirm(words._("Switch the hold-out on?"), abort=True)
    with stores(default_settings()) as (lake, ledger):
        switch_on(lake, ledger, actor=by, share=share, read_on=read_on.date() if read_on else None)
        for sentence in sentences(words, status(lake, ledger)):
            say(sentence)


@app.command()
def off(by: Actor = ME, yes: Yes = False) -> None:
    """Stop to hold back: everybody on the list is called again. Those held back so far stay in the estimate."""
    from insights.cases.holdout_words import sentences
    from insights.steps.holdout import status, switch_off
    from insights.steps.stores import stores

    words = _words()
    if not yes:
        typer.confirm(words._("Switch the hold-out off?"), abort=True)
    settings = default_settings()
    with stores(settings) as (lake, ledger):
        switch_off(ledger, actor=by, at=settings.business_now())
        say(sentences(words, status(lake, ledger))[0])


@app.command("status")
def status_(language: Language = "") -> None:
    """Where the hold-out stands, how many customers a proof needs and when, and what was shown."""
    from insights.cases.holdout_words import sentences
    from insights.steps.holdout import status
    from insights.steps.stores import stores

    with stores(default_settings()) as (lake, ledger):
        for sentence in sentences(_words(language), status(lake, ledger)):
            say(sentence)
