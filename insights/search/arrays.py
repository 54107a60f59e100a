"""A folder of arrays, read through memory maps: what is not asked for is not loaded."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insights.errors import ModelError

Array = NDArray[Any]


def save(folder: Path, arrays: Mapping[str, Array], terms: Sequence[str]) -> None:
    """Write one .npy an array, without pickle, and terms.json."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    (folder / "terms.json").write_text(json.dumps(list(terms), ensure_ascii=False), encoding="utf-8")


def load(folder: Path, names: Sequence[str]) -> tuple[dict[str, Array], list[str]]:
    """What `save` wrote. Raises ModelError where a file is missing or damaged."""
    try:
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in names}
        return arrays, json.loads((folder / "terms.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"The search index in {folder} cannot be read ({error}); run `voc index`.") from error


def slices(starts: Array, which: Array) -> tuple[Array, Array]:
    """Places of all members of the groups `which` of a grouped array, and the position in `which` of each."""
    first, size = starts[which], starts[which + 1] - starts[which]
    owner = np.repeat(np.arange(len(which)), size)
    inside = np.arange(len(owner)) - np.repeat(np.cumsum(size) - size, size)
    return np.repeat(first, size) + inside, owner
