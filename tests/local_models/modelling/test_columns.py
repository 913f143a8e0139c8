"""Types of columns, missing values, special values."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from app.domain.scorecard import CharacteristicKind
from local_models.modelling.columns import read_column, read_columns, special_values

RNG = np.random.Generator(np.random.PCG64(21))


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2, None], CharacteristicKind.NUMERIC),
        ([1.5, float("inf"), float("nan")], CharacteristicKind.NUMERIC),
        ([Decimal("1.5"), None], CharacteristicKind.NUMERIC),
        ([True, False, True], CharacteristicKind.BOOLEAN),
        ([True, None, False], CharacteristicKind.BOOLEAN),
        (["a", None, "b"], CharacteristicKind.CATEGORY),
        (["1", "2", "x"], CharacteristicKind.CATEGORY),
    ],
)
def test_kinds(values: list[object], kind: CharacteristicKind) -> None:
    column = read_column("x", pd.Series(values, dtype=object if None in values else None))
    assert column is not None
    assert column.kind is kind
    assert column.missing.tolist() == [value is None or value != value for value in values]


def test_dates_and_nested_values_are_no_characteristics() -> None:
    frame = pd.DataFrame({"d": pd.to_datetime(["2026-01-01", None]), "n": [[1], [2]], "x": [1, 2]})
    assert list(read_columns(frame, list(frame.columns))) == ["x"]


def test_infinity_is_a_value_and_nan_is_missing() -> None:
    column = read_column("x", pd.Series([np.inf, -np.inf, np.nan]))
    assert column is not None
    assert column.missing.tolist() == [False, False, True]


def test_a_part_keeps_the_levels() -> None:
    column = read_column("x", pd.Series(["b", "a", None, "b"]))
    assert column is not None
    part = column.part(np.array([True, False, True, False]))
    assert part.levels == ("a", "b")
    assert part.text_codes.tolist() == [1, -1]


@pytest.mark.parametrize(
    ("codes", "found"),
    [
        ((-7.0, -8.0, -9.0), (-9.0, -8.0, -7.0)),
        ((9999.0,), (9999.0,)),
        ((9996.0, 9998.0), (9996.0, 9998.0)),
        ((365243.0,), (365243.0,)),
        ((-1.0, 999.0), (-1.0, 999.0)),
        ((-7.5,), ()),
        ((150.0,), ()),
    ],
)
def test_codes_beyond_the_range_are_special(codes: tuple[float, ...], found: tuple[float, ...]) -> None:
    plain = RNG.integers(0, 100, 2000).astype(float)
    numbers = np.concatenate([plain, np.repeat(codes, 30)])
    assert special_values(numbers) == found


def test_what_is_no_special_value() -> None:
    binary = np.repeat([0.0, 1.0], 100)
    money = np.concatenate([RNG.lognormal(8, 1, 2000), [5e6]])  # one large amount
    debts = np.concatenate([RNG.normal(0, 100, 2000), np.repeat(-1.0, 50)])  # below zero is usual here
    few = np.concatenate([RNG.integers(0, 100, 2000), np.repeat(9999, 4)]).astype(float)
    for numbers in (binary, money, debts, few):
        assert special_values(numbers) == ()
