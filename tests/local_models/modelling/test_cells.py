"""Cells: every value has one, cuts are short and change no count."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from app.domain.fitting import BinSpec
from local_models.modelling.cells import Cells, cells_of, quantile_cuts, shortest_between, unordered_codes
from local_models.modelling.columns import Column, read_column

numbers = st.floats(-1e12, 1e12, allow_nan=False)


def column_of(values: list[object]) -> Column:
    column = read_column("x", pd.Series(values))
    assert column is not None
    return column


@given(numbers, numbers)
def test_a_cut_lies_above_the_one_value_and_not_above_the_other(first: float, second: float) -> None:
    lower, upper = sorted((first, second))
    if lower < upper:
        cut = shortest_between(lower, upper)
        assert lower < cut <= upper


def test_cuts_are_short() -> None:
    assert shortest_between(1499.0, 1503.2) == 1500
    assert shortest_between(0.21999, 0.221) == 0.22
    assert [shortest_between(lower, lower + 1) for lower in (2.0, 3.0, 10.0)] == [3, 4, 11]
    assert shortest_between(9.47, 9.48) == 9.48
    assert shortest_between(9.47, 9.4701) == 9.4701
    assert shortest_between(20.0, 30.0) == 30


@given(st.lists(st.integers(-50, 50).map(float), min_size=1, max_size=200), st.integers(2, 12))
def test_every_value_has_a_cell_and_order_is_kept(values: list[float], most: int) -> None:
    cells = Cells("x", column_of(list(values)).kind, cuts=quantile_cuts(np.array(values), most))
    places = cells.places(column_of(list(values)))
    assert places.max() < cells.main
    for first, second in pairwise(values):
        assert (places[values.index(first)] <= places[values.index(second)]) or first > second


def test_frequent_special_and_missing_values_have_cells_of_their_own() -> None:
    rng = np.random.Generator(np.random.PCG64(31))
    values = [*rng.uniform(0, 100, 500).tolist(), *[40.0] * 300, *[-9.0] * 40, *[None] * 25]
    column = column_of(values)
    cells = cells_of(column, 10)
    places = cells.places(column)
    assert cells.special == (-9.0,)
    assert np.bincount(places, minlength=cells.size)[-2:].tolist() == [40, 25]
    assert len(set(places[500:800])) == 1
    assert (places == places[500]).sum() == 300


def test_rare_and_unseen_categories_share_a_cell() -> None:
    column = column_of(["a"] * 60 + ["b"] * 60 + ["c"] * 2)
    cells = cells_of(column, 10)
    assert (cells.levels, cells.rare) == (("a", "b"), ("c",))
    seen_later = column_of(["a", "never", None, "c"])
    assert cells.places(seen_later).tolist() == [0, 2, 3, 2]


def test_a_person_names_cells() -> None:
    column = column_of(["a"] * 60 + ["b"] * 60 + ["c"] * 2)
    assert cells_of(column, 10, BinSpec(groups=(("a", "c"), ("b",)))).levels == ("a", "b", "c")
    ages = column_of(list(range(100)))
    assert cells_of(ages, 10, BinSpec(edges=(18.0, 65.0))).cuts == (18.0, 65.0)


def test_whole_numbers_may_be_codes_and_amounts_may_not() -> None:
    codes = column_of([1, 3, 5, 7, 9] * 50)
    cells = cells_of(codes, 10)
    other = unordered_codes(cells, codes)
    assert other is not None
    assert (other.first_code, other.cuts, other.in_order) == (1.0, (3.0, 5.0, 7.0, 9.0), 0)
    amounts = column_of(np.linspace(1, 50, 300).tolist())
    assert unordered_codes(cells_of(amounts, 10), amounts) is None


def test_finer_cells_know_the_coarse_one_they_lie_in() -> None:
    coarse = Cells("x", column_of([1.0]).kind, cuts=(10.0, 20.0), special=(-1.0,))
    finer = coarse.with_cuts([15.0, 20.0])
    assert finer.cuts == (10.0, 15.0, 20.0)
    assert coarse.parents(finer).tolist() == [0, 1, 1, 2, 3, 4]
