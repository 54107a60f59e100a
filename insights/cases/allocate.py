"""Who gets which free call: greedy, and exact where a customer could be called by several teams and slots run out.

`net` (n, m): euros expected of customer i called by cell j, NaN where that cell cannot call them. Rows stand in order of
preference: of two equal customers the first is called.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from insights.cases.capacity import Cell, Slots
from insights.errors import ModelError

Net = NDArray[np.float64]
Placed = NDArray[np.int64]
NOBODY = -1
TIE_EUR = 0.01  # what the order of all rows together is worth: breaks ties, never a real difference
METHODS = ("auto", "greedy", "exact")


def allocate(net: Net, cells: Sequence[Cell], slots: Slots, method: str = "auto") -> Placed:
    """Cell of each customer (n,), NOBODY for those not called; only calls worth more than nothing are made.

    auto: exact where it can matter, that is, where a worthwhile customer is left without a call and some customer could
    have been called by another cell. Elsewhere greedy is as good: each customer has one place, and limits are nested.
    """
    first = greedy(net, cells, slots)
    if method == "greedy" or (method == "auto" and not _binds(net, first)):
        return first
    return exact(net, cells, slots)


def _binds(net: Net, placed: Placed) -> bool:
    wanted = np.nan_to_num(net, nan=-1.0) > 0
    several = bool((wanted.sum(axis=1) > 1).any())
    best = np.where(wanted, np.nan_to_num(net), 0.0).max(axis=1, initial=0.0)
    got = np.where(placed >= 0, np.nan_to_num(net[np.arange(len(net)), np.maximum(placed, 0)]), 0.0)
    return several and bool((got < best - TIE_EUR).any())


def greedy(net: Net, cells: Sequence[Cell], slots: Slots) -> Placed:
    """The worthiest customer first, by the best of the cells that still have a slot (the first of equals)."""
    placed = np.full(len(net), NOBODY, dtype=np.int64)
    if not net.size:
        return placed
    left = {cell: slots.cells.get(cell, slots.overall) for cell in cells}
    teams, overall = dict(slots.teams), slots.overall
    filled = np.where(np.isnan(net), -np.inf, net)
    for row in np.argsort(-filled.max(axis=1), kind="stable"):
        if overall <= 0:
            break
        for column in np.argsort(-filled[row], kind="stable"):
            cell = cells[column]
            if filled[row, column] > 0 and left[cell] > 0 and teams.get(cell[0], overall) > 0:
                placed[row] = column
                left[cell] -= 1
                teams[cell[0]] = teams.get(cell[0], overall) - 1
                overall -= 1
                break
    return placed


def exact(net: Net, cells: Sequence[Cell], slots: Slots) -> Placed:
    """The calls of the largest total worth: a mixed integer programme (scipy's HiGHS).

    Raises ModelError when the solver gives no solution; none is known to do so, as calling nobody is one.
    """
    placed = np.full(len(net), NOBODY, dtype=np.int64)
    rows, columns = np.nonzero(np.nan_to_num(net, nan=-1.0) > 0)
    if not rows.size:
        return placed
    tie = TIE_EUR * (len(net) - rows) / len(net) - TIE_EUR * columns / (len(net) * max(len(cells), 1))
    found = milp(
        -(net[rows, columns] + tie),
        integrality=np.ones(rows.size),
        bounds=Bounds(0, 1),
        constraints=_limits(rows, columns, cells, slots),
        options={"mip_rel_gap": 0.0},
    )
    if found.x is None:
        raise ModelError(
            f"The day's calls could not be allocated ({found.message}): set `assignment: greedy` meanwhile."
        )
    taken = found.x > 0.5
    placed[rows[taken]] = columns[taken]
    return placed


def _limits(rows: Placed, columns: Placed, cells: Sequence[Cell], slots: Slots) -> LinearConstraint:
    """One call a customer, so many a cell, a team, and in all."""
    names = sorted({team for team, _ in cells})
    team_of = np.array([names.index(team) for team, _ in cells])
    people, row_of = np.unique(rows, return_inverse=True)
    n, m, k = len(people), len(cells), len(names)
    lines = np.concatenate([row_of, n + columns, n + m + team_of[columns], np.full(rows.size, n + m + k)])
    matrix = coo_array(
        (np.ones(lines.size), (lines, np.tile(np.arange(rows.size), 4))), shape=(n + m + k + 1, rows.size)
    )
    upper = [
        *np.ones(n),
        *(slots.cells.get(cell, slots.overall) for cell in cells),
        *(slots.teams.get(name, slots.overall) for name in names),
        slots.overall,
    ]
    return LinearConstraint(matrix.tocsr(), -np.inf, np.array(upper, dtype=float))
