"""The line from points to PD, and grades along it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from app.domain.scorecard import Calibration, Scaling
from local_models.modelling.arrays import Codes, Flags, Floats
from local_models.modelling.regression import chance_of, slope_of

PLACES = Decimal("0.00000001")
LEAST_SLOPE, GREATEST_SLOPE = 0.2, 1.5  # how far cross-validation may flatten or steepen the effects
GRADE_SHARES = (("A", 0.2), ("B", 0.5), ("C", 1.0), ("D", 2.0))  # PD limits, in parts of the sample's bad rate
LAST_GRADE = "E"
MOST_PD = 0.95


def shrinkage(odds: Floats, bad: Flags) -> float:
    """Slope by which ln(good:bad) of rows not fitted on must be multiplied to meet their outcomes."""
    if float(odds.std()) < 1e-9:
        return 1.0
    try:
        _, slope = slope_of(odds, ~bad)
    except np.linalg.LinAlgError:
        return 1.0
    return float(np.clip(slope, LEAST_SLOPE, GREATEST_SLOPE))


def calibrated(points: Codes, bad: Flags, scaling: Scaling) -> Calibration:
    """The line of the scaling's slope whose mean PD over these cases is their bad rate."""
    slope = 1 / scaling.factor
    odds = points.astype(np.float64) * slope
    low, high = -40.0 - float(odds.max()), 40.0 - float(odds.min())
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if float(chance_of(-(middle + odds)).mean()) > float(bad.mean()) else (low, middle)
    return Calibration(Decimal(repr((low + high) / 2)).quantize(PLACES), Decimal(repr(slope)).quantize(PLACES))


def pds(points: Codes, line: Calibration) -> Floats:
    """PD of each case, as the scorecard gives it."""
    distinct, places = np.unique(points, return_inverse=True)
    return np.array([float(line.pd(int(value))) for value in distinct])[places]


def grade_floors(line: Calibration, bad_rate: float, reach: range) -> list[tuple[str, int | None]]:
    """Grades best first with their least points; a grade nobody can reach, or without width, is left out."""
    floors: list[tuple[str, int | None]] = []
    for name, share in GRADE_SHARES:
        floor = least_points(line, min(share * bad_rate, MOST_PD), reach)
        if floor is not None and (not floors or floor < (floors[-1][1] or 0)):
            floors.append((name, floor))
    return [*floors, (LAST_GRADE, None)]


def least_points(line: Calibration, pd: float, reach: Sequence[int]) -> int | None:
    """The least points of ``reach`` whose PD is at most ``pd``; None when no points are enough."""
    odds = float(np.log((1 - pd) / pd))
    floor = int(np.ceil((odds - float(line.intercept)) / float(line.slope)))
    return None if floor > reach[-1] else max(floor, reach[0])
