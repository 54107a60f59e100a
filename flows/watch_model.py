"""Whether the churn model still sees what it learnt on, and what its past scores were worth."""

from prefect import flow, task

from flows.step import perform
from insights.steps import watch_model as step
from insights.steps.run_log import StepReport


@task(name="watch-model", retries=0, retry_delay_seconds=0)
def watch_model_task() -> StepReport:
    return perform(step.watch_model)


@flow(name="watch-model")
def watch_model() -> None:
    """Measure drift, test past scores that have matured, raise and clear alerts."""
    watch_model_task()
