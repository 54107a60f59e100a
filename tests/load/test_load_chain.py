"""New feedback on top of a history, and a file of verbatims in an empty lake: all of it arrives, and is ranked."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from chain import Company

from insights.bench.intake import read_answers
from insights.bench.load_nightly import night
from insights.bench.load_verbatims import ranked
from insights.bench.load_words import new_answers
from insights.lake import open_lake
from insights.settings import load_settings

pytestmark = pytest.mark.load
UNTIL = "2026-10-31"


def test_new_answers_are_distinct_and_reach_a_rank(company: Company, tmp_path: Path) -> None:
    rows = read_answers(company.folder / "exports")
    folder = new_answers(rows, tmp_path / "new", 400, UNTIL, seed=3)
    assert len({row["comment"] for row in read_answers(folder)}) > 380
    found = ranked(folder, None, UNTIL, lambda _: None)
    assert found.n_feedback == 400
    assert found.n_ranked > 5
    assert set(found.steps) == {"ingest", "enrich", "discover", "measure", "score", "prioritize"}
    assert found.cpu_seconds > 0


def test_a_night_takes_what_is_new_and_the_next_one_nothing(company: Company, tmp_path: Path) -> None:
    shutil.copytree(company.settings.data_dir, tmp_path / "data")
    shutil.copytree(company.settings.keys_dir, tmp_path / "keys")
    kept = company.settings.model_dump(include={"extension_dir", "reference_dir", "as_of"})
    settings = load_settings(data_dir=tmp_path / "data", keys_dir=tmp_path / "keys", **kept, workers=1)
    news = new_answers(read_answers(company.folder / "exports"), tmp_path / "new", 200, UNTIL, seed=4)
    first = night(settings, [news], print)
    again = night(settings, [news], print)
    assert first.n_after - first.n_before == 200
    assert again.n_after == again.n_before == first.n_after
    assert {"ingest", "enrich", "measure", "prioritize"} <= set(first.steps)
    assert first.cost.peak_mb > 100
    with open_lake(settings, read_only=True) as lake:
        assert lake.check_keys() == []
