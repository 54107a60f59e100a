"""What the proof reads from the lake: weekly counts by irritant and by contact reason, and what followed a contact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from insights.actions.model import CONTACT_DIMENSIONS, CONTACTS, CSAT, MENTION_DIMENSIONS, REPEAT, Action
from insights.contracts import UNCLASSIFIED
from insights.intervals import Array
from insights.lake import Lake
from insights.lake.lake import Reader
from insights.proof.clusters import Units
from insights.proof.design import season
from insights.proof.groups import Pair
from insights.proof.known import KnownEvent
from insights.proof.series import Days, Known, Weekly, first_whole, monday, moving

# grain: week, contact reason, team, site, channel
CONTACT_WEEKS = """
SELECT date_trunc('week', occurred_at AT TIME ZONE $zone)::DATE AS week, coalesce(reason, '(none)') AS key,
    team, site, channel, count(*) AS n
FROM contact WHERE occurred_at < $until GROUP BY ALL ORDER BY ALL
"""
# grain: week, irritant as called today, and the dimensions of the feedback. The exposure stands as '': each feedback
# counts for as many irritants as its kind and questionnaire name on average, so that a survey wave is no bad week.
MENTION_WEEKS = """
WITH heard AS (
    SELECT feedback_id, kind, survey, date_trunc('week', occurred_at AT TIME ZONE $zone)::DATE AS week,
        agent_team, product, segment, region, brand, channel
    FROM feedback WHERE kind <> 'employee' AND suspect_wave IS NULL AND occurred_at < $until
),
named AS (
    SELECT DISTINCT m.feedback_id, i.irritant_id FROM mention m JOIN irritant_now i USING (mention_id)
    WHERE m.voice = 'customer' AND m.polarity < -0.15
),
per_feedback AS (
    SELECT h.kind, h.survey, count(n.irritant_id) / count(DISTINCT h.feedback_id) AS n_named
    FROM heard h LEFT JOIN named n USING (feedback_id) GROUP BY ALL
)
SELECT week, irritant_id AS key, agent_team, product, segment, region, brand, channel, count(*)::DOUBLE AS n
FROM heard JOIN named USING (feedback_id) GROUP BY ALL
UNION ALL
SELECT week, '' AS key, agent_team, product, segment, region, brand, channel, sum(p.n_named) AS n
FROM heard h JOIN per_feedback p ON p.kind = h.kind AND p.survey IS NOT DISTINCT FROM h.survey GROUP BY ALL
ORDER BY ALL
"""
# grain: contact about the irritant, with what followed it
AFTER_CONTACT = """
WITH next AS (
    SELECT *, lead(occurred_at) OVER (PARTITION BY customer_id ORDER BY occurred_at, contact_id) AS next_at FROM contact
),
answered AS (
    SELECT f.customer_id, f.occurred_at, a.value, a.scale
    FROM answer a JOIN feedback f USING (feedback_id)
    WHERE a.metric = 'csat' AND f.kind = 'survey' AND f.survey <> 'relational' AND f.customer_id IS NOT NULL
),
rated AS (
    SELECT c.contact_id, arg_min(a.value, a.occurred_at) AS value, arg_min(a.scale, a.occurred_at) AS scale
    FROM answered a ASOF JOIN contact c ON a.customer_id = c.customer_id AND a.occurred_at >= c.occurred_at
    WHERE a.occurred_at < c.occurred_at + INTERVAL 3 DAY
    GROUP BY c.contact_id
)
SELECT n.contact_id, n.occurred_at, n.team, n.site, n.channel, n.duration_seconds, coalesce(n.abandoned, false) AS abandoned,
    n.customer_id IS NOT NULL AS known, coalesce(n.next_at <= n.occurred_at + INTERVAL 7 DAY, false) AS again,
    r.value, r.scale
