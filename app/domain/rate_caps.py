"""Caps on the price of a loan: the lender's own, and those of law that a rule pack states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

RATE, APR, NOMINAL_APR = "rate", "apr", "nominal-apr"
MEASURES = (RATE, APR, NOMINAL_APR)
"""What a cap bounds: the yearly rate, the effective annual rate with fees (directive 2008/48/EC, Annex I), or twelve
times the month's rate with fees (Regulation Z, Appendix J)."""

OWN_CLAUSE = "terms cap_apr_pct"


@dataclass(frozen=True, slots=True)
class RateCap:
    """The highest price, in percent a year, of one measure."""

    pct: Decimal
    measure: str  # of MEASURES
    clause: str  # the policy's column, or the citation of the law
    source: str = ""  # rule pack and version; empty for the policy's own

    def to_json(self) -> dict[str, Any]:
        return {"pct": format(self.pct, "f"), "measure": self.measure, "clause": self.clause, "source": self.source}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RateCap:
        """Inverse of ``to_json``."""
        return cls(Decimal(data["pct"]), data["measure"], data["clause"], data["source"])


@dataclass(frozen=True, slots=True)
class PackCap:
    """A cap as a rule pack states it, of loans in one currency or, where it is empty, in any."""

    cap: RateCap
    currency: str = ""


@dataclass(frozen=True, slots=True)
class LegalCaps:
    """The caps of each version of a rule pack, with the day from which the version is in force (None: always)."""

    versions: tuple[tuple[date | None, tuple[PackCap, ...]], ...] = field(default=())
    today: date = date.max  # stands for the day of a case that has none

    def on(self, day: date | None, currency: str) -> tuple[RateCap, ...]:
        """The caps of a loan in that currency applied for on that day, the lowest first."""
        begun = [caps for began, caps in self._ordered() if (began or date.min) <= (day or self.today)]
        listed = begun[-1] if begun else next((caps for _, caps in self._ordered()), ())
        return tuple(sorted(_of(listed, currency), key=lambda cap: (cap.pct, cap.measure)))

    def _ordered(self) -> list[tuple[date | None, tuple[PackCap, ...]]]:
        return sorted(self.versions, key=lambda each: each[0] or date.min)


def _of(caps: Iterable[PackCap], currency: str) -> list[RateCap]:
    return [each.cap for each in caps if each.currency in ("", currency)]
