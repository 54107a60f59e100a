"""`voc playbooks`: the decision trees and reply templates of advisers, checked before anybody reads them on a case."""

from __future__ import annotations

from typing import Annotated

import typer

from insights.cli.say import say
from insights.errors import SettingsError
from insights.settings import default_settings

app = typer.Typer(no_args_is_help=True, help="Playbooks of callback cases (data/reference/playbooks).")


@app.command()
def check() -> None:
    """Read every playbook and tell each problem as file, line and what to change; exits 1 when there is one."""
    from insights.playbooks import read_playbooks

    found, problems = read_playbooks(default_settings().reference_dir / "playbooks")
    for problem in problems:
        say(problem)
    if problems:
        raise SettingsError(f"{len(problems)} problem(s) in the playbooks: see the lines above.")
    n_replies = sum(1 for _ in found.replies())
    say(f"{len(found.playbooks)} playbooks with {n_replies} replies in French and English: all well.")


@app.command()
def find(
    words: Annotated[str, typer.Argument(help="Name of an irritant, or what a customer says.")],
    language: Annotated[str, typer.Option(help="fr or en; else the setting.")] = "",
) -> None:
    """Which playbook these words lead to, and the replies it would offer, best first."""
    from insights.playbooks import About, load_playbooks, match, said, suggest

    settings = default_settings()
    tongue = language or settings.language
    known = load_playbooks(settings.reference_dir / "playbooks")
    found = match(known, About(irritant=(words,), words=(words,)))
    say(f"{found.playbook.playbook_id} ({said(found.playbook.name, tongue)}), by {found.by}")
    for one in suggest(known, found, [words], tongue, {})[:5]:
        say(f"  {one.rank}. {one.reply.reply_id}: {said(one.reply.title, tongue)}")
