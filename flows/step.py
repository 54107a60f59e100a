"""What every flow shares: open the stores, call one step, say and keep what it did."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from prefect.artifacts import create_markdown_artifact
from prefect.context import FlowRunContext, get_run_context
from prefect.states import State

from insights.errors import ContractError, MissingExtraError, SettingsError, SourceError
from insights.logs import about, hide, spoken
from insights.settings import default_settings
from insights.steps.run_log import StepReport
from insights.steps.stores import stores
from insights.troubles import shorten

LOG = logging.getLogger("voc.flow")
shorten()  # what has a sentence needs no trace
LASTING = (SettingsError, SourceError, ContractError, MissingExtraError)


def worth_retrying(_task: Any, _run: Any, state: State[Any]) -> bool:
    """Whether a failed step may succeed in a moment: a bad file or setting is the same ten seconds later."""
    try:
        state.result()
    except LASTING:
        return False
    except Exception:
        return True
    return True


def run_id() -> str:
    """Id of the flow run the caller is in."""
    context = get_run_context()
    found = getattr(context, "flow_run", None) or context.task_run  # type: ignore[union-attr]
    return str(getattr(found, "flow_run_id", None) or found.id)


def flow_name() -> str:
    """Name of the flow the caller is in; empty where a task runs alone."""
    context = FlowRunContext.get()
    return str(context.flow.name) if context and context.flow else ""


def perform(step: Callable[..., StepReport], **arguments: Any) -> StepReport:
    """Run one step on freshly opened stores, print its sentence and keep it as an artifact."""
    settings, this = default_settings(), run_id()
    with about(run_id=this, flow=flow_name(), step=step.__name__), spoken(LOG, settings):
        try:
            with stores(settings) as (lake, ledger):
                report = step(lake, ledger, run_id=this, **arguments)
        except Exception as error:
            hide(error, settings)
            raise
        print(f"  {report.sentence()}", flush=True)  # noqa: T201 - the command's own output
    rows = "\n".join(f"| {key} | {value} |" for key, value in report.note.items())
    create_markdown_artifact(
        key=report.step.replace("_", "-"), markdown=f"{report.sentence()}\n\n| | |\n|---|---|\n{rows}"
    )
    return report
