"""Outcomes of cases as they arrive later: how a table of them is read, and what an import of one did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from app.domain.reading import Problem
from app.domain.values import normalise
from app.errors import InputError

BAD_FROM_DAYS = 90
_LISTED = 100  # rejects in the JSON form
_HEADINGS: Mapping[str, frozenset[str]] = {
    "case": frozenset({"case", "case id", "case no", "reference", "id", "application", "application id", "loan id"}),
    "outcome": frozenset({"outcome", "status", "result", "performance"}),
    "days_past_due": frozenset({"days past due", "dpd", "worst days past due"}),
    "observed_on": frozenset({"observed on", "observed", "observation date", "as of", "date"}),
}
_LABELS = {
    "case": "the case (its id or reference)",
    "observed_on": "the day of observation",
}


@dataclass(frozen=True, slots=True)
class OutcomeReading:
    """How a table of outcomes is read. Columns not named are found by their headings."""

    case: str | None = None
    outcome: str | None = None
    days_past_due: str | None = None
    observed_on: str | None = None
    good: tuple[str, ...] = ("good",)  # words of the outcome column, compared without case
    bad: tuple[str, ...] = ("bad",)
    rest_is_good: bool = False  # every other word of the outcome column means good
    bad_from_days: int = BAD_FROM_DAYS
    date_format: str | None = None  # strptime; else ISO 8601

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> OutcomeReading:
        """Inverse of ``to_json``."""
        words = {name: tuple(data[name]) for name in ("good", "bad")}
        return cls(**(dict(data) | words))

    def columns(self, header: Sequence[str], file: str) -> dict[str, str]:
        """The heading of each part. Raises ``InputError`` when a needed one is missing or several might be meant."""
        found = {part: self._column(part, header, file) for part in _HEADINGS}
        for part, label in _LABELS.items():
            if found[part] is None:
                raise _unknown(part, f"No column is known to be {label}.", header, file)
        if found["outcome"] is None and found["days_past_due"] is None:
            raise _unknown("outcome", "No column is known to be the outcome or the days past due.", header, file)
        return {part: heading for part, heading in found.items() if heading is not None}

    def _column(self, part: str, header: Sequence[str], file: str) -> str | None:
        named = getattr(self, part)
        if named is not None:
            if list(header).count(named) != 1:
                times = "no column" if named not in header else "more than one column"
                raise _unknown(part, f"There is {times} {named!r}.", header, file)
            return str(named)
        meant = [heading for heading in header if normalise(heading.replace("_", " ")) in _HEADINGS[part]]
        if len(meant) > 1:
            raise _unknown(part, f"Several columns might be meant: {', '.join(meant)}.", header, file)
        return meant[0] if meant else None


def _unknown(part: str, message: str, header: Sequence[str], file: str) -> InputError:
    option = f"--{part.replace('_', '-')}"
    remedy = f"Name it with {option} COLUMN; the columns are {', '.join(header[:30])}."
    return InputError(part, message, remedy=remedy, file=file, line=1)


@dataclass(frozen=True, slots=True)
class OutcomeImport:
    """What an import did with every row of the file: ``rows`` is the sum of the four counts after it."""

    file: str
    sha256: str
    rows: int
    added: int
    unchanged: int  # known before, or twice in the file
    replaced: int  # another outcome of the same case and day was known; it is kept as superseded
    rejected: int
    cases: int  # that have an outcome now, in the whole workspace
    good: int
    bad: int
    rejects: tuple[Problem, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """JSON-ready; the first rejects are listed, all of them go into the file of rejects."""
        names = ("file", "sha256", "rows", "added", "unchanged", "replaced", "rejected", "cases", "good", "bad")
        counts = {name: getattr(self, name) for name in names}
        return counts | {"rejects": [problem.to_json() for problem in self.rejects[:_LISTED]]}
