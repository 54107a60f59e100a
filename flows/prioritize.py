"""Rank the irritants of the week by value at risk."""

from prefect import flow, task

from flows.step import perform
from insights.steps import prioritize as step
from insights.steps.run_log import StepReport


@task(name="prioritize", retries=0, retry_delay_seconds=0)
def prioritize_task() -> StepReport:
    return perform(step.prioritize)


@flow(name="prioritize")
def prioritize() -> None:
    """Rank the irritants of the week by value at risk."""
    prioritize_task()
