"""Govern: remove what is past its date, compact, and prove that keys and checks hold."""

from __future__ import annotations

from typing import Any

from insights.errors import ContractError
from insights.lake import Lake, Writer
from insights.lake.queries import checks, sql
from insights.ledger import Ledger
from insights.steps.run_log import StepReport, recorded

PAST = "SELECT feedback_id FROM feedback WHERE retention_until < $day"
OF_FEEDBACK = ("answer", "turn", "mention", "feedback")


def govern(lake: Lake, ledger: Ledger, *, run_id: str) -> StepReport:
    """Purge, check, compact. Raises ContractError naming the checks that fail, after all have been run."""
    with recorded(lake, run_id, "govern") as report:
        report.n_in = int(lake.scalar("SELECT count(*) FROM feedback"))
        purged = _purge(lake)
        failed, warned = run_checks(lake)
        lake.maintain(lake.settings.snapshot_days)
        report.n_out = report.n_in - purged
        report.note = {"purged": purged, "checks": len(checks()) + 1, "failed": len(failed), "warnings": warned}
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


def _purge(lake: Lake) -> int:
    """Delete every feedback past its date with all that hangs on it, and quarantined rows past theirs."""
    day = lake.settings.business_day()
    n_past = int(lake.scalar(f"SELECT count(*) FROM ({PAST})", day=day))
    n_quarantined = int(lake.scalar("SELECT count(*) FROM quarantine WHERE expires_on < $day", day=day))
    if n_past or n_quarantined:
        with lake.write() as writer:
            _delete_past(writer, day)
            writer.execute("DELETE FROM quarantine WHERE expires_on < $day", day=day)
    return n_past


def _delete_past(writer: Writer, day: Any) -> None:
    mentions = f"SELECT mention_id FROM mention WHERE feedback_id IN ({PAST})"
    writer.execute(f"DELETE FROM mention_irritant WHERE mention_id IN ({mentions})", day=day)
    for table in OF_FEEDBACK:
        writer.execute(f'DELETE FROM "{table}" WHERE feedback_id IN ({PAST})', day=day)
    writer.execute("DELETE FROM embedding WHERE text_sha NOT IN (SELECT text_sha FROM mention)")
