"""Give mentions their irritants: the assigner learned from the registry's members, corrections and examples.

Distinct texts that name an irritant today are the members. What people corrected and the examples of an imported code
frame teach on top (insights/irritants/learn.py).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from insights.contracts import MENTION_IRRITANT, UNCLASSIFIED
from insights.errors import ModelError
from insights.irritants.assign import Assigner
from insights.irritants.learn import Corrections
from insights.irritants.registry import CORRECTED, Registry
from insights.lake import Lake
from insights.lake.lake import Writer
from insights.ledger import Ledger
from insights.ledger.placements import placements
from insights.partitions import Partitions, cut, partitions, together
from insights.settings import Settings
from insights.steps.resolved import KINDS, registry, seen
from insights.topics.encoder import encoder_for
from insights.topics.vectors import LanguageCentre

Matrix = NDArray[np.float32]

MAX_MEMBERS = 60_000  # newest distinct texts
BATCH = 200_000  # mentions of one transaction
PARTS = 10  # parts of enrich that one part of assigning takes: a mention costs a product, a feedback its reading
STAGED = "irritants.next"
STATE = "learned.json"  # what the assigner has learned from, to see when there is more
MEMBERS = f"""
WITH said AS (
    SELECT m.text_sha, min(m.language) AS language, arg_max(i.irritant_id, (i.confidence, i.irritant_id)) AS irritant_id,
        max(m.occurred_at) AS last_at
    FROM mention m JOIN irritant_now i USING (mention_id)
    WHERE m.voice = 'customer' AND i.irritant_id <> 'unclassified'
        AND m.feedback_id NOT IN (SELECT feedback_id FROM feedback WHERE suspect_wave IS NOT NULL)
    GROUP BY m.text_sha
),
newest AS (
    SELECT * FROM said WHERE text_sha IN (SELECT text_sha FROM embedding WHERE encoder_version = $encoder)
    ORDER BY last_at DESC, text_sha LIMIT {MAX_MEMBERS}
)
SELECT n.*, e.vector FROM newest n JOIN embedding e ON e.text_sha = n.text_sha AND e.encoder_version = $encoder
ORDER BY n.last_at DESC, n.text_sha
"""
VECTORS = """
SELECT e.text_sha, e.vector, min(m.language) AS language
FROM embedding e JOIN mention m USING (text_sha)
WHERE e.encoder_version = $encoder AND e.text_sha IN (SELECT unnest($shas::VARCHAR[]))
GROUP BY ALL
"""
SPOKEN = """
SELECT e.text_sha, min(m.language) AS language, any_value(e.vector) AS vector
FROM embedding e JOIN mention m USING (text_sha)
WHERE e.encoder_version = $encoder AND m.voice = 'customer'
GROUP BY e.text_sha ORDER BY e.text_sha LIMIT 20000
"""
UNASSIGNED = f"""
SELECT m.mention_id FROM mention m
WHERE m.type IN ('complaint', 'suggestion') AND m.voice IS DISTINCT FROM 'employee' AND m.mention_id > $after
  AND EXISTS (SELECT 1 FROM embedding e WHERE e.text_sha = m.text_sha AND e.encoder_version = $encoder)
  AND NOT EXISTS (SELECT 1 FROM mention_irritant i WHERE i.mention_id = m.mention_id)
ORDER BY m.mention_id LIMIT {BATCH}
"""
WAITING = """
SELECT m.mention_id, m.language, e.vector
FROM mention m JOIN embedding e ON e.text_sha = m.text_sha AND e.encoder_version = $encoder
WHERE m.mention_id IN (SELECT unnest($ids::VARCHAR[])) ORDER BY m.mention_id
"""
STILL_THERE = "SELECT mention_id FROM mention WHERE mention_id IN (SELECT unnest($ids::VARCHAR[]))"
STILL_OPEN = f"""
{STILL_THERE} AND NOT EXISTS (SELECT 1 FROM mention_irritant i WHERE i.mention_id = mention.mention_id)
"""
PLACED_ROWS = """
SELECT DISTINCT i.mention_id FROM mention_irritant i JOIN mention m USING (mention_id)
WHERE m.text_sha IN (SELECT unnest($shas::VARCHAR[]))
"""
OPEN_ROWS = """
DELETE FROM mention_irritant WHERE irritant_id IN (SELECT unnest($open::VARCHAR[]))
    AND mention_id NOT IN (SELECT unnest($kept::VARCHAR[]))
