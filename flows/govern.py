"""Retention, compaction, key and quality checks."""

from prefect import flow, task

from flows.enrich import index_task
from flows.step import perform
from insights.steps import govern as step
from insights.steps.run_log import StepReport


@task(name="govern", retries=0, retry_delay_seconds=0)
def govern_task() -> StepReport:
    return perform(step.govern)


@flow(name="govern")
def govern() -> None:
    """Retention, compaction, key and quality checks; the search index forgets what left."""
    govern_task()
    index_task()
