"""What the fit dialog asks off the UI thread: a look at the table, the guards' suspects, the fit itself."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from app.domain.fitting import FitOptions, Fitted, Guard
from app.errors import EnvironmentFault, InputError
from app.ports import Progress

EXTRA = ("optbinning", "sklearn")
CHALLENGER = ("lightgbm", "onnx", "onnxruntime")
MOST_VALUES = 20  # of a column that may be the outcome
OUTCOMES = ("status", "target", "bad", "default", "outcome", "label", "class", "deny", "y", "response", "good_bad")
BAD_WORDS = ("bad", "default", "deny", "denied", "yes", "true", "charged off", "1")


@dataclass(frozen=True, slots=True)
class ColumnLook:
    """One column of a table, as far as it must be known to choose."""

    name: str
    distinct: int
    missing: int
    values: tuple[tuple[str, int], ...]  # value and its count, of at most MOST_VALUES; empty where there are more


@dataclass(frozen=True, slots=True)
class TableLook:
    """A table's columns, and which of them is probably the outcome."""

    path: Path
    rows: int
    columns: tuple[ColumnLook, ...]
    target: str
    bad_value: str

    def column(self, name: str) -> ColumnLook:
        return next(each for each in self.columns if each.name == name)


def extra_missing() -> bool:
    """Whether this installation cannot fit."""
    return any(find_spec(name) is None for name in EXTRA)


def challenger_missing() -> bool:
    """Whether this installation cannot fit a challenger."""
    return extra_missing() or any(find_spec(name) is None for name in CHALLENGER)


def look_at(path: Path, progress: Progress) -> TableLook:
    """Read a table's columns and propose its outcome. For the ``documents`` lane; raises ``InputError``."""
    from data.table_frames import read_frame

    frame = read_frame(path, progress=progress)
    if frame.empty:
        raise InputError("table", "The table has no rows.", remedy="Choose another.", file=path.name)
    looks = []
    for place, name in enumerate(frame.columns):
        progress(place, len(frame.columns), "look")
        looks.append(_look(str(name), frame[name]))
    target = proposed_target(looks)
    return TableLook(path, len(frame), tuple(looks), target.name if target else "", proposed_bad(target))


def _look(name: str, series: Any) -> ColumnLook:
    counts = series.value_counts(dropna=True)
    values = tuple((_text(value), int(count)) for value, count in counts.items()) if len(counts) <= MOST_VALUES else ()
    return ColumnLook(name, len(counts), int(series.isna().sum()), values)


def _text(value: Any) -> str:
    """A value as a person writes it: 1, not 1.0; true, not True."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).lower() if type(value).__name__ in ("bool", "bool_") else str(value)


def proposed_target(columns: Sequence[ColumnLook]) -> ColumnLook | None:
    """The column of two values whose name tells of an outcome, else the last one of two values."""
    two = [column for column in columns if column.distinct == 2]
    named = [column for word in OUTCOMES for column in two if word == column.name.casefold()]
    parts = [column for word in OUTCOMES[:8] for column in two if word in column.name.casefold()]
    return next(iter(named + parts + two[::-1]), None)


def proposed_bad(column: ColumnLook | None) -> str:
    """The value that says bad, else the rarer one."""
    if column is None or not column.values:
        return ""
    told = [value for word in BAD_WORDS for value, _ in column.values if value.casefold() == word]
    return next(iter(told), min(column.values, key=lambda pair: pair[1])[0])


def suspects(path: Path, target: str, bad_value: str, progress: Progress) -> dict[str, list[Guard]]:
    """What the guards say of the columns, by column; of the outcome under the empty name. In a child process."""
    from app.bootstrap.fit_process import guards_in_child

    found: dict[str, list[Guard]] = {}
    for guard in guards_in_child(path, target, bad_value, progress=progress):
        found.setdefault(guard.column or "", []).append(guard)
    return found


def fit(path: Path, options: FitOptions, trend: str, progress: Progress) -> Fitted:
    """Fit in a child process. For the ``modelling`` lane."""
    from app.bootstrap.fit_process import fit_in_child

    return fit_in_child(path, options, trend=trend, progress=progress)


def fit_both(path: Path, options: FitOptions, trend: str, progress: Progress) -> tuple[Fitted, Any]:
    """Fit a scorecard and a challenger (``bootstrap.challengers.Beside``) in a child process."""
    from app.bootstrap.challengers import fit_both_in_child

    return fit_both_in_child(path, options, trend=trend, progress=progress)


def write_challenger(data: bytes, path: Path) -> Path:
    """Write a challenger's file with its digest beside it; raises ``EnvironmentFault``. For ``documents``."""
    digest = hashlib.sha256(data).hexdigest()
    try:
        path.write_bytes(data)
        path.with_name(f"{path.name}.sha256").write_text(f"{digest}  {path.name}\n", encoding="utf-8")
    except OSError as exc:
        raise EnvironmentFault(
            f"{path.name} cannot be written: {exc.strerror or exc}.", remedy="Choose another folder."
        ) from exc
    return path
