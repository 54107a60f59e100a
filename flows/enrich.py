"""Clauses, polarity, signals, vectors and irritants of what is new."""

from prefect import flow, task

from flows.step import perform
from insights.steps import enrich as step
from insights.steps.run_log import StepReport


@task(name="enrich", retries=0, retry_delay_seconds=0)
def enrich_task() -> StepReport:
    return perform(step.enrich)


@flow(name="enrich")
def enrich() -> None:
    """Clauses, polarity, signals, vectors and irritants of what is new."""
    enrich_task()
