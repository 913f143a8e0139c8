"""A sum of binary trees over columns of doubles: what a challenger is, whatever it was fitted as."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from local_models.challenger.features import Matrix

LEAF = -1


@dataclass(frozen=True)
class Trees:
    """Nodes of all trees in one set of arrays, children after their parent.

    A node with ``column == LEAF`` holds ``value``; any other sends a row left where ``x <= threshold``, or where x is
    NaN and ``missing_left``. ``cover`` is the number of rows of the development sample that came by.
    """

    column: NDArray[np.int64]  # (n_nodes,)
    threshold: NDArray[np.float64]
    missing_left: NDArray[np.bool_]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    value: NDArray[np.float64]
    cover: NDArray[np.float64]
    roots: NDArray[np.int64]  # (n_trees,)

    def __len__(self) -> int:
        return len(self.roots)

    def raw(self, rows: Matrix) -> NDArray[np.float64]:
        """Sum of the leaves each row falls in, shape ``(n_rows,)``."""
        total = np.zeros(len(rows))
        for root in self.roots:
            total += self.value[self._leaf(int(root), rows)]
        return total

    def _leaf(self, root: int, rows: Matrix) -> NDArray[np.int64]:
        at = np.full(len(rows), root, dtype=np.int64)
        moving = np.arange(len(rows)) if self.column[root] != LEAF else np.empty(0, dtype=np.intp)
        while len(moving):
            nodes = at[moving]
            x = rows[moving, self.column[nodes]]
            with np.errstate(invalid="ignore"):
                goes_left = (x <= self.threshold[nodes]) | (np.isnan(x) & self.missing_left[nodes])
            at[moving] = np.where(goes_left, self.left[nodes], self.right[nodes])
            moving = moving[self.column[at[moving]] != LEAF]
        return at

    def scaled(self, factor: float) -> Trees:
        """The same trees with every leaf times ``factor``."""
        return Trees(
            self.column,
            self.threshold,
            self.missing_left,
            self.left,
            self.right,
            self.value * factor,
            self.cover,
            self.roots,
        )

    def raised(self, by: float) -> Trees:
        """The same trees with ``by`` added to every leaf of the first, and so to every sum."""
        value = self.value.copy()
        end = int(self.roots[1]) if len(self.roots) > 1 else len(value)
        value[:end][self.column[:end] == LEAF] += by
        return Trees(
            self.column, self.threshold, self.missing_left, self.left, self.right, value, self.cover, self.roots
        )


class TreeBuilder:
    """Collects the nodes of one ensemble, tree by tree."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, float, bool, int, int, float, float]] = []
        self._roots: list[int] = []

    def start(self) -> None:
        """The next node is the root of a new tree."""
        self._roots.append(len(self._rows))

    def leaf(self, value: float, cover: float) -> int:
        """Add a leaf and return its position."""
        return self._add((LEAF, 0.0, False, 0, 0, value, cover))

    def split(self, column: int, threshold: float, *, missing_left: bool, cover: float) -> int:
        """Add an inner node and return its position; ``join`` names its children."""
        return self._add((column, threshold, missing_left, 0, 0, 0.0, cover))

    def join(self, node: int, left: int, right: int) -> None:
        column, threshold, missing_left, _, _, value, cover = self._rows[node]
        self._rows[node] = (column, threshold, missing_left, left, right, value, cover)

    def _add(self, row: tuple[int, float, bool, int, int, float, float]) -> int:
        self._rows.append(row)
        return len(self._rows) - 1

    def trees(self) -> Trees:
        """Everything so far; a lone leaf stays a lone leaf."""
        column, threshold, missing_left, left, right, value, cover = tuple(zip(*self._rows, strict=True)) or ((),) * 7
        return Trees(
            np.array(column, dtype=np.int64),
            np.array(threshold, dtype=np.float64),
            np.array(missing_left, dtype=np.bool_),
            np.array(left, dtype=np.int64),
            np.array(right, dtype=np.int64),
            np.array(value, dtype=np.float64),
            np.array(cover, dtype=np.float64),
            np.array(self._roots, dtype=np.int64),
        )


def joined(parts: Iterable[Trees]) -> Trees:
    """All trees of all parts, in their order."""
    chosen = [part for part in parts if len(part)]
    if not chosen:
        return TreeBuilder().trees()
    starts = np.cumsum([0, *(len(part.column) for part in chosen[:-1])])
    inner = [(part.column != LEAF) for part in chosen]
    pairs: Sequence[tuple[Trees, int, NDArray[np.bool_]]] = list(zip(chosen, starts, inner, strict=True))
    return Trees(
        np.concatenate([part.column for part in chosen]),
        np.concatenate([part.threshold for part in chosen]),
        np.concatenate([part.missing_left for part in chosen]),
        np.concatenate([np.where(own, part.left + start, 0) for part, start, own in pairs]),
        np.concatenate([np.where(own, part.right + start, 0) for part, start, own in pairs]),
        np.concatenate([part.value for part in chosen]),
        np.concatenate([part.cover for part in chosen]),
        np.concatenate([part.roots + start for part, start, _ in pairs]),
    )
