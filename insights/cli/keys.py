"""`voc keys` and `voc rotate-keys`: the keys of this installation, seen, made, closed and changed without loss."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from insights.cli.say import say
from insights.errors import SettingsError
from insights.keys import SIGNATURES, KeyRing
from insights.settings import Settings, load_settings

app = typer.Typer(no_args_is_help=True, help="Keys: list them, make those that are missing, close them, hand one over.")


class Which(StrEnum):
    """What `voc rotate-keys` changes."""

    IDENTITY = "identity"
    INBOX = "inbox"
    LINKS = "links"
    SIGNATURES = "signatures"
    ALL = "all"


@app.command("list")
def list_() -> None:
    """Every key with version, age, file mode and what it protects; never its value."""
    from insights.key_book import key_lines

    settings = load_settings()
    for line in key_lines(settings):
        say(f"{line.name}  {line.sentence()}")
    for problem in KeyRing(settings.keys_dir).problems():
        say(f"! {problem}")


@app.command("make")
def make() -> None:
    """Make every key that is missing, and close the folder and files to others, as the first start does."""
    from insights.key_book import first_start

    for line in first_start(load_settings()) or ["Every key is there, and its owner alone may read it."]:
        say(line)


@app.command("mend")
def mend_() -> None:
    """Close the keys' folder and files to others (0700, 0600)."""
    from insights.key_book import mend

    folder = load_settings().keys_dir
    if not folder.exists():
        raise SettingsError(f"There is no folder {folder} yet: `voc keys make` makes the keys.")
    for line in mend(folder) or [f"{folder}: only its owner may read it."]:
        say(line)


@app.command("write")
def write(
    name: Annotated[str, typer.Argument(help="webhook or case-events.")],
    path: Annotated[
        Path, typer.Argument(help="File to make, readable by its owner only: hand it over, then delete it.")
    ],
) -> None:
    """Write the newest signing key (whsec_...) into a file, for the one system that checks or makes the signatures."""
    from insights.keys import replace_file

    if name not in SIGNATURES:
        raise SettingsError(f"{name!r} is no signing key: give {' or '.join(SIGNATURES)}.")
    found = KeyRing(load_settings().keys_dir).signature_secrets(name)
    if not found:
        raise SettingsError(f"The key {name!r} has not been made yet: `voc keys make`.")
    if path.exists():
        raise SettingsError(f"{path} is there already: nothing was written.")
    replace_file(path, f"{found[0]}\n".encode())
    say(f"{path} written, mode 0600. Hand it over, then delete it.")


def rotate_keys(
    which: Annotated[Which, typer.Argument(help="Which keys.")] = Which.IDENTITY,
    names: Annotated[
        bool, typer.Option("--names", help="Also renew the names' key: the next CRM picture fills it.")
    ] = False,
    finish: Annotated[
        bool, typer.Option("--finish", help="signatures: every system has the new key, so delete the older ones.")
    ] = False,
    revoke: Annotated[
        bool, typer.Option("--revoke", help="links: the key was stolen, so every link already mailed stops working.")
    ] = False,
) -> None:
    """Add a new version of a key. What older versions closed, signed or hashed stays good; those no longer needed go."""
    settings = load_settings()
    asked = [one for one in Which if one is not Which.ALL] if which is Which.ALL else [which]
    if revoke and Which.LINKS not in asked:
        raise SettingsError("--revoke is for links: `voc rotate-keys links --revoke`.")
    if finish:
        if asked != [Which.SIGNATURES]:
            raise SettingsError("--finish ends a change of signatures: `voc rotate-keys signatures --finish`.")
        _finish(settings)
        return
    if Which.IDENTITY in asked or names:
        _identity(settings, names)
    if Which.INBOX in asked:
        _inbox(settings)
    if Which.LINKS in asked:
        rotate_links(settings, revoke=revoke)
    if Which.SIGNATURES in asked:
        _signatures(settings)


def _identity(settings: Settings, names: bool) -> None:
    from insights.ledger import open_ledger
    from insights.privacy.log import ErasureLog

    with open_ledger(settings) as ledger:
        newest = ledger.keys.rotate_identity()
        retired = ledger.retire_versions(ErasureLog(ledger.keys).key_versions())
        gone = ledger.renew_names() if names else 0
        rows = ledger.identity_rows()
    say(f"Identity key version {newest} is in use; rows by version: {_counts(rows)}.")
    if retired:
        say(f"Deleted, as no row needed them: version {', '.join(map(str, retired))}.")
    if names:
        say(f"Names: {gone} hashes deleted with their key. Ingest the next CRM picture to mask names by the CRM again.")
    say("A row moves when its person is seen again or a CRM picture comes; `voc doctor` shows what is left.")


def _inbox(settings: Settings) -> None:
    from insights.key_book import sealed_by_version
    from insights.lake import open_lake
    from insights.lake.place import there
    from insights.ledger import open_ledger

    with open_ledger(settings) as ledger:
        if there(settings):
            with open_lake(settings, read_only=True) as lake:
                before = sealed_by_version(lake, ledger)
        else:
            before = sealed_by_version(None, ledger)
        newest = ledger.keys.rotate_inbox()
        retired = ledger.keys.retire_inbox([version for version, n in before.items() if n == 0])
    say(
        f"Inbox key version {newest} seals from now on; sealed before, by version: {_counts(before)}. All stay readable."
    )
    if retired:
        say(f"Deleted, as they closed nothing any more: version {', '.join(map(str, retired))}.")


def rotate_links(settings: Settings, *, revoke: bool = False) -> None:
    """Sign digests' links with a new key, and say what becomes of those already mailed."""
    newest = KeyRing(settings.keys_dir).rotate_links(revoke=revoke)
    rest = "every link mailed before is refused now" if revoke else "those already mailed work until they expire"
    say(f"Links key version {newest} signs from now on; {rest}.")


def _signatures(settings: Settings) -> None:
    from insights.key_book import signature_keys_of_settings

    keys = KeyRing(settings.keys_dir)
    ruled = signature_keys_of_settings(settings, SIGNATURES)
    for setting in ruled:
        say(f'{setting} is set and rules: write "new,old" there (a new one: openssl rand -base64 32), start again, and')
        say("  take the old one out once the other side has the new one.")
    for name in SIGNATURES:
        if signature_keys_of_settings(settings, [name]):
            continue
        newest = keys.rotate_signature(name)
        said = "signs beside the older ones" if name == "webhook" else "is accepted beside the older ones"
        say(f"{name} key version {newest} {said}: `voc keys write {name} FILE` for the other side, then --finish.")


def _finish(settings: Settings) -> None:
    keys = KeyRing(settings.keys_dir)
    for name in SIGNATURES:
        gone = keys.retire_signature(name)
        said = f"version {', '.join(map(str, gone))} deleted" if gone else "there is only one version"
        say(f"{name}: {said}.")


def _counts(rows: dict[int, int]) -> str:
    return ", ".join(f"{version}: {n}" for version, n in rows.items()) or "none"
