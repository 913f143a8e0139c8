"""The additive part: a penalised logistic regression on steps, one piecewise constant function a column.

Numbers are cut at quantiles and neighbouring steps are drawn together by a ridge on their differences (a penalised
spline of order zero; Eilers and Marx, Statistical Science 11, 1996); categories are drawn to the average. Steps of a
constrained column keep one sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from local_models.challenger.features import Feature, FeatureKind, Matrix
from local_models.challenger.trees import TreeBuilder, Trees
from local_models.modelling.extra import need

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

MAX_STEPS = 20  # bins of a column
MAX_BINS = 320  # of all columns, as far as each keeps LEAST_STEPS
LEAST_STEPS = 4
LEAST_ROWS = 10  # in a bin, where the column's values allow it
_ROUNDS = 60  # Newton needs about five
_CLOSE = 1e-8  # gain in log-likelihood a row below which a fit has converged
_SMALL_EFFECT = 0.02  # spread of ln(odds) below which an adaptive penalty grows no more


@dataclass(frozen=True)
class Steps:
    """The bins of one column; bin i holds edges[i-1] < x <= edges[i], one more bin holds NaN."""

    column: int
    edges: Floats
    ordered: bool  # neighbouring bins are alike
    monotone: int
    missing: bool  # whether NaN occurs
    first: int  # position of its first bin among those of all columns
    share: Floats  # of the rows in each bin, NaN's left out and rescaled

    @property
    def bins(self) -> int:
        return len(self.edges) + 1 + self.missing

    @property
    def own(self) -> slice:
        """Its bins among those of all columns, NaN's left out."""
        return slice(self.first, self.first + len(self.edges) + 1)

    def codes(self, x: Floats) -> Codes:
        """Bin of each value among those of all columns; NaN that fitting never met counts as an average value."""
        out = np.searchsorted(self.edges, x, side="left")
        out[np.isnan(x)] = len(self.edges) + 1 if self.missing else len(self.edges) // 2
        return np.asarray(out + self.first, dtype=np.int64)


