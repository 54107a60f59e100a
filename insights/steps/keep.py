"""Put a batch that has passed the border into the lake: new rows once, later versions in place, deletions carried out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from insights.lake import Writer

PARTS = ("answer", "turn")
KNOWN = "SELECT feedback_id, revised_at FROM feedback WHERE feedback_id IN (SELECT unnest($ids))"
UNREAD = """
SELECT feedback_id, verbatim FROM feedback f
WHERE feedback_id IN (SELECT unnest($ids)) AND NOT EXISTS (SELECT 1 FROM mention m WHERE m.feedback_id = f.feedback_id)
"""
SPEAKING = """
SELECT feedback_id FROM feedback
WHERE feedback_id IN (SELECT unnest($ids)) AND consent IS DISTINCT FROM 'no'
"""
GONE = "SELECT feedback_id FROM tombstone WHERE feedback_id IN (SELECT unnest($ids))"


@dataclass(frozen=True)
class Kept:
    """How many feedback were new, replaced by a later version, already known, and taken out."""

    n_new: int = 0
    n_revised: int = 0
    n_known: int = 0
    n_deleted: int = 0


def keep(
    writer: Writer,
    feedback: pd.DataFrame,
    answer: pd.DataFrame,
    turn: pd.DataFrame,
    *,
    deleted: Sequence[str] = (),
    withdrawn: Sequence[str] = (),
    now: datetime,
) -> Kept:
    """Write FEEDBACK, ANSWER and TURN rows of one batch, each feedback_id once.

    A known feedback is left as it is unless `revised_at` is later than the stored one: then it is replaced with its
    answers and turns, and what was read in it is forgotten, so that `enrich` reads it again. What a tombstone names
    stays out. `deleted` ids leave with all that hangs on them, for good. `withdrawn` ones lose what is stored of them,
    whatever version it is: a refusal wins; the wordless row that may stand for it comes in as new.
    """
    n_deleted = take_out(writer, deleted, "deleted_at_source", now)
    forget(writer, _speaking(writer, withdrawn))
    if feedback.empty:
        return Kept(n_deleted=n_deleted)
    ids = list(feedback["feedback_id"])
    gone = {row[0] for row in writer.execute(GONE, ids=ids)}
    known = dict(writer.execute(KNOWN, ids=ids))
    frame = feedback[~feedback["feedback_id"].isin(gone)]
    is_new = ~frame["feedback_id"].isin(known)
    revised = [
        row.feedback_id
        for row in frame[~is_new][["feedback_id", "revised_at"]].itertuples(index=False)
        if later(row.revised_at, known[row.feedback_id])
    ]
    forget(writer, revised)
    wanted = frame[is_new | frame["feedback_id"].isin(revised)]
    writer.insert_new("feedback", wanted)
    for table, rows in zip(PARTS, (answer, turn), strict=True):
        writer.insert_new(table, rows[rows["feedback_id"].isin(wanted["feedback_id"])] if not rows.empty else rows)
    return Kept(len(wanted) - len(revised), len(revised), len(feedback) - len(wanted), n_deleted)


def still_unread(writer: Writer, feedback: pd.DataFrame, mentions: pd.DataFrame) -> pd.DataFrame:
    """The mentions whose feedback still says these words and has not been read: others may have changed it meanwhile."""
    stored = dict(writer.execute(UNREAD, ids=list(feedback["feedback_id"])))
    said = dict(zip(feedback["feedback_id"], feedback["verbatim"], strict=True))
    return mentions[mentions["feedback_id"].map(lambda key: stored.get(key, "") == said[key]).astype(bool)]


def later(given: object, stored: object) -> bool:
    """Whether a version given is later than the one stored; one without an instant never is."""
    if given is None or pd.isna(given):
        return False
    return stored is None or bool(pd.isna(stored)) or bool(pd.Timestamp(given) > pd.Timestamp(stored))


def _speaking(writer: Writer, ids: Sequence[str]) -> list[str]:
    """Those of the ids that are stored with another consent than no."""
    return [row[0] for row in writer.execute(SPEAKING, ids=list(ids))] if ids else []


def take_out(writer: Writer, ids: Sequence[str], reason: str, now: datetime) -> int:
    """Forget these feedback for good: a tombstone keeps them from coming back. Returns how many were there."""
    if not ids:
        return 0
    rows = {"feedback_id": list(dict.fromkeys(ids)), "reason": reason, "taken_out_at": now}
    writer.insert_new("tombstone", pd.DataFrame(rows))
    return forget(writer, ids)


def forget(writer: Writer, ids: Sequence[str]) -> int:
    """Delete feedback and all that was made of them; returns how many feedback were there."""
    if not ids:
        return 0
    n_found = len(writer.execute(KNOWN, ids=list(ids)))
    spoken = "SELECT text_sha FROM mention WHERE feedback_id IN (SELECT unnest($ids))"
    writer.execute(
        f"DELETE FROM embedding WHERE text_sha IN ({spoken}) AND text_sha NOT IN "
        "(SELECT text_sha FROM mention WHERE feedback_id NOT IN (SELECT unnest($ids)))",
        ids=list(ids),
    )
    read = "SELECT mention_id FROM mention WHERE feedback_id IN (SELECT unnest($ids))"
    for table in ("mention_irritant", "published"):
        writer.execute(f'DELETE FROM "{table}" WHERE mention_id IN ({read})', ids=list(ids))
    for table in ("answer", "turn", "mention", "response_weight", "alert_feedback", "feedback"):
        writer.execute(f'DELETE FROM "{table}" WHERE feedback_id IN (SELECT unnest($ids))', ids=list(ids))
    return n_found
