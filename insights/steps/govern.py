"""Govern: erase again who a restored backup brought back, remove what is past its date, compact, check."""

from __future__ import annotations

from typing import Any

from insights.errors import ContractError
from insights.lake import Lake
from insights.lake.queries import checks, sql
from insights.ledger import Ledger
from insights.privacy.log import ErasureLog
from insights.privacy.replay import replay_erasures
from insights.steps.clock import doubt
from insights.steps.drafts import sweep_drafts
from insights.steps.purge import purge
from insights.steps.run_log import StepReport, recorded


def govern(lake: Lake, ledger: Ledger, *, run_id: str) -> StepReport:
    """Replay erasures, purge, check, compact. Raises ContractError naming the checks that fail, after all were run."""
    with recorded(lake, run_id, "govern") as report:
        report.n_in = int(lake.scalar("SELECT count(*) FROM feedback"))
        again = replay_erasures(lake, ledger)
        retired = ledger.retire_versions(ErasureLog(ledger.keys).key_versions())
        waits = doubt(lake)
        purged = {} if waits else purge(lake, ledger)
        failed, warned = run_checks(lake)
        lake.maintain(lake.settings.snapshot_days)
        report.n_out = int(lake.scalar("SELECT count(*) FROM feedback"))
        report.note = {
            "purged": sum(n for name, n in purged.items() if name.endswith(": feedback")),
            "purged_by_rule": purged,
            "erased_again": len(again),
            "erasures_not_complete": sum(not receipt.complete for receipt in again),
            "key_versions_retired": retired,
            "drafts_swept": sweep_drafts(lake.settings),
            "checks": len(checks()) + 1,
            "failed": len(failed),
            "warnings": warned,
            **({"retention_waits": waits} if waits else {}),
        }
    if failed:
        raise ContractError("These checks fail: " + "; ".join(failed))
    return report


def run_checks(lake: Lake) -> tuple[list[str], dict[str, int]]:
    """Sentences of the failed checks, and rows found by each warning."""
    failed = [f"{p.table}: key {p.key} stands {p.n_rows} times" for p in lake.check_keys()[:20]]
    warned: dict[str, int] = {}
    for name in checks():
        query = sql(f"checks/{name}")
        params: dict[str, Any] = {"now": lake.settings.business_now()} if "$now" in query else {}
        found = lake.read(query, **params)
        if name.startswith("fail_") and not found.empty:
            failed.append(f"{name}: {len(found)} row(s), first {found.iloc[0].to_dict()}")
        elif not found.empty:
            warned[name] = len(found)
    return failed, warned
