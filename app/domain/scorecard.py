"""A scorecard: bins with points, scaling, calibration and grades. Odds are always good:bad."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum
from functools import cached_property
from math import isnan, log, nan
from typing import Any

from app.domain.facts import FactValue
from app.errors import InputError

MILLIONTH = Decimal("0.000001")
MAX_REASONS = 4
_WHOLE = re.compile(r"(-?(?:0|[1-9][0-9]*))(\.0)?")


class CharacteristicKind(StrEnum):
    """How a characteristic's values are matched to its bins."""

    NUMERIC = "numeric"  # half-open intervals [from, to) and special values, compared as IEEE doubles
    CATEGORY = "category"
    BOOLEAN = "boolean"  # categories "true" and "false"


class ReasonsMethod(StrEnum):
    """What the points lost by a characteristic are counted from."""

    NEUTRAL = "neutral"  # its neutral points
    MAXIMUM = "maximum"  # the most its bins give


@dataclass(frozen=True, slots=True)
class Scaling:
    """Line that turns log-odds into points; the odds (good:bad) double every ``pdo`` points."""

    pdo: float
    base_points: float
    base_odds: float

    @property
    def factor(self) -> float:
        """Points per unit of log-odds."""
        return self.pdo / log(2)

    def points(self, log_odds: float) -> float:
        """Return unrounded points for ``log_odds`` = ln(good/bad)."""
        return self.base_points + self.factor * (log_odds - log(self.base_odds))

    def log_odds(self, points: float) -> float:
        """Inverse of ``points``."""
        return log(self.base_odds) + (points - self.base_points) / self.factor


