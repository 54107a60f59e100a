"""The figures of the whole for Prometheus, beside those of the intake. A part that cannot be read says so and stops no other."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from threading import Lock

from prometheus_client.core import Metric

from insights.ledger import Ledger
from insights.settings import Settings
from insights.telemetry.names import by, gauge
from insights.telemetry.parts import LedgerPart, lake_part, places_part, steps_part

LOG = logging.getLogger("voc.telemetry")
Reads = Callable[[datetime], Iterable[Metric]]
KEEP_SECONDS = {"lake": 60.0, "ledger": 15.0, "places": 15.0, "steps": 5.0}


class Operations:
    """A collector for prometheus_client. `clock`: seconds that only grow."""

    def __init__(self, settings: Settings, ledger: Ledger, clock: Callable[[], float] = time.monotonic) -> None:
        self._parts: dict[str, Reads] = {
            "lake": partial(lake_part, settings),
            "ledger": LedgerPart(settings, ledger),
            "places": partial(places_part, settings),
            "steps": partial(steps_part, settings),
        }
        self._clock, self._lock = clock, Lock()
        self._kept: dict[str, tuple[float, list[Metric] | None]] = {}

    def describe(self) -> list[Metric]:
        """Nothing: the names are only known when asked for."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Every figure, read anew where it is older than KEEP_SECONDS; two scrapes at once read once."""
        with self._lock:
            found = {part: self._read(part) for part in self._parts}
        yield gauge("voc_part_up", by((part, float(told is not None)) for part, told in found.items()))
        for told in found.values():
            yield from told or ()

    def _read(self, part: str) -> list[Metric] | None:
        """The figures of a part; None where it cannot be read."""
        now = self._clock()
        at, told = self._kept.get(part, (-KEEP_SECONDS[part], None))
        if part in self._kept and now - at < KEEP_SECONDS[part]:
            return told
        try:
            told = list(self._parts[part](datetime.now(UTC)))
        except Exception as error:  # whatever it is, the other figures are told; its text may name a row
            LOG.warning("The figures of the %s cannot be read: %s", part, type(error).__name__)
            told = None
        self._kept[part] = (now, told)
        return told
