"""Columns that know the outcome too well: they separate alone, are filled after it, identify, or date from later."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from app.domain.prohibited import words_of
from local_models.modelling.arrays import Flags, Floats
from local_models.modelling.cells import cells_of
from local_models.modelling.columns import Column
from local_models.modelling.metrics import auc

if TYPE_CHECKING:
    import pandas as pd

SEPARATES = 0.87  # AUC of one column alone that no honest column of an application has
BINARY_SEPARATES = 0.75  # the same of a column of two values
STANDS_OUT, AHEAD = 0.80, 0.10  # an AUC to look at, when it is so far ahead of every other column's
FILLED_GAP = 0.5  # difference of the filled shares of goods and bads
PURE, PURE_CASES, PURE_REACH = 0.97, 15, 0.1  # bad rate of a state, its bads, and the share of all bads it holds
UNIQUE = 0.95  # share of different texts from which a column identifies
DATE_SHARE = 0.95  # share of texts that read as dates
LATER = 0.01  # share of rows whose date lies after the decision
_ID_WORDS = frozenset(
    {
        "id",
        "ids",
        "key",
        "uuid",
        "guid",
        "nr",
        "no",
        "number",
        "rownames",
        "rowname",
        "row",
        "index",
        "idx",
        "ref",
        "reference",
        "account",
    }
)
_ISO_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([ T].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}")
_APPLIED = frozenset(
    {
        "apply",
        "applied",
        "application",
        "applic",
        "decision",
        "decided",
        "issue",
        "issued",
        "origination",
        "approval",
        "granted",
    }
)


@dataclass(frozen=True, slots=True)
class Suspect:
    """One column and what speaks against it."""

    code: str
    column: str
    why: str
    excluded: bool = True


def alone_auc(column: Column, bad: Flags) -> float:
    """AUC of the column by itself: the bad rate of its cells, each half of the rows judged by the other half's."""
    cells = cells_of(column, 20)
    places = cells.places(column)
    fold = np.arange(len(bad)) % 2 == 0
    risk = np.zeros(len(bad))
    rate = float(bad.mean())
    for half in (fold, ~fold):
        rows = np.bincount(places[half], minlength=cells.size)
        bads = np.bincount(places[half & bad], minlength=cells.size)
        risk[~half] = ((bads + 2 * rate) / (rows + 2))[places[~half]]
    return auc(-risk, bad)


def separating(columns: Sequence[Column], bad: Flags) -> list[Suspect]:
    """Columns that alone tell bad from good too well."""
    areas = {column.name: alone_auc(column, bad) for column in columns}
    found = []
    for column in columns:
        area = areas[column.name]
        second = max((other for name, other in areas.items() if name != column.name), default=0.5)
        if area >= SEPARATES or (area >= BINARY_SEPARATES and _two_valued(column)):
            why = f"By itself it separates good from bad with AUC {area:.3f}; it looks like a copy of the outcome."
            found.append(Suspect("leakage.separates", column.name, why))
        elif area >= STANDS_OUT and area - second >= AHEAD:
            why = f"AUC {area:.3f} by itself, and the next best column {second:.3f}: is it known before the outcome?"
            found.append(Suspect("leakage.stands_out", column.name, why, excluded=False))
    return found


def _two_valued(column: Column) -> bool:
    if column.numbers is None:
        return len(column.levels) == 2
    return len(np.unique(column.numbers[~np.isnan(column.numbers)])) == 2


def filled_after(name: str, filled: Flags, bad: Flags) -> Suspect | None:
    """A column that is filled for the one outcome and hardly for the other."""
    among_bad, among_good = float(filled[bad].mean()), float(filled[~bad].mean())
    if abs(among_bad - among_good) >= FILLED_GAP:
        why = f"It is filled for {among_bad:.0%} of the bads and {among_good:.0%} of the goods: after the outcome?"
        return Suspect("leakage.filled_after", name, why)
    if not filled.all() and _pure(filled, bad):
        why = f"Where it is filled, {float(bad[filled].mean()):.1%} are bad: it is written after the outcome."
        return Suspect("leakage.filled_after", name, why)
    return None


def _pure(state: Flags, bad: Flags) -> bool:
    """Whether nearly all cases of the state are bad, far more than usual, and enough of them to say so."""
    held = int((state & bad).sum())
    if held < max(PURE_CASES, PURE_REACH * int(bad.sum())):
        return False
    rate = float(bad[state].mean())
    return rate >= PURE and rate >= 2 * float(bad.mean())


