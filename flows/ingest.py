"""Read what was dropped: files through the privacy border into the lake."""

from prefect import flow, task

from flows.step import perform
from insights.steps.ingest import ingest_drop
from insights.steps.run_log import StepReport


@task(name="ingest", retries=2, retry_delay_seconds=10)
def ingest_task() -> StepReport:
    return perform(ingest_drop)


@flow(name="ingest")
def ingest() -> None:
    """Read what was dropped: files through the privacy border into the lake."""
    ingest_task()
