"""Who goes with whom: the pairs of rows and columns with the largest sum."""

import numpy as np
import numpy.typing as npt

__all__ = ["assign", "best_pairs"]

Matrix = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

_EDGE = 1e-4


def best_pairs(similarity: Matrix, at_least: float, *, gate: bool = False) -> tuple[Indices, Indices]:
    """Rows and columns of the pairs of the best assignment whose similarity is positive and reaches `at_least`. With `gate`
    pairs below it are left out before the best assignment is looked for, else after.
    """
    weights = np.where(similarity >= at_least, similarity - (at_least - _EDGE), 0) if gate else similarity
    if weights.size and weights.min() >= 0:  # what overlaps nothing cannot change the sum
        some = weights > 0
        rows, columns = np.flatnonzero(some.any(axis=1)), np.flatnonzero(some.any(axis=0))
        found = assign(weights[np.ix_(rows, columns)])
        rows, columns = rows[found[0]], columns[found[1]]
    else:
        rows, columns = assign(weights)
    good = (similarity[rows, columns] >= at_least) & (weights[rows, columns] > 0)
    return rows[good], columns[good]


def assign(weights: Matrix) -> tuple[Indices, Indices]:
    """min(n, m) pairs with the largest sum of weights, by row (shortest augmenting paths, Jonker and Volgenant 1987)."""
    if weights.shape[0] > weights.shape[1]:
        columns, rows = assign(weights.T)
        order = np.argsort(rows)
        return rows[order], columns[order]
    owner = _Assignment(-np.asarray(weights, np.float64)).solve()
    columns = np.flatnonzero(owner >= 0)
    order = np.argsort(owner[columns])
    return owner[columns][order], columns[order]


class _Assignment:
    """The cheapest column for each row; `owner` is the row of each column, -1 where it has none."""

    def __init__(self, cost: Matrix) -> None:
        n, m = cost.shape
        self.cost = cost
        self.of_row: Matrix = cost.min(axis=1) if m else np.zeros(n)
        self.of_column: Matrix = np.zeros(m)
        self.owner: Indices = np.full(m, -1, np.int64)
        self.taken: Indices = np.full(n, -1, np.int64)

    def solve(self) -> Indices:
        if self.cost.size:
            for row, column in enumerate(self.cost.argmin(axis=1).tolist()):
                if self.owner[column] < 0:
                    self.owner[column], self.taken[row] = row, column
            for row in np.flatnonzero(self.taken < 0).tolist():
                self._augment(row)
        return self.owner

    def _augment(self, start: int) -> None:
        """Give one more row a column along the path that costs least, moving others on."""
        m = len(self.owner)
        cheapest = np.full(m, np.inf)
        before = np.full(m, -1, np.int64)
        done = np.zeros(m, bool)
        row, spent = start, 0.0
        while True:
            offer = spent + self.cost[row] - self.of_row[row] - self.of_column
            better = ~done & (offer < cheapest)
            cheapest[better] = offer[better]
            before[better] = row
            column = int(np.where(done, np.inf, cheapest).argmin())
            spent = float(cheapest[column])
            if self.owner[column] < 0:
                break
            done[column] = True
            row = int(self.owner[column])
        gain = spent - cheapest[done]
        self.of_row[start] += spent
        self.of_row[self.owner[done]] += gain
        self.of_column[done] -= gain
        while True:
            row = int(before[column])
            self.owner[column] = row
            column, self.taken[row] = int(self.taken[row]), column
            if row == start:
                return
