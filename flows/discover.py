"""Fit topics, match them to the lasting irritants, assign what is unclassified."""

from prefect import flow, task

from flows.step import perform
from insights.steps import discover as step
from insights.steps.run_log import StepReport


@task(name="discover", retries=0, retry_delay_seconds=0)
def discover_task() -> StepReport:
    return perform(step.discover)


@flow(name="discover")
def discover() -> None:
    """Fit topics, match them to the lasting irritants, assign what is unclassified."""
    discover_task()
