"""What must be looked at before and after a fit, each suspect by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from app.domain.fitting import FitOptions, Guard
from app.domain.prohibited import basis_of
from local_models.modelling import leakage, proxies
from local_models.modelling.arrays import Codes, Flags
from local_models.modelling.characteristics import Binned
from local_models.modelling.columns import Column, read_columns
from local_models.modelling.metrics import psi

if TYPE_CHECKING:
    import pandas as pd

FEW_BADS = 100
MOSTLY_BAD = 0.5
TINY_SHARE, TINY_BADS = 0.01, 5
MOVED = 0.25  # PSI between the earlier and the later half
LEAST_DATED = 200
REVERSED_Z = 3.0
JUDGED_ROWS = 20_000  # the guards look at so many rows at most, evenly spread

Tick = Callable[[str], None]


def before_fitting(frame: pd.DataFrame, bad: Flags, options: FitOptions, tick: Tick) -> list[Guard]:
    """Suspects among outcome and columns. A column a reason was given for is named, and kept."""
    tick("guards")
    step = -(-len(bad) // JUDGED_ROWS)
    frame, bad = frame.iloc[::step], bad[::step]
    names = [str(name) for name in frame.columns if name not in options.exclude]
    found = _of_columns(frame, names, bad, options, tick)
    return _outcome(bad, step) + [_kept(guard, options) for guard in found]


def _kept(guard: Guard, options: FitOptions) -> Guard:
    reason = options.reasons.get(guard.column or "")
    if reason is None or not guard.excluded:
        return guard
    return Guard(guard.code, guard.column, guard.why, excluded=False, reason=reason)


def _outcome(bad: Flags, step: int) -> list[Guard]:
    rate, count = float(bad.mean()), int(bad.sum()) * step
    found = []
    if rate > MOSTLY_BAD:
        why = f"{rate:.0%} of the cases are bad. Is the target coded the wrong way round?"
        found.append(Guard("target.reversed", None, why))
    if min(count, (len(bad) * step) - count) < FEW_BADS:
        fewer = min(count, len(bad) * step - count)
        found.append(
            Guard("target.few_bads", None, f"Only {fewer} cases of the rarer outcome: every figure here is unsure.")
        )
    return found


def _of_columns(frame: pd.DataFrame, names: Sequence[str], bad: Flags, options: FitOptions, tick: Tick) -> list[Guard]:
    """One guard a column at most for leakage, then the prohibited bases and their proxies."""
    dates = leakage.date_columns(frame, names)
    suspects = leakage.later_dates(dates, leakage.decision_date(dates, options.decided_on))
    columns = read_columns(frame, [name for name in names if name not in dates])
    found = {suspect.column: suspect for suspect in suspects}
    for name in names:
        tick("guards")
        late = leakage.filled_after(name, leakage.states(frame[name]), bad)
        column = columns.get(name)
        if column is not None:
            late = late or leakage.telling_state(column, bad)
        if late is not None and found.get(name, late).code != "leakage.date_after":
            found[name] = late
    for suspect in leakage.separating(list(columns.values()), bad):
        found.setdefault(suspect.column, suspect)
    for column in columns.values():
        if column.name not in found and (suspect_id := leakage.identifier(column)) is not None:
            found[column.name] = suspect_id
    guards = [Guard(row.code, row.column, row.why, row.excluded) for row in found.values()]
    return guards + _prohibited(frame, columns, {name for name in found if found[name].excluded}, options, tick)


def _prohibited(
    frame: pd.DataFrame, columns: dict[str, Column], out: set[str], options: FitOptions, tick: Tick
) -> list[Guard]:
    bases = {str(name): basis for name in frame.columns if (basis := basis_of(str(name), options.bases))}
    found = [
        Guard("prohibited.basis", name, f"A prohibited basis ({basis.replace('_', ' ')}).", excluded=True)
        for name, basis in bases.items()
    ]
    held = list(read_columns(frame, list(bases)).values())
    others = [column for name, column in columns.items() if name not in bases and name not in out]
    for column in others:
        tick("proxies")
        for name, how in proxies.proxies_of([column], held).items():
            found.append(Guard("prohibited.proxy", name, f"It {how}.", excluded=True))
    return found


def after_fitting(rows: Sequence[Binned], frame: pd.DataFrame, bad: Flags, options: FitOptions) -> list[Guard]:
    """Tiny bins and bins that move over time, on the development sample."""
    found = [guard for row in rows if (guard := _tiny(row)) is not None]
    dates = leakage.date_columns(frame, [str(name) for name in frame.columns])
    by = leakage.decision_date(dates, options.decided_on) or next(iter(dates), None)
    if by is None:
        return found
    stamps = dates[by].astype("int64").to_numpy()
    known = dates[by].notna().to_numpy()
    if int(known.sum()) < LEAST_DATED:
        return found
    later = stamps > np.median(stamps[known])
    columns = read_columns(frame, [row.name for row in rows])
    for row in rows:
        places = row.labels[row.cells.places(columns[row.name])]
        if (why := _moved(row, places, known & ~later, known & later, bad)) is not None:
            found.append(Guard("bins.unstable", row.name, f"{why} (earlier and later half by {by})."))
    return found


def _tiny(row: Binned) -> Guard | None:
    total = int(row.rows.sum())
    small = [
        int(count)
        for count, bads, goods in zip(row.rows, row.bad, row.good, strict=True)
        if 0 < count < TINY_SHARE * total or (count and min(bads, goods) < TINY_BADS)
    ]
    if not small:
        return None
    why = f"{len(small)} of its bins have under {TINY_SHARE:.0%} of the cases or under {TINY_BADS} of one outcome."
    return Guard("bins.tiny", row.name, why)


def _moved(row: Binned, places: Codes, early: Flags, late: Flags, bad: Flags) -> str | None:
    before, after = (np.bincount(places[half], minlength=row.size) for half in (early, late))
    index = psi(before, after)
    if index > MOVED:
        return f"Its bins' shares moved, PSI {index:.2f}"
    rates = []
    for half, rows in ((early, before), (late, after)):
        bads = np.bincount(places[half & bad], minlength=row.size)
        rates.append(((bads + 0.5) / (rows + 1), rows))
    (_, n_first), (second, n_second) = rates
    if min(int(n_first.min()), int(n_second.min())) < 20:
        return None
    best, worst = int(np.argmax(row.effects)), int(np.argmin(row.effects))
    gap = second[worst] - second[best]
    error = float(np.sqrt(second[worst] * (1 - second[worst]) / n_second[worst] + second[best] / n_second[best]))
    return "Its best bin became its worst" if gap < -REVERSED_Z * error else None