def telling_state(column: Column, bad: Flags) -> Suspect | None:
    """A column whose one value, or any value but zero, nearly always means bad."""
    if column.numbers is not None:
        present = ~np.isnan(column.numbers)
        zero = column.numbers == 0
        if zero.any() and _pure(present & ~zero, bad):
            return Suspect("leakage.filled_after", column.name, "Where it is not zero, nearly every case is bad.")
        return None
    for code, level in enumerate(column.levels):
        if len(column.levels) <= 50 and _pure(column.text_codes == code, bad):
            return Suspect("leakage.filled_after", column.name, f"Where it is {level!r}, nearly every case is bad.")
    return None


def identifier(column: Column) -> Suspect | None:
    """A column that names the row rather than describes it."""
    if column.rows < 50:
        return None
    if column.numbers is None:
        known = column.text_codes[column.text_codes >= 0]
        different = len(column.levels) / max(len(known), 1)
        if len(known) >= 20 and different >= UNIQUE:
            return Suspect("identifier", column.name, f"{different:.0%} of its texts are different: it names the row.")
        return None
    known_numbers = column.numbers[np.isfinite(column.numbers)]
    if len(known_numbers) < 50 or not bool((known_numbers == np.floor(known_numbers)).all()):
        return None
    values = np.unique(known_numbers)
    if len(values) == len(known_numbers) and _numbered(column.name, known_numbers, values):
        return Suspect("identifier", column.name, "Every row has its own whole number: it names the row.")
    if _named_id(column.name) and len(values) > 0.5 * len(known_numbers):
        return Suspect("identifier", column.name, "Its name and its many numbers say that it names rows.")
    return None


def _named_id(name: str) -> bool:
    """Whether the name begins or ends with a word for identifiers."""
    words = words_of(name)
    return bool(words) and bool({words[0], words[-1]} & {"id", "ids", "uuid", "guid", "rownames"})


def _numbered(name: str, numbers: Floats, values: Floats) -> bool:
    """Whether unique whole numbers are of the kind that is given out: in order, dense, alike in length, or so named."""
    spread = float(values[-1] - values[0])
    steps = np.diff(numbers)
    in_order = bool((steps > 0).all() or (steps < 0).all())
    repeats_expected = len(numbers) ** 2 / (2 * max(spread, 1.0))
    lengths = {len(str(int(abs(value)))) for value in (values[0], values[-1])}
    round_share = float((numbers % 10 == 0).mean())
    of_one_length = len(lengths) == 1 and min(lengths) >= 6 and round_share < 0.2
    return in_order or repeats_expected > 5 or of_one_length or bool(set(words_of(name)) & _ID_WORDS)


def date_columns(frame: pd.DataFrame, names: Sequence[str]) -> dict[str, pd.Series[Any]]:
    """Columns of dates, as timestamps: typed ones, and texts that nearly all read as a date."""
    found = {}
    for name in names:
        dates = _dates(frame[name])
        if dates is not None:
            found[name] = dates
    return found


def _dates(series: pd.Series[Any]) -> pd.Series[Any] | None:
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        return series.dt.tz_localize(None) if getattr(series.dt, "tz", None) is not None else series
    if pd.api.types.is_numeric_dtype(series.dtype) or pd.api.types.is_bool_dtype(series.dtype):
        return None
    known = series.dropna()
    if not len(known):
        return None
    if all(hasattr(value, "isoformat") for value in known.head(50)):
        return pd.to_datetime(series, errors="coerce")
    texts = known.astype(str)
    if not texts.head(50).str.fullmatch(_ISO_DATE).all() or texts.str.fullmatch(_ISO_DATE).mean() < DATE_SHARE:
        return None
    return pd.to_datetime(series.astype("object"), errors="coerce", format="mixed", dayfirst=False)


def decision_date(dates: dict[str, pd.Series[Any]], given: str | None) -> str | None:
    """The column that dates the decision: the one given, else the one whose name says so."""
    if given is not None:
        return given if given in dates else None
    return next((name for name in dates if set(words_of(name)) & _APPLIED), None)


def later_dates(dates: dict[str, pd.Series[Any]], decided: str | None) -> list[Suspect]:
    """Date columns that lie after the decision; every other date is left out as no characteristic."""
    found = []
    for name, series in dates.items():
        late = 0.0
        if decided is not None and name != decided:
            both = series.notna() & dates[decided].notna()
            late = float((series[both] > dates[decided][both]).mean()) if both.any() else 0.0
        if late > LATER:
            why = f"{late:.0%} of its dates lie after {decided}: it was not known at the decision."
            found.append(Suspect("leakage.date_after", name, why))
        else:
            found.append(Suspect("date", name, "A date is no characteristic; it serves to watch bins over time."))
    return found


def states(series: pd.Series[Any]) -> Flags:
    """Where a column is filled."""
    filled: Flags = series.notna().to_numpy()
    return filled
