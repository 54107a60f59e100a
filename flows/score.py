"""Who answered, metrics by day, frozen months; irritants by week, the churn panel and its scores."""

from prefect import flow, task

from flows.cluster import cluster
from flows.step import perform
from flows.watch_model import watch_model_task
from insights.steps import score as step
from insights.steps.measure import measure
from insights.steps.run_log import StepReport


@task(name="measure", retries=0, retry_delay_seconds=0)
def measure_task() -> StepReport:
    return perform(measure)


@task(name="score", retries=0, retry_delay_seconds=0)
def score_task() -> StepReport:
    with cluster():
        return perform(step.score)


@flow(name="score")
def score() -> None:
    """Who answered, metrics by day, frozen months; irritants by week, the churn panel and its scores."""
    measure_task()
    score_task()
    watch_model_task()
