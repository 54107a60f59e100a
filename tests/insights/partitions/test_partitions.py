"""Parts of the work, wherever they are done: in order, each process with a lake of its own, a killed one made good."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from partition_works import dies, dies_once, told

from insights.errors import ClusterError
from insights.lake import Lake, open_lake
from insights.partitions import cut, partitions, together
from insights.partitions.worker import PLACE, place_of
from insights.settings import Settings, load_settings


@pytest.fixture
def two(settings: Settings, lake: Lake) -> Settings:
    """Settings of two processes on a lake that holds a row."""
    with lake.write() as writer:
        writer.insert_new("run", pd.DataFrame([{"run_id": "r", "step": "enrich", "seconds": 2.0}]))
    return settings.model_copy(update={"workers": 2})


def test_items_are_cut_by_number_and_none_gets_lost() -> None:
    assert cut([1, 2, 3, 4, 5], 2) == [[1, 2], [3, 4], [5]] and cut([], 2) == []


def test_one_worker_works_here_and_two_read_the_same_in_order_with_lakes_of_their_own(
    lake: Lake, two: Settings
) -> None:
    with partitions(lake) as over:
        here = list(over.map(told, "s", [1, 2, 3]))
    assert here == [("s", 0, False), ("s", 1, False), ("s", 1, False)]
    with open_lake(two) as both, partitions(both) as over:
        assert list(over.map(told, "s", [1, 2, 3])) == [(shared, n, True) for shared, n, _ in here]
        with both.write() as writer:
            writer.insert_new("run", pd.DataFrame([{"run_id": "r", "step": "index", "seconds": 3.0}]))
        assert list(over.map(told, "s", [3, 3]))[0] == ("s", 2, True), "a later part sees what was written since"
        assert list(over.map(told, "s", [1])) == [("s", 0, False)], "one part is done here"


def test_a_killed_process_is_made_good(two: Settings, tmp_path: Path) -> None:
    with open_lake(two) as lake, partitions(lake) as over:
        assert list(over.map(dies_once, tmp_path / "killed", list(range(6)))) == list(range(6))
        assert (tmp_path / "killed").exists()


@pytest.mark.faults
def test_a_part_that_always_kills_its_process_is_a_sentence(two: Settings) -> None:
    with open_lake(two) as lake, partitions(lake) as over, pytest.raises(ClusterError, match="VOC_PARTITION_ROWS"):
        list(over.map(dies, None, [1, 2]))


def test_parts_whose_columns_are_all_null_or_without_a_row_stand_beside_the_others() -> None:
    parts = [pd.DataFrame({"a": ["x"], "b": pd.array([None], dtype=object)}), pd.DataFrame({"a": ["y"], "b": ["z"]})]
    tables = [pa.Table.from_pandas(one, preserve_index=False) for one in [*parts, parts[1].head(0)]]
    found = together(tables)
    assert list(found["a"]) == ["x", "y"]
    assert list(found["b"].fillna("-")) == ["-", "z"]


def test_no_secret_goes_to_a_worker(settings: Settings) -> None:
    secret = {name for name, field in Settings.model_fields.items() if "Secret" in str(field.annotation)}
    assert secret and not secret & PLACE and set(Settings.model_fields) >= PLACE
    told_place = load_settings(**json.loads(place_of(settings)))
    assert told_place.lake_dir == settings.lake_dir and told_place.as_of == settings.as_of


def test_a_scheduler_that_does_not_answer_is_a_sentence(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="the [dask] extra is not installed")
    from insights.partitions import cluster

    monkeypatch.setattr(cluster, "SECONDS", 0.2)
    absent = settings.model_copy(update={"dask_address": "tcp://127.0.0.1:9"})
    with open_lake(absent) as lake, partitions(lake) as over, pytest.raises(ClusterError, match="VOC_DASK_ADDRESS"):
        list(over.map(told, "s", [1]))
