"""Columns that stand in for a prohibited basis: they tell it too well."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.domain.scorecard import CharacteristicKind
from local_models.modelling.arrays import Codes, Flags, Floats
from local_models.modelling.columns import Column
from local_models.modelling.leakage import alone_auc
from local_models.modelling.metrics import midranks

PROXY_AUC, PROXY_CORRELATION = 0.70, 0.50
MOST_VALUES = 12  # numbers of at most so many values are looked at as groups
LEAST_SHARE, LEAST_ROWS = 0.02, 20  # of a group that is looked at


def closeness(column: Column, basis: Column) -> tuple[float, str] | None:
    """How closely the column follows the prohibited one, if too closely, and in words."""
    found = reading(column, basis)
    if found is None or found[0] <= found[1]:
        return None
    return found[0], f"{found[2]}, above {found[1]:.2f}"


def reading(column: Column, basis: Column) -> tuple[float, float, str] | None:
    """How closely the column follows the prohibited one, the limit of it, and in words; None with too few rows.

    Of a basis of groups the one counts that the column tells best.
    """
    if basis.kind is CharacteristicKind.NUMERIC and len(_values(basis)) > MOST_VALUES:
        return _correlated(column, basis)
    found: list[tuple[float, float, str]] = []
    for label, member in _groups(basis):
        known = ~basis.missing
        area = alone_auc(column.part(known), member[known])
        found.append((area, PROXY_AUC, f"tells {basis.name} = {label} with AUC {area:.2f}"))
    return max(found, key=lambda row: row[0], default=None)


def _values(column: Column) -> Floats:
    assert column.numbers is not None
    return np.unique(column.numbers[~np.isnan(column.numbers)])


def _groups(basis: Column) -> list[tuple[str, Flags]]:
    """Each group of the basis that is large enough, and whose rest is too."""
    if basis.numbers is not None:
        offered = [(f"{value:g}", basis.numbers == value) for value in _values(basis)]
    else:
        offered = [(level, basis.text_codes == code) for code, level in enumerate(basis.levels)]
    known = int((~basis.missing).sum())
    least = max(LEAST_ROWS, LEAST_SHARE * known)
    return [(label, member) for label, member in offered if least <= int(member.sum()) <= known - least]


def _correlated(column: Column, basis: Column) -> tuple[float, float, str] | None:
    """Rank correlation of numbers; of categories the correlation ratio of the basis's ranks."""
    assert basis.numbers is not None
    known = ~column.missing & ~basis.missing
    if known.sum() < 2 * LEAST_ROWS:
        return None
    ranks = midranks(basis.numbers[known])
    if column.numbers is not None:
        other = midranks(column.numbers[known])
        if not float(other.std()) or not float(ranks.std()):
            return None
        strength, what = abs(float(np.corrcoef(other, ranks)[0, 1])), "rank correlation"
    else:
        strength, what = _ratio(column.text_codes[known], ranks), "correlation ratio"
    return strength, PROXY_CORRELATION, f"follows {basis.name} with {what} {strength:.2f}"


def _ratio(codes: Codes, ranks: Floats) -> float:
    """Square root of the share of the ranks' variance that the groups explain, less what chance explains."""
    rows = np.bincount(codes)
    sums = np.bincount(codes, weights=ranks)
    groups = int((rows > 0).sum())
    between = float((sums[rows > 0] ** 2 / rows[rows > 0]).sum()) - float(ranks.sum()) ** 2 / len(ranks)
    total = float(((ranks - ranks.mean()) ** 2).sum())
    spare = (total - between) / max(len(ranks) - groups, 1) * (groups - 1)
    return float(np.sqrt(max(between - spare, 0.0) / total)) if total else 0.0


def proxies_of(columns: Sequence[Column], bases: Sequence[Column]) -> dict[str, str]:
    """Column -> in words how it stands in for a basis, for those that do."""
    found = {}
    for column in columns:
        close = [reading for basis in bases if (reading := closeness(column, basis)) is not None]
        if close:
            found[column.name] = max(close)[1]
    return found
