"""Learns how a table's columns become a challenger's features: kinds, category codes, missing and special values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from local_models.challenger.features import Feature, FeatureKind, category_text
from local_models.modelling.columns import as_doubles, read_column, special_values

if TYPE_CHECKING:
    import pandas as pd

Flags = NDArray[np.bool_]

PRIOR_ROWS = 10.0
"""Weight of the overall rate, in rows, when categories are put in order by their rate."""

RARE_ROWS = 5
RARE_SHARE = 0.002
MAX_CATEGORIES = 200
_UNSEEN, _MISSING = "\0unseen", "\0missing"


def kind_of(column: pd.Series[Any]) -> FeatureKind | None:
    """The kind of a column's values; None for one that can be no feature (dates, times, nested values)."""
    read = read_column(str(column.name), column)
    return None if read is None else FeatureKind(read.kind.value)


def specials_of(column: pd.Series[Any], kind: FeatureKind) -> tuple[float, ...]:
    """Values of a number that stand out as codes, such as -9."""
    return special_values(as_doubles(column)) if kind is FeatureKind.NUMERIC else ()


def learn_feature(
    column: pd.Series[Any],
    good: Flags,
    kind: FeatureKind,
    *,
    monotone: int = 0,
    special: Sequence[float] = (),
) -> Feature:
    """Learn the encoding of one column from the rows of the development sample."""
    name = str(column.name)
    if kind is FeatureKind.NUMERIC:
        numbers = as_doubles(column)
        known = numbers[~np.isnan(numbers)]
        present = tuple(value for value in sorted(set(special)) if value in known)
        finite = known[np.isfinite(known)]
        complete = len(known) == len(numbers) and not present
        fill = float(np.median(finite)) if complete and len(finite) else None
        return Feature(name, kind, monotone, fill=fill, special=present)
    return _category_feature(name, kind, column, good)


def _category_feature(name: str, kind: FeatureKind, column: pd.Series[Any], good: Flags) -> Feature:
    """Codes in the order of the categories' rates of good; those of too few rows share a code."""
    import pandas as pd

    places, values = pd.factorize(column)
    counts = np.bincount(places + 1, minlength=len(values) + 1).astype(float)
    goods = np.bincount(places + 1, weights=good.astype(float), minlength=len(values) + 1)
    least = max(RARE_ROWS, RARE_SHARE * len(column))
    rate = float(good.mean())
    texts = [category_text(value) for value in values]
    common = [at for at in np.argsort(-counts[1:], kind="stable") if counts[at + 1] >= least][:MAX_CATEGORIES]
    smoothed = {texts[at]: (goods[at + 1] + PRIOR_ROWS * rate) / (counts[at + 1] + PRIOR_ROWS) for at in common}
    smoothed[_UNSEEN] = rate
    smoothed[_MISSING] = (goods[0] + PRIOR_ROWS * rate) / (counts[0] + PRIOR_ROWS)
    rare = [text for text in texts if text not in smoothed]
    if rare:
        seen = [at + 1 for at, text in enumerate(texts) if text in rare]
        smoothed[rare[0]] = (goods[seen].sum() + PRIOR_ROWS * rate) / (counts[seen].sum() + PRIOR_ROWS)
    order = {text: code for code, text in enumerate(sorted(smoothed, key=lambda text: (smoothed[text], text)))}
    codes = {text: order[text] if text in order else order[rare[0]] for text in sorted(texts)}
    return Feature(name, kind, 0, codes, order[_UNSEEN], order[_MISSING])


def varies(column: pd.Series[Any]) -> bool:
    """Whether the column has more than one value, missing being one."""
    return bool(column.nunique(dropna=False) > 1)


def directions(monotone: Mapping[str, str], names: Sequence[str]) -> dict[str, int]:
    """Direction of ln(good:bad) by column, from that of the bad rate: "ascending", "descending" or "none"."""
    signs = {"ascending": -1, "descending": 1}
    return {name: signs.get(monotone.get(name, "none"), 0) for name in names}