def learn_steps(features: Sequence[Feature], rows: Matrix) -> tuple[Steps, ...]:
    """Cut every column of the encoded rows."""
    out: list[Steps] = []
    column, first = 0, 0
    most = max(LEAST_STEPS, min(MAX_STEPS, MAX_BINS // max(1, rows.shape[1])))
    for feature in features:
        for place in range(feature.columns):
            numeric = feature.kind is FeatureKind.NUMERIC and place == 0
            steps = _column_steps(rows[:, column], column, first, feature.monotone, most if numeric else 0)
            out.append(steps)
            column, first = column + 1, first + steps.bins
    return tuple(out)


def _column_steps(x: Floats, column: int, first: int, monotone: int, most: int) -> Steps:
    """Cut one column into at most ``most`` bins; 0 for codes, which have a bin each."""
    known, ordered = x[~np.isnan(x)], most > 0
    edges = _edges(known, most) if ordered else np.arange(0.5, known.max() if len(known) else 0.5)
    counts = np.bincount(np.searchsorted(edges, known, side="left"), minlength=len(edges) + 1)
    share = counts / max(1, len(known))
    return Steps(column, edges, ordered, monotone * ordered, len(known) < len(x), first, share)


def _edges(known: Floats, most: int) -> Floats:
    """Cuts half-way between neighbouring values, for at most ``most`` bins of about equal size."""
    values, counts = np.unique(known, return_counts=True)
    if len(values) < 2:
        return np.empty(0)
    bins = int(max(2, min(most, len(known) // LEAST_ROWS)))
    below = np.cumsum(counts)[:-1]
    if len(values) <= bins:
        chosen = np.arange(len(values) - 1)
    else:
        wanted = np.arange(1, bins) * len(known) / bins
        chosen = np.unique(np.clip(np.searchsorted(below, wanted), 0, len(below) - 1))
    with np.errstate(invalid="ignore"):
        middle = values[chosen] + (values[chosen + 1] - values[chosen]) / 2
    return np.where(np.isfinite(middle), middle, values[chosen])  # beside an infinity the edge is the value itself


def bin_codes(steps: Sequence[Steps], rows: Matrix) -> Codes:
    """Bins of every column, shape ``(n_columns, n_rows)``."""
    return np.array([one.codes(rows[:, one.column]) for one in steps], dtype=np.int64).reshape(len(steps), len(rows))


@dataclass(frozen=True)
class Additive:
    """A fitted additive part: ``ln(good:bad) = intercept + sum of the effects of the bins``."""

    steps: tuple[Steps, ...]
    intercept: float
    effects: Floats  # (bins of all columns,), the rows' average of each column's being zero
    x: Floats  # the solver's own coordinates, from which a neighbouring fit starts

    def raw(self, codes: Codes) -> Floats:
        return np.asarray(self.intercept + self.effects[codes].sum(axis=0), dtype=np.float64)

    def spread(self, codes: Codes) -> Floats:
        """Standard deviation of each column's effect over the rows."""
        return np.array([self.effects[row].std() for row in codes])


class AdditiveProblem:
    """The penalised likelihood of one development sample, maximised by Newton's method within bounds."""

    def __init__(self, steps: Sequence[Steps], codes: Codes, good: NDArray[np.bool_]) -> None:
        self.steps = tuple(steps)
        self.codes = codes
        self.good = good.astype(np.float64)
        n_bins = self.steps[-1].first + self.steps[-1].bins
        n_columns, n_rows = codes.shape
        starts = np.arange(0, n_columns * n_rows + 1, n_columns)
        self._marks = need("scipy.sparse").csr_matrix(
            (np.ones(codes.size), codes.T.ravel(), starts), shape=(n_rows, n_bins)
        )
        self._map = _coordinates(self.steps, n_bins)
        self._low, self._high = self._bounds()

    def fit(self, penalty: Floats, start: Floats | None = None) -> Additive:
        """Maximise the penalised likelihood; ``penalty`` by column, shape ``(n_columns,)``."""
        weights = np.concatenate([[0.0], *(_ridge(one, penalty[at]) for at, one in enumerate(self.steps))])
        x = self._start() if start is None else start
        loss, residual, curvature = self._loss(x, weights)
        for _ in range(_ROUNDS):
            gradient, hessian = self._derivatives(residual, curvature, weights, x)
            step = bounded_minimum(hessian, gradient, x, self._low, self._high) - x
            gain, size = float(-gradient @ step), 1.0
            if gain <= _CLOSE * len(self.good):
                break
            found = self._loss(x + step, weights)
            while found[0] > loss and size > 1e-4:
                size /= 2
                found = self._loss(x + size * step, weights)
            x, (loss, residual, curvature) = x + size * step, found
        return Additive(self.steps, float(x[0]), np.asarray(self._map @ x[1:]), x)

    def adapted(self, fitted: Additive, penalty: float) -> Floats:
        """A penalty a column that is larger the less the column tells in a first fit (an adaptive ridge)."""
        spread = np.maximum(fitted.spread(self.codes), _SMALL_EFFECT)
        middle = float(np.median(spread))
        return np.asarray(penalty * np.clip((middle / spread) ** 2, 0.1, 10.0), dtype=np.float64)

    def _start(self) -> Floats:
        rate = self.good.mean()
        return np.concatenate([[np.log(rate / (1 - rate))], np.zeros(self._map.shape[1])])

    def _bounds(self) -> tuple[Floats, Floats]:
        low, high = [np.array([-np.inf])], [np.array([np.inf])]
        for one in self.steps:
            size = one.bins - one.ordered
            signed = np.arange(size) < len(one.edges) * one.ordered
            low.append(np.where(signed & (one.monotone > 0), 0.0, -np.inf))
            high.append(np.where(signed & (one.monotone < 0), 0.0, np.inf))
        return np.concatenate(low), np.concatenate(high)

    def _loss(self, x: Floats, weights: Floats) -> tuple[float, Floats, Floats]:
        """The penalised negative log-likelihood, with the residual and the curvature of every row."""
        raw = x[0] + self._marks @ (self._map @ x[1:])
        expected = 1 / (1 + np.exp(-raw))
        loss = float((np.logaddexp(0.0, raw) - raw * self.good).sum() + 0.5 * (weights * x * x).sum())
        return loss, expected - self.good, expected * (1 - expected)

    def _derivatives(self, residual: Floats, curvature: Floats, weights: Floats, x: Floats) -> tuple[Floats, Floats]:
        marks, by_bin = self._marks, self._map
        gradient = np.concatenate([[residual.sum()], by_bin.T @ (marks.T @ residual)]) + weights * x
        between = (marks.T.multiply(curvature) @ marks).toarray()
        cross = by_bin.T @ (marks.T @ curvature)
        hessian = np.empty((len(x), len(x)))
        hessian[0, 0], hessian[0, 1:], hessian[1:, 0] = curvature.sum(), cross, cross
        hessian[1:, 1:] = by_bin.T @ between @ by_bin
        hessian[np.diag_indices(len(x))] += weights
        return gradient, hessian


def _coordinates(steps: Sequence[Steps], n_bins: int) -> Floats:
    """Matrix from the solver's coordinates to the bins' effects, shape ``(n_bins, n_coordinates)``.

    An ordered column has the differences between neighbours as its coordinates, and its effects average zero over the
    rows; every other bin has its own effect.
    """
    out = np.zeros((n_bins, sum(one.bins - one.ordered for one in steps)))
    at = 0
    for one in steps:
        if one.ordered:
            size = len(one.edges)
            sums = np.tri(size + 1, size, -1)
            out[one.own, at : at + size] = sums - one.share @ sums
            out[one.own.stop : one.first + one.bins, at + size : at + one.bins - 1] = np.eye(int(one.missing))
        else:
            out[one.first : one.first + one.bins, at : at + one.bins] = np.eye(one.bins)
        at += one.bins - one.ordered
    return out


def _ridge(one: Steps, penalty: float) -> Floats:
    """Weights of the squared coordinates; those of steps grow with their number, so that finer cuts cost the same."""
    if not one.ordered:
        return np.full(one.bins, penalty)
    return np.concatenate(
        [np.full(len(one.edges), penalty * max(1, len(one.edges)) / 4), np.full(int(one.missing), penalty)]
    )


def bounded_minimum(hessian: Floats, gradient: Floats, at: Floats, low: Floats, high: Floats) -> Floats:
    """Where ``gradient @ d + d @ hessian @ d / 2``, d from ``at``, is least within the bounds; ``at`` lies in them.

    Projected Newton (Bertsekas, SIAM Journal on Control and Optimization 20, 1982).
    """
    x, slope = at, gradient
    for _ in range(_ROUNDS):
        held = ((x <= low) & (slope > 0)) | ((x >= high) & (slope < 0))
        free = np.flatnonzero(~held)
        direction = np.zeros(len(x))
        direction[free] = -np.linalg.solve(hessian[np.ix_(free, free)], slope[free])
        size = 1.0
        while size > 1e-6:
            moved = np.clip(x + size * direction, low, high) - x
            change = float(slope @ moved + 0.5 * moved @ hessian @ moved)
            if change <= 0.0:
                break
            size /= 2
        x = x + moved
        slope = slope + hessian @ moved
        if -change <= 1e-10 * max(1.0, abs(float(gradient @ (x - at)))):
            break
    return x


def additive_trees(fitted: Additive, codes: Codes) -> Trees:
    """One tree a column whose effects differ; the intercept is not in them."""
    counts = np.bincount(codes.ravel(), minlength=len(fitted.effects)).astype(np.float64)
    builder = TreeBuilder()
    for one in fitted.steps:
        own = slice(one.first, one.first + one.bins)
        if np.ptp(fitted.effects[own]) > 0:
            # A bin that no row fell in counts as one row, so that no share is undefined.
            _column_tree(builder, one, fitted.effects[own], np.maximum(counts[own], 1.0))
    return builder.trees()


def _column_tree(builder: TreeBuilder, one: Steps, effects: Floats, counts: Floats) -> None:
    builder.start()
    last = len(one.edges)
    if not one.missing:
        # NaN that fitting never met goes to the same bin as in ``Steps.codes``.
        _interval_tree(builder, one, effects, counts, 0, last, missing=last // 2)
        return
    root = builder.split(one.column, np.inf, missing_left=False, cover=float(counts.sum()))
    left = _interval_tree(builder, one, effects, counts, 0, last, missing=last // 2)
    builder.join(root, left, builder.leaf(float(effects[-1]), float(counts[-1])))


def _interval_tree(
    builder: TreeBuilder, one: Steps, effects: Floats, counts: Floats, low: int, high: int, *, missing: int
) -> int:
    """A balanced tree over the bins ``low`` to ``high``, both inside; returns its root."""
    if low == high:
        return builder.leaf(float(effects[low]), float(counts[low]))
    middle = (low + high) // 2
    cover = float(counts[low : high + 1].sum())
    node = builder.split(one.column, float(one.edges[middle]), missing_left=missing <= middle, cover=cover)
    left = _interval_tree(builder, one, effects, counts, low, middle, missing=missing)
    builder.join(node, left, _interval_tree(builder, one, effects, counts, middle + 1, high, missing=missing))
    return node
