"""The outcome column: values by type, slips of the pen, rows without outcome."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from app.errors import InputError
from local_models.modelling.outcome import outcome_of


@pytest.mark.parametrize(
    ("values", "bad_value", "bad"),
    [
        ([1.0, 0.0, 1.0], "1", [True, False, True]),
        ([1, 0, 1], "1.0", [True, False, True]),
        (["bad", "good", "bad"], "bad", [True, False, True]),
        ([True, False, True], "true", [True, False, True]),
        ([True, False, True], "0", [False, True, False]),
        ([1.0, 0.0, np.nan], "0", [False, True, False]),
    ],
)
def test_the_value_is_compared_as_the_column_is_typed(values: list[object], bad_value: str, bad: list[bool]) -> None:
    found, known = outcome_of(pd.DataFrame({"y": values}), "y", bad_value)
    assert found.tolist() == bad
    assert known.tolist() == [value == value for value in values]


def test_a_value_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(InputError, match=r"(?s)'Bad'.*good, bad"):
        outcome_of(pd.DataFrame({"y": ["good", "bad"]}), "y", "Bad")
    with pytest.raises(InputError, match="1, 0"):
        outcome_of(pd.DataFrame({"y": [1.0, 0.0]}), "y", "yes")
    with pytest.raises(InputError, match="Every row"):
        outcome_of(pd.DataFrame({"y": [1.0, 1.0]}), "y", "1")


def test_a_column_that_is_not_there_is_refused_with_the_like() -> None:
    with pytest.raises(InputError, match="'Y'"):
        outcome_of(pd.DataFrame({"Y": [1, 0]}), "y", "1")
