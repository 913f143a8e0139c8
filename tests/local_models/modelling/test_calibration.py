"""Points, their line to PD, and grades."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.scorecard import Scaling
from local_models.modelling.calibration import calibrated, grade_floors, least_points, pds, shrinkage
from local_models.modelling.points import whole_points
from local_models.modelling.regression import chance_of

SCALING = Scaling(pdo=20, base_points=600, base_odds=30)
effects = st.lists(st.lists(st.floats(-2, 2), min_size=1, max_size=6), min_size=1, max_size=8)


@given(effects, st.floats(-3, 3))
def test_points_of_a_case_are_its_odds_on_the_scale_within_half_a_point_a_column(
    rows: list[list[float]], intercept: float
) -> None:
    arrays = [np.array(row) for row in rows]
    points = whole_points(arrays, intercept, SCALING)
    total = sum(int(row[0]) for row in points)
    wanted = SCALING.points(intercept + sum(float(row[0]) for row in arrays))
    assert abs(total - wanted) <= 0.5 * (len(rows) + 1)


def test_the_line_meets_the_bad_rate_and_doubles_the_odds() -> None:
    rng = np.random.Generator(np.random.PCG64(91))
    points = rng.integers(480, 640, 5000)
    bad = rng.random(5000) < 0.13
    line = calibrated(points, bad, SCALING)
    assert float(line.slope) == pytest.approx(math.log(2) / 20, abs=1e-7)
    assert float(pds(points, line).mean()) == pytest.approx(float(bad.mean()), abs=1e-5)


def test_shrinkage_recovers_a_slope_and_is_bounded() -> None:
    rng = np.random.Generator(np.random.PCG64(92))
    odds = rng.normal(1, 1, 40_000)
    bad = rng.random(40_000) > chance_of(0.3 + 0.7 * odds)
    assert shrinkage(odds, bad) == pytest.approx(0.7, abs=0.05)
    assert shrinkage(-odds, bad) == 0.2
    assert shrinkage(np.ones(10), np.array([True, False] * 5)) == 1


def test_grades_are_cut_at_their_pd() -> None:
    rng = np.random.Generator(np.random.PCG64(93))
    points = rng.integers(480, 640, 5000)
    line = calibrated(points, rng.random(5000) < 0.2, SCALING)
    floors = grade_floors(line, 0.2, range(480, 641))
    assert [name for name, _ in floors][-1] == "E"
    known = [floor for _, floor in floors if floor is not None]
    assert known == sorted(set(known), reverse=True)
    for share, (_, floor) in zip((0.2, 0.5, 1.0, 2.0), floors, strict=False):
        if floor is not None and floor > 480:
            assert float(line.pd(floor)) <= share * 0.2 + 1e-6 < float(line.pd(floor - 1)) + 2e-6
    assert least_points(line, 1e-9, range(480, 641)) is None
