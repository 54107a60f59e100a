"""Figures in Prometheus' text format. The door counts its own; the worker's come from its pulse; those of the whole
(insights/telemetry) stand beside them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from sqlalchemy.exc import SQLAlchemyError

from insights.intake.health import age
from insights.intake.pulse import BOUNDS, Histogram, read_pulse
from insights.ledger import Ledger
from insights.ledger.inbox import backlog
from insights.settings import Settings
from insights.telemetry.operations import Operations

UNKNOWN = "unknown"  # the label of a source that does not exist: callers must not make labels


class Gauges:
    """The counters of one door, and what is read when somebody asks."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self._settings, self._ledger = settings, ledger
        self._registry = CollectorRegistry()
        self.received = self._counter("voc_intake_received", "Events kept, each once", ["source"])
        self.duplicate = self._counter("voc_intake_duplicate", "Events posted again", ["source"])
        self.refused = self._counter("voc_intake_refused", "Posts refused, by reason", ["source", "reason"])
        self._registry.register(self)
        self._registry.register(Operations(settings, ledger))

    def _counter(self, name: str, text: str, labels: list[str]) -> Counter:
        return Counter(name, text, labels, registry=self._registry)

    def text(self) -> bytes:
        """All figures, for /metrics."""
        return generate_latest(self._registry)

    def describe(self) -> list[Metric]:
        """Nothing: the names are only known when asked for."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Figures of this moment, from the ledger and the worker's pulse."""
        now = datetime.now(UTC)
        try:
            waits = backlog(self._ledger)
        except SQLAlchemyError:
            yield GaugeMetricFamily("voc_ledger_up", "1 when the ledger answers", value=0)
            return
        yield GaugeMetricFamily("voc_ledger_up", "1 when the ledger answers", value=1)
        yield GaugeMetricFamily("voc_inbox_waiting", "Events that wait for the worker", value=waits.n_received)
        oldest = age(waits.oldest_received_at, now)
        yield GaugeMetricFamily("voc_inbox_oldest_seconds", "Age of the oldest waiting event", value=oldest)
        yield GaugeMetricFamily("voc_staged_waiting", "Events that wait for the lake's commit", value=waits.n_staged)
        oldest = age(waits.oldest_staged_at, now)
        yield GaugeMetricFamily("voc_staged_oldest_seconds", "Age of the oldest uncommitted event", value=oldest)
        yield from self._worker(now)

    def _worker(self, now: datetime) -> Iterator[Metric]:
        pulse = read_pulse(self._settings)
        if pulse is None:
            return
        seconds = pulse.age_seconds(now)
        yield GaugeMetricFamily("voc_worker_heartbeat_age_seconds", "Since the worker's last sign", value=seconds)
        for name, histogram in pulse.histograms.items():
            text = f"Seconds from {name.replace('_', ' ')}, since the worker started"
            yield HistogramMetricFamily(
                f"voc_{name}_seconds", text, buckets=_buckets(histogram), sum_value=histogram.total
            )


def _buckets(histogram: Histogram) -> list[tuple[str, float]]:
    """Cumulative, as Prometheus wants them."""
    found, below = [], 0
    for bound, count in zip([*map(str, BOUNDS), "+Inf"], histogram.counts, strict=True):
        below += count
        found.append((bound, float(below)))
    return found
