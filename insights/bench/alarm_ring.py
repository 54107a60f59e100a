"""From the POST of the complaint that completes an alarm to its arrival at a receiver, through the real service.

The intake runs in processes of its own, the watch as `voc serve` runs it (a round every five seconds), the receiver on
loopback verifies each signature. Complaints are sentences of the small demo company, by new people, one a second; their
business time is pinned, the seconds are the machine's.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import numpy as np
import pandas as pd

from insights.alarms.incidents import REAL
from insights.bench.hot_callback import Receiver, _webhook, receiving
from insights.bench.intake import small_company
from insights.bench.intake_service import SOURCE, Service, bench_settings, post
from insights.bench.report import Entry
from insights.lake import Lake
from insights.ledger import Ledger, open_ledger
from insights.settings import Settings, load_settings
from insights.sources.base import feedback_id
from insights.steps.incidents import decide
from insights.steps.resolved import seen
from insights.steps.watch import POLL_SECONDS, keep_watching, open_watch
from insights.steps.watch_record import incidents

PART, DATA = "alarm-ring", "sentences of the small demo company, new people"
TRIALS, POSTS = 5, 8
BUSINESS = datetime(2026, 10, 31, 17, 50, tzinfo=UTC)  # ten minutes before the pinned instant
PATIENCE_SECONDS = 60.0
SENTENCES = """
SELECT i.irritant_id, min(m.text) AS text, any_value(m.language) AS language
FROM mention m JOIN irritant_now i USING (mention_id) JOIN feedback f USING (feedback_id)
WHERE m.voice = 'customer' AND m.polarity < -0.4 AND f.kind IN ('survey', 'post', 'review') AND length(m.text) > 20
    AND i.irritant_id <> 'unclassified'
GROUP BY i.irritant_id, m.text_sha
QUALIFY row_number() OVER (PARTITION BY i.irritant_id ORDER BY max(i.confidence) DESC, m.text_sha) <= $posts
ORDER BY i.irritant_id, m.text_sha
"""
Say = Callable[[str], None]


class Ears(Receiver):
    """Instants (monotonic) at which incidents arrived, and how many arrived twice."""

    def __init__(self) -> None:
        super().__init__()
        self.n_twice = 0

    def note(self, told: Mapping[str, Any], at: float) -> None:
        """Keep the first arrival of each incident."""
        if told["type"] == "incident.opened":
            self.n_twice += told["data"]["incident_id"] in self.seen
            self.seen.setdefault(str(told["data"]["incident_id"]), at)


def seconds_to_ring(settings: Settings, say: Say, trials: int = TRIALS) -> tuple[list[float], list[float], Ears]:
    """Sorted seconds from the last complaint counted, and from the first, to the arrival; and the receiver."""
    receiver, stop = Ears(), threading.Event()
    last: list[float] = []
    first: list[float] = []
    with receiving(receiver) as url:
        own = settings.model_copy(update=_webhook(url))
        with Service(own) as service, open_ledger(own) as ledger, httpx.Client(timeout=30) as client:
            service.wait_until_well()
            ready = threading.Event()
            watcher = threading.Thread(target=_watch, args=(own, stop, ready), daemon=True)
            watcher.start()
            ready.wait(600)
            for irritant, texts in _sentences(own, ledger, trials).items():
                sent = _post_all(client, service.url, irritant, texts)
                found = _arrived(ledger, receiver, sent, own)
                if found:
                    first.append(found[0])
                    last.append(found[1])
                say(f"  {irritant}: {'no alarm' if found is None else f'{found[1]:.1f} s after the last one counted'}")
            stop.set()
            watcher.join()
    return sorted(first), sorted(last), receiver


def _watch(settings: Settings, stop: threading.Event, ready: threading.Event) -> None:
    """Rounds as `voc serve` makes them, until told to stop."""

    class Stopped(Exception):
        """The bench is over."""

    def pause(seconds: float) -> None:
        ready.set()
        if stop.wait(seconds):
            raise Stopped

    with open_watch(settings) as (lake, ledger):
        try:
            keep_watching(lake, ledger, dry_run=False, every_seconds=POLL_SECONDS, pause=pause)
        except Stopped:
            return


def _sentences(settings: Settings, ledger: Ledger, trials: int) -> dict[str, pd.DataFrame]:
    """Sentences by irritant, of those with enough of them."""
    with Lake(settings, read_only=True) as lake:
        rows = seen(lake, ledger).read(SENTENCES, posts=POSTS)
    full = {str(key): part for key, part in rows.groupby("irritant_id") if len(part) == POSTS}
    return dict(list(full.items())[:trials])


def _post_all(client: httpx.Client, url: str, irritant: str, texts: pd.DataFrame) -> dict[str, float]:
    """Instant of each POST by feedback_id, one a second."""
    sent, stamp = {}, int(time.time())
    for place, row in enumerate(texts.to_dict("records")):
        at = (BUSINESS + timedelta(seconds=30 * place)).isoformat()
        event = f"ring-{stamp}-{irritant}-{place}"
        body: dict[str, Any] = {
            "response_id": event, "survey": "post_digital", "channel": "web", "customer_id": f"R{stamp}{place:03d}",
            "comment": row["text"], "language": row["language"], "submitted_at": at, "received_at": at,
        }  # fmt: skip
        sent[feedback_id(SOURCE, event)] = time.monotonic()
        post(client, url, event, json.dumps(body).encode())
        time.sleep(1.0)
    return sent


def _arrived(
    ledger: Ledger, receiver: Ears, sent: Mapping[str, float], settings: Settings
) -> tuple[float, float] | None:
    """Seconds from the first and from the last complaint that the alarm counted; None where nothing rang.

    The incident is closed, so that the next trial opens one of its own.
    """
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends:
        fresh = [one for one in incidents(ledger).values() if one.is_open and one.incident_id in receiver.seen]
        if fresh:
            one = fresh[0]
            at = receiver.seen[one.incident_id]
            decide(ledger, one.incident_id, "close", actor="bench", at=settings.business_now(), reason=REAL)
            with Lake(settings, read_only=True) as lake:
                rows = lake.read("SELECT feedback_id FROM alert_feedback WHERE alert_id = $id", id=one.alarm_ids[0])
            known = [sent[key] for key in rows["feedback_id"] if key in sent and sent[key] < at]
            return (at - min(known), at - max(known)) if known else None
        time.sleep(0.2)
    return None


def entries(say: Say) -> list[Entry]:
    """Median and longest seconds; what rang twice or with a wrong signature must be nothing."""
    base = load_settings()
    settings = bench_settings(base.data_dir / "bench_intake", base.keys_dir / "bench_intake")
    small_company(settings, say)
    first, last, receiver = seconds_to_ring(settings, say)
    if not last:
        say("  no alarm rang: left out")
        return []
    size = f"{len(last)} of {TRIALS} outages of {POSTS} complaints, one a second; a round every {POLL_SECONDS:.0f} s"
    median, longest = float(np.median(last)), last[-1]
    name = "seconds from the POST that completes an alarm to its delivery"
    return [
        Entry(PART, f"{name}, median", median, "s", DATA, size, aim="<= 60"),
        Entry(PART, f"{name}, longest", longest, "s", DATA, size, aim="<= 60"),
        Entry(PART, "seconds from the first complaint counted, median", float(np.median(first)), "s", DATA, size),
        Entry(
            PART,
            "incidents told twice, or with a wrong signature",
            receiver.n_twice + receiver.n_bad,
            "",
            DATA,
            size,
            aim="0",
        ),
    ]
