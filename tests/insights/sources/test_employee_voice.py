"""Advisers' comments: no author, no hour, no customer, and in no figure of customers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from undecided import UNDECIDED

from insights.errors import RowError
from insights.lake import Lake
from insights.lake.queries import sql
from insights.ledger import Ledger
from insights.sources import employee_voice
from insights.sources.base import RawRecord
from insights.sources.options import Options
from insights.steps.ingest import ingest


def row(**given: str) -> RawRecord:
    return RawRecord("a.csv", 2, {"Date": "03/10/2026 22:40", "Équipe": "Porto", "Commentaire": "Trop lent."} | given)


def test_the_author_and_the_hour_are_not_read() -> None:
    found = employee_voice.parse(row(Matricule="M-4471", Nom="Rui Sá"), Options())
    assert found.feedback["anonymous"] is True
    assert f"{found.feedback['occurred_at']:%Y-%m-%d %H:%M}" == "2026-10-03 10:00"  # noon in Paris, whatever the shift
    assert not [word for word in ("M-4471", "Rui", "22:40", "20:40") if word in repr(found)]
    assert (found.author, found.emails, found.answers) == (None, (), ())


def test_columns_can_be_named() -> None:
    options = Options(fields={"verbatim": "Ce que j'entends"}, constants={"agent_team": "Lille"})
    record = RawRecord("a.csv", 2, {"Ce que j'entends": "Rien ne marche.", "date": "2026-10-03"})
    assert employee_voice.parse(record, options).feedback["agent_team"] == "Lille"
    with pytest.raises(RowError, match=r"missing_verbatim: .*fields: verbatim"):
        employee_voice.parse(record, Options())


def test_comments_stay_out_of_every_figure_of_customers(tmp_path: Path, lake: Lake, ledger: Ledger) -> None:
    folder = tmp_path / "employee_voice"
    folder.mkdir()
    (folder / "a.csv").write_text("date;equipe;commentaire;note\n2026-10-03;Porto;Trop lent.;0\n", encoding="utf-8")
    ingest(lake, ledger, [folder], run_id="one")
    assert lake.scalar("SELECT count(*) FROM feedback WHERE kind = 'employee' AND customer_id IS NULL") == 1
    said = lake.read("SELECT feedback_id, occurred_at, available_at FROM feedback").to_dict("records")[0]
    scored = {**said, "question_id": "q", "metric": "nps", "scale": "0-10", "value": 0.0}
    heard = {**said, "mention_id": "m", "unit_no": 1, "text": "x", "voice": "employee", "polarity": -1.0}
    with lake.write() as writer:  # even where a bug let a score or a mention of an adviser in
        writer.insert_new("answer", pd.DataFrame([scored]))
        writer.insert_new("mention", pd.DataFrame([heard]))
        writer.insert_new("mention_irritant", pd.DataFrame([{"mention_id": "m", "irritant_id": "IR-1"}]))
    assert [len(lake.seen_through(UNDECIDED).read(sql(table))) for table in ("metric_daily", "irritant_weekly")] == [
        0,
        0,
    ]
    assert list(lake.read(sql("checks/fail_employee_scored"))["table_name"]) == ["answer"]
