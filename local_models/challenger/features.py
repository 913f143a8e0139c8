"""What a challenger looks at: features by name, and their encoding as columns of doubles that trees split."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

Matrix = NDArray[np.float64]
"""Encoded rows, ``(n_rows, n_columns)``; NaN only where a numeric value is missing or special."""


class FeatureKind(StrEnum):
    """How a feature's values become numbers."""

    NUMERIC = "numeric"
    CATEGORY = "category"
    BOOLEAN = "boolean"  # the categories "true" and "false"


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature and its encoding; the same at the desk and in fitting.

    A number stands as it is. Where special values are declared it takes two columns: the value (NaN where missing or
    special) and the state (0 a plain value, 1 the first special value, ..., then missing). A category is its code.
    """

    name: str
    kind: FeatureKind
    monotone: int = 0  # of ln(good:bad) along the value: 1 rises, -1 falls, 0 free
    categories: Mapping[str, int] | None = None  # text -> code
    unseen: int = 0  # code of a category that none names
    missing: int = 0  # code of a missing category
    fill: float | None = None  # what a missing number counts as, where fitting never met one
    special: tuple[float, ...] = ()

    @property
    def columns(self) -> int:
        """How many columns it is encoded in."""
        return 2 if self.special else 1

    def encode(self, values: Sequence[Any]) -> Matrix:
        """Encode values, shape ``(n, columns)``; raises ``InputError`` for one of the wrong type."""
        if self.kind is not FeatureKind.NUMERIC:
            return self._codes(values)
        return self.encode_numbers(np.array([self._number(value) for value in values], dtype=np.float64))

    def encode_numbers(self, numbers: NDArray[np.float64]) -> Matrix:
        """Encode a numeric feature's values, NaN where missing; shape ``(n, columns)``."""
        missing = np.isnan(numbers)
        if not self.special:
            if self.fill is not None:
                numbers = np.where(missing, self.fill, numbers)
            return numbers.reshape(-1, 1)
        state = np.zeros(len(numbers))
        for position, value in enumerate(self.special, 1):
            state[numbers == value] = position
        state[missing] = len(self.special) + 1
        return np.column_stack([np.where(state > 0, np.nan, numbers), state])

    def is_unseen(self, value: Any) -> bool:
        """Whether the value is a category that fitting never met."""
        if self.kind is FeatureKind.NUMERIC or is_missing(value):
            return False
        return category_text(value) not in (self.categories or {})

    def _codes(self, values: Sequence[Any]) -> Matrix:
        known = self.categories or {}
        out = np.empty((len(values), 1))
        for row, value in enumerate(values):
            if is_missing(value):
                out[row] = self.missing
            else:
                out[row] = known.get(category_text(value), self.unseen)
        return out

    def _number(self, value: Any) -> float:
        if is_missing(value):
            return math.nan
        if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | Decimal | np.number):
            raise InputError(
                self.name, f"{self.name} needs a number, and {value!r} is none.", remedy="Correct the value."
            )
        return float(value)

    def to_json(self) -> dict[str, Any]:
        """The feature as the model file keeps it: numbers as their shortest round-trip text."""
        out: dict[str, Any] = {"name": self.name, "kind": self.kind.value, "monotone": self.monotone}
        if self.kind is not FeatureKind.NUMERIC:
            return out | {"categories": dict(self.categories or {}), "unseen": self.unseen, "missing": self.missing}
        if self.fill is not None:
            out["fill"] = repr(self.fill)
        return out | ({"special": [repr(value) for value in self.special]} if self.special else {})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Feature:
        """Inverse of ``to_json``; raises ``KeyError``, ``TypeError`` or ``ValueError`` on anything else."""
        kind, monotone = FeatureKind(data["kind"]), int(data["monotone"])
        if monotone not in (-1, 0, 1):
            raise ValueError(f"monotone {monotone}")
        if kind is FeatureKind.NUMERIC:
            fill = float(data["fill"]) if "fill" in data else None
            special = tuple(float(value) for value in data.get("special", ()))
            return cls(str(data["name"]), kind, monotone, fill=fill, special=special)
        codes = {str(text): int(code) for text, code in dict(data["categories"]).items()}
        return cls(str(data["name"]), kind, monotone, codes, int(data["unseen"]), int(data["missing"]))


def is_missing(value: Any) -> bool:
    """None, NaN (of any kind) and pandas' NA and NaT are missing; the infinities are values."""
    if value is None:
        return True
    if isinstance(value, str | bool | int):
        return False
    if isinstance(value, Decimal):
        return value.is_nan()
    try:
        return bool(value != value)  # NaN and NaT alone
    except TypeError:  # pandas.NA has no truth value
        return True


def category_text(value: Any) -> str:
    """The text a category is known by; whole numbers without a fraction, so that 3 and 3.0 are one category."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def encode_frame(features: Sequence[Feature], frame: pd.DataFrame) -> Matrix:
    """Encode a table, one row an application; raises ``InputError`` where a column is missing."""
    absent = [feature.name for feature in features if feature.name not in frame.columns]
    if absent:
        raise InputError(
            absent[0], f"The table lacks {', '.join(absent)}.", remedy="Give the columns the challenger was fitted on."
        )
    parts = [_encode_column(feature, frame[feature.name]) for feature in features]
    return np.hstack(parts) if parts else np.empty((len(frame), 0))


def _encode_column(feature: Feature, column: pd.Series[Any]) -> Matrix:
    """Encode each different value once, and put it wherever it stands."""
    import pandas as pd

    if feature.kind is FeatureKind.NUMERIC and column.dtype.kind in "fiu":
        return feature.encode_numbers(column.to_numpy(dtype=np.float64, na_value=np.nan))
    places, values = pd.factorize(column)
    return feature.encode([*values, None])[places]  # -1, a missing value, is the last


def encode_values(features: Sequence[Feature], values: Mapping[str, Any]) -> Matrix:
    """Encode one application, shape ``(1, n_columns)``; a name that is absent is missing."""
    parts = [feature.encode([values.get(feature.name)]) for feature in features]
    return np.hstack(parts) if parts else np.empty((1, 0))


def owners(features: Sequence[Feature]) -> NDArray[np.intp]:
    """Position of the feature that each column belongs to."""
    return np.repeat(np.arange(len(features)), [feature.columns for feature in features])