FROM next n LEFT JOIN rated r USING (contact_id)
WHERE list_contains($reasons::VARCHAR[], n.reason) AND n.occurred_at < $until
ORDER BY n.contact_id
"""
PUBLIC_SCOPE = {"team": "agent_team"}  # a scope's word -> the column of a mention
BIG_CALL_S = 5.0
BASE_WEEKS = 52
REPEAT_DAYS = 7
TOP_PLACE = 0.75


def last_moment(lake: Lake, today: date) -> datetime:
    """The end of the last whole week, in the zone of the settings."""
    end = monday(today + timedelta(days=1))
    return datetime(end.year, end.month, end.day, tzinfo=ZoneInfo(lake.settings.timezone))


def contact_weeks(lake: Lake, until: datetime) -> pd.DataFrame:
    return lake.read(CONTACT_WEEKS, zone=lake.settings.timezone, until=until)


def mention_weeks(reader: Reader, until: datetime) -> pd.DataFrame:
    return reader.read(MENTION_WEEKS, zone=reader.lake.settings.timezone, until=until)


def scoped(rows: pd.DataFrame, action: Action) -> pd.DataFrame:
    """Rows inside the scope of an action; a dimension the rows do not have does not narrow them."""
    kept = np.ones(len(rows), dtype=bool)
    for name, values in action.scope.items():
        column = PUBLIC_SCOPE.get(name, name) if name not in rows else name
        if column in rows and values:
            kept &= rows[column].isin(list(values)).to_numpy()
    return rows[kept]


def contact_series(
    rows: pd.DataFrame, action: Action, apart: Iterable[str], known: Sequence[Known]
) -> dict[str, Weekly]:
    """The action's reasons as one series under its id, and every other reason but those `apart` as placebos.

    Exposure is all other contacts of the week.
    """
    mine = rows.assign(key=rows["key"].where(~rows["key"].isin(action.reasons), action.action_id))
    table = _pivot(mine)
    total = table.sum(axis=1).to_numpy(float)
    kept = [name for name in table if name == action.action_id or name not in set(apart)]
    zero = np.zeros(len(table))
    return {
        str(name): Weekly(
            _weeks(table), table[name].to_numpy(float), total - table[name].to_numpy(float), zero,
            moving(known, str(name)),
        )
        for name in _first(kept, action.action_id)
    }  # fmt: skip


def mention_series(rows: pd.DataFrame, key: str, apart: Iterable[str], known: Sequence[Known]) -> dict[str, Weekly]:
    """Feedback that names the irritant, and every other irritant but those `apart`; exposure is all feedback."""
    table = _pivot(rows)
    exposure = table[""].to_numpy(float) if "" in table else np.zeros(len(table))
    named = table.drop(columns=["", UNCLASSIFIED], errors="ignore")
    total = named.sum(axis=1).to_numpy(float)
    if key not in named:
        named = named.assign(**{key: 0.0})
    kept = [name for name in named if name == key or name not in set(apart)]
    return {
        str(name): Weekly(
            _weeks(named), named[name].to_numpy(float), exposure, total - named[name].to_numpy(float),
            moving(known, str(name)),
        )
        for name in _first(kept, key)
    }  # fmt: skip


def _first(names: Sequence[str], key: str) -> list[str]:
    return [key, *sorted(name for name in names if name != key)] if key in names else sorted(names)


def _pivot(rows: pd.DataFrame) -> pd.DataFrame:
    """Weeks by key, without the first week (which the data may begin in the middle of); absent weeks are 0."""
    return _every_week(rows).iloc[1:]


def _every_week(rows: pd.DataFrame) -> pd.DataFrame:
    """Weeks by key from the first to the last that count something; absent weeks are 0."""
    if rows.empty:
        return pd.DataFrame()
    table = rows.pivot_table(index="week", columns="key", values="n", aggfunc="sum", fill_value=0)
    table.index = pd.to_datetime(table.index)
    return table.asfreq("7D", fill_value=0)


def _weeks(table: pd.DataFrame) -> Days:
    return np.asarray(table.index.to_numpy(), dtype="datetime64[D]")


def pairs(
    rows: pd.DataFrame, keys: Sequence[str], action: Action, apart: Iterable[str]
) -> tuple[Days, dict[str, Pair]]:
    """Weekly counts in the treated groups and in the others, with their exposures: the action's under its own id.

    `keys`: what stands for the irritant. Every other key but those `apart` is a pair too: a placebo. No weeks and no pair
    where the rows know no group of one side.
    """
    declared = action.comparison
    column = group_column(rows, declared.dimension)
    side = np.where(
        rows[column].isin(declared.treated), "treated", np.where(rows[column].isin(declared.others), "others", "")
    )
    named = rows["key"].where(~rows["key"].isin(list(keys)), action.action_id)
    both = rows.assign(side=side, key=named)[side != ""]
    if set(both["side"]) != {"treated", "others"}:
        return np.zeros(0, dtype="datetime64[D]"), {}
    whole = _pivot(both.assign(key=both["side"]))
    spoken = both[both["key"] == ""]
    asked = _table(spoken, whole.index) if len(spoken) else None
    out = {}
    for key in sorted({*both["key"], action.action_id} - {"", UNCLASSIFIED} - set(apart)):
        counted = _table(both[both["key"] == key], whole.index)
        exposed = asked if asked is not None else _table(both[both["key"] != key], whole.index)
        out[str(key)] = Pair(
            counted["treated"].to_numpy(float), exposed["treated"].to_numpy(float),
            counted["others"].to_numpy(float), exposed["others"].to_numpy(float), season(_weeks(whole)),
        )  # fmt: skip
    return _weeks(whole), out if len(whole) else {}


def _table(rows: pd.DataFrame, weeks: pd.Index) -> pd.DataFrame:
    """Counts of both sides in each of the weeks."""
    table = _every_week(rows.assign(key=rows["side"]))
    return table.reindex(index=weeks, columns=["treated", "others"], fill_value=0).fillna(0)


def group_column(rows: pd.DataFrame, dimension: str) -> str:
    """The column of the rows that holds a dimension; empty where there is none."""
    named = PUBLIC_SCOPE.get(dimension, dimension)
    return next((name for name in (named, dimension) if name in rows), "")


def unit_rates(rows: pd.DataFrame, keys: Sequence[str], action: Action, until: date) -> tuple[Units, int]:
    """Log rates of weekly counts by drawn unit, after the effect and in the year before the start; cases after.

    A unit weighs as much as its exposure after: all feedback, or all other contacts.
    """
    plan, declared = action.plan, action.comparison
    if plan is None:
        raise ValueError(f"{action.action_id} has no start")
    column = group_column(rows, declared.dimension)
    sides = {**dict.fromkeys(declared.treated, True), **dict.fromkeys(declared.others, False)}
    kept = rows[rows[column].isin(list(sides))]
    mine = kept["key"].isin(list(keys))
    asked = kept["key"] == "" if (kept["key"] == "").any() else ~mine
    day = pd.to_datetime(kept["week"]).dt.date
    begin, base = monday(plan.start_on), timedelta(weeks=BASE_WEEKS)
    late, early = (day >= first_whole(plan)) & (day < until), (day < begin) & (day >= begin - base)

    def summed(chosen: pd.Series[bool]) -> Array:
        found = kept[chosen].groupby(column)["n"].sum().reindex(list(sides), fill_value=0)
        return np.asarray(found.to_numpy(float))

    n, after, before = summed(mine & late), summed(asked & late), summed(asked & early)
    there = after > 0
    rate = np.log((n + 0.5) / np.maximum(after, 0.5))
    was = np.where(before > 0, np.log((summed(mine & early) + 0.5) / np.maximum(before, 0.5)), np.nan)
    names = np.array([declared.strata.get(unit, "") for unit in sides], dtype=str)
    treated = np.array(list(sides.values()), dtype=bool)
    return Units(rate[there], was[there], after[there], treated[there], names[there]), int(n.sum())


def followed(lake: Lake, reasons: Sequence[str], until: datetime) -> pd.DataFrame:
    """Contacts about an irritant, with what followed them."""
    return lake.read(AFTER_CONTACT, reasons=list(reasons), until=until)


def units(rows: pd.DataFrame, action: Action, measure: str, until: datetime) -> Units:
    """Means of a measure by unit of the declared comparison, after the effect's day and before the start."""
    plan, declared = action.plan, action.comparison
    if plan is None:
        raise ValueError(f"{action.action_id} has no start")
    valued = _measured(rows, measure, until)
    sides = {**dict.fromkeys(declared.treated, True), **dict.fromkeys(declared.others, False)}
    column = group_column(rows, declared.dimension)
    kept = valued[valued[column].isin(list(sides))]
    at = kept["occurred_at"].dt.tz_convert(rows["occurred_at"].dt.tz).dt.date
    after = kept[(at >= plan.effect_on) & (at < plan.effect_on + timedelta(weeks=BASE_WEEKS))]
    before = kept[(at < plan.start_on) & (at >= plan.start_on - timedelta(weeks=BASE_WEEKS))]
    late = after.groupby(column)["value_of"].agg(["mean", "size"])
    early = before.groupby(column)["value_of"].mean().reindex(late.index)
    strata = [declared.strata.get(str(unit), "") for unit in late.index]
    return Units(
        late["mean"].to_numpy(float),
        early.to_numpy(float),
        late["size"].to_numpy(float),
        np.array([sides[str(unit)] for unit in late.index]),
        np.array(strata, dtype=str),
    )


