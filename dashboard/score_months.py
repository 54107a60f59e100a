"""Months of one score: raw and corrected with intervals, which are frozen, and what was restated."""

from __future__ import annotations

from datetime import date

import pandas as pd

from dashboard import score_queries, words
from dashboard.format import DASH
from dashboard.page import Page
from dashboard.scores import REVIEW, shown
from insights.frozen import ALL, FROZEN, IMPORTED, unpacked
from insights.frozen_reach import first_whole_months
from insights.metrics import METRICS, Metric, summarise
from insights.retention import load_policy

OPEN, NEVER = "open", "never"  # states besides the two origins of a published figure


def month_rows(page: Page, metric: Metric, survey: str, scale: str, rows: pd.DataFrame) -> pd.DataFrame:
    """One row a month and reading (raw, corrected): month, reading, value, low, high, n, state.

    `rows`: daily components, from the first day of a month on. `state`: frozen, imported, open; never for public
    reviews. A published month shows what was published of it and nothing else, whatever its rows are today; today's
    figures are those of the months that are still open and whole (`first_whole_months`). Months without a figure are
    left out.
    """
    item = f"{metric.name}/{survey}/{scale}/{ALL}"
    published = unpacked(page.rows(score_queries.PUBLISHED, item=item))
    now = summarise(rows, metric.name, ["month"], page.settings.min_answers)
    whole = first_whole_months(load_policy(page.settings), page.today)[metric.name]
    shut = set(published["month"])
    now = now[[month >= whole and month not in shut for month in now["month"]]]
    now = now.assign(origin=NEVER if survey == REVIEW else OPEN)
    parts = []
    for reading, suffix in (("raw", ""), ("corrected", "_corrected")):
        for figures in (published, now):
            part = figures[["month", f"value{suffix}", f"low{suffix}", f"high{suffix}", "n", "origin"]]
            part = part.set_axis(["month", "value", "low", "high", "n", "state"], axis=1)
            parts.append(part.dropna(subset=["value"]).assign(reading=reading))
    found = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    return found.sort_values(["month", "reading"], ignore_index=True)


def state(page: Page, code: str) -> str:
    _ = page._
    known = {
        FROZEN: _("frozen"),
        IMPORTED: _("published before, imported"),
        OPEN: _("still open"),
        NEVER: _("never frozen"),
    }
    return known.get(code, code)


def reading(page: Page, code: str) -> str:
    _ = page._
    return _("corrected for who answered") if code == "corrected" else _("as answered")


def month_table(page: Page, metric: Metric, found: pd.DataFrame) -> pd.DataFrame:
    """The months for people, newest first."""
    _, fmt = page._, page.fmt

    def show(value: float) -> str:
        return shown(page, metric, value)

    rows = found.sort_values(["month", "reading"], ascending=[False, False]).to_dict("records")
    return pd.DataFrame(
        {
            _("Month"): [fmt.month(row["month"]) for row in rows],
            _("Reading"): [reading(page, row["reading"]) for row in rows],
            _("Value"): [show(row["value"]) for row in rows],
            _("95 % interval"): [fmt.interval(row["low"], row["high"], show) for row in rows],
            _("Answers"): [int(row["n"]) for row in rows],
            _("State"): [state(page, row["state"]) for row in rows],
        }
    )


def month_raw(page: Page, metric: Metric, found: pd.DataFrame) -> pd.DataFrame:
    """The rows of `month_table` typed, in the same order."""
    _ = page._
    rows = found.sort_values(["month", "reading"], ascending=[False, False])
    return pd.DataFrame(
        {
            _("Month"): page.fmt.days(rows["month"]),
            _("Reading"): [reading(page, one) for one in rows["reading"]],
            _("Unit"): metric.unit,
            _("Value"): rows["value"].astype(float),
            _("Value, low end"): rows["low"].astype(float),
            _("Value, high end"): rows["high"].astype(float),
            _("Answers"): rows["n"].astype(int),
            _("State"): [state(page, one) for one in rows["state"]],
        }
    )


def restated_raw(page: Page) -> pd.DataFrame:
    """The rows of `restated_rows` typed, in the same order."""
    _ = page._
    rows = page.rows(score_queries.RESTATED)
    rows = rows[rows["metric"].isin(list(METRICS))]
    return pd.DataFrame(
        {
            _("Month"): page.fmt.days(rows["month"]),
            _("Score"): [METRICS[one].label(page.language) for one in rows["metric"]],
            _("Survey"): [survey_name(page, one) for one in rows["survey"]],
            _("Segment"): [_("All") if one == ALL else words.segment(_, one) for one in rows["segment"]],
            _("Published"): rows["value_published"],
            _("Now"): rows["value_now"],
            _("Difference"): rows["difference"],
            _("Answers then"): rows["n_published"],
            _("Answers now"): rows["n_now"],
            _("Corrected then"): rows["corrected_published"],
            _("Corrected now"): rows["corrected_now"],
        }
    )


def restated_rows(page: Page) -> pd.DataFrame:
    """Published figures that are others now, for people; newest month first."""
    _, fmt = page._, page.fmt
    rows = [row for row in page.rows(score_queries.RESTATED).to_dict("records") if row["metric"] in METRICS]

    def show(row: dict[str, object], name: str) -> str:
        value = row[name]
        return DASH if pd.isna(value) else shown(page, METRICS[str(row["metric"])], float(str(value)))

    return pd.DataFrame(
        {
            _("Month"): [fmt.month(row["month"]) for row in rows],
            _("Score"): [METRICS[row["metric"]].label(page.language) for row in rows],
            _("Survey"): [survey_name(page, row["survey"]) for row in rows],
            _("Segment"): [_("All") if row["segment"] == ALL else words.segment(_, row["segment"]) for row in rows],
            _("Published"): [show(row, "value_published") for row in rows],
            _("Now"): [show(row, "value_now") for row in rows],
            _("Difference"): [fmt.points(row["difference"]) for row in rows],
            _("Answers then"): [fmt.number(row["n_published"]) for row in rows],
            _("Answers now"): [fmt.number(row["n_now"]) for row in rows],
            _("Corrected then"): [show(row, "corrected_published") for row in rows],
            _("Corrected now"): [show(row, "corrected_now") for row in rows],
        }
    )


def survey_name(page: Page, survey: str) -> str:
    whole = {"contacts": page._("All contacts"), "cases": page._("All cases")}
    return whole.get(survey) or words.survey(page._, survey)


def last_frozen(found: pd.DataFrame) -> date | None:
    """The newest frozen month; None without."""
    frozen = found[~found["state"].isin([OPEN, NEVER])]
    return max(frozen["month"]) if len(frozen) else None
