"""Prefect's client of the Dask cluster, for the steps that map partitions; nothing where no cluster is set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from insights.settings import default_settings


@contextmanager
def cluster() -> Iterator[None]:
    """The cluster of VOC_DASK_ADDRESS as the current one: `insights.partitions` sends its parts through it.

    Raises ClusterError when it does not answer, MissingExtraError without the `[dask]` extra.
    """
    address = default_settings().dask_address
    if not address:
        yield
        return
    from insights.partitions.cluster import connected, library

    library()
    from prefect_dask.client import PrefectDaskClient

    with connected(PrefectDaskClient, address) as client, client.as_current():
        yield
