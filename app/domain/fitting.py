"""What a person asks of a scorecard fit, and what comes back: options, suspects, the document and its figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Trend(StrEnum):
    """The order of the bad rate over a column's rising values."""

    AUTO = "auto"  # monotone where the data do not speak against it
    NONE = "none"
    ASCENDING = "ascending"
    DESCENDING = "descending"


@dataclass(frozen=True, slots=True)
class BinSpec:
    """The bins of one column as a person set them; unset parts are left to the fit.

    ``edges``: where an interval begins, in rising order, the first beginning at minus infinity by itself.
    ``groups``: categories that share a bin; those not named keep a bin together. ``points``: fixed points by bin, in
    the order of the bins (intervals or groups, then special values, then missing).
    """

    edges: tuple[float, ...] | None = None
    groups: tuple[tuple[str, ...], ...] | None = None
    special: tuple[float, ...] | None = None
    points: Mapping[int, int] = field(default_factory=dict)  # position of the bin -> points


@dataclass(frozen=True, slots=True)
class FitOptions:
    """How a scorecard is to be fitted."""

    name: str
    author: str = "unknown"
    version: str = "1.0.0"
    target: str = "outcome"  # column of the outcome, for the record
    bad_value: str = "bad"
    exclude: tuple[str, ...] = ()
    why_excluded: Mapping[str, str] = field(default_factory=dict)  # a column of ``exclude`` -> the person's reason
    reasons: Mapping[str, str] = field(default_factory=dict)  # guarded column -> why it is kept all the same
    holdout: float = 0.3  # share of the rows; 0 fits on all
    seed: int = 0
    monotone: Mapping[str, Trend] = field(default_factory=dict)  # column -> trend, where it is not the default
    trend: Trend = Trend.AUTO  # of every other column
    bins: Mapping[str, BinSpec] = field(default_factory=dict)
    base_points: int = 600
    base_odds: float = 30.0  # good:bad
    pdo: float = 20.0
    decided_on: str | None = None  # column with the date of the decision
    bases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # prohibited basis -> names a column may have
    reason_codes: Mapping[str, str] = field(default_factory=dict)  # column -> reason code
    data: Mapping[str, Any] = field(default_factory=dict)  # ``fit.data`` of the document: file, sha256


@dataclass(frozen=True, slots=True)
class Guard:
    """A suspect found before or after fitting."""

    code: str  # "leakage.separates", "prohibited.basis", "bins.tiny", ...
    column: str | None
    why: str
    excluded: bool = False
    reason: str | None = None  # why a person kept it

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "column": self.column,
            "why": self.why,
            "excluded": self.excluded,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted scorecard: its JSON document, what the guards found, and figures beside it."""

    document: Mapping[str, Any]
    guards: tuple[Guard, ...]
    report: Mapping[str, Any]  # plain JSON with floats; nothing of it enters the document's digest
