"""`voc backup`, `voc restore`, `voc upgrade`: a copy made while others write, the way back, and an upgrade with both."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.say import say
from insights.errors import BackupError
from insights.settings import Settings, load_settings

if TYPE_CHECKING:
    from insights.backup.restore import Restored
    from insights.backup.take import Taken

MB = 1_000_000
Folder = Annotated[Path, typer.Argument(help="Folder of the backups, on another disk.")]
Keep = Annotated[int, typer.Option(help="How many backups stay in the folder; 0: all.", min=0)]
Name = Annotated[str, typer.Option(help="Name of one backup; else the newest.")]


def backup(
    folder: Folder,
    keep: Keep = 0,
    with_keys: Annotated[
        Path | None,
        typer.Option(help="Also keep a copy of the keys and the log of erasures here; else in VOC_BACKUP_KEYS_DIR."),
    ] = None,
) -> None:
    """Copy lake and ledger while others write; a second backup to the same folder copies only what is new."""
    from insights.backup.take import back_up

    settings = load_settings()
    keys_to = with_keys or settings.backup_keys_dir
    _say_taken(back_up(settings, folder, keep=keep, keys_to=keys_to))
    if keys_to is None:
        say(
            "The keys are not in it: keep a copy of VOC_KEYS_DIR elsewhere (VOC_BACKUP_KEYS_DIR, --with-keys), or nothing "
            "sealed opens again."
        )
    else:
        say(f"The keys are copied to {keys_to}: take them elsewhere by another way than the backups.")


def restore(
    folder: Annotated[Path | None, typer.Argument(help="Folder of the backups.")] = None,
    name: Name = "",
    replace: Annotated[bool, typer.Option("--replace", help="Move aside what stands there.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only read the backup and compare every hash.")] = False,
    release: Annotated[
        bool, typer.Option("--release", help="After a restore: let deliveries, notices and digests go again.")
    ] = False,
) -> None:
    """Give a backup back to the place the settings name; erased people are erased again before anything can be read."""
    settings = load_settings()
    if release:
        _release(settings)
        return
    if folder is None:
        raise BackupError("Name the folder of the backups: voc restore FOLDER.")
    from insights.backup import restore as module

    if check:
        found = module.check(folder, name)
        say(f"Backup {found.name} of {found.taken_at} is whole: {len(found.files)} files, {found.size / MB:.1f} MB.")
        return
    done = module.restore(settings, folder, name=name, replace_old=replace, say=say)
    _say_restored(settings, done)


def upgrade(
    folder: Folder,
    keep: Keep = 0,
    back: Annotated[
        bool, typer.Option("--back", help="Take the ledger back to the version before; then install that version.")
    ] = False,
) -> None:
    """Back up, bring both stores to this version and check them; `--back` prepares the return to the version before."""
    from insights.backup import upgrade as module

    settings = load_settings()
    done = module.go_back(settings, folder) if back else module.upgrade(settings, folder, keep=keep)
    _say_taken(done.backup)
    say(f"Ledger: migration {done.before} -> {done.after}.")
    if back:
        say(f"Gone with it: {', '.join(done.gone) or 'nothing'}; the backup above holds it.")
        say("Install the version before now: any other command of this one would migrate forward again.")
    elif done.problems:
        raise BackupError(f"Upgraded, but these checks fail: {'; '.join(done.problems)}.")
    else:
        say(f"Every check passes. The way back: voc upgrade {folder} --back.")


def _say_taken(taken: Taken) -> None:
    made = taken.manifest
    rows = f"{sum(made.lake.values())} rows of the lake, {sum(made.ledger.values())} of the ledger"
    say(f"Backup {made.name}: {rows}, snapshot {made.snapshot_id}, {len(made.files)} files, {made.size / MB:.1f} MB.")
    new = f"{taken.n_new} files of {taken.new_bytes / MB:.1f} MB were new"
    held = f"writers of the lake waited at most {taken.held_seconds:.2f} s"
    freed = f", {taken.freed_bytes / MB:.1f} MB came free" if taken.freed_bytes else ""
    say(f"{new}{freed}; {taken.seconds:.1f} s, {held}. {taken.path}")
    for line in taken.warnings:
        say(f"Warning: {line}")


def _say_restored(settings: Settings, done: Restored) -> None:
    from rich.console import Console
    from rich.table import Table

    from insights.cli.checks import store_checks

    table = Table("table", "in the backup", "now", title=f"Backup {done.manifest.name}")
    for store, before, now in (("lake", done.manifest.lake, done.lake), ("ledger", done.manifest.ledger, done.ledger)):
        for name, n in before.items():
            if n or now.get(name):
                table.add_row(f"{store}.{name}", str(n), str(now.get(name)))
    Console().print(table)
    say("The restored rows were those of the manifest, table by table.")
    if done.erased_again:
        say(f"{done.erased_again} erasures of the log were done again; the receipts lie below {settings.out_dir}.")
    _say_held(settings, done)
    for line in done.differing:
        say(f"Not as it was: {line}")
    if done.aside:
        say(
            f"What stood there is in {done.aside} (a folder of {settings.data_dir}, a schema of a Postgres): no erasure"
        )
        say("reaches it, so delete it once you have seen that all is well.")
    failed = [f"{name}: {seen}" for name, passed, seen in store_checks(settings) if not passed]
    failed += list(done.problems)
    if failed:
        raise BackupError(f"Restored, but these checks fail: {'; '.join(failed)}.")
    say("Every check passes. `voc index` or the next run makes the search index again.")


def _say_held(settings: Settings, done: Restored) -> None:
    from insights.backup.restore import endpoints
    from insights.ledger import open_ledger
    from insights.outbox.hold import doubtful, mails_in_doubt

    with open_ledger(settings) as ledger:
        messages, mails = doubtful(ledger, endpoints(settings)), mails_in_doubt(ledger)
    say(
        f"Nothing leaves before `voc restore --release`: what was sent since {done.manifest.taken_at} is not known here."
    )
    for one in messages:
        say(f"In doubt: {one.message_id} ({one.kind}, case {one.case_id}) to {one.endpoint_id}")
    if messages:
        say("They were open then and may have arrived since. `voc outbox replay NAME ID` sends one again.")
    for mail in mails:
        say(f"In doubt: the digest of {mail}; the next digest run sends it again.")


def _release(settings: Settings) -> None:
    from insights.ledger import open_ledger
    from insights.outbox.hold import release

    with open_ledger(settings) as ledger:
        done = release(ledger, actor=getpass.getuser(), at=datetime.now(UTC))
    say("Deliveries, notices and digests go again; restart a watch that runs." if done else "Nothing is held.")
