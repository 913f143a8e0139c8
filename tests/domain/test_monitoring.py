"""Measures from counts: identities, and the plain definitions over small samples."""

from __future__ import annotations

from itertools import product
from math import isclose, log, sqrt
from statistics import NormalDist, mean, variance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.monitoring import (
    PSI_FLOOR,
    Estimate,
    Follow,
    PointCount,
    auc,
    auc_error,
    auc_estimate,
    banded,
    bands,
    brier,
    calibration_z,
    chi_squared_point,
    critical_z,
    gini_estimate,
    histogram,
    ks_estimate,
    points_shift,
    psi,
    psi_noise,
    shares,
    vintage_curve,
    wilson,
)

counts = st.lists(st.integers(0, 500), min_size=1, max_size=12)
pairs = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=12).filter(
    lambda rows: sum(a for a, _ in rows) > 0 and sum(b for _, b in rows) > 0
)
samples = st.lists(st.tuples(st.integers(-5, 5), st.booleans()), min_size=2, max_size=40).filter(
    lambda rows: len({bad for _, bad in rows}) == 2
)


def as_histogram(sample: list[tuple[int, bool]]) -> list[PointCount]:
    return histogram((points, int(not bad), int(bad)) for points, bad in sample)


# Stability


@given(counts)
def test_psi_of_equal_counts_is_zero(row: list[int]) -> None:
    assert psi(row, row) == 0


@given(counts.filter(any), st.integers(2, 50))
def test_psi_looks_at_shares_alone(row: list[int], times: int) -> None:
    assert isclose(psi(row, [n * times for n in row]), 0, abs_tol=1e-12)


@given(pairs)
def test_psi_is_symmetric_and_never_negative(rows: list[tuple[int, int]]) -> None:
    before, now = [a for a, _ in rows], [b for _, b in rows]
    assert isclose(psi(before, now), psi(now, before), rel_tol=1e-9, abs_tol=1e-12)
    assert psi(before, now) >= 0


@given(pairs, st.integers(0, 12))
def test_bins_empty_on_both_sides_add_nothing(rows: list[tuple[int, int]], place: int) -> None:
    before, now = [a for a, _ in rows], [b for _, b in rows]
    wider = [[*row[:place], 0, *row[place:]] for row in (before, now)]
    assert isclose(psi(*wider), psi(before, now), rel_tol=1e-12, abs_tol=1e-15)


@given(pairs)
def test_psi_is_the_sum_over_its_bins(rows: list[tuple[int, int]]) -> None:
    """Merging two bins can only lose information (the log-sum inequality), but for the floor of empty ones."""
    full = [(a + 1, b + 1) for a, b in rows]
    merged = [(full[0][0] + full[-1][0], full[0][1] + full[-1][1]), *full[1:-1]] if len(full) > 1 else full
    assert psi(*zip(*merged, strict=True)) <= psi(*zip(*full, strict=True)) + 1e-9


def test_psi_of_a_worked_example() -> None:
    """Siddiqi, Intelligent Credit Scoring (2017): sum of (actual - expected) ln(actual / expected)."""
    expected, actual = [100, 300, 600], [200, 300, 500]
    assert psi(expected, actual) == pytest.approx(0.1 * log(2) - 0.1 * log(5 / 6))


def test_an_empty_bin_keeps_the_index_finite() -> None:
    assert shares([0, 10]) == [PSI_FLOOR, 1.0]
    assert psi([0, 10], [5, 5]) == pytest.approx((0.5 - PSI_FLOOR) * log(0.5 / PSI_FLOOR) + -0.5 * log(0.5))


@pytest.mark.parametrize(("degrees", "point"), [(1, 3.841), (4, 9.488), (9, 16.919), (30, 43.773)])
def test_chi_squared_points_are_those_of_the_tables(degrees: int, point: float) -> None:
    assert chi_squared_point(degrees) == pytest.approx(point, rel=0.03)


def test_chance_alone_passes_the_noise_in_one_of_twenty_samples() -> None:
    import random

    draw = random.Random(7)
    base = [1000, 3000, 4000, 1500, 500]
    above = 0
    for _ in range(400):
        drawn = draw.choices(range(5), base, k=500)
        month = [drawn.count(place) for place in range(5)]
        above += psi(base, month) > psi_noise(base, month)
    assert 0.02 <= above / 400 <= 0.09


def test_noise_of_nothing_is_without_end() -> None:
    assert psi_noise([0, 0], [3, 4]) == float("inf")
    assert psi_noise([5, 0], [5, 0]) == 0.0


def test_points_shift_is_the_difference_of_the_means() -> None:
    assert points_shift([50, 50], [25, 75], [10, 30]) == pytest.approx(5)
    assert points_shift([0, 0], [1, 2], [10, 30]) == 0


@given(st.dictionaries(st.integers(-50, 50), st.integers(0, 99), min_size=1), st.integers(1, 12))
def test_bands_hold_every_case_once(found: dict[int, int], number: int) -> None:
    rows = list(found.items())
    ends = bands(rows, number)
    assert len(ends) < number or not ends
    assert ends == sorted(set(ends))
    assert sum(banded(rows, ends)) == sum(count for _, count in rows)


def test_bands_of_an_even_score_are_even() -> None:
    rows = [(points, 10) for points in range(100)]
    assert banded(rows, bands(rows)) == [100] * 10


# Ranking


