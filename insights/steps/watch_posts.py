"""What early warning reads: customers' complaints by irritant as they were received, from the lake and from staged rows.

A bulk mailing of a survey brings its answers by itself: relational surveys are no sign of anything happening now, and
are left out. What we held over an hour after it was said (a file of last month) rings nothing either.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import func, select

from insights.irritants.registry import Registry
from insights.lake import Lake
from insights.ledger import Ledger
from insights.ledger.schema import STAGED
from insights.ledger.staged import waiting
from insights.steps.resolved import KINDS, registry, seen
from insights.steps.staging import load

MOST_STAGED = 20_000  # events; more wait only while the lake takes nothing, and then the intake says so
PROMPT = timedelta(hours=1)
AHEAD = timedelta(days=1)  # read beyond what is asked: as time passes the same answer serves
COLUMNS = (
    *("feedback_id", "series", "author", "at", "text", "suspect_wave", "customer_id", "author_key"),
    *("channel", "region", "product", "language", "mention_id", "said", "kind"),
)
# grain: one complaint (mention) and irritant as called today; `at`: when we held it, `text`: the whole verbatim
POSTS = """
SELECT f.feedback_id, i.irritant_id AS series, coalesce(f.customer_id, f.author_key) AS author,
    greatest(f.occurred_at, f.available_at) AS "at", f.verbatim AS text, f.suspect_wave, f.customer_id, f.author_key,
    f.channel, f.region, f.product, f.language, m.mention_id, m.text AS said, f.kind
FROM feedback f JOIN mention m USING (feedback_id) JOIN irritant_now i USING (mention_id)
WHERE f.kind <> 'employee' AND f.survey IS DISTINCT FROM 'relational' AND m.voice = 'customer' AND m.polarity < -0.15
    AND f.available_at <= f.occurred_at + INTERVAL 1 HOUR
    AND greatest(f.occurred_at, f.available_at) > $since AND greatest(f.occurred_at, f.available_at) <= $until
    AND f.occurred_at > $since::TIMESTAMPTZ - INTERVAL 1 HOUR AND f.occurred_at <= $until