@dataclass(frozen=True, slots=True)
class Calibration:
    """The line ln(good:bad) = intercept + slope * points, fitted on observed outcomes."""

    intercept: Decimal
    slope: Decimal  # per point, above zero

    def pd(self, points: int) -> Decimal:
        """Probability of default at six decimals, half up; the same on every machine (decimal arithmetic)."""
        with localcontext(prec=40):
            odds = (self.intercept + self.slope * points).exp()
            return (1 / (1 + odds)).quantize(MILLIONTH, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Grade:
    """A band of points, from ``minimum_points`` (inclusive; None: no floor) up to the grade above it."""

    name: str
    minimum_points: int | None


@dataclass(frozen=True, slots=True)
class Bin:
    """The values that earn the same points. An interval, special values, categories, missing, unseen, or several."""

    points: int
    woe: Decimal  # ln of (share of goods / share of bads) in the bin
    good: int  # cases of the development sample
    bad: int
    interval: bool = False
    lower: float | None = None  # inclusive; None: no lower end
    upper: float | None = None  # exclusive; None: no upper end
    special: tuple[float, ...] = ()
    categories: tuple[str, ...] = ()
    missing: bool = False
    unseen: bool = False  # categories that no bin names

    @property
    def label(self) -> str:
        """The bin in a few signs that need no translation but for ``missing`` and ``other``."""
        parts = [_interval_label(self.lower, self.upper)] if self.interval else []
        parts += [f"= {plain(value)}" for value in self.special]
        parts += self.categories
        parts += ["other"] if self.unseen else []
        parts += ["missing"] if self.missing else []
        return " / ".join(parts)

    def holds(self, number: float) -> bool:
        """Whether the number lies in the bin's interval."""
        above = self.lower is None or number >= self.lower
        return self.interval and above and (self.upper is None or number < self.upper)


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One fact the scorecard looks at, with its bins."""

    name: str  # fact name
    kind: CharacteristicKind
    reason_code: str
    neutral_points: int  # points at the development sample's average
    coefficient: Decimal  # of the WoE in the logistic regression of ln(good:bad)
    bins: tuple[Bin, ...]

    def lost(self, points: int, method: ReasonsMethod) -> int:
        """Points below neutral or below the most there is; never negative."""
        best = self.neutral_points if method is ReasonsMethod.NEUTRAL else self.maximum_points
        return max(0, best - points)

    @property
    def minimum_points(self) -> int:
        return min(entry.points for entry in self.bins)

    @property
    def maximum_points(self) -> int:
        return max(entry.points for entry in self.bins)

    def bin_of(self, value: FactValue | None) -> int:
        """Position of the bin the value falls in. Raises ``InputError`` for a value of the wrong type."""
        scored = self.scored(value)
        if scored is None:
            return self._first(lambda entry: entry.missing)
        if isinstance(scored, float):
            special = next((i for i, entry in enumerate(self.bins) if scored in entry.special), None)
            return self._first(lambda entry: entry.holds(scored)) if special is None else special
        named = next((i for i, entry in enumerate(self.bins) if scored in self.spellings(entry)), None)
        return self._first(lambda entry: entry.unseen) if named is None else named

    def spellings(self, entry: Bin) -> tuple[str, ...]:
        """The bin's categories as they may stand in data: a whole number with and without ``.0``.

        A spelling that is a category by itself stays with its own bin.
        """
        other = [spelling for name in entry.categories if (spelling := _respelt(name)) is not None]
        named = {name for each in self.bins for name in each.categories} if other else set()
        return (*entry.categories, *(spelling for spelling in other if spelling not in named))

    def scored(self, value: FactValue | None) -> float | str | None:
        """The value as it is compared: a number as a double, a boolean as "true" or "false", a category as it stands.

        None is missing, and so is NaN. Raises ``InputError`` for a value of the wrong type.
        """
        if value is None:
            return None
        if self.kind is not CharacteristicKind.NUMERIC:
            return self._text(value)
        number = self._number(value)
        return None if isnan(number) else number

    def _first(self, wanted: Any) -> int:
        return next(i for i, entry in enumerate(self.bins) if wanted(entry))

    def _number(self, value: FactValue) -> float:
        if isinstance(value, bool) or not isinstance(value, Decimal | int):
            raise InputError(self.name, f"{self.name} needs a number, not {value!r}.", remedy="Correct the fact.")
        number = Decimal(value)
        return nan if number.is_nan() else float(number)

    def _text(self, value: FactValue) -> str:
        if self.kind is CharacteristicKind.BOOLEAN and isinstance(value, bool):
            return "true" if value else "false"
        if self.kind is CharacteristicKind.CATEGORY and isinstance(value, str):
            return value
        raise InputError(self.name, f"{self.name} is a {self.kind.value}, not {value!r}.", remedy="Correct the fact.")


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure with its confidence interval."""

    value: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Performance:
    """How well the points rank the cases of one sample."""

    sample: str  # "hold-out"
    good: int
    bad: int
    auc: Figure
    gini: Figure
    ks: Figure
    confidence_pct: int
    resamples: int
    seed: int
    brier: Figure | None = None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A fact or column the scorecard leaves out on purpose, or keeps under watch as a proxy."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Approval:
    """Approval by a second person; all null until then."""

    by: str | None = None
    at: datetime | None = None
    valid_from: date | None = None


@dataclass(frozen=True)
class Scorecard:
    """A versioned points table; ``document`` is its JSON as read, from which its SHA-256 follows."""

    name: str
    version: str
    title: Mapping[str, str]  # language -> title
    author: str
    scaling: Scaling
    intercept: Decimal  # ln(good:bad) where every WoE is zero
    characteristics: tuple[Characteristic, ...]
    calibration: Calibration
    grades: tuple[Grade, ...]  # best first; the last has no floor
    performance: Performance
    excluded: tuple[Exclusion, ...]
    proxies: tuple[Exclusion, ...]
    document: Mapping[str, Any]
    reasons_method: ReasonsMethod = ReasonsMethod.NEUTRAL
    approval: Approval = Approval()

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(canonical_json(self.document).encode()).hexdigest()

    @property
    def names(self) -> tuple[str, ...]:
        """The facts it looks at, in order."""
        return tuple(row.name for row in self.characteristics)

    @property
    def minimum_points(self) -> int:
        return sum(row.minimum_points for row in self.characteristics)

    @property
    def maximum_points(self) -> int:
        return sum(row.maximum_points for row in self.characteristics)

    def grade_of(self, points: int) -> str:
        return next(
            grade.name for grade in self.grades if grade.minimum_points is None or points >= grade.minimum_points
        )


def canonical_json(document: Mapping[str, Any]) -> str:
    """RFC 8785 form of a document of strings, whole numbers, booleans and nulls under ASCII keys."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def plain(number: float) -> str:
    """The shortest decimal text that reads back as this double: ``2``, ``10.5``, ``1e+16``."""
    return repr(number).removesuffix(".0")


def _respelt(category: str) -> str | None:
    """``1`` as ``1.0`` and the other way round: tables hold codes as whole numbers or as doubles."""
    found = _WHOLE.fullmatch(category)
    if found is None:
        return None
    return found.group(1) if found.group(2) else f"{category}.0"


def _interval_label(lower: float | None, upper: float | None) -> str:
    if lower is None:
        return "any" if upper is None else f"< {plain(upper)}"
    return f"≥ {plain(lower)}" if upper is None else f"{plain(lower)} – < {plain(upper)}"
