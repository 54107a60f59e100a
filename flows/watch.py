"""Early warning: complaints that come all at once ring an alarm within a minute."""

from prefect import flow, task

from flows.step import perform
from insights.settings import default_settings
from insights.steps import watch as step
from insights.steps.run_log import StepReport


@task(name="watch", retries=2, retry_delay_seconds=10)
def watch_task(dry_run: bool | None = None) -> StepReport:
    return perform(step.watch, dry_run=dry_run)


@task(name="keep-watching", retries=3, retry_delay_seconds=5)
def keep_watching_task(dry_run: bool | None, every_seconds: float, rounds: int) -> dict[str, int]:
    with step.open_watch(default_settings()) as (lake, ledger):
        return dict(step.keep_watching(lake, ledger, dry_run=dry_run, every_seconds=every_seconds, rounds=rounds))


@flow(name="watch")
def watch(dry_run: bool | None = None, every_seconds: float = 5, rounds: int = 1) -> None:
    """Look at the last minutes, `rounds` times, with everything loaded once; `voc serve` keeps it polling."""
    watch_task(dry_run)  # fits what is due and plays history once; what it did is kept as a run
    keep_watching_task(dry_run, every_seconds, rounds)
