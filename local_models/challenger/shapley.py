"""Exact Shapley contributions of the columns to a sum of trees, path-dependent (Lundberg et al., 2020).

A column that is not known goes both ways at a split, by the share of the development rows that went each way
("tree_path_dependent" of TreeSHAP, Nature Machine Intelligence 2, 2020; LightGBM's ``pred_contrib``). Each leaf is then
a product game: with z the marks whether the row satisfies the leaf's conditions on a column, and r the product of the
shares, column i contributes value * (z_i - r_i) times the integral, over t from 0 to 1, of the product of
(1 - t) r_j + t z_j over all other columns j. That is a polynomial, which Gauss-Legendre quadrature integrates exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from local_models.challenger.features import Matrix
from local_models.challenger.trees import LEAF, Trees

Floats = NDArray[np.float64]


@cache
def _quadrature(points: int) -> tuple[tuple[float, float], ...]:
    """Places and weights of Gauss-Legendre quadrature from 0 to 1."""
    places, weights = np.polynomial.legendre.leggauss(points)
    return tuple(zip(((places + 1) / 2).tolist(), (weights / 2).tolist(), strict=True))


@dataclass(frozen=True)
class _Leaves:
    """Leaves with conditions on the same number of columns; all arrays but ``value`` are ``(n_leaves, n_columns)``."""

    value: Floats  # (n_leaves,)
    column: NDArray[np.int64]
    above: Floats  # the value is not <= this; NaN: no lower end
    upto: Floats  # the value is <= this
    missing: NDArray[np.bool_]  # whether NaN satisfies the conditions
    share: Floats  # r

    def contributions(self, row: Floats, n_columns: int) -> Floats:
        x = row[self.column]
        unknown = np.isnan(x)
        with np.errstate(invalid="ignore"):
            met = np.where(unknown, self.missing, ~(x <= self.above) & (x <= self.upto))
        z = met.astype(np.float64)
        weight = self.value[:, None] * (z - self.share) * self._others(z)
        return np.bincount(self.column.ravel(), weight.ravel(), n_columns).astype(np.float64)

    def _others(self, z: Floats) -> Floats:
        """The integral of the product over the other columns, for each column."""
        size = self.column.shape[1]
        if size == 1:
            return np.ones_like(z)
        out = np.zeros_like(z)
        for point, weight in _quadrature((size + 1) // 2):
            factor = (1 - point) * self.share + point * z
            before, after = np.ones_like(z), np.ones_like(z)
            np.cumprod(factor[:, :-1], axis=1, out=before[:, 1:])
            after[:, :-1] = np.cumprod(factor[:, :0:-1], axis=1)[:, ::-1]
            out += weight * before * after
        return out


class Explainer:
    """Contributions of every column to one row's sum, beside the average over the development sample."""

    def __init__(self, trees: Trees, n_columns: int) -> None:
        self.n_columns = n_columns
        paths = _paths(trees)
        lone = [value for value, conditions, _ in paths if not conditions]
        self.average = sum(lone) + sum(value * share for value, conditions, share in paths if conditions)
        by_size: dict[int, list[tuple[float, dict[int, _Condition]]]] = {}
        for value, conditions, _ in paths:
            if conditions:
                by_size.setdefault(len(conditions), []).append((value, conditions))
        self._groups = [_group(by_size[size]) for size in sorted(by_size)]

    def contributions(self, row: Floats) -> Floats:
        """Shape ``(n_columns,)``; together with ``average`` they add up to the sum of the trees for the row."""
        total = np.zeros(self.n_columns)
        for group in self._groups:
            total += group.contributions(row, self.n_columns)
        return total

    def table(self, rows: Matrix) -> Floats:
        """Contributions of many rows, shape ``(n_rows, n_columns)``."""
        return np.array([self.contributions(row) for row in rows]).reshape(len(rows), self.n_columns)


@dataclass(frozen=True, slots=True)
class _Condition:
    """What the path to a leaf asks of one column."""

    above: float = np.nan
    upto: float = np.inf
    missing: bool = True
    share: float = 1.0

    def and_left(self, threshold: float, missing: bool, share: float) -> _Condition:
        return _Condition(self.above, min(self.upto, threshold), self.missing and missing, self.share * share)

    def and_right(self, threshold: float, missing: bool, share: float) -> _Condition:
        above = threshold if np.isnan(self.above) else max(self.above, threshold)
        return _Condition(above, self.upto, self.missing and not missing, self.share * share)


def _paths(trees: Trees) -> list[tuple[float, dict[int, _Condition], float]]:
    """Value of each leaf, its conditions by column, and the share of the development rows that reach it."""
    out = []
    column, threshold, missing_left = trees.column.tolist(), trees.threshold.tolist(), trees.missing_left.tolist()
    left, right, value, cover = (
        trees.left.tolist(),
        trees.right.tolist(),
        trees.value.tolist(),
        trees.cover.tolist(),
    )
    waiting: list[tuple[int, dict[int, _Condition], float]] = [(root, {}, 1.0) for root in trees.roots.tolist()]
    while waiting:
        node, conditions, reached = waiting.pop()
        name = column[node]
        if name == LEAF:
            out.append((value[node], conditions, reached))
            continue
        known = conditions.get(name, _Condition())
        both = cover[left[node]] + cover[right[node]]
        goes_left, goes_right = cover[left[node]] / both, cover[right[node]] / both
        for child, share, narrowed in (
            (left[node], goes_left, known.and_left(threshold[node], missing_left[node], goes_left)),
            (right[node], goes_right, known.and_right(threshold[node], missing_left[node], goes_right)),
        ):
            waiting.append((child, conditions | {name: narrowed}, reached * share))
    return out


def _group(leaves: list[tuple[float, dict[int, _Condition]]]) -> _Leaves:
    conditions = [list(each.values()) for _, each in leaves]
    return _Leaves(
        np.array([value for value, _ in leaves]),
        np.array([list(each) for _, each in leaves], dtype=np.int64),
        np.array([[one.above for one in row] for row in conditions]),
        np.array([[one.upto for one in row] for row in conditions]),
        np.array([[one.missing for one in row] for row in conditions]),
        np.array([[one.share for one in row] for row in conditions]),
    )
