"""Cells of decision tables: what this program reads is what the engine says of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.policy_cells import Unreadable, read_condition, read_expression

ENV = {"limit.dsr_pct": Decimal(40), "policy.unit": 10, "income.net_monthly": Decimal("12.5")}
VALUES: list[Any] = [None, 0, 1, 2, 3, 4, 5, Decimal("5.5"), 6, 9, 10, 11, 40, 41, 55, 100, -5, True, False, "A", "B"]

CELLS = (
    "> 5 and $ <= 10",
    "> 5 and <= 10",
    "> 5 or < 2",
    "[1..5]",
    "(1..5]",
    "]1..5[",
    "[1..5)",
    "1, 2, 3",
    "> 8, < 2",
    "'A','B'",
    '"A"',
    "true",
    "false",
    "null",
    "!= null",
    "!= 5",
    "!= 'A'",
    "not in [1,2]",
    "in [1,2]",
    "in ['A', 'B']",
    "$ in ['A', 'B']",
    "-5",
    "== 5",
    "5 + 1",
    "> 2 + 3",
    "$ > 3",
    "$ == null",
    "not($ > 3)",
    ">= 1 and not($ in [2,3])",
    "in [1..5]",
    "not in [1..5]",
    "true, false",
    "null, > 5",
    "> 5, null",
    "> -3",
    ">-3",
    "> 1e3",
    "> 1_0",
    "< 10 / 4",
    "== 'A'",
    "[-5..5]",
    "> 1 and < 3 or > 8",
    "> 8 or > 1 and < 3",
    "> limit.dsr_pct",
    "> limit.dsr_pct and $ <= limit.dsr_pct + 15",
    "> 4 * policy.unit",
    "<= income.net_monthly * 0.2 - 0.5",
    "> limit.nothing",
    "> (3 + 2) * 2",
    "limit.dsr_pct",
)


def engine_says(cell: str, value: Any, env: dict[str, Any]) -> bool:
    """Whether the engine's row with this one cell matches; an error in a cell is no match."""
    import zen

    nested: dict[str, Any] = {"$": value if not isinstance(value, Decimal) else float(value)}
    for name, item in env.items():
        parent, leaf = name.split(".")
        nested.setdefault(parent, {})[leaf] = float(item) if isinstance(item, Decimal) else item
    try:
        return zen.compile_unary_expression(cell).evaluate(nested) is True
    except RuntimeError:
        return False


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_holds_where_the_engine_says_so(cell: str) -> None:
    condition = read_condition(cell)
    assert condition is not None
    for value in VALUES:
        assert (condition.holds(value, ENV) is True) == engine_says(cell, value, ENV), value


_NUMBERS = st.integers(-4, 4).map(str)
_COMPARISONS = st.tuples(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), _NUMBERS).map(" ".join)
_INTERVALS = st.tuples(st.sampled_from("[("), _NUMBERS, _NUMBERS, st.sampled_from("])")).map(
    lambda p: f"{p[0]}{p[1]}..{p[2]}{p[3]}"
)
_TERMS = _COMPARISONS | _INTERVALS | st.just("$ == null")
_CELLS = (
    st.recursive(
        _TERMS, lambda inner: st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map("".join), max_leaves=4
    )
    | _NUMBERS
    | st.just("null")
)


@settings(max_examples=300)
@given(st.lists(_CELLS, min_size=1, max_size=3).map(", ".join))
def test_any_cell_of_these_shapes_is_read_as_the_engine_reads_it(cell: str) -> None:
    try:
        condition = read_condition(cell)
    except Unreadable:
        return
    assert condition is not None
    for value in (None, -5, -4, -1, 0, Decimal("0.5"), 1, 3, 4, 5, "A", True):
        assert (condition.holds(value, {}) is True) == engine_says(cell, value, {}), value


@pytest.mark.parametrize(
    "cell",
    [
        "> len($)",
        "$ + 1 > 3",
        "> 5 ? true : false",
        "> 2 ^ 2",
        "d('2020-01-01')",
        "a",
        "$",
        "(> 3)",
        "> 5 AND < 7",
        "> 5 and null",
        "'A' or 'B'",
    ],
)
def test_what_is_not_taken_apart_is_said(cell: str) -> None:
    with pytest.raises(Unreadable):
        read_condition(cell)


def test_an_empty_cell_is_no_condition() -> None:
    assert read_condition("  ") is None
    assert read_expression("") is None


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("15000 * policy.unit", Decimal(150000)),
        ('"4.2"', "4.2"),
        ("-3.5", Decimal("-3.5")),
        ("true", True),
        ("limit.dsr_pct - 5 * 2", Decimal(30)),
        ("1 / 0", None),
        ("limit.nothing + 1", None),
    ],
)
def test_a_result_is_worked_out(cell: str, value: Any) -> None:
    expression = read_expression(cell)
    assert expression is not None
    assert expression.of(ENV) == value
