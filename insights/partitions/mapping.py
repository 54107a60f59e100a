"""One way to map a step's work over its parts, wherever the processes are.

A part says which rows (ids, a range), never the rows themselves: whoever works on it reads them with a lake of its own,
attached to read only, and gives Arrow tables back. Only the caller writes, in one transaction for as many parts as it likes.
Parts are cut by rows (`partition_rows`), not by processes, so that the number of processes changes no label (and a vector
by at most 1e-6); two parts a process are under way at a time, so that memory follows the size of a part.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import pandas as pd
import pyarrow as pa

from insights.errors import ClusterError
from insights.lake import Lake
from insights.partitions.processes import Processes

Shared = TypeVar("Shared")
Part = TypeVar("Part")
Result = TypeVar("Result")
Item = TypeVar("Item")

PARTS_EACH = 2  # under way a process: one at work, one that waits


class Answer(Protocol):
    """What a part will give."""

    def result(self) -> Any: ...


class Crew(Protocol):
    """Processes that work on parts. `lost`: errors that say a process died; `tries` of a part before it is given up."""

    lost: tuple[type[BaseException], ...]
    tries: int

    def width(self) -> int: ...

    def send(self, work: Callable[..., Any], shared: Any, part: Any) -> Answer: ...

    def renew(self) -> None: ...

    def close(self) -> None: ...


class Partitions:
    """Maps work over parts; its processes start with the first map that needs them and keep their models until `close`."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._crew: Crew | None = None

    def map(
        self, work: Callable[[Lake, Shared, Part], Result], shared: Shared, parts: Sequence[Part]
    ) -> Iterator[Result]:
        """`work(lake, shared, part)` of each part, in order. `work` is a function of a module, what it gives is pickled.

        Without a cluster, one part, or one worker, is done here. Raises ClusterError when a part cannot be done because
        its process dies again and again, and whatever `work` raises.
        """
        settings = self._lake.settings
        if not settings.dask_address and (settings.workers < 2 or len(parts) < 2):
            yield from (work(self._lake, shared, part) for part in parts)
            return
        crew = self._crew = self._crew or _crew(self._lake)
        waiting: deque[tuple[Part, Answer]] = deque()
        for part in parts:
            if len(waiting) >= PARTS_EACH * crew.width():
                yield _taken(crew, waiting, work, shared)
            waiting.append((part, crew.send(work, shared, part)))
        while waiting:
            yield _taken(crew, waiting, work, shared)

    def close(self) -> None:
        """End the processes of this machine; leave the cluster."""
        if self._crew is not None:
            self._crew.close()
            self._crew = None


@contextmanager
def partitions(lake: Lake) -> Iterator[Partitions]:
    """Partitions for one step."""
    found = Partitions(lake)
    try:
        yield found
    finally:
        found.close()


def cut(items: Sequence[Item], size: int) -> list[Sequence[Item]]:
    """Parts of `size` items, the last one shorter."""
    return [items[at : at + size] for at in range(0, len(items), size)]


def together(tables: Sequence[pa.Table]) -> pd.DataFrame:
    """The rows of several parts as one frame; a column that is all NULL in one part has no type there, and gets the others'."""
    return pa.concat_tables(tables, promote_options="permissive").to_pandas()


def _crew(lake: Lake) -> Crew:
    if not lake.settings.dask_address:
        return Processes(lake.settings)
    from insights.partitions.cluster import Cluster

    return Cluster(lake.settings)


def _taken(crew: Crew, waiting: deque[tuple[Any, Answer]], work: Callable[..., Any], shared: Any) -> Any:
    """What the oldest part gave. Where its process died with the crew, everything under way is sent once more."""
    for left in reversed(range(crew.tries)):
        try:
            found = waiting[0][1].result()
        except crew.lost:
            if not left:
                break
            crew.renew()
            again = [(part, crew.send(work, shared, part)) for part, _ in waiting]
            waiting.clear()
            waiting.extend(again)
        else:
            waiting.popleft()
            return found
    raise ClusterError(
        "A part of the work ended its process again and again, most often for want of memory: nothing of it was written. Set "
        "VOC_PARTITION_ROWS lower, or give the processes more memory, and run again: what was written is not done twice."
    )
