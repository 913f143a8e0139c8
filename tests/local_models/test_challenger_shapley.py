"""Shapley contributions are the exact ones: against every coalition, and they add up."""

from __future__ import annotations

from itertools import combinations
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_models.challenger.shapley import Explainer
from local_models.challenger.trees import LEAF, Trees, joined
from tests.challengers import random_trees

seeds = st.integers(0, 10**6)
cells = st.sampled_from([np.nan, -np.inf, -2.0, -1.5, -1.0, 0.0, 0.5, 1.0, 2.0, np.inf])


def expectation(trees: Trees, node: int, row: np.ndarray, known: frozenset[int]) -> float:
    """The sum's expectation when only the columns of ``known`` are, straight from the definition."""
    column = int(trees.column[node])
    if column == LEAF:
        return float(trees.value[node])
    left, right = int(trees.left[node]), int(trees.right[node])
    if column in known:
        x = row[column]
        goes_left = bool(trees.missing_left[node]) if np.isnan(x) else x <= trees.threshold[node]
        return expectation(trees, left if goes_left else right, row, known)
    both = trees.cover[left] + trees.cover[right]
    return trees.cover[left] / both * expectation(trees, left, row, known) + trees.cover[right] / both * expectation(
        trees, right, row, known
    )


def by_definition(trees: Trees, row: np.ndarray, n: int) -> np.ndarray:
    def worth(known: frozenset[int]) -> float:
        return sum(expectation(trees, int(root), row, known) for root in trees.roots)

    out = np.zeros(n)
    for column in range(n):
        others = [each for each in range(n) if each != column]
        for size in range(n):
            weight = factorial(size) * factorial(n - size - 1) / factorial(n)
            for chosen in combinations(others, size):
                known = frozenset(chosen)
                out[column] += weight * (worth(known | {column}) - worth(known))
    return out


@settings(max_examples=60, deadline=None)
@given(seed=seeds, row=st.lists(cells, min_size=4, max_size=4))
def test_contributions_are_those_of_the_definition(seed: int, row: list[float]) -> None:
    trees = random_trees(np.random.default_rng(seed), 3, 4)
    given_row = np.array(row)
    explainer = Explainer(trees, 4)
    assert np.allclose(explainer.contributions(given_row), by_definition(trees, given_row, 4), rtol=0, atol=1e-12)


@settings(max_examples=100, deadline=None)
@given(seed=seeds, row=st.lists(cells, min_size=6, max_size=6))
def test_contributions_and_average_add_up_to_the_sum(seed: int, row: list[float]) -> None:
    trees = random_trees(np.random.default_rng(seed), 8, 6, depth=7)
    given_row = np.array(row)
    explainer = Explainer(trees, 6)
    total = explainer.average + explainer.contributions(given_row).sum()
    assert total == pytest.approx(trees.raw(given_row[None, :])[0], rel=0, abs=1e-9)


@given(seed=seeds)
def test_a_column_that_no_tree_looks_at_contributes_nothing(seed: int) -> None:
    trees = random_trees(np.random.default_rng(seed), 4, 3)
    contributions = Explainer(trees, 5).contributions(np.zeros(5))
    assert contributions[3] == contributions[4] == 0.0


@given(seed=seeds, factor=st.floats(-3, 3), by=st.floats(-3, 3))
def test_trees_are_scaled_raised_and_joined_as_their_sums_are(seed: int, factor: float, by: float) -> None:
    rng = np.random.default_rng(seed)
    one, other, rows = random_trees(rng, 3, 4), random_trees(rng, 2, 4), rng.normal(size=(20, 4))
    whole = joined([one.scaled(factor), other]).raised(by)
    assert np.allclose(whole.raw(rows), factor * one.raw(rows) + other.raw(rows) + by, rtol=0, atol=1e-12)
    assert len(joined([])) == 0
