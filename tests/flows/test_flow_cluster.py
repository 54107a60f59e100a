"""Flows open the cluster with prefect-dask's client, and the steps send their parts through it."""

from __future__ import annotations

import pandas as pd
import pytest
from partition_works import cluster_of, told

from insights.lake import Lake
from insights.partitions import partitions
from insights.settings import default_settings


@pytest.mark.faults
def test_parts_go_through_the_flows_client_and_without_an_address_nothing_is_opened(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("prefect_dask", reason="the [dask] extra is not installed")
    from distributed import Client
    from prefect_dask.client import PrefectDaskClient

    from flows.cluster import cluster

    with lake.write() as writer:
        writer.insert_new("run", pd.DataFrame([{"run_id": "r", "step": "enrich", "seconds": 2.0}]))
    with cluster(), pytest.raises(ValueError, match="as_current"):
        Client.current(allow_global=False)
    with cluster_of(1) as started:
        monkeypatch.setenv("VOC_DASK_ADDRESS", started.scheduler_address)
        default_settings.cache_clear()
        lake.settings = lake.settings.model_copy(update={"dask_address": started.scheduler_address})
        with cluster():
            client = Client.current(allow_global=False)
            assert isinstance(client, PrefectDaskClient)
            with partitions(lake) as over:
                assert list(over.map(told, "s", [1, 2])) == [("s", 0, True), ("s", 1, True)]
            assert client.status == "running", "a step leaves the flow's client open"
    default_settings.cache_clear()
