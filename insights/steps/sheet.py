"""The situation sheet of an action, from redacted verbatims of its irritant."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pandas as pd

from insights.actions.sheet import Situation, situation_sheet
from insights.digest.quotes import shorten
from insights.digest.words import Words
from insights.errors import LedgerError
from insights.lake import Lake
from insights.ledger import Ledger
from insights.steps.actions import book
from insights.steps.resolved import registry, seen
from insights.steps.window import analysis_day

WORDS = """
SELECT m.text, f.channel, f.kind, m.voice, m.feedback_id, i.confidence, m.occurred_at
FROM mention m JOIN irritant_now i USING (mention_id) JOIN feedback f USING (feedback_id)
WHERE i.irritant_id = $irritant AND f.suspect_wave IS NULL AND length(m.text) BETWEEN 25 AND 220
    AND m.language = $language AND m.occurred_at >= $since AND (m.voice = 'employee' OR m.polarity < -0.15)
ORDER BY i.confidence DESC, m.occurred_at DESC, m.mention_id
"""
# grain: one row
SAID = """
SELECT count(DISTINCT f.feedback_id) AS n, count(DISTINCT f.feedback_id) FILTER (f.channel = 'phone') AS n_phone
FROM mention m JOIN irritant_now i USING (mention_id) JOIN feedback f USING (feedback_id)
WHERE i.irritant_id = $irritant AND f.suspect_wave IS NULL AND m.occurred_at >= $since AND m.voice = 'customer'
    AND m.polarity < -0.15
"""
MASKED = r"\[[A-ZÀ-Ý_]+(?:_\d+)?\]"
MOST_CUSTOMERS, MOST_ADVISERS, YEAR = 6, 3, timedelta(days=365)


def write_sheet(lake: Lake, ledger: Ledger, action_id: str, language: str) -> Path:
    """Write the sheet of one action and return its path; it lies in the folder that an erasure searches."""
    path = lake.settings.out_dir / "sheets" / f"{action_id}-{language}.pdf"
    made = sheet_bytes(lake, ledger, action_id, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(made)
    return path


def sheet_bytes(lake: Lake, ledger: Ledger, action_id: str, language: str) -> bytes:
    """The sheet of one action as PDF. Raises LedgerError for an unknown action."""
    action = book(ledger).actions.get(action_id)
    if action is None:
        raise LedgerError(f"There is no action {action_id!r}: `voc actions list` shows them.")
    settings, known = lake.settings, registry(ledger)
    words = Words(language, settings.timezone)
    irritant = known.irritants[known.resolve(action.irritant_id)]
    since = pd.Timestamp(analysis_day(lake) - YEAR, tz="UTC")
    reader = seen(lake, ledger, known)
    counted = reader.read(SAID, irritant=irritant.irritant_id, since=since).iloc[0]
    said = reader.read(WORDS, irritant=irritant.irritant_id, language=language, since=since)
    customers = said[said["voice"] == "customer"]
    told = words._("{n} complaints in twelve months, {calls} of them on the phone.").format(
        n=words.number(counted["n"]),
        calls=words.number(counted["n_phone"]),
    )
    sheet = Situation(
        action.title,
        irritant.label(language)[0],
        irritant.definition or "",
        [told],
        _best(customers, MOST_CUSTOMERS),
        _best(said[said["voice"] == "employee"], MOST_ADVISERS),
        settings.company,
        settings.simulated,
    )
    return situation_sheet(words, sheet)


def _best(rows: pd.DataFrame, most: int) -> list[str]:
    """The most typical sentences: unmarked ones first, one a feedback, no text twice."""
    marked = rows["text"].str.contains(MASKED).astype(int)
    kept = rows.assign(marked=marked).sort_values("marked", kind="stable")
    kept = kept.drop_duplicates("feedback_id").assign(same=lambda one: one["text"].str.casefold())
    return [shorten(str(text).strip())[0] for text in kept.drop_duplicates("same")["text"].head(most)]
