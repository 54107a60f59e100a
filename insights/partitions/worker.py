"""What a worker process does: open the lake once, to read only, and work on one part at a time."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import lru_cache
from multiprocessing import parent_process
from multiprocessing.connection import wait
from threading import Lock, Thread
from typing import Any

from insights.errors import LakeError
from insights.lake import Lake, open_lake
from insights.settings import Settings, load_settings

# what a worker needs to know of its caller: where the rows are and how they are read. No secret is among them
PLACE = {
    *("data_dir", "keys_dir", "extension_dir", "reference_dir", "as_of", "timezone"),
    *("encoder", "threads", "seed", "competitors", "brands"),
    *("catalog_url", "files_url", "s3_endpoint", "s3_region", "s3_credentials", "s3_key_id"),
    *("s3_tls", "s3_path_style"),
}
_ONE = Lock()  # a Dask worker may have threads; a part at a time bounds the memory, and the models are not made for two


def place_of(settings: Settings) -> str:
    """The caller's settings as the worker gets them; secrets (of the files, of the catalog) are in its own environment."""
    return json.dumps(settings.model_dump(mode="json", include=PLACE), sort_keys=True)


def work_on(place: str, work: Callable[[Lake, Any, Any], Any], shared: Any, part: Any) -> Any:
    """`work` on one part with this process's own lake. A lake that does not answer is opened anew by the next part."""
    with _ONE:
        try:
            return work(_lake(place), shared, part)
        except LakeError:
            _lake.cache_clear()
            raise


def end_with_parent() -> None:
    """This process ends when the one that started it was killed; it would otherwise wait for work for ever."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_watch, args=(parent.sentinel,), daemon=True).start()


def _watch(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


@lru_cache(maxsize=1)
def _lake(place: str) -> Lake:
    return open_lake(load_settings(**json.loads(place)), read_only=True)
