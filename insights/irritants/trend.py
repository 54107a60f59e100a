"""How much of an irritant's change comes from customers, and how much from the model that reads them.

Let c(model, period) be the count of an irritant's mentions in a period as a model reads it, divided by the size of the
period (weeks, or feedback received) where rates are wanted. What people saw before is c(old, base), what they see now is
c(new, now). The change between the two is

    c(new, now) - c(old, base) = [c(new, now) - c(new, base)] + [c(new, base) - c(old, base)]
                                  customers: one model            model: the same texts

Both periods are read with the new model for the part of customers, for that is the series people see from now on; so an
irritant that a fit gives birth to shows its customers' true growth, and one that was merged away shows none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.contracts import UNCLASSIFIED
from insights.errors import ModelError

COLUMNS = ("irritant_id", "seen_before", "base", "seen_now", "change", "customers", "model")


def trend_split(
    is_now: Sequence[bool],
    before: Sequence[str | None],
    after: Sequence[str | None],
    *,
    now_size: float = 1.0,
    base_size: float = 1.0,
) -> pd.DataFrame:
    """One row an irritant, by id: seen_before, base, seen_now, and change = customers + model.

    One entry a mention (n): whether it is of this period or of the base, its irritant under the model in force before and
    under the new one (None counts as `unclassified`, which has a row of its own). `now_size` and `base_size`: weeks or
    feedback in each period. `base` is the base period as the new model reads it. Raises ModelError for unequal lengths
    or a size that is not positive.
    """
    if not len(is_now) == len(before) == len(after):
        raise ModelError(
            f"{len(is_now)} periods, {len(before)} irritants before and {len(after)} after: one a mention."
        )
    if now_size <= 0 or base_size <= 0:
        raise ModelError(f"A period of size {min(now_size, base_size)} has no rate: give its weeks or its feedback.")
    current = np.asarray(is_now, dtype=bool)
    old = np.array([one or UNCLASSIFIED for one in before], dtype=object)
    new = np.array([one or UNCLASSIFIED for one in after], dtype=object)
    ids = sorted({*old[~current], *new})
    seen_before, base, seen_now = (_counts(part, ids) for part in (old[~current], new[~current], new[current]))
    seen_before, base, seen_now = seen_before / base_size, base / base_size, seen_now / now_size
    rows = pd.DataFrame({"irritant_id": ids, "seen_before": seen_before, "base": base, "seen_now": seen_now})
    rows["customers"], rows["model"] = seen_now - base, base - seen_before
    rows["change"] = rows["customers"] + rows["model"]
    return rows[list(COLUMNS)]


def _counts(values: NDArray[np.object_], ids: Sequence[str]) -> NDArray[np.float64]:
    counted = pd.Series(values, dtype=object).value_counts().reindex(ids, fill_value=0)
    return np.asarray(counted, dtype=np.float64)
