"""Every figure an operator is shown beside those of the intake: its name, meaning and labels. One entry adds one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from prometheus_client.core import GaugeMetricFamily, Metric


@dataclass(frozen=True)
class Figure:
    """Meaning, and the names of its labels."""

    text: str
    labels: tuple[str, ...] = ()


STEP, ENDPOINT = ("step",), ("endpoint",)
FIGURES: Mapping[str, Figure] = {
    "voc_part_up": Figure("1 when this part of the figures could be read", ("part",)),
    "voc_step_last_end_timestamp_seconds": Figure("When a step last ended well, as Unix time", STEP),
    "voc_step_age_seconds": Figure("Since a step last ended well", STEP),
    "voc_step_seconds": Figure("How long a step took when it last ended well", STEP),
    "voc_step_rows_in": Figure("Rows a step read when it last ended well", STEP),
    "voc_step_rows_out": Figure("Rows a step wrote when it last ended well", STEP),
    "voc_step_rows_quarantined": Figure("Rows a step set aside when it last ended well", STEP),
    "voc_step_failed": Figure("1 when the last try of a step failed or was interrupted", STEP),
    "voc_step_running_seconds": Figure("Since a step that runs now was begun", STEP),
    "voc_feedback_rows": Figure("Feedback in the lake"),
    "voc_quarantine_rows": Figure("Rows in quarantine"),
    "voc_lake_snapshot_age_seconds": Figure("Since the lake last changed"),
    "voc_lake_files": Figure("Data files of the lake's newest snapshot"),
    "voc_lake_bytes": Figure("Bytes of these files"),
    "voc_lake_snapshots": Figure("Snapshots the lake keeps"),
    "voc_outbox_pending": Figure("Messages still to be delivered", ENDPOINT),
    "voc_outbox_in_doubt": Figure("Messages whose sender died without a result: sent once more", ENDPOINT),
    "voc_outbox_dead": Figure("Messages given up and still worth sending", ENDPOINT),
    "voc_outbox_off": Figure("1 when an endpoint is off (410) or its breaker is open", ENDPOINT),
    "voc_digest_in_doubt": Figure("Digests of the last 28 days of which nobody knows whether they arrived"),
    "voc_cases_open": Figure("Callback cases that are open"),
    "voc_cases_overdue": Figure("Cases whose promise has passed without a contact"),
    "voc_disk_free_bytes": Figure("Free space where a folder lies", ("folder",)),
    "voc_model_age_seconds": Figure("Since the newest model of a kind was fitted", ("model",)),
    "voc_backup_age_seconds": Figure("Since the newest whole backup in VOC_BACKUP_DIR"),
    "voc_erasures_open": Figure("Erasures begun and not ended"),
    "voc_keys_exposed": Figure("Key files and folders that others than their owner may open"),
}
Values = Mapping[tuple[str, ...], float]


def gauge(name: str, values: Values | float) -> Metric:
    """A figure with its values by labels; a number alone for one without labels."""
    figure = FIGURES[name]
    family = GaugeMetricFamily(name, figure.text, labels=figure.labels)
    for labels, value in values.items() if isinstance(values, Mapping) else [((), values)]:
        family.add_metric(labels, value)
    return family


def by(label_values: Iterable[tuple[str, float]]) -> Values:
    """Values of a figure with one label."""
    return {(label,): value for label, value in label_values}