ORDER BY "at", f.feedback_id, m.unit_no, series
"""
LAST_SEEN = "SELECT source, max(ingested_at) AS last_at FROM feedback WHERE kind <> 'employee' GROUP BY source"


@dataclass(frozen=True)
class Mark:
    """What the posts were read from: the same mark, the same posts."""

    snapshot: int
    staged: tuple[int, int]
    registry: int


class Posts:
    """Reads posts. Keeps the registry and the last answer as long as neither store has anything new."""

    def __init__(self, lake: Lake, ledger: Ledger) -> None:
        self.lake, self.ledger = lake, ledger
        self._known: tuple[int, Registry] | None = None
        self._last: tuple[Mark, datetime, datetime, pd.DataFrame] | None = None

    @property
    def registry(self) -> Registry:
        """The irritants as they stand; folded anew only when one of their events has come."""
        version = self.ledger.version()
        if self._known is None or (
            self._known[0] != version and self.ledger.events(KINDS, after=min(self._known[0], version))
        ):
            self._known = (version, registry(self.ledger))
        self._known = (version, self._known[1])
        return self._known[1]

    def between(self, since: datetime, until: datetime) -> pd.DataFrame:
        """COLUMNS, one row a complaint and irritant, received after `since` up to `until`; staged rows too.

        Staged rows are read first: one that is committed meanwhile is then found in the lake, never in neither.
        """
        mark = self._mark()
        if self._last is None or self._last[0] != mark or self._last[1] > since or self._last[2] < until:
            end = until + AHEAD
            staged = self._staged()
            stored = seen(self.lake, self.ledger, self.registry).read(POSTS, since=since, until=end)
            self._last = (mark, since, end, joined(stored, staged))
        return self._slice(since, until)

    def history(self, since: datetime, until: datetime) -> pd.DataFrame:
        """The same for weeks to learn from; out of the lake alone where they were not read lately."""
        if self._last is not None and self._last[1] <= since and until <= self._last[2]:
            return self._slice(since, until)
        return seen(self.lake, self.ledger, self.registry).read(POSTS, since=since, until=until)

    def read_all(self, since: datetime, until: datetime) -> pd.DataFrame:
        """The same, kept for what is asked after: a replay asks for many stretches of one history."""
        self._last = (self._mark(), since, until, self.history(since, until))
        return self._last[3]

    def _slice(self, since: datetime, until: datetime) -> pd.DataFrame:
        found = self._last[3] if self._last else pd.DataFrame(columns=list(COLUMNS))
        return found[(found["at"] > since) & (found["at"] <= until)].reset_index(drop=True)

    def _mark(self) -> Mark:
        query = select(func.count(), func.coalesce(func.max(STAGED.c.staged_id), 0))
        with self.ledger.engine.connect() as connection:
            n, last = connection.execute(query).one()
        return Mark(self.lake.snapshot_id(), (int(n), int(last)), self.registry.version)

    def _staged(self) -> pd.DataFrame:
        frames = [row.frames for row in waiting(self.ledger, MOST_STAGED)]
        return staged_posts(frames, self.registry)


def staged_posts(frames: Sequence[dict[str, Any]], known: Registry) -> pd.DataFrame:
    """COLUMNS of rows that wait for the lake's next commit, by the same rules as POSTS."""
    feedback, mentions, assigned = (load(frames, name) for name in ("feedback", "mention", "mention_irritant"))
    if feedback.empty or mentions.empty or assigned.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    said = mentions[(mentions["voice"] == "customer") & (mentions["polarity"] < -0.15)]
    heard = feedback[(feedback["kind"] != "employee") & (feedback["survey"] != "relational")]
    heard = heard[heard["available_at"] <= heard["occurred_at"] + PROMPT]
    heard = heard.assign(
        at=heard[["occurred_at", "available_at"]].max(axis=1),
        author=heard["customer_id"].fillna(heard["author_key"]),
    ).rename(columns={"verbatim": "text"})
    columns = ["mention_id", "feedback_id", "text"]
    rows = heard.merge(said[columns].rename(columns={"text": "said"}), on="feedback_id")
    rows = rows.merge(assigned[["mention_id", "irritant_id"]], on="mention_id")
    names = {one: known.resolve(one) for one in rows["irritant_id"].unique()}
    return rows.assign(series=rows["irritant_id"].map(names)).reindex(columns=list(COLUMNS))


def joined(stored: pd.DataFrame, staged: pd.DataFrame) -> pd.DataFrame:
    """Both, each feedback once: what the lake holds is the truth. In time order."""
    fresh = staged[~staged["feedback_id"].isin(stored["feedback_id"])] if len(staged) else staged
    frames = [one for one in (stored, contract_types(fresh)) if len(one)]
    found = pd.concat(frames, ignore_index=True) if frames else stored
    return found.sort_values(["at", "feedback_id", "mention_id"], kind="stable", ignore_index=True)


def contract_types(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the types the lake gives."""
    if rows.empty:
        return rows
    texts = [name for name in COLUMNS if name != "at"]
    return rows.astype(dict.fromkeys(texts, "str")).assign(at=rows["at"].astype("datetime64[us, UTC]"))


def last_seen(lake: Lake) -> dict[str, datetime]:
    """When each source last brought something into the lake."""
    rows = lake.read(LAST_SEEN)
    return {
        str(row["source"]): row["last_at"].to_pydatetime()
        for row in rows.to_dict("records")
        if not pd.isna(row["last_at"])
    }


def feedback_in(posts: pd.DataFrame, series: Collection[str], since: datetime, until: datetime) -> pd.DataFrame:
    """The rows of these series in [since, until], copied posts left out."""
    inside = (posts["at"] >= since) & (posts["at"] <= until) & posts["suspect_wave"].isna()
    return posts[inside & posts["series"].isin(list(series))]


__all__ = ["COLUMNS", "Posts", "feedback_in", "joined", "last_seen", "staged_posts"]
