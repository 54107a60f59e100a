"""A real Dask cluster of processes reads, encodes and assigns what one process does, and outlives a killed worker."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from chain import Company
from partition_works import cluster_of, dies, dies_once

from insights.errors import ClusterError
from insights.lake import Lake, open_lake
from insights.ledger import open_ledger
from insights.partitions import partitions
from insights.settings import Settings
from insights.steps.enrich import enrich
from insights.steps.panel import scores_of
from insights.steps.score import load_model

pytest.importorskip("distributed", reason="the [dask] extra is not installed")
pytestmark = pytest.mark.faults

MENTIONS = "SELECT * EXCLUDE (model_version) FROM mention ORDER BY mention_id"
ASSIGNED = "SELECT * FROM mention_irritant ORDER BY ALL"
VECTORS = "SELECT text_sha, encoder_version, vector FROM embedding ORDER BY ALL"


def unread(company: Company, folder: Path, **changes: Any) -> Settings:
    """The small company before its words were read: models and customers are there, mentions are not."""
    shutil.copytree(company.settings.data_dir, folder / "data")
    shutil.copytree(company.settings.keys_dir, folder / "keys")
    place = {"data_dir": folder / "data", "keys_dir": folder / "keys", "partition_rows": 100, **changes}
    settings = company.settings.model_copy(update=place)
    with open_lake(settings) as lake, lake.write() as writer:
        for table in ("mention", "embedding", "mention_irritant"):
            writer.execute(f'DELETE FROM "{table}"')
    return settings


def read(settings: Settings) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Mentions, assignments and vectors after one enrichment."""
    with open_lake(settings) as lake, open_ledger(settings) as ledger:
        enrich(lake, ledger, run_id="r")
        assert lake.check_keys() == []
        mentions, assigned, vectors = (lake.read(query) for query in (MENTIONS, ASSIGNED, VECTORS))
    return mentions, assigned, vectors


def same(one: tuple[pd.DataFrame, ...], other: tuple[pd.DataFrame, ...]) -> None:
    """Labels equal, numbers and vectors within 1e-6."""
    for left, right in zip(one[:2], other[:2], strict=True):
        assert len(left) > 100
        pd.testing.assert_frame_equal(left, right, atol=1e-6, rtol=0)
    assert list(one[2]["text_sha"]) == list(other[2]["text_sha"])
    assert np.abs(np.vstack(one[2]["vector"]) - np.vstack(other[2]["vector"])).max() <= 1e-6


def killing_one(cluster: Any, when: Callable[[], bool]) -> threading.Thread:
    """Kills the process of one worker as soon as `when` says so."""

    def kill() -> None:
        while not when():
            time.sleep(0.05)
        victim = next(iter(cluster.workers.values()))
        os.kill(victim.process.process.pid, signal.SIGKILL)

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    return thread


def test_a_cluster_reads_what_one_process_reads_though_a_worker_is_killed(company: Company, tmp_path: Path) -> None:
    alone = read(unread(company, tmp_path / "alone"))
    same(alone, read(unread(company, tmp_path / "pool", workers=2)))
    with cluster_of(2) as cluster:
        settings = unread(company, tmp_path / "dask", dask_address=cluster.scheduler_address)
        scheduler = cluster.scheduler
        killer = killing_one(cluster, lambda: any(one.processing for one in scheduler.workers.values()))
        same(alone, read(settings))
        killer.join(10)
        assert not killer.is_alive(), "no worker was killed"


def test_a_cluster_scores_what_one_process_scores(company: Company, tmp_path: Path) -> None:
    shutil.copytree(company.settings.data_dir, tmp_path / "data")
    settings = company.settings.model_copy(update={"data_dir": tmp_path / "data"})
    with cluster_of(2) as cluster:
        found = [
            _scored(settings.model_copy(update=change), size)
            for change, size in (({}, 10**6), ({"dask_address": cluster.scheduler_address}, 50))
        ]
    assert len(found[0]) > 100
    pd.testing.assert_frame_equal(found[0], found[1], atol=1e-9, rtol=0)


def _scored(settings: Settings, size: int) -> pd.DataFrame:
    day = settings.business_day()
    with open_lake(settings) as lake, partitions(lake) as over:
        model = load_model(settings, day)
        assert model is not None
        return scores_of(over, lake, model, day, size)


def test_a_part_that_kills_every_worker_is_given_up_with_a_sentence(lake: Lake, tmp_path: Path) -> None:
    with cluster_of(2) as cluster:
        settings = lake.settings.model_copy(update={"dask_address": cluster.scheduler_address})
        with open_lake(settings) as other, partitions(other) as over:
            assert list(over.map(dies_once, tmp_path / "killed", list(range(6)))) == list(range(6))
            with pytest.raises(ClusterError, match="VOC_PARTITION_ROWS"):
                list(over.map(dies, None, [1]))
