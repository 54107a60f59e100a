"""The verbatims that stand for a topic: near its centre, unlike one another, short enough to read and long enough to say."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from insights.topics.vectors import unit
from insights.topics.words import copy_key

Matrix = NDArray[np.float32]

N_BEST = 3
POOL = 60  # nearest texts looked at
TOO_ALIKE = 0.85
SHORTEST, LONGEST = 35, 220  # characters of a comfortable quote
_TOKEN = re.compile(r"\[[A-ZÀ-Ü_]+(?:_\d+)?\]")


def best_verbatims(texts: Sequence[str], rows: Matrix, members: NDArray[np.int64], n: int = N_BEST) -> list[int]:
    """Up to `n` row numbers among `members`. `rows` (n texts, d) of unit length, centred by language.

    Fewer come back where the members are copies of one another.
    """
    centre = unit(rows[members].mean(axis=0, keepdims=True))[0]
    near = rows[members] @ centre
    merit = near + np.array([_readable(texts[member]) for member in members])
    chosen: list[int] = []
    for place in np.lexsort((members, -merit))[:POOL]:
        row = int(members[place])
        unlike = all(float(rows[row] @ rows[other]) < TOO_ALIKE for other in chosen)
        if unlike and copy_key(texts[row]) not in {copy_key(texts[other]) for other in chosen}:
            chosen.append(row)
        if len(chosen) == n:
            break
    return chosen


def _readable(text: str) -> float:
    """Bonus up to 0.15 for a comfortable length, less for each redaction token and for shouting."""
    size = len(text.strip())
    length = min(1.0, size / SHORTEST) if size <= LONGEST else max(0.0, 1 - (size - LONGEST) / LONGEST)
    letters = [char for char in text if char.isalpha()]
    shouting = sum(char.isupper() for char in letters) > 0.5 * len(letters)
    return 0.15 * length - 0.05 * len(_TOKEN.findall(text)) - 0.1 * shouting
