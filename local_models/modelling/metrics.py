"""How well points rank and how well a PD is met: AUC, Gini, KS, Brier, PSI, each with what is known of its error.

Points are higher for better cases; ``bad`` is True for a bad outcome. Samples need a good and a bad case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np

from local_models.modelling.arrays import Codes, Flags, Floats

CONFIDENCE_PCT = 95
RESAMPLES = 500
PSI_FLOOR = 1e-4  # share taken for an empty bin, so that the index stays finite


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with the interval of ``CONFIDENCE_PCT`` around it."""

    value: float
    low: float
    high: float

    @classmethod
    def around(cls, value: float, error: float, least: float, most: float) -> Interval:
        """The normal interval, cut off at the ends of what is possible."""
        reach = critical_z() * error
        return cls(value, max(least, value - reach), min(most, value + reach))


@dataclass(frozen=True, slots=True)
class Performance:
    """The figures of one sample."""

    good: int
    bad: int
    auc: Interval  # DeLong
    gini: Interval
    ks: Interval  # bootstrap within each class
    brier: Interval | None  # normal, of the mean squared error; None without PDs


def critical_z(confidence_pct: int = CONFIDENCE_PCT) -> float:
    return NormalDist().inv_cdf(0.5 + confidence_pct / 200)


def auc(points: Floats, bad: Flags) -> float:
    """Chance that a good case has more points than a bad one; ties count half."""
    goods, bads = points[~bad], points[bad]
    return float(midranks(points)[~bad].sum() - len(goods) * (len(goods) + 1) / 2) / (len(goods) * len(bads))


def midranks(values: Floats) -> Floats:
    """Ranks from 1; ties share the middle of theirs."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    middle: Floats = (ends - (counts - 1) / 2)[places]
    return middle


def auc_error(points: Floats, bad: Flags) -> float:
    """Standard error of the AUC after DeLong, DeLong and Clarke-Pearson (Biometrics 44, 1988), by midranks."""
    return _error_of(*_placements(points, bad))


def auc_difference_error(points: Floats, others: Floats, bad: Flags) -> float:
    """Standard error of the difference of two AUCs over the same cases, after DeLong."""
    pairs = zip(_placements(points, bad), _placements(others, bad), strict=True)
    return _error_of(*(first - second for first, second in pairs))


def _placements(points: Floats, bad: Flags) -> tuple[Floats, Floats]:
    """For each good the share of bads below it, and for each bad the share of goods above it; ties count half."""
    goods, bads, everyone = points[~bad], points[bad], midranks(points)
    return (everyone[~bad] - midranks(goods)) / len(bads), 1 - (everyone[bad] - midranks(bads)) / len(goods)


def _error_of(of_goods: Floats, of_bads: Floats) -> float:
    if len(of_goods) < 2 or len(of_bads) < 2:
        return 0.5
    return sqrt(float(of_goods.var(ddof=1)) / len(of_goods) + float(of_bads.var(ddof=1)) / len(of_bads))


def auc_interval(points: Floats, bad: Flags) -> Interval:
    """AUC with its DeLong interval."""
    return Interval.around(auc(points, bad), auc_error(points, bad), 0.0, 1.0)


def ks(points: Floats, bad: Flags) -> float:
    """Greatest distance between the distributions of goods and bads over the points."""
    ends = np.unique(points)
    good_below, bad_below = (
        np.searchsorted(np.sort(points[bad == label]), ends, side="right") / int((bad == label).sum())
        for label in (False, True)
    )
    return float(np.abs(bad_below - good_below).max())


def ks_interval(points: Floats, bad: Flags, seed: int, resamples: int = RESAMPLES) -> Interval:
    """KS with its percentile bootstrap interval, drawn within each class (multinomial over the distinct points)."""
    rng = np.random.Generator(np.random.PCG64(seed))
    _, places = np.unique(points, return_inverse=True)
    shapes = []
    for label in (False, True):
        counts = np.bincount(places[bad == label], minlength=int(places.max()) + 1)
        total = int(counts.sum())
        shapes.append(np.cumsum(rng.multinomial(total, counts / total, size=resamples), axis=1) / total)
    drawn = np.abs(shapes[0] - shapes[1]).max(axis=1)
    value, tail = ks(points, bad), (100 - CONFIDENCE_PCT) / 2
    low, high = np.percentile(drawn, [tail, 100 - tail])
    return Interval(value, min(float(low), value), max(float(high), value))


def brier(pd: Floats, bad: Flags) -> float:
    """Mean squared distance of the PD from the outcome."""
    return float(np.mean((pd - bad) ** 2))


def brier_interval(pd: Floats, bad: Flags) -> Interval:
    squares = (pd - bad) ** 2
    error = float(squares.std(ddof=1)) / sqrt(len(squares)) if len(squares) > 1 else 1.0
    return Interval.around(float(squares.mean()), error, 0.0, 1.0)


def measured(points: Floats, pd: Floats | None, bad: Flags, seed: int) -> Performance:
    """All figures of one sample."""
    area = auc_interval(points, bad)
    return Performance(
        good=int((~bad).sum()),
        bad=int(bad.sum()),
        auc=area,
        gini=Interval(2 * area.value - 1, 2 * area.low - 1, 2 * area.high - 1),
        ks=ks_interval(points, bad, seed),
        brier=None if pd is None else brier_interval(pd, bad),
    )


def psi(expected: Sequence[float] | Floats | Codes, actual: Sequence[float] | Floats | Codes) -> float:
    """Population stability index of two rows of counts over the same bins; an empty bin counts as ``PSI_FLOOR``."""
    before, now = shares(expected), shares(actual)
    return float(((now - before) * np.log(now / before)).sum())


def shares(counts: Sequence[float] | Floats | Codes) -> Floats:
    """Shares of the bins, none below ``PSI_FLOOR``."""
    given = np.asarray(counts, dtype=np.float64)
    total = float(given.sum())
    return np.maximum(given / total if total else given, PSI_FLOOR)


def log_loss(odds: Floats, good: Flags) -> float:
    """Mean negative log-likelihood of ln(good:bad) ``odds``."""
    return float(np.mean(np.logaddexp(0, np.where(good, -odds, odds))))
