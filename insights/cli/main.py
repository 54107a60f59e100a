"""`voc`: all commands, and the one place where an error becomes a sentence for people."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Annotated

import typer

from insights.cli import (
    actions,
    alarms,
    backup,
    bench,
    cases,
    churn,
    contacts,
    dashboard,
    demo,
    digest,
    doctor,
    holdout,
    intake,
    irritants,
    keys,
    mailing,
    migrate,
    outbox,
    playbooks,
    privacy,
    pull,
    quarantine,
    scores,
    up,
)
from insights.cli.say import say
from insights.errors import VocError
from insights.settings import default_settings
from insights.troubles import check_room, sentence

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="Voice of the customer, on your machines.")
app.add_typer(bench.app, name="bench")
app.add_typer(irritants.app, name="irritants")
app.add_typer(actions.app, name="actions")
app.add_typer(scores.app, name="scores")
app.add_typer(holdout.app, name="holdout")
app.add_typer(outbox.app, name="outbox")
app.add_typer(mailing.app, name="mailing")
app.add_typer(cases.app, name="cases")
app.add_typer(alarms.app, name="alarms")
app.add_typer(playbooks.app, name="playbooks")
app.add_typer(contacts.app, name="contacts")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(keys.app, name="keys")
app.command("demo")(demo.demo)
app.command("simulate")(demo.simulate)
app.command("doctor")(doctor.doctor)
app.command("erase")(privacy.erase)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("upgrade")(backup.upgrade)
app.command("export")(privacy.export)
app.command("object")(privacy.object_)
app.command("rotate-keys")(keys.rotate_keys)
app.command("intake")(intake.intake)
app.command("pull")(pull.pull)
app.command("score")(churn.score)
app.command("digest")(digest.digest)
app.command("migrate")(migrate.migrate)
app.command("dashboard")(dashboard.dashboard)
app.command("up")(up.up)
app.command("status")(up.status)

OptionalPaths = Annotated[
    list[Path] | None, typer.Argument(help="Files or folders to read; none for a mapping that is a query.")
]
Mapping = Annotated[Path | None, typer.Option(help="Mapping file (YAML) for files no source knows.")]
Source = Annotated[str, typer.Option(help="Name of the source that reads every file given.")]
Send = Annotated[bool, typer.Option("--send", help="Really send mails and webhooks, whatever VOC_DRY_RUN says.")]


@app.command()
def ingest(paths: OptionalPaths = None, mapping: Mapping = None, source: Source = "") -> None:
    """Read files into the lake, through the privacy border. Bad rows go to quarantine, bad files are refused."""
    if not paths and not mapping:
        raise VocError("Name the files or folders to read, or a mapping that holds a query (--mapping).")
    from insights.steps.ingest import ingest_paths
    from insights.steps.stores import stores

    with stores(default_settings()) as (lake, ledger):
        run_id = f"cli-{uuid.uuid4()}"
        report = ingest_paths(
            lake, ledger, run_id=run_id, paths=paths or [], mapping=mapping, source_name=source, say=say
        )
    say(report.sentence())
    if n_refused := report.note.get("refused_files"):
        raise VocError(f"{n_refused} file(s) refused: see the lines above. The others were ingested.")


@app.command("run")
def run_chain(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files to ingest first; else the drop folder.")] = None,
    mapping: Mapping = None,
    send: Send = False,
) -> None:
    """Execute the whole chain now, from ingest to govern; a second run does only what is new."""
    for path in paths or []:
        if not path.exists():
            raise VocError(f"{path}: no such file or folder.")
    check_room(default_settings().data_dir)
    arguments = [str(path) for path in paths or []]
    arguments += ["--mapping", str(mapping)] if mapping else []
    raise typer.Exit(child("flows.everything", *arguments, *(["--send"] if send else [])))


@app.command("index")
def make_index() -> None:
    """Bring the search index of verbatims up to the lake; what left the lake leaves the index."""
    from insights.steps.index import index
    from insights.steps.stores import stores

    with stores(default_settings()) as (lake, ledger):
        report = index(lake, ledger, run_id=f"cli-{uuid.uuid4()}")
    say(report.sentence())


@app.command()
def serve() -> None:
    """Keep all schedules until Ctrl-C (starts a Prefect server on loopback unless PREFECT_API_URL is set)."""
    check_room(default_settings().data_dir)
    raise typer.Exit(child("flows.serve"))


@app.command("reference")
def write_reference() -> None:
    """Write docs/reference.md from the code, and the table of docs/sources.md from the last measurement."""
    from insights.cli.reference import SOURCES, TARGET, reference, sources_page

    TARGET.write_text(reference(app), encoding="utf-8")
    SOURCES.write_text(sources_page(SOURCES.read_text(encoding="utf-8")), encoding="utf-8")
    say(f"{TARGET} and {SOURCES.name} written")


def child(module: str, *arguments: str) -> int:
    """Run a module of ours in a process of its own; Ctrl-C ends it and is no error."""
    try:
        return subprocess.run([sys.executable, "-m", module, *arguments], env=dict(os.environ), check=False).returncode
    except KeyboardInterrupt:
        return 0


def run() -> None:
    """Entry of the `voc` script."""
    try:
        app(standalone_mode=True)
    except Exception as error:
        if (told := sentence(error)) is None:
            raise
        print(f"voc: {told}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    run()
