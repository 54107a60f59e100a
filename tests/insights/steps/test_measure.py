"""Measure on a real lake: the planted bias is taken out, months freeze, late rows are told, twice changes nothing."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from insights.errors import SourceError
from insights.lake import Lake
from insights.ledger import Ledger
from insights.metrics import summarise
from insights.questionnaires import load_questionnaires
from insights.steps.freeze import import_scores, restate, withdraw_score
from insights.steps.measure import measure
from insights.weighting import VARIABLES, cell_weights

N = 600
SENT = datetime(2026, 9, 8, 9, tzinfo=UTC)
OLD = np.arange(N) % 3 == 0  # a third of the customers
PLACE = np.where(OLD, np.cumsum(OLD), np.cumsum(~OLD)) - 1  # within the age group
GLAD = np.where(OLD, 8, 3) > PLACE % 10  # promoters: 8 in 10, 3 in 10
ANSWERS = PLACE // 10 % np.where(OLD, 2, 5) == 0  # every second ten answer, every fifth ten


def customers() -> list[str]:
    return [f"C{n:04d}" for n in range(N)]


def responses(rows: np.ndarray, at: datetime, prefix: str = "f") -> dict[str, pd.DataFrame]:
    """Feedback and answers of these customers."""
    ids = [f"{prefix}{n:04d}" for n in rows]
    said = {"occurred_at": at, "available_at": at, "customer_id": [f"C{n:04d}" for n in rows]}
    feedback = {"feedback_id": ids, "source": "test", "source_id": ids, "kind": "survey", "survey": "relational"}
    feedback |= {"channel": "email", "segment": "household", "ingested_at": at, "anonymous": False} | said
    value = np.where(GLAD[rows], 10.0, 3.0)
    answer = {"feedback_id": ids, "question_id": "nps", "metric": "nps", "scale": "0-10", "value": value} | said
    return {"feedback": pd.DataFrame(feedback), "answer": pd.DataFrame(answer)}


def picture() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": customers(),
            "as_of": date(2026, 8, 31),
            "available_at": SENT,
            "segment": "household",
            "age_band": np.where(OLD, "60-74", "18-34"),
            "digital_habit": "regular",
            "contract_start_on": date(2020, 1, 1),
            "margin_eur_year": 60.0,
        }
    )


def invitations() -> pd.DataFrame:
    linked = [f"f{n:04d}" if answered else None for n, answered in enumerate(ANSWERS)]
    return pd.DataFrame(
        {
            "invitation_id": [f"i{n:04d}" for n in range(N)],
            "customer_id": customers(),
            "survey": "relational",
            "channel": "email",
            "sent_at": SENT,
            "feedback_id": linked,
            "available_at": SENT,
        }
    )


@pytest.fixture
def asked(lake: Lake) -> Lake:
    """A lake with one wave in September: seniors answer more and are happier."""
    frames = {"customer_snapshot": picture(), "invitation": invitations()}
    add(lake, frames | responses(np.flatnonzero(ANSWERS), datetime(2026, 9, 9, 9, tzinfo=UTC)))
    return lake


def add(lake: Lake, frames: dict[str, pd.DataFrame]) -> None:
    with lake.write() as writer:
        for name, frame in frames.items():
            writer.insert_new(name, frame)


def published(lake: Lake) -> list[tuple[object, ...]]:
    rows = lake.read("SELECT publication_id, item, value, published_at FROM published ORDER BY ALL")
    return list(rows.itertuples(index=False, name=None))


def test_the_corrected_score_is_the_true_one_where_only_age_decides_who_answers(asked: Lake, ledger: Ledger) -> None:
    report = measure(asked, ledger, run_id="one")
    found = summarise(asked.read("SELECT * FROM metric_daily"), "nps").iloc[0]
    truth = 100 * (2 * GLAD.mean() - 1)
    assert found["n"] == ANSWERS.sum()
    assert found["value"] - truth > 10
    assert found["value_corrected"] == pytest.approx(truth, abs=1.0)
    assert found["n_effective"] < found["n"]
    weights = asked.read("SELECT * FROM response_weight")
    assert weights["weight"].sum() == pytest.approx(found["n"])
    assert report.note["weighted_months"] == 1
    counts = asked.read("SELECT sum(n_answered) AS a, sum(n_silent) AS s, sum(n_never_asked) AS n FROM response_cell")
    assert counts.iloc[0].astype(int).tolist() == [ANSWERS.sum(), N - ANSWERS.sum(), 0]
    assert asked.check_keys() == []
    before = asked.counts()
    add(asked, {"invitation": invitations()} | responses(np.flatnonzero(ANSWERS), datetime(2026, 9, 9, 9, tzinfo=UTC)))
    assert measure(asked, ledger, run_id="two").note["said"] == "nothing new since the last run"
    assert asked.counts() | {"run": 0} == before | {"run": 0}


def test_late_answers_and_imported_figures_change_no_frozen_row_and_are_told(asked: Lake, ledger: Ledger) -> None:
    measure(asked, ledger, run_id="one")
    frozen = published(asked)
    assert {row[0] for row in frozen} == {"month-2026-09"}
    silent = np.flatnonzero(~ANSWERS)[:25]
    add(asked, responses(silent, datetime(2026, 9, 29, 9, tzinfo=UTC), "late"))
    report = measure(asked, ledger, run_id="two")
    assert set(frozen) <= set(published(asked))
    assert report.note["weighted_now"] == 1 and weights_are_those_of_all_months(asked)
    assert report.note["restated"] >= 1
    row = restated(asked, "frozen").iloc[0]
    n = int(ANSWERS.sum())
    assert (row["n_published"], row["n_now"]) == (n, n + 25)
    assert row["value_now"] - row["value_published"] == pytest.approx(row["difference"])
    table = pd.DataFrame(
        {"month": ["2026-09", "2024-09"], "metric": "nps", "survey": "relational", "value": [5, -4], "n": [200, 210]}
    )
    imported, found = import_scores(asked, ledger, run_id="import", table=table, name="past.csv")
    assert (imported.n_out, found.refused) == (2, ())
    assert set(frozen) <= set(published(asked))
    told = restated(asked, "imported")
    assert [(row.value_published, str(row.month)[:7]) for row in told.itertuples()] == [(5.0, "2026-09")]
    item = {"month": date(2026, 9, 1), "item": "nps/relational/0-10/(all)"}
    withdraw_score(asked, run_id="back", reason="typed by mistake", **item)
    with pytest.raises(SourceError, match="imported of that month: nothing"):
        withdraw_score(asked, run_id="back again", reason="typed by mistake", **item)
    assert restated(asked, "imported").empty
    trace = asked.read("SELECT value FROM published WHERE kind = 'withdrawn'")["value"]
    assert [(json.loads(one)["value"], json.loads(one)["reason"]) for one in trace] == [(5, "typed by mistake")]
    mended, found = import_scores(asked, ledger, run_id="mended", table=table.assign(value=[6, -4]), name="past.csv")
    assert (mended.n_out, found.n_known, found.refused) == (1, 1, ())
    table = table.assign(value=[6, -4])
    kept = published(asked)
    with asked.write() as writer:
        writer.execute("UPDATE metric_daily SET segment = 'other'")  # what an import must not freeze
    again, found = import_scores(asked, ledger, run_id="again", table=table, name="past.csv")
    assert (again.n_out, found.n_known) == (0, 2)
    assert published(asked) == kept
    with asked.write() as writer:
        writer.execute("DELETE FROM metric_daily")
    assert restate(asked) == 0
    assert asked.counts()["restatement"] == 0


def test_a_lake_without_scores_is_measured_without_a_row_and_reads_the_file_anew(
    lake: Lake, ledger: Ledger, tmp_path: Path
) -> None:
    report = measure(lake, ledger, run_id="one")
    assert report.note["metric_daily"] == 0
    names = ("response_cell", "cell_weight", "response_weight", "restatement", "published")
    assert [lake.counts()[name] for name in names] == [0] * 5
    assert lake.counts()["questionnaire"] > 0
    object.__setattr__(lake.settings, "reference_dir", tmp_path)  # nothing is declared there
    assert "said" not in measure(lake, ledger, run_id="two").note
    assert lake.counts()["questionnaire"] == 0


@pytest.mark.faults
def test_only_months_whose_cells_changed_are_weighted_again(asked: Lake, ledger: Ledger) -> None:
    august = datetime(2026, 8, 12, 9, tzinfo=UTC)
    earlier = responses(np.flatnonzero(ANSWERS), august, "august")
    asked_then = invitations().assign(
        sent_at=august, available_at=august, invitation_id=lambda rows: "a" + rows["invitation_id"],
        feedback_id=lambda rows: "august" + rows["feedback_id"].str[1:],
    )  # fmt: skip
    add(asked, {"invitation": asked_then} | earlier)
    assert measure(asked, ledger, run_id="one").note["weighted_now"] == 2
    add(asked, responses(np.flatnonzero(~ANSWERS)[:9], datetime(2026, 9, 29, 9, tzinfo=UTC), "late"))
    assert measure(asked, ledger, run_id="two").note["weighted_now"] == 1
    assert weights_are_those_of_all_months(asked)
    with asked.write() as writer:
        for name in ("feedback", "answer", "invitation", "customer_snapshot"):  # an erasure reaches both months
            writer.execute(f"DELETE FROM \"{name}\" WHERE customer_id = 'C0000'")
    assert measure(asked, ledger, run_id="three").note["weighted_now"] == 2
    assert weights_are_those_of_all_months(asked)


def weights_are_those_of_all_months(lake: Lake) -> bool:
    rows = f"SELECT * FROM cell_weight ORDER BY survey, month, {', '.join(VARIABLES)}"
    declared = {one.survey: one.stands_for for one in load_questionnaires(lake.settings.reference_dir)}
    whole = cell_weights(lake.read("SELECT * FROM response_cell"), declared)
    pd.testing.assert_frame_equal(lake.read(rows), whole, check_dtype=False)
    return True


def restated(lake: Lake, origin: str) -> pd.DataFrame:
    query = "SELECT * FROM restatement WHERE metric = 'nps' AND segment = '(all)' AND origin = $origin"
    return lake.read(query, origin=origin)
