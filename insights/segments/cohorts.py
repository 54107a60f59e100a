"""Welcome cohorts: what the first weeks do to those who arrived together."""

from __future__ import annotations

from datetime import date

import pandas as pd

from insights.intervals import wilson

STAGES = {"day_7": (0, 14), "first_bill": (15, 60), "day_90": (61, 90)}  # days after the start, both ends counted
LEAST = 30  # answers
LEAST_NAMED = 5  # customers who name an irritant, for it to be told
COLUMNS = [
    *("cohort_on", "stage", "survey", "n_customers", "n_answers", "n_satisfied", "satisfied_share", "low", "high"),
    *("n_contacting", "n_complaining", "n_left", "top_irritant_id", "n_top_irritant"),
]


def stage_of(days: pd.Series) -> pd.Series:
    """Stage of each number of days after the start; NULL outside the first 90."""
    found = pd.Series(None, index=days.index, dtype=object)
    for stage, (first, last) in STAGES.items():
        found[(days >= first) & (days <= last)] = stage
    return found


def welcome(people: pd.DataFrame, said: pd.DataFrame, until: date) -> pd.DataFrame:
    """One row a quarter of arrival and stage, for the customers whose stage is over on `until`.

    `people`: customer_id, started_on. `said`: customer_id, happened_on, what (answer, contact, complaint, departure),
    survey and satisfied (answers), irritant_id (complaints). Shares rest on the answers given in the stage to the one
    questionnaire that new customers answer most (questionnaires are never mixed), with a 90 % Wilson interval, NaN under
    30 answers. Columns: cohort_on (first day of the quarter), stage, survey, n_customers, n_answers,
    n_satisfied, satisfied_share, low, high, n_contacting, n_complaining, n_left (customers, each once),
    top_irritant_id, n_top_irritant (customers who named it).
    """
    if people.empty:
        return pd.DataFrame(columns=COLUMNS)
    started = pd.to_datetime(people["started_on"])
    arrived = people.assign(started=started, cohort_on=started.dt.to_period("Q").dt.start_time.dt.date)
    survey = _most_answered(said)
    said = said[(said["what"] != "answer") | (said["survey"] == survey)]
    rows = said.merge(arrived[["customer_id", "started", "cohort_on"]], on="customer_id")
    rows = rows.assign(stage=stage_of((pd.to_datetime(rows["happened_on"]) - rows["started"]).dt.days))
    made = []
    for cohort, members in arrived.groupby("cohort_on"):
        for stage, (_, last) in STAGES.items():
            ripe = members[members["started"] + pd.Timedelta(days=last) <= pd.Timestamp(until)]
            if len(ripe) == len(members):
                own = rows[(rows["cohort_on"] == cohort) & (rows["stage"] == stage)]
                told = {"cohort_on": cohort, "stage": stage, "survey": survey, "n_customers": len(ripe)}
                made.append({**told, **_counts(own)})
    return _with_shares(pd.DataFrame(made)) if made else pd.DataFrame(columns=COLUMNS)


def _most_answered(said: pd.DataFrame) -> str | None:
    """The questionnaire with most answers, the first by name among equals; None without any."""
    counted = said.loc[said["what"] == "answer", "survey"].value_counts()
    return min(counted.index, key=lambda one: (-counted[one], one)) if len(counted) else None


def _counts(own: pd.DataFrame) -> dict[str, object]:
    answers, complaints = own[own["what"] == "answer"], own[own["what"] == "complaint"]
    named = complaints.drop_duplicates(["customer_id", "irritant_id"])["irritant_id"].dropna()
    counted = named.value_counts()
    top = counted[counted >= LEAST_NAMED].sort_index().sort_values(ascending=False, kind="stable").head(1)

    def once(what: str) -> int:
        return int(own.loc[own["what"] == what, "customer_id"].nunique())

    return {
        "n_answers": len(answers),
        "n_satisfied": int(answers["satisfied"].fillna(False).astype(bool).sum()),
        "n_contacting": once("contact"),
        "n_complaining": once("complaint"),
        "n_left": once("departure"),
        "top_irritant_id": None if top.empty else str(top.index[0]),
        "n_top_irritant": 0 if top.empty else int(top.iloc[0]),
    }


def _with_shares(rows: pd.DataFrame) -> pd.DataFrame:
    share = wilson(rows["n_satisfied"], rows["n_answers"], 0.90)
    enough = rows["n_answers"] >= LEAST
    told = {"satisfied_share": share.value, "low": share.low, "high": share.high}
    return rows.assign(**{name: pd.Series(value, rows.index).where(enough) for name, value in told.items()})[COLUMNS]
