"""Rank the irritants of the week by value at risk."""

from prefect import flow, task

from flows.step import perform
from insights.steps import prioritize as step
from insights.steps import segments as segments_step
from insights.steps.run_log import StepReport


@task(name="prioritize", retries=0, retry_delay_seconds=0)
def prioritize_task() -> StepReport:
    return perform(step.prioritize)


@task(name="segments", retries=0, retry_delay_seconds=0)
def segments_task() -> StepReport:
    return perform(segments_step.segments)


@flow(name="prioritize")
def prioritize() -> None:
    """Rank the irritants of the week by value at risk, and find the segments that differ."""
    prioritize_task()
    segments_task()
