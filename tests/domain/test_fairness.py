"""Fairness measures against their plain definitions, and what is said of small groups."""

from __future__ import annotations

from math import isclose, log, sqrt
from statistics import mean

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.fairness import (
    Alternative,
    Group,
    best_within,
    compare,
    cut_off_for,
    difference,
    group_of,
    impact_ratio,
    mean_difference,
    pareto_front,
)
from app.domain.monitoring import Estimate, critical_z

Row = tuple[bool, bool | None, float | None]
rows = st.lists(
    st.tuples(st.booleans(), st.sampled_from([True, False, None]), st.none() | st.integers(-9, 9).map(float)),
    min_size=2,
    max_size=60,
)


def rate(found: list[Row], bad: bool | None = None) -> float:
    return mean(float(granted) for granted, went_bad, _ in found if bad is None or went_bad is bad)


@given(rows, rows)
def test_each_measure_is_its_definition(mine: list[Row], theirs: list[Row]) -> None:
    group, reference = group_of("a", mine), group_of("b", theirs)
    found = compare(group, reference, least=2)
    if rate(theirs):
        assert found.air is not None
        assert isclose(found.air.value, rate(mine) / rate(theirs), abs_tol=1e-12)
        assert found.air.low <= found.air.value <= found.air.high
    else:
        assert found.air is None
    if min(group.good, reference.good) >= 2:
        assert found.equal_opportunity is not None
        assert isclose(found.equal_opportunity.value, rate(mine, False) - rate(theirs, False), abs_tol=1e-12)
        if min(group.bad, reference.bad) >= 2:
            false_rates = rate(mine, True) - rate(theirs, True)
            assert found.average_odds is not None
            expected = (false_rates + rate(mine, False) - rate(theirs, False)) / 2
            assert isclose(found.average_odds.value, expected, abs_tol=1e-12)
    else:
        assert found.equal_opportunity is None


@given(rows, rows)
def test_the_standardised_difference_is_its_definition(mine: list[Row], theirs: list[Row]) -> None:
    first, second = ([score for _, _, score in found if score is not None] for found in (mine, theirs))
    assume(min(len(first), len(second)) >= 2)
    found = mean_difference(group_of("a", mine), group_of("b", theirs), least=2)
    squares = sum((x - mean(first)) ** 2 for x in first) + sum((x - mean(second)) ** 2 for x in second)
    if squares < 1e-9:
        assert found is None
        return
    pooled = sqrt(squares / (len(first) + len(second) - 2))
    assert found is not None
    assert isclose(found.value, (mean(first) - mean(second)) / pooled, rel_tol=1e-6, abs_tol=1e-9)


@given(st.integers(0, 40), st.integers(1, 40), st.integers(0, 40), st.integers(1, 40))
def test_groups_that_are_the_same_are_even(hits: int, more: int, other: int, others: int) -> None:
    cases, other_cases = hits + more, other + others
    assert difference(hits, cases, hits, cases).value == 0
    if hits:
        ratio = impact_ratio(hits, cases, hits, cases)
        assert ratio is not None
        assert ratio.low <= 1 <= ratio.high
    swapped = difference(other, other_cases, hits, cases)
    straight = difference(hits, cases, other, other_cases)
    assert isclose(straight.low, -swapped.high, abs_tol=1e-12)


def test_the_ratio_of_a_worked_example() -> None:
    """Katz: ln RR plus or minus z times the root of 1/a - 1/n + 1/c - 1/m."""
    found = impact_ratio(240, 339, 1852, 2041)
    assert found is not None
    error = sqrt(1 / 240 - 1 / 339 + 1 / 1852 - 1 / 2041)
    assert found.value == pytest.approx(0.7802, abs=1e-4)
    assert log(found.high / found.low) == pytest.approx(2 * critical_z() * error)


def test_newcombes_own_example() -> None:
    """Statistics in Medicine 17 (1998), 876: 56/70 less 48/80, method 10 gives 0.0524 to 0.3339."""
    found = difference(56, 70, 48, 80)
    assert (found.low, found.high) == (pytest.approx(0.0524, abs=1e-4), pytest.approx(0.3339, abs=1e-4))


def test_nobody_approved_still_has_an_interval() -> None:
    found = impact_ratio(0, 50, 40, 50)
    assert found is not None
    assert found.value == found.low == 0
    assert 0 < found.high < 0.5
    assert impact_ratio(5, 50, 0, 50) is None


def test_a_small_group_has_no_figure_and_no_verdict() -> None:
    found = compare(Group("a", 29, 5), Group("b", 500, 400))
    assert (found.air, found.smd, found.equal_opportunity, found.average_odds) == (None,) * 4
    assert found.four_fifths is None
    assert "fewer than 30" in found.notes[0]


def test_a_wide_interval_is_said_to_be_wide() -> None:
    found = compare(Group("a", 30, 4), Group("b", 60, 30))
    assert any("wide" in note for note in found.notes)
    assert found.four_fifths == "below"


@pytest.mark.parametrize(("approved", "place"), [(300, "below"), (500, "not below"), (400, "open")])
def test_four_fifths_is_held_to_the_interval(approved: int, place: str) -> None:
    assert compare(Group("a", 1000, approved), Group("b", 1000, 500)).four_fifths == place


def test_few_bads_leave_the_average_odds_out() -> None:
    group = Group("a", 100, 60, good=90, good_approved=58, bad=10, bad_approved=2)
    reference = Group("b", 1000, 800, good=900, good_approved=760, bad=100, bad_approved=40)
    found = compare(group, reference)
    assert found.equal_opportunity is not None
    assert found.average_odds is None
    assert any("average-odds" in note for note in found.notes)


# Alternatives


@given(st.lists(st.integers(0, 12).map(float), min_size=1, max_size=40), st.integers(0, 40))
def test_no_cut_off_comes_nearer(scores: list[float], approvals: int) -> None:
    cut, approved = cut_off_for(scores, approvals)
    assert approved == sum(score >= cut for score in scores)
    reachable = {0} | {sum(score >= at for score in scores) for at in scores}
    assert abs(approved - approvals) == min(abs(count - approvals) for count in reachable)


def an_alternative(name: str, area: float, air: float | None) -> Alternative:
    return Alternative(name, Estimate(area, area, area), 1, 0.0, air, "g=x", ())


candidates = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=8).map(
    lambda pairs: [an_alternative(f"c{at}", auc / 5, air / 5) for at, (auc, air) in enumerate(pairs)]
)


@given(candidates)
def test_the_front_is_what_nothing_beats(found: list[Alternative]) -> None:
    front = pareto_front(found)
    places = [(one.auc.value, one.air or 0) for one in found]
    for one in found:
        beaten = any(
            a >= one.auc.value and r >= (one.air or 0) and (a, r) != (one.auc.value, one.air) for a, r in places
        )
        assert (one in front) != beaten


@given(candidates, st.integers(0, 5))
def test_the_best_within_a_loss(found: list[Alternative], fifths: int) -> None:
    loss = fifths / 5
    best = best_within(found, loss)
    near = [one for one in found if one.auc.value >= max(other.auc.value for other in found) - loss - 1e-12]
    assert best in near
    assert best is not None
    assert best.air == max(one.air or 0 for one in near)


def test_candidates_without_a_ratio_are_no_alternative() -> None:
    nothing = an_alternative("a", 0.9, None)
    assert pareto_front([nothing]) == []
    assert best_within([nothing], 0.1) is None
