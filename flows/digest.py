"""The weekly irritant digest: rendered to files, sent when a relay is configured."""

from prefect import flow, task

from flows.step import perform, worth_retrying
from insights.steps.digest import digest as digest_step
from insights.steps.run_log import StepReport


@task(name="digest", retries=3, retry_delay_seconds=60, retry_condition_fn=worth_retrying)
def digest_task(dry_run: bool | None = None) -> StepReport:
    return perform(digest_step, dry_run=dry_run)


@flow(name="digest")
def digest(dry_run: bool | None = None) -> None:
    """Write this week's digest and send it; `dry_run` overrides the setting."""
    digest_task(dry_run)
