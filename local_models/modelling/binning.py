"""Final bins: cells joined into at most ten bins a column, in a way a person can read, with little lost.

How much is lost is told in deviance: the squared change of each cell's effect times its Fisher information.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.domain.fitting import Trend
from local_models.modelling.arrays import Codes, Floats
from local_models.modelling.cells import Cells

MAX_BINS = 10  # special values and missing included
MIN_BIN_SHARE, MIN_BIN_ROWS = 0.01, 10
FEW_ROWS = 20  # a special value or missing with fewer rows counts as average
LOST_SHARE = 0.005  # share of what a column explains that joining its cells may cost
AGAINST_TREND = 2.7  # deviance that a monotone order may cost before the column is left as it is


def monotone(effect: Floats, weights: Floats, rising: bool) -> Floats:
    """The closest monotone effect, by pooling adjacent violators (weighted least squares)."""
    values = effect if rising else -effect
    blocks: list[list[float]] = []  # mean, weight, cells
    for value, weight in zip(values, weights, strict=True):
        blocks.append([float(value), max(float(weight), 1e-9), 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, mass, cells = blocks.pop()
            before = blocks[-1]
            total = before[1] + mass
            blocks[-1] = [(before[0] * before[1] + mean * mass) / total, total, before[2] + cells]
    pooled = np.concatenate([np.full(int(cells), mean) for mean, _, cells in blocks])
    return pooled if rising else -pooled


def with_trend(effect: Floats, weights: Floats, trend: Trend) -> Floats:
    """The effect (higher is better) made monotone where ``trend`` says so.

    ``ascending`` and ``descending`` are of the bad rate; ``auto`` takes the better of both where it costs at most
    ``AGAINST_TREND``; ``none`` leaves the effect as it is.
    """
    if trend is Trend.NONE or len(effect) < 2:
        return effect
    if trend is not Trend.AUTO:
        return monotone(effect, weights, rising=trend is Trend.DESCENDING)
    offered = [monotone(effect, weights, rising) for rising in (True, False)]
    costs = [float((weights * (effect - row) ** 2).sum()) for row in offered]
    best = int(np.argmin(costs))
    return offered[best] if costs[best] <= AGAINST_TREND else effect


def joined(
    cells: Cells,
    effect: Floats,
    rows: Codes,
    weights: Floats,
    trend: Trend = Trend.AUTO,
    fixed: Codes | None = None,
) -> tuple[Codes, Floats]:
    """Bin of each cell, and the cells' effects after joining.

    ``weights`` is the cells' Fisher information. Few whole numbers are made monotone only if asked. ``fixed`` are bins
    a person set, which stay as they are but for trend.
    """
    main = cells.main
    values, found = effect.copy(), np.zeros(cells.size, dtype=np.intp)
    order = np.arange(main) if cells.in_order else np.argsort(effect[:main], kind="stable")
    if cells.in_order:
        wanted = Trend.NONE if cells.coded and trend is Trend.AUTO else trend
        values[:main] = with_trend(effect[:main], weights[:main], wanted)
    few = rows[main:] < FEW_ROWS
    values[main:][few] = 0.0
    if fixed is not None:
        return fixed, _averaged(values, fixed, weights)
    most = max(MAX_BINS - cells.size + main, 2)
    least = max(MIN_BIN_SHARE * float(rows.sum()), MIN_BIN_ROWS)
    labels = segments(values[order], rows[order].astype(np.float64), weights[order], most, least)
    found[order] = labels
    found[main:] = labels.max() + 1 + np.arange(cells.size - main)
    return found, _averaged(values, found, weights)


def _averaged(values: Floats, labels: Codes, weights: Floats) -> Floats:
    mass = np.bincount(labels, weights=weights + 1e-12)
    means: Floats = np.bincount(labels, weights=values * (weights + 1e-12)) / mass
    return means[labels]


def segments(values: Floats, rows: Floats, weights: Floats, most: int, least: float) -> Codes:
    """Labels of the fewest contiguous segments that lose little, each of at least ``least`` rows (else one segment)."""
    count = len(values)
    cost = _costs(values, rows, weights, least)
    allowed = LOST_SHARE * float(cost[0, count]) if np.isfinite(cost[0, count]) else 0.0
    reach = np.full(count + 1, np.inf)
    reach[0] = 0.0
    back: list[Codes] = []
    lost: list[float] = []
    for _ in range(min(most, count)):
        through = reach[:, None] + cost
        back.append(np.argmin(through, axis=0))
        reach = np.min(through, axis=0)
        lost.append(float(reach[count]))
        if lost[-1] <= allowed:
            break
    enough = [place for place, total in enumerate(lost) if total <= min(lost) + allowed and np.isfinite(total)]
    return _labels(back[: enough[0] + 1] if enough else [], count)


def _costs(values: Floats, rows: Floats, weights: Floats, least: float) -> Floats:
    """Deviance lost by making one segment of cells a to b - 1, shape (count + 1, count + 1); infinite if too small."""
    mass, first, second, filled = (
        np.concatenate([[0.0], np.cumsum(row)])
        for row in (weights + 1e-12, weights * values, weights * values**2, rows)
    )
    weight = mass[None, :] - mass[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        lost = (second[None, :] - second[:, None]) - (first[None, :] - first[:, None]) ** 2 / weight
    ahead = np.arange(len(mass))[None, :] > np.arange(len(mass))[:, None]
    enough = filled[None, :] - filled[:, None] >= least
    return np.where(ahead & enough, np.maximum(lost, 0.0), np.inf)


def _labels(back: Sequence[Codes], count: int) -> Codes:
    labels, end = np.zeros(count, dtype=np.intp), count
    for segment in range(len(back) - 1, -1, -1):
        start = int(back[segment][end])
        labels[start:end] = segment
        end = start
    return labels
