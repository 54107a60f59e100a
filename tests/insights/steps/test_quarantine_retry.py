"""A second try for refused rows: what is mended gets in once, what is not stays with its day of removal."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from insights.errors import LakeError, SourceError
from insights.lake import Lake
from insights.ledger import Ledger
from insights.steps import quarantine as module
from insights.steps.ingest import ingest_paths
from insights.steps.quarantine import RETRIED, batches, retry

MAPPING = """
source: avis
format: csv
kind: review
files: "*.csv"
delimiter: ";"
fields: {{verbatim: texte, occurred_at: date, brand: assureur}}
answers: [{{column: note, metric: csat, scale: {scale}}}]
date_formats: ["{dates}"]
"""
ROWS = "trop cher;01-03-2021;A;1\ntrop cher;01-03-2021;A;1\nbien;31-02-2021;A;5\ntrop lent;02-03-2021;A;7\n"


@pytest.fixture
def mapping(lake: Lake, ledger: Ledger) -> Path:
    """A mapping that reads no date of its file: four rows wait, two of them equal."""
    folder = lake.settings.drop_dir / "avis"
    folder.mkdir(parents=True)
    path = folder / "mapping.yaml"
    path.write_text(MAPPING.format(scale="1-5", dates="%d/%m/%Y"), encoding="utf-8")
    (folder / "avis.csv").write_text("texte;date;assureur;note\n" + ROWS, encoding="utf-8")
    report = ingest_paths(lake, ledger, run_id="r1", paths=[folder / "avis.csv"], mapping=path, say=lambda _: None)
    assert (report.n_out, report.n_quarantined) == (0, 4)
    return path


def waiting(lake: Lake) -> dict[int, str]:
    rows = lake.read("SELECT line, reason FROM quarantine ORDER BY line")
    return dict(zip(rows["line"].astype(int), rows["reason"], strict=True))


def test_mended_rows_get_in_once_and_the_others_stay(lake: Lake, ledger: Ledger, mapping: Path) -> None:
    before = lake.read("SELECT * FROM quarantine ORDER BY line")
    assert list(batches(lake)["n"]) == [4]
    mapping.write_text(MAPPING.format(scale="1-5", dates="%d-%m-%Y"), encoding="utf-8")
    later = lake.settings.model_copy(update={"as_of": pd.Timestamp("2026-11-20").date()})
    lake.settings = later
    steps: list[str] = []
    told = retry(lake, ledger, "avis", actor="Nadia", tell=steps.append)
    assert (told.n_asked, told.n_through, told.n_new, told.n_again) == (4, 2, 2, 2)  # two equal rows are two
    assert steps == list(module.STEPS)
    stay = waiting(lake)
    assert set(stay) == {4, 5} and stay[5].startswith("out_of_scale") and stay[4].startswith("bad_")
    kept = lake.read("SELECT * FROM quarantine ORDER BY line")
    assert set(kept["expires_on"]) == set(before["expires_on"])  # a second try never makes a row stay longer
    assert json.loads(ledger.keys.unseal(kept["raw_encrypted"].iloc[0]))["texte"] == "bien"
    event = ledger.events((RETRIED,))[0]
    assert (event.subject, event.actor, event.payload["n_through"]) == ("avis", "Nadia", 2)
    again = retry(lake, ledger, "avis", actor="Nadia")
    assert (again.n_asked, again.n_through) == (2, 0) and waiting(lake) == stay
    assert lake.counts()["feedback"] == 2 and lake.check_keys() == []
    report = ingest_paths(lake, ledger, run_id="r2", paths=[mapping.with_name("avis.csv")], mapping=mapping, say=print)
    assert report.n_out == 0  # the same file read by the mended mapping brings nothing twice
    with pytest.raises(SourceError, match="Nothing of 'avis' waits"):
        retry(lake, ledger, "avis", actor="Nadia", reason="duplicate_key")


def test_one_row_is_tried_with_its_twin_and_no_other(lake: Lake, ledger: Ledger, mapping: Path) -> None:
    mapping.write_text(MAPPING.format(scale="1-10", dates="%d-%m-%Y"), encoding="utf-8")
    one = lake.read("SELECT source_id FROM quarantine WHERE line = 2")["source_id"].iloc[0]
    told = retry(lake, ledger, "avis", actor="Nadia", source_ids=[one])
    assert (told.n_asked, told.n_new) == (2, 2) and set(waiting(lake)) == {4, 5}
    mapping.unlink()
    with pytest.raises(SourceError, match="put its mapping.yaml there"):
        retry(lake, ledger, "avis", actor="Nadia")


def test_rows_that_left_meanwhile_bring_nothing_in(lake: Lake, ledger: Ledger, mapping: Path) -> None:
    mapping.write_text(MAPPING.format(scale="1-10", dates="%d-%m-%Y"), encoding="utf-8")

    def erased_now(step: str) -> None:
        if step == "write":  # between reading and writing, an erasure takes a row away
            with lake.write() as writer:
                writer.execute("DELETE FROM quarantine WHERE line = 5")

    with pytest.raises(LakeError, match="left the quarantine meanwhile"):
        retry(lake, ledger, "avis", actor="Nadia", tell=erased_now)
    assert lake.counts()["feedback"] == 0 and set(waiting(lake)) == {2, 3, 4}
    assert ledger.events((RETRIED,)) == []


def test_rows_of_a_table_are_tried_by_todays_words(lake: Lake, ledger: Ledger) -> None:
    folder = lake.settings.drop_dir / "departs"
    folder.mkdir(parents=True)
    mapping, file = folder / "mapping.yaml", folder / "departs.csv"
    text = """
source: departs
table: churn_event
delimiter: ','
files: '*.csv'
columns: {{customer_id: client, learned_on: le, cause: motif}}
values: {{cause: {{{words}}}}}
"""
    mapping.write_text(text.format(words="choix: chosen"), encoding="utf-8")
    file.write_text("client,le,motif\nC1,2026-03-01,choix\nC2,2026-03-02,parti\n", encoding="utf-8")
    report = ingest_paths(lake, ledger, run_id="r1", paths=[file], mapping=mapping)
    assert (report.n_out, report.n_quarantined) == (1, 1)
    mapping.write_text(text.format(words="choix: chosen, parti: natural"), encoding="utf-8")
    told = retry(lake, ledger, "departs", actor="Nadia")
    assert (told.n_through, told.n_new, told.again) == (1, 1, {})
    found = lake.read("SELECT customer_id, cause FROM churn_event ORDER BY 1")
    assert found.values.tolist() == [["C1", "chosen"], ["C2", "natural"]] and waiting(lake) == {}
