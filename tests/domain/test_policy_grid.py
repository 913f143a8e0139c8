"""Pieces of columns and boxes of them, against counting every value of a small domain."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.facts import FactDefinition, Kind
from app.domain.policy_cells import read_condition
from app.domain.policy_grid import (
    Dimension,
    TooManyBoxes,
    common,
    dimension,
    example_of,
    in_words,
    less,
    said,
    size,
    without,
)

MONTHS = FactDefinition("m", Kind.MONTHS, {}, minimum=Decimal(1), maximum=Decimal(12))
AMOUNT = FactDefinition("a", Kind.MONEY, {}, minimum=Decimal("0.01"), maximum=Decimal(5))
RATIO = FactDefinition("r", Kind.NUMBER, {})
BOXES = st.tuples(*(st.integers(1, 7) for _ in range(3)))


def members(box: tuple[int, ...]) -> set[tuple[int, ...]]:
    return set(itertools.product(*([at for at in range(3) if mask >> at & 1] for mask in box)))


@given(BOXES, st.lists(BOXES, max_size=5))
def test_taking_boxes_away_is_taking_their_members_away(box: tuple[int, ...], others: list[tuple[int, ...]]) -> None:
    left = without([box], others)
    wanted = members(box) - set().union(*map(members, others)) if others else members(box)
    assert set().union(*map(members, left)) == wanted if left else wanted == set()
    assert sum(map(size, left)) == len(wanted), "no piece overlaps another"


@given(BOXES, BOXES)
def test_what_is_common_is_in_both(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    both = common(one, other)
    assert (members(both) if both else set()) == members(one) & members(other)
    assert set().union(*map(members, less(one, other)), members(both) if both else set()) == members(one)


@given(st.lists(st.integers(-2, 15), max_size=4), st.sampled_from(["<", "<=", ">", ">=", "==", "!="]))
def test_a_cell_says_the_same_all_over_a_piece(numbers: list[int], sign: str) -> None:
    tests = [test for number in numbers if (test := read_condition(f"{sign} {number}"))]
    found = dimension("m", MONTHS, tests, {})
    covered = []
    for low, high in found.spans:
        assert isinstance(low, Decimal)
        assert isinstance(high, Decimal)
        inside = [Decimal(number) for number in range(1, 13) if low <= number <= high]
        assert inside[0] == low
        assert inside[-1] == high
        covered += inside
        for test in tests:
            assert len({test.holds(number, {}) for number in inside}) == 1
    assert covered == [Decimal(number) for number in range(1, 13)], "each value in one piece, in order"


@pytest.mark.parametrize(
    ("definition", "cells", "spans"),
    [
        (MONTHS, ["<= 6"], [(1, 5), (6, 6), (7, 12)]),
        (MONTHS, ["> 5.5"], [(1, 5), (6, 12)]),
        (MONTHS, ["> 12", "< 1", "> 40"], [(1, 1), (2, 11), (12, 12)]),
        (AMOUNT, ["< 1"], [(Decimal("0.01"), Decimal("0.99")), (1, 1), (Decimal("1.01"), 5)]),
        (RATIO, ["> 2"], [(-3, Decimal("-0.5")), (2, 2), (Decimal("2.5"), 3)]),
    ],
)
def test_columns_are_cut_at_their_constants(
    definition: FactDefinition, cells: list[str], spans: list[tuple[Decimal, Decimal]]
) -> None:
    tests = [test for cell in cells if (test := read_condition(cell))]
    found = dimension("x", definition, tests, {}).spans
    if definition is RATIO:
        assert [low for low, _ in found][1:2] == [2]
        assert len(found) == len(spans)
    else:
        assert list(found) == spans


def test_categories_and_missing_values_are_pieces() -> None:
    kind = FactDefinition("k", Kind.CATEGORY, {}, categories=("x", "y"))
    assert dimension("k", kind, [], {}, missing=True).spans == (("x", "x"), ("y", "y"), (None, None))
    grade = FactDefinition("g", Kind.CATEGORY, {})
    test = read_condition("'B'")
    assert test is not None
    assert dimension("g", grade, [test], {}, ["A"]).spans == (("A", "A"), ("B", "B"))


def test_boxes_are_told_in_words_with_an_example() -> None:
    test = read_condition("<= 6")
    assert test is not None
    months = dimension("m", MONTHS, [test], {}, missing=True)
    flag = Dimension("f", ((True, True), (False, False)))
    assert in_words([months, flag], (0b0110, 0b11)) == "m 6 to 12"
    assert in_words([months, flag], (0b1001, 0b10)) == "m 1 to 5, missing, f false"
    assert in_words([months, flag], (0b1111, 0b11)) == "any input"
    assert example_of([months, flag], (0b1100, 0b10)) == {"m": 7, "f": False}
    assert said(Decimal("10.50")) == "10.5"


def test_what_would_take_too_long_is_given_up() -> None:
    full = tuple((1 << 12) - 1 for _ in range(12))
    others = [tuple(((1 << 12) - 1) & ~(1 << (at * 7 + d * 5) % 12) for d in range(12)) for at in range(12)]
    with pytest.raises(TooManyBoxes):
        without([full], [*others, *(tuple(1 << (at + d) % 12 | 0x5A5 for d in range(12)) for at in range(12))])
