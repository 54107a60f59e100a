"""Callback cases: opened by rule, delivered by signed webhook within their promise."""

import time

from prefect import flow, task

from flows.step import perform, worth_retrying
from insights.steps.callbacks import callbacks
from insights.steps.run_log import StepReport


@task(name="callbacks", retries=3, retry_delay_seconds=5, retry_condition_fn=worth_retrying)
def callbacks_task(dry_run: bool | None = None) -> StepReport:
    return perform(callbacks, dry_run=dry_run)


@flow(name="close_loop")
def close_loop(dry_run: bool | None = None, every_seconds: float = 10, rounds: int = 1) -> None:
    """Open what is due and deliver it, `rounds` times; `voc serve` keeps it polling."""
    for left in range(rounds, 0, -1):
        callbacks_task(dry_run)
        if left > 1:
            time.sleep(every_seconds)
