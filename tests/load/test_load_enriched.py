"""Enriched rows made in DuckDB hang together as if they had been read, and say that they were not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from chain import Company

from insights.bench.load_rivals import aggregates
from insights.errors import SettingsError
from insights.lake import Lake, open_lake
from insights.settings import Settings, load_settings
from insights.simulate.enriched import LABEL, SAID, enriched, multiply
from insights.steps.assigning import stacked

pytestmark = pytest.mark.load
N = 3_000


@pytest.fixture(scope="module")
def made(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("enriched")
    own = {"data_dir": folder / "data", "keys_dir": folder / "keys"}
    kept = company.settings.model_dump(include={"extension_dir", "reference_dir", "as_of"})
    settings = load_settings(**own, **kept, workers=1)
    multiply(company.settings, settings, N, lambda _: None)
    return settings


@pytest.fixture
def rows(made: Settings) -> Iterator[Lake]:
    with open_lake(made, read_only=True) as lake:
        yield lake


def test_there_are_as_many_as_asked_and_every_key_once(rows: Lake) -> None:
    assert rows.counts()["feedback"] == pytest.approx(N, rel=0.1)
    assert rows.check_keys() == []


def test_a_clause_lies_where_its_offsets_say(rows: Lake) -> None:
    wrong = """SELECT count(*) FROM mention m JOIN feedback f USING (feedback_id)
    WHERE turn_no IS NULL AND substr(f.verbatim, start_char + 1, end_char - start_char) <> m.text"""
    assert rows.scalar(wrong) == 0
    assert rows.scalar("SELECT count(*) FROM mention WHERE turn_no IS NULL") > N


def test_hardly_two_say_the_same_and_each_grievance_has_a_vector_of_unit_length(rows: Lake) -> None:
    said = rows.read("SELECT count(*) AS n, count(DISTINCT text_sha) AS d FROM mention WHERE turn_no IS NULL").iloc[0]
    assert said["d"] > 0.8 * said["n"]
    without = """SELECT count(*) FROM mention WHERE type IN ('complaint', 'suggestion') AND voice = 'customer'
    AND text_sha NOT IN (SELECT text_sha FROM embedding)"""
    assert rows.scalar(without) == 0
    length = np.linalg.norm(stacked(rows.read("SELECT vector FROM embedding")["vector"]), axis=1)
    assert np.allclose(length, 1, atol=1e-5)


def test_the_lake_says_that_its_rows_are_made_up(rows: Lake) -> None:
    note = rows.scalar("SELECT note FROM run WHERE step = $step", step=LABEL)
    assert json.loads(note)["said"] == SAID


def test_pandas_counts_the_same_by_week_and_irritant(made: Settings) -> None:
    differ = aggregates(made, "enriched")[0]
    assert (differ.value, differ.rival_value) == (0, pytest.approx(differ.rival_value))
    assert differ.rival_value > 100


@pytest.mark.parametrize(("size", "n"), [("large", 5_000), ("small", 10), ("small", 10**9)])
def test_a_size_that_makes_no_sense_is_refused_before_anything_is_written(tmp_path: Path, size: str, n: int) -> None:
    with pytest.raises(SettingsError, match="Enriched rows are made of"):
        enriched(tmp_path, size, n, lambda _: None)
    assert not list(tmp_path.iterdir())
