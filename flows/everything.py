"""The whole chain, once, now: what `voc run` executes."""

from __future__ import annotations

import sys
from pathlib import Path

from prefect import flow, task

from flows.close_loop import callbacks_task
from flows.digest import digest_task
from flows.discover import discover_task
from flows.enrich import enrich_task, index_task
from flows.govern import govern_task
from flows.ingest import ingest_task, pull_task, tables_task
from flows.prioritize import prioritize_task, segments_task
from flows.prove import prove_task
from flows.score import measure_task, score_task
from flows.step import perform, worth_retrying
from flows.watch import watch_task
from flows.watch_model import watch_model_task
from insights.steps.ingest import ingest_paths
from insights.steps.run_log import StepReport
from insights.troubles import sentence


@task(name="ingest-paths", retries=2, retry_delay_seconds=10, retry_condition_fn=worth_retrying)
def ingest_paths_task(paths: list[str], mapping: str | None) -> StepReport:
    files = [Path(path) for path in paths]
    return perform(ingest_paths, paths=files, mapping=Path(mapping) if mapping else None)


@flow(name="everything")
def everything(paths: list[str] | None = None, mapping: str | None = None, dry_run: bool | None = None) -> None:
    """Every step in order; `paths` are ingested instead of the drop folder."""
    if paths:
        ingest_paths_task(paths, mapping)
    else:
        tables_task()
        ingest_task()
        pull_task()
    enrich_task()
    index_task()
    discover_task()
    measure_task()
    score_task()
    watch_model_task()
    prioritize_task()
    watch_task(dry_run)
    callbacks_task(dry_run)  # promises first: what explores comes after them
    prove_task()
    mailed = digest_task(dry_run, return_state=True)  # a relay that is away keeps no retention waiting
    govern_task()
    index_task()  # what retention removed leaves the index too
    segments_task()
    mailed.result()  # the run fails by its sentence all the same


def main(arguments: list[str]) -> int:
    """`python -m flows.everything [--mapping FILE] [--send] [PATH...]`, as `voc run` calls it. Returns the exit code."""
    mapping = None
    if "--mapping" in arguments:
        position = arguments.index("--mapping")
        mapping = arguments[position + 1]
        arguments = arguments[:position] + arguments[position + 2 :]
    dry_run = False if "--send" in arguments else None
    try:
        everything([a for a in arguments if a != "--send"] or None, mapping, dry_run)
    except Exception as error:
        if (told := sentence(error)) is None:
            raise
        print(f"voc: {told}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
