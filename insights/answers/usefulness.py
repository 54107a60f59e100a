"""How useful digests were to their readers, by owner and by irritant, with Wilson's interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from insights.answers.model import ACCEPT, ANSWERS, NOT_MINE, Answer
from insights.intervals import wilson

COLUMNS = ["key", *ANSWERS, "n", "n_useful", "rate", "low", "high"]


def by_owner(standing: Sequence[Answer]) -> pd.DataFrame:
    """One row per recipient who answered, by id: counts of the four answers, n, n_useful, rate, low, high (shares).

    Useful is what was accepted, of all that was answered.
    """
    return _rates([(one.recipient_id, one.answer) for one in standing], ANSWERS)


def by_irritant(standing: Sequence[Answer], current: Mapping[str, str]) -> pd.DataFrame:
    """The same per irritant. « Not mine » says something of the routing, not of the irritant: it is not in n."""
    pairs = [(current.get(one.irritant_id, one.irritant_id), one.answer) for one in standing]
    return _rates(pairs, tuple(one for one in ANSWERS if one != NOT_MINE))


def _rates(pairs: Sequence[tuple[str, str]], counted: Sequence[str]) -> pd.DataFrame:
    if not pairs:
        return pd.DataFrame(columns=COLUMNS)
    said = pd.DataFrame(pairs, columns=["key", "answer"])
    table = said.groupby(["key", "answer"]).size().unstack(fill_value=0).reindex(columns=list(ANSWERS), fill_value=0)
    table = table.sort_index().reset_index()
    n, useful = table[list(counted)].sum(axis=1), table[ACCEPT]
    found = wilson(useful.to_numpy(), n.to_numpy())
    return table.assign(n=n, n_useful=useful, rate=found.value, low=found.low, high=found.high)[COLUMNS]
