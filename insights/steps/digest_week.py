"""All that the digests of one week are made of, read once from one snapshot; and one digest out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd

from insights.actions.book import PREFIX
from insights.actions.book import fold as fold_book
from insights.actions.model import PLANNED, RUNNING, Action
from insights.answers import Effects
from insights.answers.effect import reorder
from insights.cases import cases_frame, fold_cases
from insights.digest import Digest, build, compare
from insights.digest.content import TOLD, last_complete_day
from insights.digest.model import Fix
from insights.digest.owners import ALL, Owner
from insights.digest.scope import in_slice, scope_of
from insights.digest.trends import Counts, counts
from insights.digest.words import Words
from insights.irritants.registry import Registry
from insights.lake import Lake
from insights.lake.lake import Reader
from insights.ledger import Ledger
from insights.priorities import WINDOW_DAYS
from insights.proof.known import KnownEvent, known_paths, load_known
from insights.proof.words import sentence
from insights.settings import Settings
from insights.steps.answers import effects_now, rerouted
from insights.steps.pinned import Pins, events_until, reader_at, registry_at
from insights.steps.resolved import resolve_column
from insights.steps.tabling import irritant_rows
from insights.steps.weekly import weekly
from insights.steps.window import monday

TABLES = (
    *("feedback", "turn", "mention", "mention_irritant", "contact", "customer_snapshot"),
    *("priority", "metric_daily", "irritant_weekly", "irritant_change", "fix"),
)
VERBATIMS = """
SELECT m.*, i.irritant_id, i.confidence, f.channel, f.product, f.journey_stage
FROM mention m
JOIN irritant_now i USING (mention_id)
JOIN feedback f USING (feedback_id)
WHERE m.voice = 'customer' AND m.polarity < -0.15 AND m.occurred_at >= $since
  AND f.suspect_wave IS NULL
ORDER BY m.mention_id, i.irritant_id
"""
# counted as the ranking counts its mentions (insights/steps/prioritize.py)
HEARD = """
SELECT i.irritant_id, f.product, f.journey_stage, count(*) AS n
FROM mention m JOIN irritant_now i USING (mention_id) JOIN feedback f USING (feedback_id)
WHERE m.voice = 'customer' AND m.polarity < -0.15 AND m.occurred_at >= $since AND m.occurred_at < $until
  AND m.score_contradicts IS DISTINCT FROM true AND f.suspect_wave IS NULL
GROUP BY ALL ORDER BY ALL
"""
KINDS_OF_ANSWERS = "SELECT DISTINCT product, journey_stage FROM metric_daily WHERE day > $since ORDER BY ALL"
# eight weeks of what was answered, whole: all that the comparison of scores needs
SCORES = """
SELECT day, metric, survey, scale, sum(numerator) AS numerator, sum(denominator) AS denominator,
    sum(n_positive)::BIGINT AS n_positive, sum(n_negative)::BIGINT AS n_negative, sum(squares) AS squares,
    CASE WHEN count(denominator_weighted) = count(*) THEN sum(denominator_weighted) END AS denominator_weighted,
    sum(positive_weighted) AS positive_weighted, sum(negative_weighted) AS negative_weighted,
    sum(weight_squares) AS weight_squares
FROM metric_daily
WHERE day > $since AND ($products::VARCHAR[] IS NULL
    OR (product, journey_stage) IN (SELECT (unnest($products::VARCHAR[]), unnest($stages::VARCHAR[]))))
