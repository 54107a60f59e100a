"""What every action was shown to do."""

from prefect import flow, task

from flows.step import perform
from insights.steps import prove as step
from insights.steps.run_log import StepReport


@task(name="prove", retries=0, retry_delay_seconds=0)
def prove_task() -> StepReport:
    return perform(step.prove)


@flow(name="prove")
def prove() -> None:
    """Read every action on its declared measures and rewrite the ledger of fixes."""
    prove_task()