@given(samples)
def test_auc_is_the_share_of_pairs_in_the_right_order(sample: list[tuple[int, bool]]) -> None:
    goods, bads = [p for p, bad in sample if not bad], [p for p, bad in sample if bad]
    won = [1.0 if g > b else 0.5 if g == b else 0.0 for g, b in product(goods, bads)]
    assert isclose(auc(as_histogram(sample)), mean(won), abs_tol=1e-12)
    assert isclose(gini_estimate(as_histogram(sample)).value, 2 * mean(won) - 1, abs_tol=1e-12)


@given(samples.filter(lambda rows: min(sum(b for _, b in rows), sum(not b for _, b in rows)) > 1))
def test_the_error_is_delongs_by_its_definition(sample: list[tuple[int, bool]]) -> None:
    goods, bads = [p for p, bad in sample if not bad], [p for p, bad in sample if bad]

    def won(good: int, bad: int) -> float:
        return 1.0 if good > bad else 0.5 if good == bad else 0.0

    of_goods = [mean(won(g, b) for b in bads) for g in goods]
    of_bads = [mean(won(g, b) for g in goods) for b in bads]
    expected = sqrt(variance(of_goods) / len(goods) + variance(of_bads) / len(bads))
    assert isclose(auc_error(as_histogram(sample)), expected, abs_tol=1e-9)


def test_the_error_of_a_single_bad_is_no_less_than_all_there_is() -> None:
    assert auc_error([PointCount(1, 0, 1), PointCount(2, 5, 0)]) == 0.5
    found = auc_estimate([PointCount(1, 0, 1), PointCount(2, 5, 0)])
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low < 0.1


@given(samples)
def test_ks_is_the_greatest_distance(sample: list[tuple[int, bool]]) -> None:
    goods, bads = [p for p, bad in sample if not bad], [p for p, bad in sample if bad]
    distances = [
        mean(b <= at for b in bads) - mean(g <= at for g in goods) for at in sorted({points for points, _ in sample})
    ]
    found = ks_estimate(as_histogram(sample))
    assert isclose(found.value, max(0.0, *distances), abs_tol=1e-12)
    assert 0 <= found.low <= found.value <= found.high <= 1


@pytest.mark.parametrize("measure", ["auc", "ks"])
def test_intervals_hold_what_is_true_about_as_often_as_they_say(measure: str) -> None:
    """Normal scores one standard deviation apart: AUC is Phi(1 / sqrt 2), KS is 2 Phi(1/2) - 1."""
    import random

    draw = random.Random(11)
    truth = {"auc": NormalDist().cdf(1 / sqrt(2)), "ks": 2 * NormalDist().cdf(0.5) - 1}[measure]
    held = 0
    for _ in range(200):
        rows = [(draw.gauss(1, 1), 1, 0) for _ in range(300)] + [(draw.gauss(0, 1), 0, 1) for _ in range(150)]
        found = (auc_estimate if measure == "auc" else ks_estimate)(histogram(rows))
        held += found.low <= truth <= found.high
    assert held / 200 >= (0.9 if measure == "auc" else 0.85)


def test_equal_points_are_one_row_of_the_histogram() -> None:
    assert histogram([(3, 1, 0), (1, 0, 2), (3, 0, 4), (2, 0, 0)]) == [PointCount(1, 0, 2), PointCount(3, 1, 4)]


# Shares and calibration


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_solves_its_equation(pair: tuple[int, int]) -> None:
    hits, count = pair
    found = wilson(hits, count)
    assert 0 <= found.low <= found.value <= found.high <= 1
    for end in (found.low, found.high):
        if 0 < end < 1:
            off = abs(hits / count - end) / sqrt(end * (1 - end) / count)
            assert isclose(off, critical_z(), rel_tol=1e-6)


def test_calibration_counts_standard_deviations() -> None:
    assert calibration_z(30, 20, 16) == pytest.approx(2.5)
    assert calibration_z(1, 0, 0) == 0


def test_brier_is_the_mean_squared_error() -> None:
    assert brier([(0.2, 3, 1), (0.5, 0, 2)]) == pytest.approx((3 * 0.04 + 0.64 + 2 * 0.25) / 6)


# Vintages


def test_a_vintage_followed_whole_is_a_plain_share() -> None:
    curve = vintage_curve([Follow(3, True, 10), Follow(6, True, 20), Follow(12, False, 170)])
    assert [(p.months, p.at_risk, p.bad, round(p.share.value, 9)) for p in curve] == [
        (3, 200, 10, 0.05),
        (6, 190, 20, 0.15),
        (12, 170, 0, 0.15),
    ]
    assert curve[1].share.low < 0.15 < curve[1].share.high
    assert curve[1].share.high - 0.15 == pytest.approx(critical_z() * sqrt(0.15 * 0.85 / 200), rel=1e-6)


def test_those_followed_for_a_shorter_time_count_as_long_as_they_were() -> None:
    curve = vintage_curve([Follow(2, False, 50), Follow(4, True, 5), Follow(6, False, 45)])
    assert curve[1].at_risk == 50
    assert curve[-1].share.value == pytest.approx(0.1)


@given(st.lists(st.tuples(st.integers(0, 36), st.booleans(), st.integers(1, 50)), min_size=1))
def test_a_curve_only_rises(rows: list[tuple[int, bool, int]]) -> None:
    curve = vintage_curve([Follow(*row) for row in rows])
    levels = [point.share.value for point in curve]
    assert levels == sorted(levels)
    assert 0 <= levels[0] <= levels[-1] <= 1
    assert sum(point.bad for point in curve) == sum(cases for _, bad, cases in rows if bad)


def test_no_curve_of_nothing() -> None:
    assert vintage_curve([]) == []


def test_figures_are_plain_in_json() -> None:
    assert Estimate(0.12345678, -0.0, 1).to_json() == {"value": 0.123457, "low": 0.0, "high": 1.0}
