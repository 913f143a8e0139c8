"""The outcome column of a table: which rows are bad, which have no outcome."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from app.domain.fitting import FitOptions, Fitted, Guard
from app.domain.headings import columns_words
from app.errors import InputError
from app.ports import Progress, no_progress
from local_models.modelling.arrays import Flags

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 10
_BOOLEAN = {"true": True, "false": False}


def outcome_of(frame: pd.DataFrame, target: str, bad_value: str) -> tuple[Flags, Flags]:
    """Bad, and known: two flags a row. The value is compared as the column's type is, so that 1 is 1.0.

    Raises ``InputError`` where the column or the value is not in the table, or nothing else is.
    """
    if target not in frame.columns:
        remedy = columns_words(target, [str(name) for name in frame.columns])
        raise InputError("target", f"The table has no column {target!r}.", remedy=remedy)
    series = frame[target]
    known: Flags = series.notna().to_numpy()
    bad = _equal(series, bad_value) & known
    if not bad.any():
        values = ", ".join(_shown(series.dropna().unique()))
        raise InputError(
            "bad", f"No row of {target!r} is {bad_value!r}.", remedy=f"Its values are: {values}. Name the bad one."
        )
    if bad[known].all():
        raise InputError("bad", f"Every row of {target!r} is {bad_value!r}.", remedy="Give goods as well.")
    return bad, known


def _equal(series: pd.Series[Any], value: str) -> Flags:
    import pandas as pd

    if pd.api.types.is_bool_dtype(series.dtype) or _boolean_objects(series):
        wanted = _BOOLEAN.get(value.strip().casefold())
        wanted = {"1": True, "0": False}.get(value.strip()) if wanted is None else wanted
        return np.array([entry is not None and entry == wanted for entry in series], dtype=bool)
    if pd.api.types.is_numeric_dtype(series.dtype):
        try:
            return np.asarray(series.astype("float64") == float(value), dtype=bool)
        except ValueError:
            return np.zeros(len(series), dtype=bool)
    return np.asarray(series.astype("object").map(str) == value, dtype=bool)


def _boolean_objects(series: pd.Series[Any]) -> bool:
    known = series.dropna()
    return series.dtype == object and len(known) > 0 and all(isinstance(value, bool) for value in known.unique())


def _shown(values: Iterable[Any]) -> list[str]:
    found = [f"{value:g}" if isinstance(value, float) else str(value) for value in values]
    return found[:SHOWN] + (["..."] if len(found) > SHOWN else [])


class ScorecardFitter:
    """``ports.Fitter`` over a DataFrame."""

    def fit(self, frame: Any, options: FitOptions, progress: Progress = no_progress) -> Fitted:
        """Fit on the rows whose outcome is known; the outcome is ``options.target`` being ``options.bad_value``."""
        from dataclasses import replace

        from local_models.modelling.fitting import fit_scorecard

        bad, known = outcome_of(frame, options.target, options.bad_value)
        _refuse_unknown(frame, options)
        found = _of_target(frame, options, known)
        fitted = fit_scorecard(
            frame.loc[known].drop(columns=[options.target]).reset_index(drop=True), bad[known], options, progress
        )
        return replace(fitted, guards=(*found, *fitted.guards)) if found else fitted


def _of_target(frame: pd.DataFrame, options: FitOptions, known: Flags) -> list[Guard]:
    values = frame.loc[known, options.target].unique()
    found = []
    if not known.all():
        why = f"{int((~known).sum())} rows without an outcome are left out."
        found.append(Guard("target.missing", options.target, why))
    if len(values) > 2:
        why = f"{options.target} has {len(values)} values ({', '.join(_shown(values))}); all but one count as good."
        found.append(Guard("target.values", options.target, why))
    return found


def _refuse_unknown(frame: pd.DataFrame, options: FitOptions) -> None:
    """A name that is no column is a slip of the pen that must not pass in silence."""
    columns = {str(name) for name in frame.columns} - {options.target}
    given = {"exclude": options.exclude, "keep": options.reasons, "monotone": options.monotone, "bins": options.bins}
    for field, names in given.items():
        for name in names:
            if name not in columns:
                raise InputError(field, f"The table has no column {name!r} to {field}.", remedy=_check(name, columns))
    if options.decided_on is not None and options.decided_on not in columns:
        message = f"The table has no column {options.decided_on!r}."
        raise InputError("decided-on", message, remedy=_check(options.decided_on, columns))


def _check(name: str, columns: Iterable[str]) -> str:
    return f"Check the name. {columns_words(name, sorted(columns))}"