def _measured(rows: pd.DataFrame, measure: str, until: datetime) -> pd.DataFrame:
    """Rows that carry the measure, with it in `value_of`: top box, new contact within 7 days, log of seconds."""
    if measure == CSAT:
        kept = rows[rows["value"].notna()]
        return kept.assign(value_of=top_box(kept).astype(float))
    if measure == REPEAT:
        kept = rows[rows["known"] & (rows["occurred_at"] < until - timedelta(days=REPEAT_DAYS))]
        return kept.assign(value_of=kept["again"].astype(float))
    talked = rows[
        (rows["duration_seconds"] > BIG_CALL_S) & ~rows["abandoned"].astype(bool) & (rows["channel"] == "phone")
    ]
    return talked.assign(value_of=np.log(talked["duration_seconds"].astype(float)))


def top_box(rows: pd.DataFrame) -> pd.Series[bool]:
    """Whether each score stands in the top quarter of its scale: 4 and 5 of "1-5", 9 and 10 of "1-10"."""
    ends = rows["scale"].astype("str").str.extract(r"^\s*(-?[0-9.]+)\s*-\s*(-?[0-9.]+)").astype(float)
    return (rows["value"].astype(float) - ends[0]) / (ends[1] - ends[0]) >= TOP_PLACE


def has_dimension(measure: str, dimension: str) -> bool:
    """Whether the rows of a counted measure carry a dimension."""
    names = CONTACT_DIMENSIONS if measure == CONTACTS else MENTION_DIMENSIONS
    return dimension in names or (measure != CONTACTS and PUBLIC_SCOPE.get(dimension) in names)


def known_of(events: Sequence[KnownEvent], keys: Mapping[str, str], language: str = "fr") -> list[Known]:
    """Known events with the keys they move: `keys` maps an irritant to its label and keywords, a reason to itself."""
    found = []
    for one in events:
        moved = tuple(key for key, text in keys.items() if one.names(key, text))
        if moved or (one.moves and not one.scoped):
            found.append(Known(one.name(language), one.start_on, one.end_on, moved))
    return found