GROUP BY day, metric, survey, scale ORDER BY day, metric, survey, scale
"""
FIXES = "SELECT * FROM fix WHERE speaks ORDER BY after_from_on DESC NULLS LAST, action_id"
CHANGES = """
SELECT * FROM irritant_change
WHERE week = (SELECT max(week) FROM irritant_change WHERE week BETWEEN $first AND $week) ORDER BY irritant_id
"""
WEEKS_SHOWN = 26


@dataclass(frozen=True)
class Week:
    """The week's tables, of one snapshot. `scores` by owner id. `moved`: irritants that answers to digests gave to
    another owner; `effects`: what else they change."""

    pins: Pins
    as_of: datetime
    owners: Sequence[Owner]
    priorities: pd.DataFrame
    weekly: Counts
    verbatims: pd.DataFrame
    heard: pd.DataFrame
    scores: Mapping[str, pd.DataFrame]
    cases: pd.DataFrame
    registry: pd.DataFrame
    changes: pd.DataFrame
    fixes: pd.DataFrame
    actions: Mapping[str, Action]
    moved: Mapping[str, str]
    effects: Effects
    known: Registry
    events: Sequence[KnownEvent]


def read_week(lake: Lake, ledger: Ledger, owners: Sequence[Owner], pins: Pins) -> Week:
    """Everything the digests of the pinned week say, irritant ids resolved."""
    known = registry_at(ledger, pins)
    reader = reader_at(lake, ledger, pins, known, TABLES)
    as_of = _as_of(lake.settings, pins)
    since = pd.Timestamp(pins.day - timedelta(weeks=WEEKS_SHOWN), tz="UTC")
    until = pd.Timestamp(pins.day + timedelta(days=1), tz="UTC")
    week = monday(pins.day)
    cases = cases_frame(fold_cases(events_until(ledger, pins, ("case.",))), pins.at)
    return Week(
        pins=pins,
        as_of=as_of,
        owners=owners,
        priorities=_in_sight(
            resolve_column(reader.read("SELECT * FROM priority WHERE week = $week ORDER BY rank", week=week), known),
            known,
        ),
        weekly=counts(weekly(reader, known)),
        verbatims=reader.read(VERBATIMS, since=since),
        heard=reader.read(HEARD, since=until - timedelta(days=WINDOW_DAYS), until=until),
        scores=_scores(reader, owners, last_complete_day(as_of, lake.settings.timezone), lake.settings.min_answers),
        cases=resolve_column(cases, known),
        registry=_in_sight(irritant_rows(known), known),
        changes=resolve_column(reader.read(CHANGES, first=week - timedelta(days=7), week=week), known),
        fixes=resolve_column(reader.read(FIXES), known),
        actions=fold_book(events_until(ledger, pins, (PREFIX,))).actions,
        moved=rerouted(ledger, known, owners, pins.at),
        effects=effects_now(ledger, known, pins.at),
        known=known,
        events=load_known(*known_paths(lake.settings.reference_dir, lake.settings.data_dir)),
    )


def _in_sight(frame: pd.DataFrame, known: Registry) -> pd.DataFrame:
    """The rows of irritants that nobody has hidden."""
    return frame[~frame["irritant_id"].isin(list(known.hidden))].reset_index(drop=True) if known.hidden else frame


def _as_of(settings: Settings, pins: Pins) -> datetime:
    """The business instant; the evening of the analysis day where the data end long before."""
    if pins.day == settings.business_day():
        return pins.at
    return datetime(pins.day.year, pins.day.month, pins.day.day, 18, tzinfo=UTC)


def _scores(reader: Reader, owners: Sequence[Owner], last_day: date, min_n: int) -> dict[str, pd.DataFrame]:
    """Compared scores of the company, and of the slice of each owner who has one."""
    since = last_day - timedelta(weeks=8)
    found = {ALL: compare(reader.read(SCORES, since=since, products=None, stages=None), last_day, min_n)}
    sliced = [one for one in owners if one.has_slice]
    kinds = reader.read(KINDS_OF_ANSWERS, since=since) if sliced else None
    for owner in sliced:
        assert kinds is not None
        own = kinds[in_slice(owner, kinds)]
        products, stages = own["product"].tolist(), own["journey_stage"].tolist()
        found[owner.owner_id] = compare(
            reader.read(SCORES, since=since, products=products, stages=stages), last_day, min_n
        )
    return found


def digest_of(week: Week, settings: Settings, owner: Owner | None, language: str) -> Digest:
    """The digest of one owner, or of the company, in one language; nothing is written."""
    scope = scope_of(owner, week.owners, week.registry, week.heard, week.moved, week.effects.declined)
    said = week.verbatims
    if owner is not None and scope.named:
        said = said[said["irritant_id"].isin(list(scope.own)) | in_slice(owner, said)]
    return build(
        priorities=_told(week, owner),
        weekly=week.weekly,
        scores=week.scores[owner.owner_id if owner is not None and owner.has_slice and not owner.sees_all else ALL],
        verbatims=said,
        cases=week.cases,
        registry=week.registry,
        snapshot_id=week.pins.snapshot_id,
        week=monday(week.pins.day),
        as_of=week.as_of,
        language=language,
        company=settings.company,
        owner=owner,
        scope=scope,
        changes=week.changes,
        fixes=_fixes(week, settings.timezone, language),
        actions=_under_way(week),
        timezone=settings.timezone,
        window_days=WINDOW_DAYS,
        dashboard_url=settings.dashboard_url,
        example=settings.simulated,
    )


def _told(week: Week, owner: Owner | None) -> pd.DataFrame:
    """The ranking with the place at which each irritant is told: answers set some back, figures stay."""
    rows = week.priorities
    reader = owner.owner_id if owner is not None else ""
    factors = pd.Series([week.effects.factor(str(one), reader) for one in rows["irritant_id"]], index=rows.index)
    ordered = reorder(rows, factors)
    return ordered.assign(**{TOLD: range(len(ordered))})


def _under_way(week: Week) -> dict[str, str]:
    """Title of the action that runs, or else is planned, by irritant; the newest of several."""
    found: dict[str, str] = {}
    for state in (PLANNED, RUNNING):
        live = [one for one in week.actions.values() if one.state == state]
        found |= {week.known.resolve(one.irritant_id): one.title for one in sorted(live, key=lambda one: one.action_id)}
    return found


def _fixes(week: Week, timezone: str, language: str) -> list[Fix]:
    """What actions that have begun were shown to do, the last begun first."""
    words = Words(language, timezone)
    events = {one.fr: one.name(language) for one in week.events}
    return [_fix(row, week, words, events) for row in week.fixes.to_dict("records") if row["action_id"] in week.actions]


def _fix(row: dict[Any, Any], week: Week, words: Words, events: Mapping[str, str]) -> Fix:
    irritant, action = week.known.irritants.get(str(row["irritant_id"])), week.actions[str(row["action_id"])]
    return Fix(
        str(row["action_id"]),
        action.title,
        str(row["irritant_id"]),
        irritant.label(words.language)[0] if irritant else str(row["irritant_id"]),
        str(row["verdict"]),
        sentence(words, {str(key): value for key, value in row.items()}, events.get(str(row["known_event"]), "")),
        action.owner,
    )
