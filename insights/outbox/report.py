"""What one run of one endpoint did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path


@dataclass
class DeliveryReport:
    """Counts of one run. `n_pending`: messages still to be delivered after it."""

    endpoint: str = ""
    n_requested: int = 0
    n_delivered: int = 0
    n_failed: int = 0
    n_dead: int = 0
    n_in_doubt: int = 0  # sent again because the sender before had died without noting a result
    n_elsewhere: int = 0  # another sender had just taken them
    n_pending: int = 0
    disabled: bool = False
    breaker: str = "closed"
    paused_until: datetime | None = None
    files: list[Path] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def sentence(self) -> str:
        """One line for the run's log."""
        if self.files:
            return f"{len(self.files)} callback deliveries written to files, none sent (dry run)."
        line = f"{self.n_delivered} delivered, {self.n_failed} to be tried again, {self.n_dead} given up."
        if self.disabled:
            return f"{line} The receiver answered 410 (gone): deliveries stop until somebody enables the endpoint."
        return line


def told(reports: Iterable[DeliveryReport]) -> str:
    """One line over several endpoints; the trouble of each by name."""
    known = list(reports)
    if not any(report.endpoint for report in known[1:]):
        return known[0].sentence() if known else "no endpoint configured (VOC_WEBHOOK_URL, endpoints.yaml)"
    total: Counter[str] = Counter()
    for one in known:
        total.update(delivered=one.n_delivered, failed=one.n_failed, dead=one.n_dead, files=len(one.files))
    if total["files"]:
        return f"{total['files']} deliveries to {len(known)} endpoints written to files, none sent (dry run)."
    line = f"{total['delivered']} delivered to {len(known)} endpoints, {total['failed']} to be tried again, "
    return line + f"{total['dead']} given up." + "".join(f" {trouble}" for trouble in map(_trouble, known) if trouble)


def _trouble(report: DeliveryReport) -> str:
    if report.disabled:
        return f"{report.endpoint} is off since it answered 410 (gone): `voc outbox enable {report.endpoint}`."
    if report.breaker != "closed":
        return f"{report.endpoint} does not answer ({report.breaker})."
    return ""
