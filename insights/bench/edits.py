"""Seconds from an edit of the registry to a reader that sees it, at one million mentions, and what undoing leaves.

The lake is filled with made-up ids: what is timed is recording, resolving and counting, which never read a word.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from insights.bench.report import Entry
from insights.irritants import edit
from insights.irritants.edit import Draft, Part
from insights.irritants.registry import BORN, Registry
from insights.lake import Lake, open_lake
from insights.lake.queries import sql
from insights.ledger import Ledger, open_ledger
from insights.settings import load_settings
from insights.steps import curate
from insights.steps.resolved import KINDS, registry, seen

N_MENTIONS = 1_000_000
N_TEXTS = 600_000
N_IRRITANTS = 60
FEEDBACK_EACH = 2  # mentions a feedback
BLOCK = 250_000
DATA = "made-up ids"
COUNTS = "SELECT irritant_id, count(*) AS n FROM irritant_now GROUP BY 1 ORDER BY 1"
PICTURE = """
SELECT count(*) AS n, sum(hash(mention_id || irritant_id || confidence::VARCHAR)::HUGEINT) AS rows FROM irritant_now
"""


def entries(say: Callable[[str], None], n_mentions: int = N_MENTIONS) -> list[Entry]:
    """Seconds of a merge, a split of 20,000 texts, a correction and their undoing, and whether the tables are the same."""
    base = load_settings()
    with TemporaryDirectory() as folder:
        settings = base.model_copy(update={"data_dir": Path(folder) / "data", "keys_dir": Path(folder) / "keys"})
        with open_lake(settings) as lake, open_ledger(settings) as ledger:
            say(f"  filling a lake with {n_mentions:,} mentions")
            _fill(lake, ledger, n_mentions)
            return _measured(lake, ledger, n_mentions)


def _measured(lake: Lake, ledger: Ledger, n_mentions: int) -> list[Entry]:
    size = f"{n_mentions:,} mentions, {N_IRRITANTS} irritants"
    before, found = _picture(lake, ledger), []
    for name, draft in _drafts(lake, ledger):
        seconds = _seen_after(lake, ledger, draft)
        found.append(Entry("edits", f"seconds until a reader sees a {name}", seconds, "s", DATA, size, "<= 10"))
    begun = time.perf_counter()
    weekly = seen(lake, ledger).read(sql("irritant_weekly"))
    seconds = time.perf_counter() - begun
    found.append(
        Entry("edits", "seconds to count all irritants by week anew", seconds, "s", DATA, f"{size}, {len(weekly)} rows")
    )
    for event in [one for one in ledger.events(KINDS) if one.kind != BORN][::-1]:
        seconds = _seen_after(lake, ledger, partial(_undone, ledger, event.event_id))
    found.append(Entry("edits", "seconds until a reader sees an undoing", seconds, "s", DATA, size, "<= 10"))
    same = float(_picture(lake, ledger) == before)
    found.append(Entry("edits", "tables identical after undoing all (1 is yes)", same, "", DATA, size, "1"))
    return found


def _drafts(lake: Lake, ledger: Ledger) -> list[tuple[str, Callable[[Registry], Draft]]]:
    texts = tuple(curate.texts_of(lake, ledger, "IR-0003")[:20_000])
    return [
        ("merge", lambda known: edit.merge(known, "IR-0001", "IR-0002")),
        (f"split of {len(texts):,} texts", lambda known: edit.split(known, "IR-0003", [Part("Une part", None, texts)])),
        ("correction of one text", lambda known: edit.correct(known, [texts[0]], "IR-0004", "IR-0002")),
    ]


def _seen_after(lake: Lake, ledger: Ledger, draft: Callable[[Registry], Draft]) -> float:
    """Seconds to check and record an edit and to count all mentions by irritant through it."""
    begun = time.perf_counter()
    curate.record(ledger, [draft(registry(ledger))], actor="bench", at=datetime(2026, 10, 31, tzinfo=UTC))
    seen(lake, ledger).read(COUNTS)
    return time.perf_counter() - begun


def _undone(ledger: Ledger, event_id: int, _: Registry) -> Draft:
    return edit.undo(ledger.events(KINDS), event_id)


def _picture(lake: Lake, ledger: Ledger) -> tuple[str, str]:
    reader = seen(lake, ledger)
    weekly = reader.read(sql("irritant_weekly"))
    weekly_hash = hashlib.sha256(weekly.to_csv(index=False).encode()).hexdigest()
    return str(reader.read(PICTURE).iloc[0].to_dict()), weekly_hash


def _fill(lake: Lake, ledger: Ledger, n_mentions: int) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    for n in range(1, N_IRRITANTS + 1):
        ledger.append(BORN, f"IR-{n:04d}", {"label_fr": f"Irritant {n}"}, actor="bench", at=at, key=f"born {n}")
    draw = np.random.default_rng(0)
    for start in range(0, n_mentions, BLOCK):
        _block(lake, np.arange(start, min(start + BLOCK, n_mentions)), draw)


def _block(lake: Lake, rows: np.ndarray[tuple[int], np.dtype[np.int64]], draw: np.random.Generator) -> None:
    spoken = pd.Timestamp(date(2025, 11, 1), tz="UTC") + pd.to_timedelta((rows // FEEDBACK_EACH) % 365, unit="D")
    mention = pd.DataFrame(
        {
            "mention_id": _ids("m", rows),
            "feedback_id": _ids("f", rows // FEEDBACK_EACH),
            "unit_no": rows % FEEDBACK_EACH,
            "text_sha": _ids("t", draw.integers(0, N_TEXTS, len(rows))),
            "occurred_at": spoken,
            "type": "complaint",
            "voice": "customer",
            "polarity": -0.6,
            "language": "fr",
        }
    )
    first = mention.drop_duplicates("feedback_id")
    feedback = pd.DataFrame(
        {
            "feedback_id": first["feedback_id"],
            "source": "bench",
            "kind": "survey",
            "occurred_at": first["occurred_at"],
            "segment": draw.choice(["household", "small_business"], len(first)),
        }
    )
    assigned = pd.DataFrame(
        {
            "mention_id": mention["mention_id"],
            "irritant_id": [f"IR-{n:04d}" for n in draw.zipf(1.3, len(rows)) % N_IRRITANTS + 1],
            "confidence": 0.8,
            "model_version": "bench",
        }
    )
    with lake.write() as writer:
        writer.replace("feedback", feedback, "false")
        writer.replace("mention", mention, "false")
        writer.replace("mention_irritant", assigned, "false")


def _ids(kind: str, numbers: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[str]:
    """Ids as long as ours: 64 hexadecimals."""
    return [f"{kind}{number:063x}" for number in numbers]
