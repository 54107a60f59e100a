"""`voc migrate`: lake and ledger to other stores, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from insights.cli.say import say
from insights.errors import SettingsError
from insights.settings import load_settings

To = Annotated[Path | None, typer.Option(help="Env file that names the new stores (VOC_CATALOG_URL=..., one a line).")]
Url = Annotated[str | None, typer.Option(help="The new address; '' for the embedded default.")]


def migrate(to: To = None, catalog_url: Url = None, files_url: Url = None, ledger_url: Url = None) -> None:
    """Copy lake and ledger to other stores; run again after an interruption, it goes on. The source stays as it is."""
    from insights.stores.move import move, new_settings
    from insights.stores.target import from_file, target_settings

    flags = {"catalog_url": catalog_url, "files_url": files_url, "ledger_url": ledger_url}
    given = (from_file(to) if to else {}) | {name: value for name, value in flags.items() if value is not None}
    if not given:
        raise SettingsError("Name the new stores: --to FILE, or --catalog-url, --files-url and --ledger-url.")
    settings = load_settings()
    target = target_settings(settings, given)
    table = Table("store", "table", "rows", "hash", title="Moved: the same on both sides")
    for one in move(settings, target, say):
        if one.content.n_rows:
            table.add_row(one.store, one.table, str(one.content.n_rows), one.content.hashed[:12])
    Console().print(table)
    say("The target has a fresh history: one snapshot of the lake, nothing of what was deleted or erased before.")
    say("Nothing was changed where the data were. Put these settings into .env, in place of the old ones:")
    for line in new_settings(settings, target):
        say(f"  {line}")
