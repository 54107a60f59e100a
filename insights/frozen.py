"""Frozen months: what was published of a month stays as a row; what it would be today stands beside it.

A month is frozen 72 hours after its end (metrics that need seven days to ripen: seven days later). A frozen row never
changes; a later change of the same month is a restatement.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from insights.contracts import PUBLISHED, RESTATEMENT
from insights.metrics import METRICS, summarise

WAIT = timedelta(hours=72)
ALL = "(all)"
KIND, FROZEN, IMPORTED = "score", "frozen", "imported"
KEY = ["month", "metric", "survey", "scale", "segment"]
SHOWN = ["value", "low", "high", "n", "value_corrected", "low_corrected", "high_corrected", "n_effective"]
DECIMALS = 4
CORRECTED_CHANGE = 1.0  # points: late answers of a month move the weights a little, and that is no news


def figures(daily: pd.DataFrame, min_n: int) -> pd.DataFrame:
    """One row a month, metric, questionnaire, scale and segment ((all) for the whole): KEY, SHOWN and `enough`.

    `daily`: METRIC_DAILY rows. Values and bounds in the metric's unit, NaN under `min_n`.
    """
    parts = []
    for name in METRICS:
        rows = daily[daily["metric"] == name]
        if rows.empty:
            continue
        parts.append(summarise(rows, name, ["month"], min_n).assign(metric=name, segment=ALL))
        parts.append(summarise(rows, name, ["month", "segment"], min_n).assign(metric=name))
    columns = [*KEY, *SHOWN, "enough"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def frozen_from(month: date, ripe_days: int, timezone: str) -> datetime:
    """Instant from which a month is frozen: 72 hours after its end in the company's zone, and the days of ripening."""
    after = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    return datetime(after.year, after.month, after.day, tzinfo=ZoneInfo(timezone)) + WAIT + timedelta(days=ripe_days)


def frozen_rows(
    found: pd.DataFrame, now: datetime, timezone: str, snapshot_id: int, reach: Mapping[str, date] | None = None
) -> pd.DataFrame:
    """PUBLISHED rows of the months that are due and whole. `found`: from `figures`. `reach`: see `restatements`."""
    due = [
        frozen_from(month, METRICS[str(name)].ripe_days, timezone) <= now and is_whole(month, str(name), reach)
        for month, name in zip(found["month"], found["metric"], strict=True)
    ]
    records = found[np.array(due, dtype=bool)].to_dict("records")
    rows = [published_row({str(key): one for key, one in row.items()}, FROZEN, now, snapshot_id) for row in records]
    return pd.DataFrame(rows, columns=list(PUBLISHED.column_names))


def is_whole(month: date, metric: str, reach: Mapping[str, date] | None) -> bool:
    """Whether no row of a month can have gone by its retention. `reach`: first whole month by metric; all without it."""
    return reach is None or month >= reach.get(metric, date.min)


def published_row(figure: Mapping[str, Any], origin: str, at: datetime, snapshot_id: int | None) -> dict[str, Any]:
    """One row of PUBLISHED: KEY, SHOWN and where it came from as JSON; numbers to four decimals, None where unknown."""
    value: dict[str, Any] = {name: str(figure[name]) for name in KEY}
    value |= {name: _plain(figure.get(name)) for name in SHOWN} | {"origin": origin}
    if "decimals" in figure:
        value["decimals"] = figure["decimals"]
    prefix = "month" if origin == FROZEN else IMPORTED
    return {
        "publication_id": f"{prefix}-{str(figure['month'])[:7]}",
        "item": "/".join(str(figure[name]) for name in KEY[1:]),
        "kind": KIND,
        "value": json.dumps(value, ensure_ascii=False, sort_keys=True),
        "mention_id": None,
        "snapshot_id": snapshot_id,
        "published_at": at,
    }


def _plain(value: Any) -> float | int | None:
    if value is None or pd.isna(value):
        return None
    number = round(float(value), DECIMALS)
    return int(number) if number.is_integer() else number


def unpacked(published: pd.DataFrame) -> pd.DataFrame:
    """KEY, SHOWN, origin, decimals and published_at of PUBLISHED rows of kind score, an imported figure before ours."""
    columns = [*KEY, *SHOWN, "origin", "decimals", "published_at"]
    rows = published[published["kind"] == KIND]
    if rows.empty:
        return pd.DataFrame(columns=columns)
    read = [json.loads(value) for value in rows["value"]]
    frame = pd.DataFrame(read).reindex(columns=columns[:-1]).assign(published_at=rows["published_at"].to_numpy())
    frame["month"] = [date.fromisoformat(month) for month in frame["month"]]
    numbers = [*SHOWN, "decimals"]
    frame[numbers] = frame[numbers].astype(float)
    ours = frame["origin"].eq(FROZEN).astype(int)
    ordered = frame.assign(ours=ours).sort_values([*KEY, "ours"], kind="stable").drop_duplicates(KEY)
    return ordered[columns].reset_index(drop=True)


def restatements(published: pd.DataFrame, found: pd.DataFrame, reach: Mapping[str, date] | None = None) -> pd.DataFrame:
    """RESTATEMENT rows: published figures whose value or number of answers is another now, newest month first.

    `published`: PUBLISHED rows. `found`: `figures` of today. `reach`: by metric, the first month of which retention can
    have taken no row: earlier ones are not compared. A figure of a whole month of which no row is left (its scale is
    declared the other way round, say) is told with n_now 0, an imported one of which too few answers are held is not.
    An imported value is held to the decimals it was given with; its n is not compared, as other tools count in other
    ways. The corrected value counts when it moves by a point.
    """
    then = unpacked(published)
    whole = [is_whole(month, str(name), reach) for month, name in zip(then["month"], then["metric"], strict=True)]
    both = then[np.array(whole, dtype=bool)].merge(found, on=KEY, how="left", suffixes=("_then", "_now"))
    both["n_now"] = both["n_now"].astype(float).fillna(0)
    ours = both["origin"] == FROZEN
    exact = np.where(ours, 10.0**-2, 0.5 * 10.0 ** -both["decimals"].fillna(0) + 1e-9)
    moved = _apart(both["value_then"], both["value_now"], exact) & (ours | both["value_now"].notna()).to_numpy()
    moved |= _apart(both["value_corrected_then"], both["value_corrected_now"], CORRECTED_CHANGE) & ours.to_numpy()
    moved |= ours.to_numpy() & (both["n_then"] != both["n_now"]).to_numpy()
    rows = both[moved & (ours | (both["n_now"] > 0)).to_numpy()]
    told = rows[KEY].assign(
        value_published=rows["value_then"],
        value_now=rows["value_now"],
        difference=rows["value_now"] - rows["value_then"],
        n_published=rows["n_then"].astype("Int64"),
        n_now=rows["n_now"].astype("Int64"),
        corrected_published=rows["value_corrected_then"],
        corrected_now=rows["value_corrected_now"],
        published_at=pd.to_datetime(rows["published_at"], utc=True),
        origin=rows["origin"],
    )[list(RESTATEMENT.column_names)]
    return told.sort_values(KEY, ascending=[False, True, True, True, True], kind="stable").reset_index(drop=True)


def _apart(then: pd.Series, now: pd.Series, least: Any) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Whether two columns differ by `least` or more, or one of them has no figure."""
    a, b = then.to_numpy(float), now.to_numpy(float)
    one_missing = np.isnan(a) != np.isnan(b)
    with np.errstate(invalid="ignore"):
        return np.asarray(one_missing | (np.abs(a - b) >= least))
