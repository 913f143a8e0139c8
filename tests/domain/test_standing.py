"""Where an applicant's points stand: approved cases where there are enough, else all; shares and bars add up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.standing import LEAST_APPROVED, PointsCount, Standing, standing

COUNTS = [PointsCount(500, 10, 2), PointsCount(560, 20, 18), PointsCount(610, 10, 10)]


def test_approved_cases_are_taken_where_there_are_enough() -> None:
    found = standing(560, COUNTS)
    assert found.among_approved
    assert found.approved == LEAST_APPROVED
    assert found.counts == ((500, 2), (560, 18), (610, 10))
    assert found.below == pytest.approx((2 + 9) / 30)


def test_all_scored_cases_are_taken_where_one_approval_is_missing() -> None:
    fewer = [PointsCount(500, 10, 1), *COUNTS[1:]]
    found = standing(600, reversed(fewer))
    assert not found.among_approved
    assert (found.approved, found.total) == (29, 40)
    assert found.below == pytest.approx(30 / 40)


def test_points_without_an_approved_case_draw_nothing() -> None:
    found = standing(560, [PointsCount(480, 5, 0), *COUNTS])
    assert [points for points, _ in found.counts] == [500, 560, 610]


def test_nobody_to_be_compared_with() -> None:
    found = standing(560, [])
    assert found.below is None
    assert found.bars(400, 700, 30) == [0] * 28


def test_bars_are_equally_wide_and_keep_those_outside_the_scale() -> None:
    found = Standing(560, True, 40, ((390, 1), (400, 2), (409, 4), (410, 8), (700, 16), (720, 32)))
    bars = found.bars(400, 700, 31)
    assert len(bars) == 31
    assert (bars[0], bars[1], bars[-1]) == (7, 8, 48)


@given(
    st.lists(st.tuples(st.integers(300, 900), st.integers(1, 50)), max_size=60, unique_by=lambda pair: pair[0]),
    st.integers(300, 600),
    st.integers(0, 400),
    st.integers(1, 80),
)
def test_no_case_is_lost_in_the_bars(pairs: list[tuple[int, int]], low: int, wide: int, most: int) -> None:
    found = Standing(500, False, 0, tuple(sorted(pairs)))
    bars = found.bars(low, low + wide, most)
    assert sum(bars) == found.total
    assert 1 <= len(bars) <= most
