"""A Dask cluster: `voc-insights` of the same version on each worker, the same lake within its reach.

Dask's own scheduler gives the part of a worker that died to another one. Arguments and answers travel as Dask sends them,
pickled: a cluster stands in a network of its own, or speaks TLS (`tls://` with Dask's certificates, docs/scale.md).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from insights.errors import ClusterError, MissingExtraError
from insights.partitions.worker import place_of, work_on
from insights.settings import Settings

SECONDS = 20  # for the scheduler to answer
RETRIES = 2  # of a part that failed, as a file on S3 that did not answer once


class Cluster:
    """A crew of Dask workers. A client that is open already (a flow's) is used and left open."""

    tries = 1  # Dask itself gives the part to another worker (distributed.scheduler.allowed-failures, three by default)

    def __init__(self, settings: Settings) -> None:
        dask = library()
        self.lost: tuple[type[BaseException], ...] = (dask.scheduler.KilledWorker,)
        self._settings = settings
        try:
            self._client, self._own = dask.Client.current(allow_global=False), False
        except ValueError:
            self._client, self._own = connected(dask.Client, settings.dask_address), True

    def width(self) -> int:
        return max(1, len(self._client.scheduler_info(n_workers=-1)["workers"]))

    def send(self, work: Callable[..., Any], shared: Any, part: Any) -> Any:
        return self._client.submit(
            work_on, place_of(self._settings), work, shared, part, pure=False, retries=RETRIES, key=_key(work)
        )

    def renew(self) -> None:
        """Nothing: Dask starts workers anew by itself."""

    def close(self) -> None:
        if self._own:
            self._client.close()


def library() -> Any:
    """The package `distributed`. Raises MissingExtraError where it is not installed."""
    try:
        import distributed
    except ImportError as error:
        raise MissingExtraError(
            "VOC_DASK_ADDRESS needs Dask: install the extra `[dask]` (pip install 'voc-insights[dask]'), or leave it empty "
            "to work on this machine alone."
        ) from error
    return distributed


def connected(client: Callable[..., Any], address: str) -> Any:
    """A client, of Dask or of Prefect, of the scheduler at `address`. Raises ClusterError when it does not answer."""
    try:
        return client(address, timeout=SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"The Dask scheduler at {address} does not answer ({error}). Start it (`dask scheduler`, then `dask worker`), or "
            "leave VOC_DASK_ADDRESS empty to work on this machine alone."
        ) from error


def _key(work: Callable[..., Any]) -> str:
    """A name of its own for each part; Dask's dashboard groups them by the work."""
    return f"{work.__name__}-{uuid4().hex}"
