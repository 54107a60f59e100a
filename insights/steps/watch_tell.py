"""Tell who is on call: the story of an incident, its texts encrypted, queued once an endpoint and sent at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from insights.alarms.evidence import quotes, shortened
from insights.alarms.incidents import Incident, note_key, similar
from insights.alarms.model import POOLED
from insights.cases.model import UNKNOWN
from insights.contracts import UNCLASSIFIED
from insights.irritants.registry import Registry
from insights.lake import Lake
from insights.ledger import Ledger
from insights.outbox.delivery import Deliverer
from insights.outbox.endpoints import load_directory
from insights.outbox.fold import INCIDENT
from insights.outbox.report import DeliveryReport
from insights.outbox.ring import on_call_endpoints, ring, written
from insights.settings import Settings
from insights.steps.watch_posts import Posts
from insights.steps.watch_record import incident_posts

EVIDENCE = "SELECT incident_id, evidence FROM alert ORDER BY raised_at, alert_id"
TOLD_WITHIN = timedelta(hours=24)  # an incident older than this is no news for who is on call


class Bell:
    """Rings for incidents, each once; keeps what it needs to send so that a ring takes no second look at the ledger."""

    def __init__(self, lake: Lake, ledger: Ledger, posts: Posts) -> None:
        self.lake, self.ledger, self.posts, self.settings = lake, ledger, posts, lake.settings
        self._rung: set[str] = set()
        self._again = False  # something did not arrive: it is tried again as the outbox allows
        self._deliverers: dict[str, Deliverer] = {}

    def warm_up(self, dry_run: bool) -> None:
        """Read the outbox of every endpoint on call, so that the first ring is quick. Raises SettingsError."""
        directory = load_directory(self.settings, dry_run=dry_run)
        if not dry_run:
            for endpoint in on_call_endpoints(directory):
                self._deliverers.setdefault(endpoint.endpoint_id, Deliverer(self.ledger, endpoint)).catch_up()

    def ring(
        self, known: Mapping[str, Incident], evidence: Mapping[str, Mapping[str, Any]], now: datetime, dry_run: bool
    ) -> dict[str, Any]:
        """Tell the open incidents that this process has not told; what was done, for the run's note.

        `evidence`: that of `alert` by incident. A second process, or this one after a crash, queues nothing twice.
        """
        due = [
            one
            for one in known.values()
            if one.is_open and one.incident_id not in self._rung and now - one.raised_at < TOLD_WITHIN
        ]
        note: dict[str, Any] = {}
        for one in due:
            note |= self._tell(one, known, evidence, now, dry_run)
            self._rung.add(one.incident_id)
        if (due or self._again) and not dry_run:
            reports = self.deliver()
            waiting = (one for sender in self._deliverers.values() for one in sender.outbox.live())
            self._again = any(one.kind.startswith(INCIDENT) for one in waiting)
            note["delivered"] = sum(report.n_delivered for report in reports)
        return note

    def deliver(self) -> list[DeliveryReport]:
        """Send what waits for who is on call."""
        directory = load_directory(self.settings)
        reports = []
        for endpoint in on_call_endpoints(directory):
            sender = self._deliverers.setdefault(endpoint.endpoint_id, Deliverer(self.ledger, endpoint))
            at = datetime.now(UTC)
            reports.append(sender.deliver_due(at, dry_run=False, out_dir=self.settings.out_dir, clock=_wall))
        return reports

    def _tell(
        self,
        one: Incident,
        known: Mapping[str, Incident],
        evidence: Mapping[str, Mapping[str, Any]],
        now: datetime,
        dry_run: bool,
    ) -> dict[str, Any]:
        directory = load_directory(self.settings, dry_run=dry_run)
        own = evidence.get(one.incident_id, {})
        frame = frame_of(one, known, evidence, self.posts.registry)
        said = quotes(incident_posts(one, self.posts, now), [term["term"] for term in own.get("terms", ())])
        facts = facts_of(one, own, self.settings)
        texts = {"frame": frame, "quotes": [shortened(text) for text in said["said"]]}
        if dry_run:
            files = written(directory, facts, texts, now, Path(self.settings.out_dir))
            return {"written": len(files)} if files else {"told_nobody": 1}
        who = [
            customer if isinstance(customer, str) and customer else f"{UNKNOWN}{feedback}"
            for customer, feedback in zip(said["customer_id"], said["feedback_id"], strict=True)
        ]
        keys = self._seal(one, frame, list(zip(who, texts["quotes"], strict=True)))
        told = ring(self.ledger, directory, facts, keys, datetime.now(UTC))
        return {"told_nobody": 1} if told.nobody else {"queued": told.n_queued}

    def _seal(self, one: Incident, frame: Mapping[str, Any], said: Iterable[tuple[str, str]]) -> dict[str, Any]:
        """Keys of the encrypted texts: a quote under the key of who said it, the frame under the incident's own."""
        event = f"incident:{one.incident_id}:opened"
        self.ledger.put_text(note_key(event, 0), f"incident:{one.incident_id}", json.dumps(frame, ensure_ascii=False))
        keys = []
        for place, (customer, text) in enumerate(said, start=1):
            keys.append(note_key(event, place))
            self.ledger.put_text(keys[-1], customer, text)
        return {"frame": note_key(event, 0), "quotes": keys}


def facts_of(one: Incident, evidence: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """What may stand in the ledger and leave the house: ids, codes, counts and times."""
    return {
        "incident_id": one.incident_id,
        "series": one.lead,
        "started_at": one.started_at.isoformat(),
        "raised_at": one.raised_at.isoformat(),
        "n_authors": one.n_authors,
        "expected": one.expected,
        **{name: evidence[name] for name in ("channels", "regions", "products") if evidence.get(name)},
        "timezone": settings.timezone,
    }


def frame_of(
    one: Incident, known: Mapping[str, Incident], evidence: Mapping[str, Mapping[str, Any]], registry: Registry
) -> dict[str, Any]:
    """Names, new words and similar incidents: texts that stand in no event."""
    irritant = registry.irritants.get(registry.resolve(one.lead)) if one.lead not in (POOLED, UNCLASSIFIED) else None
    terms = {key: frozenset(term["term"] for term in found.get("terms", ())) for key, found in evidence.items()}
    past = similar(one, known.values(), terms)
    return {
        "label_fr": irritant.label_fr if irritant else None,
        "label_en": irritant.label_en if irritant else None,
        "terms": list(evidence.get(one.incident_id, {}).get("terms", ())),
        "similar": [{"raised_at": other.raised_at.isoformat(), "reason": other.reason} for other, _ in past],
    }


def evidence_by_incident(rows: Iterable[Mapping[Any, Any]]) -> dict[str, dict[str, Any]]:
    """Evidence by incident out of rows of `alert`: that of the first alarm, with the first new words there are."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        told, key = json.loads(str(row["evidence"])), str(row["incident_id"])
        first = found.setdefault(key, told)
        first["terms"] = first.get("terms") or told.get("terms") or []
    return found


def _wall() -> datetime:
    return datetime.now(UTC)
