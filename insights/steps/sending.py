"""Whether a step may send: the setting, what its caller asks for, and a restore that holds everything."""

from __future__ import annotations

from insights.ledger import Ledger
from insights.outbox.hold import held_since
from insights.settings import Settings


def is_dry(ledger: Ledger, settings: Settings, asked: bool | None) -> bool:
    """True when what leaves is written to files only. `asked` wins: somebody said so (`--send`), or a step did."""
    return (settings.dry_run or held_since(ledger) is not None) if asked is None else asked
