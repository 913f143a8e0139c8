"""Encoding: values of a case and columns of a table become the same doubles."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InputError
from local_models.challenger.features import (
    Feature,
    FeatureKind,
    category_text,
    encode_frame,
    encode_values,
    is_missing,
    owners,
)

NUMBER = Feature("x", FeatureKind.NUMERIC, 1)
CODED = Feature("x", FeatureKind.NUMERIC, special=(-9.0, 99.0))
FILLED = Feature("x", FeatureKind.NUMERIC, fill=4.5)
JOB = Feature("job", FeatureKind.CATEGORY, categories={"a": 0, "b": 3, "3": 1}, unseen=2, missing=4)
OWNER = Feature("owner", FeatureKind.BOOLEAN, categories={"true": 1, "false": 0}, unseen=2, missing=3)


@pytest.mark.parametrize("value", [None, float("nan"), np.float64("nan"), Decimal("NaN"), pd.NA, pd.NaT])
def test_missing_is_missing_in_every_form(value: object) -> None:
    assert is_missing(value)
    assert np.isnan(NUMBER.encode([value])).all()
    assert FILLED.encode([value]).tolist() == [[4.5]]
    assert JOB.encode([value]).tolist() == [[4.0]]
    assert not JOB.is_unseen(value)
    state = CODED.encode([value])
    assert np.isnan(state[0, 0])
    assert state[0, 1] == 3


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), 0, "", "nan", False, Decimal(0)])
def test_infinities_and_empty_texts_are_values(value: object) -> None:
    assert not is_missing(value)


def test_special_values_have_a_state_of_their_own() -> None:
    rows = CODED.encode([-9, Decimal("99"), 7.5, -9.5])
    assert rows[:, 1].tolist() == [1, 2, 0, 0]
    assert np.isnan(rows[:2, 0]).all()
    assert rows[2:, 0].tolist() == [7.5, -9.5]


def test_categories_are_known_by_their_text() -> None:
    assert JOB.encode(["a", "b", 3, 3.0, Decimal(3), "z"]).ravel().tolist() == [0, 3, 1, 1, 1, 2]
    assert OWNER.encode([True, False, np.bool_(True), "true", "yes"]).ravel().tolist() == [1, 0, 1, 1, 2]
    assert JOB.is_unseen("z")
    assert not JOB.is_unseen("a")
    assert category_text(2.5) == "2.5"


@pytest.mark.parametrize("value", ["12", True, [1], object()])
def test_a_number_must_be_one(value: object) -> None:
    with pytest.raises(InputError, match="x needs a number"):
        NUMBER.encode([value])


@given(
    st.lists(
        st.tuples(
            st.none() | st.floats() | st.integers(-(2**53), 2**53),
            st.none() | st.sampled_from(["a", "b", "q"]),
            st.none() | st.booleans(),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_a_row_of_a_table_is_encoded_as_a_case(rows: list[tuple[object, object, object]]) -> None:
    features = (CODED, JOB, OWNER)
    frame = pd.DataFrame(rows, columns=["x", "job", "owner"]).astype(object)
    table = encode_frame(features, frame)
    single = np.vstack([encode_values(features, dict(zip(frame.columns, row, strict=True))) for row in rows])
    assert np.array_equal(table, single, equal_nan=True)
    typed = encode_frame(features, frame.assign(x=frame["x"].astype(float)))
    assert np.array_equal(typed, single, equal_nan=True)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(InputError, match="lacks job, owner"):
        encode_frame((NUMBER, JOB, OWNER), pd.DataFrame({"x": [1.0]}))


def test_columns_belong_to_features_and_features_come_back_from_json() -> None:
    features = (CODED, JOB, FILLED)
    assert owners(features).tolist() == [0, 0, 1, 2]
    for feature in (NUMBER, CODED, FILLED, JOB, OWNER):
        assert Feature.from_json(feature.to_json()) == feature
