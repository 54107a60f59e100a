"""Clauses, polarity, signals, vectors and irritants of what is new; then the search index."""

from prefect import flow, task

from flows.cluster import cluster
from flows.step import perform
from insights.steps import enrich as step
from insights.steps.index import index
from insights.steps.run_log import StepReport


@task(name="enrich", retries=0, retry_delay_seconds=0)
def enrich_task() -> StepReport:
    with cluster():
        return perform(step.enrich)


@task(name="index", retries=0, retry_delay_seconds=0)
def index_task() -> StepReport:
    return perform(index)


@flow(name="enrich")
def enrich() -> None:
    """Clauses, polarity, signals, vectors and irritants of what is new; then the search index."""
    enrich_task()
    index_task()
