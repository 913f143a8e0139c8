"""A table's columns, typed as a scorecard sees them: numbers, categories, booleans; missing and special values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from app.domain.scorecard import CharacteristicKind
from local_models.modelling.arrays import Codes, Flags, Floats

if TYPE_CHECKING:
    import pandas as pd

USUAL_CODES = frozenset(float(code) for code in (*range(-9, 0), -99, -999, -9999, -99999))
MAX_CODES = 6  # special values a column may have at one end of its range
CODE_ROWS, CODE_SHARE = 5, 0.005  # the least rows each special value has, and the least share of all of them
ISOLATION = 10.0
PLAIN_VALUES = 5  # a column has at least so many other values, or its ends tell nothing
_NO_LEVELS: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """One column of a table. Numbers are doubles with NaN for missing; texts are codes into ``levels``, -1 missing."""

    name: str
    kind: CharacteristicKind
    numbers: Floats | None = None
    codes: Codes | None = None
    levels: tuple[str, ...] = _NO_LEVELS

    @property
    def rows(self) -> int:
        return len(self.numbers if self.numbers is not None else self.text_codes)

    @property
    def text_codes(self) -> Codes:
        assert self.codes is not None
        return self.codes

    @property
    def missing(self) -> Flags:
        return np.isnan(self.numbers) if self.numbers is not None else self.text_codes < 0

    def part(self, chosen: Flags) -> Column:
        """The same column of some of the rows."""
        if self.numbers is not None:
            return Column(self.name, self.kind, numbers=self.numbers[chosen])
        return Column(self.name, self.kind, codes=self.text_codes[chosen], levels=self.levels)


def read_columns(frame: pd.DataFrame, names: Sequence[str]) -> dict[str, Column]:
    """The columns of those names that a scorecard can look at; dates, times and nested values are left out."""
    found = {name: read_column(name, frame[name]) for name in names}
    return {name: column for name, column in found.items() if column is not None}


def read_column(name: str, series: pd.Series[Any]) -> Column | None:
    """The typed column; None for dates, times and nested values. Infinities are numbers, NaN and null are missing."""
    import pandas as pd

    if pd.api.types.is_bool_dtype(series.dtype) or _all_boolean(series):
        return _texts(name, CharacteristicKind.BOOLEAN, series.map({True: "true", False: "false"}, na_action="ignore"))
    if pd.api.types.is_numeric_dtype(series.dtype) or _all_numbers(series):
        return Column(name, CharacteristicKind.NUMERIC, numbers=as_doubles(series))
    if pd.api.types.is_datetime64_any_dtype(series.dtype) or pd.api.types.is_timedelta64_dtype(series.dtype):
        return None
    if not _all_texts(series):
        return None
    return _texts(name, CharacteristicKind.CATEGORY, series)


def as_doubles(series: pd.Series[Any]) -> Floats:
    """Numbers as IEEE doubles, NaN for missing."""
    return np.asarray(series.astype("float64").to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)


def _texts(name: str, kind: CharacteristicKind, series: pd.Series[Any]) -> Column:
    """Codes into the sorted levels, so that the order of rows decides nothing."""
    import pandas as pd

    codes, levels = pd.factorize(series.astype("object"), sort=True)
    return Column(name, kind, codes=codes.astype(np.intp), levels=tuple(str(level) for level in levels))


def _types(series: pd.Series[Any]) -> set[type]:
    """Types of the known values of a column of Python objects; none of any other column."""
    return {type(value) for value in series.dropna()} if series.dtype == object else set()


def _all_boolean(series: pd.Series[Any]) -> bool:
    types = _types(series)
    return bool(types) and types <= {bool, np.bool_}


def _all_numbers(series: pd.Series[Any]) -> bool:
    from decimal import Decimal

    types = _types(series)
    return bool(types) and all(issubclass(kind, (int, float, Decimal, np.number)) for kind in types)


def _all_texts(series: pd.Series[Any]) -> bool:
    import pandas as pd

    if series.dtype == object:
        return _types(series) <= {str}
    return isinstance(series.dtype, (pd.StringDtype, pd.CategoricalDtype))


def special_values(numbers: Floats) -> tuple[float, ...]:
    """Codes that stand among numbers, such as -9 or 9999, in rising order. A column's special values are

    - its negative values, when all of them are usual codes (-1 to -9, -99, -999, ...) and the others are zero or more;
    - up to six whole numbers at either end of the range that lie further from the rest than ``ISOLATION`` times its
      width; when they end in nines (99, 9998, 9999), than once its width.

    Each has at least ``CODE_ROWS`` rows, together at least ``CODE_SHARE`` of the known ones, and the column has at
    least ``PLAIN_VALUES`` other values.
    """
    known = numbers[np.isfinite(numbers)]
    values, counts = np.unique(known, return_counts=True)
    least = CODE_SHARE * len(known)
    codes = set(_negative_codes(values, counts, least))
    codes |= set(_end_codes(values, counts, least)) | set(_end_codes(values[::-1], counts[::-1], least))
    return tuple(sorted(codes))


def _negative_codes(values: Floats, counts: Codes, least: float) -> list[float]:
    below = values < 0
    if not 0 < below.sum() <= MAX_CODES or len(values) - below.sum() < PLAIN_VALUES:
        return []
    usual = all(float(value) in USUAL_CODES for value in values[below])
    return [float(value) for value in values[below]] if usual and counts[below].sum() >= least else []


def _end_codes(values: Floats, counts: Codes, least: float) -> list[float]:
    """Codes at the front of ``values``, which run from an end of the range inward."""
    for count in range(1, MAX_CODES + 1):
        if len(values) - count < PLAIN_VALUES or not all(float(value).is_integer() for value in values[:count]):
            return []
        far = 1.0 if all(_in_nines(float(value)) for value in values[:count]) else ISOLATION
        isolated = abs(values[count] - values[count - 1]) > far * abs(values[-1] - values[count])
        if isolated and counts[:count].min() >= CODE_ROWS and counts[:count].sum() >= least:
            return [float(value) for value in values[:count]]
    return []


def _in_nines(value: float) -> bool:
    """Whether the number is written in nines but for its last digit, as 96 to 99 or 9997."""
    digits = str(abs(int(value)))
    return len(digits) >= 2 and set(digits[:-1]) == {"9"} and digits[-1] >= "6"
