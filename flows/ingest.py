"""Everything that arrives: files, declared tables, and sources that are asked, through the border into the lake."""

from prefect import flow, task

from flows.step import perform, worth_retrying
from insights.steps.ingest import ingest_drop
from insights.steps.pull import pull_all
from insights.steps.run_log import StepReport
from insights.steps.tables import ingest_tables


@task(name="ingest", retries=2, retry_delay_seconds=10, retry_condition_fn=worth_retrying)
def ingest_task() -> StepReport:
    return perform(ingest_drop)


@task(name="ingest-tables", retries=2, retry_delay_seconds=10, retry_condition_fn=worth_retrying)
def tables_task() -> StepReport:
    return perform(ingest_tables)


@task(name="pull", retries=1, retry_delay_seconds=60, retry_condition_fn=worth_retrying)
def pull_task() -> StepReport:
    return perform(pull_all)


@flow(name="ingest")
def ingest() -> None:
    """Read what was dropped, what the declared databases hold, and what is new at the sources that are asked."""
    tables_task()
    ingest_task()
    pull_task()