"""


def assigner_path(settings: Settings) -> Path:
    """Where the assigner in force lies."""
    return settings.models_dir / "irritants"


def in_force(settings: Settings) -> Assigner | None:
    """The assigner in force; None before the first one, and where the file is damaged or of an older version."""
    try:
        return Assigner.load(assigner_path(settings))
    except ModelError:
        return None


def assign_new(lake: Lake, over: Partitions | None = None) -> int:
    """Assign every mention that has a vector and no irritant yet; 0 before the first discovery or import."""
    assigner, n_assigned, after = in_force(lake.settings), 0, ""
    if assigner is None:
        return 0
    with nullcontext(over) if over else partitions(lake) as crew:
        while ids := lake.read_arrow(UNASSIGNED, encoder=assigner.encoder_version, after=after).column(0).to_pylist():
            after = ids[-1]
            found = list(crew.map(assign_part, assigner, cut(ids, PARTS * lake.settings.partition_rows)))
            rows = together(found)
            with lake.write() as writer:
                there = {one for (one,) in writer.execute(STILL_OPEN, ids=ids)}
                n_assigned += writer.insert_new("mention_irritant", rows[rows["mention_id"].isin(there)])
    return n_assigned


def assign_part(lake: Lake, assigner: Assigner, ids: Sequence[str]) -> pa.Table:
    """Rows of `mention_irritant` for the mentions of these ids."""
    waiting = lake.read(WAITING, encoder=assigner.encoder_version, ids=list(ids))
    rows = (
        assigned_rows(assigner, waiting) if len(waiting) else pd.DataFrame(columns=list(MENTION_IRRITANT.column_names))
    )
    return pa.Table.from_pandas(rows, preserve_index=False)


def kept_rows(writer: Writer, ledger: Ledger) -> list[str]:
    """Mentions of texts that people placed: their rows stay as assigned, or undoing a correction would not restore them."""
    known = registry(ledger)
    shas = sorted({one.text_sha for one in placements(ledger, known.placing)}) if known.placing else []
    return sorted(mention for (mention,) in writer.execute(PLACED_ROWS, shas=shas))


def assigned_rows(assigner: Assigner, mentions: pd.DataFrame) -> pd.DataFrame:
    """Rows of `mention_irritant` for mentions with their vectors: one each, more where irritants are near equal."""
    row, ids, confidence = assigner.assign_rows(stacked(mentions["vector"]), list(mentions["language"]))
    return pd.DataFrame(
        {
            "mention_id": mentions["mention_id"].to_numpy()[row],
            "irritant_id": ids,
            "confidence": confidence,
            "model_version": assigner.version,
        }
    )


def stacked(vectors: pd.Series) -> Matrix:
    """(n, d) float32 of a column of vectors."""
    return np.vstack([np.asarray(one, dtype=np.float32) for one in vectors])


def corrections(lake: Lake, ledger: Ledger, known: Registry, encoder: str) -> Corrections:
    """What people said of texts that are still there, oldest first, after the examples of imported code frames."""
    ids = {event.event_id for event in ledger.events((CORRECTED,))} & known.placing
    placed = placements(ledger, sorted(ids)) if ids else []
    found = lake.read(VECTORS, encoder=encoder, shas=sorted({one.text_sha for one in placed}))
    vector = dict(zip(found["text_sha"], found["vector"], strict=True))
    language = dict(zip(found["text_sha"], found["language"], strict=True))
    here = [one for one in placed if one.text_sha in vector]
    said = _examples(lake, known)
    own = encoder_for(lake.settings.encoder, lake.settings.threads)(list(said["text"]))
    rows = [own, *([stacked(pd.Series([vector[one.text_sha] for one in here]))] if here else [])]
    told = Corrections(
        np.vstack(rows),
        (*said["language"], *(language[one.text_sha] for one in here)),
        (*said["irritant_id"], *(one.to_id for one in here)),
        (*(None for _ in range(len(said))), *(one.from_id for one in here)),
    )
    return told.resolved(known.resolve)


def _examples(lake: Lake, known: Registry) -> pd.DataFrame:
    """Examples of irritants that still stand; an undone import teaches nothing."""
    said = lake.read("SELECT * FROM irritant_example ORDER BY added_at, irritant_id, text_sha")
    return said[said["irritant_id"].isin(list(known.irritants))]


def refit(
    lake: Lake, ledger: Ledger, members: pd.DataFrame | None = None, centre: LanguageCentre | None = None
) -> Assigner | None:
    """The assigner of the registry as it stands; None before there is any irritant.

    `members`: text_sha, language, irritant_id, vector; default: what the lake holds. `centre`: the fit's language means,
    or those in force.
    """
    known, encoder = registry(ledger), encoder_for(lake.settings.encoder, lake.settings.threads).version
    if members is None:
        members = seen(lake, ledger, known).read(MEMBERS, encoder=encoder)
    told = corrections(lake, ledger, known, encoder)
    if not set(members["irritant_id"]) - {UNCLASSIFIED} and not set(told.to_ids) - {UNCLASSIFIED}:
        return None
    if centre is None:
        last = in_force(lake.settings)
        centre = last.centre if last is not None and last.encoder_version == encoder else _spoken_centre(lake, encoder)
    vectors = stacked(members["vector"]) if len(members) else told.vectors[:0]
    return Assigner.fit(vectors, list(members["language"]), list(members["irritant_id"]), encoder, centre, told)


def _spoken_centre(lake: Lake, encoder: str) -> LanguageCentre | None:
    """Language means of what customers say, for a code frame whose few examples say nothing of them; None of an empty lake."""
    said = lake.read(SPOKEN, encoder=encoder)
    return LanguageCentre.fit(stacked(said["vector"]), list(said["language"])) if len(said) else None


def keep(lake: Lake, ledger: Ledger, assigner: Assigner, at: int) -> None:
    """Put an assigner in force, with a note of the registry version (`at`) it has learned from."""
    assigner.save(assigner_path(lake.settings))
    note_learned(lake, ledger, at)


def stage(settings: Settings, assigner: Assigner, fit: str) -> None:
    """Keep the assigner of a fit whose events are about to be recorded, beside the one in force."""
    folder = settings.models_dir / STAGED
    assigner.save(folder)
    (folder / STATE).write_text(json.dumps({"fit": fit}), encoding="utf-8")


def promote(settings: Settings) -> None:
    """Put the staged assigner in force."""
    staged, folder = settings.models_dir / STAGED, assigner_path(settings)
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(staged.glob("assigner.*")):
        path.replace(folder / path.name)
    shutil.rmtree(staged)


def recover(settings: Settings, ledger: Ledger) -> None:
    """After a crash: a staged assigner whose fit is on record comes into force, any other goes."""
    staged = settings.models_dir / STAGED
    if not staged.exists():
        return
    try:
        fit = str(json.loads((staged / STATE).read_text(encoding="utf-8"))["fit"])
    except (OSError, ValueError, KeyError):
        fit = ""
    if fit and any(fit in event.idempotency_key for event in ledger.events(KINDS)):
        promote(settings)
    else:
        shutil.rmtree(staged)


def note_learned(lake: Lake, ledger: Ledger, at: int) -> None:
    """Note that the assigner in force knows the registry at version `at`, and what policy did right after it."""
    later = ledger.events(KINDS, after=at)
    n_own = next((place for place, event in enumerate(later) if event.actor != "policy"), len(later))
    told = {"registry": later[n_own - 1].event_id if n_own else at}
    (assigner_path(lake.settings) / STATE).write_text(json.dumps(told), encoding="utf-8")


def alone(settings: Settings, seconds: float) -> FileLock:
    """A lock: one process at a time fits the assigner. Raises filelock's Timeout after `seconds`."""
    settings.models_dir.mkdir(parents=True, exist_ok=True)
    return FileLock(settings.models_dir / "irritants.lock", timeout=seconds)


def relearn(lake: Lake, ledger: Ledger) -> bool:
    """Fit the assigner anew when people decided something since it was, or it cannot be read; True when it was."""
    settings, folder = lake.settings, assigner_path(lake.settings)
    if not folder.exists():
        return False
    try:
        with alone(settings, 0):
            at, last = registry(ledger).version, in_force(settings)
            encoder = encoder_for(settings.encoder, settings.threads).version
            if _learned(folder) == at and last is not None and last.encoder_version == encoder:
                return False
            assigner = refit(lake, ledger)
            if assigner is not None:
                keep(lake, ledger, assigner, at)
            return assigner is not None
    except Timeout:  # a discovery or an import is fitting it: the next round looks again
        return False


def _learned(folder: Path) -> int:
    try:
        return int(json.loads((folder / STATE).read_text(encoding="utf-8"))["registry"])
    except (OSError, ValueError, KeyError):
        return -1


def ids_of(values: Sequence[str | None]) -> NDArray[np.object_]:
    """Irritant ids with `unclassified` in the place of none."""
    return np.array([one if isinstance(one, str) else UNCLASSIFIED for one in values], dtype=object)
