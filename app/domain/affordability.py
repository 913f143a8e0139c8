"""Affordability before and after the loan, at two decimals, exact (``decimal``)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal, localcontext

from app.domain.money import to_cents


@dataclass(frozen=True, slots=True)
class Household:
    """Monthly amounts of the applicant in one currency."""

    income: Decimal
    instalments: Decimal  # of debts there already are
    living: Decimal | None  # living expenses; null when unknown

    def dsr_pct(self, further: Decimal = Decimal(0)) -> Decimal | None:
        """Debt service ratio in percent with a further instalment; None without income."""
        return share_pct(self.instalments + further, self.income)

    def disposable(self, further: Decimal = Decimal(0)) -> Decimal | None:
        """Income less living expenses and all instalments; None when the living expenses are unknown."""
        if self.living is None:
            return None
        return to_cents(self.income - self.living - self.instalments - further)

    def room(self, dsr_limit_pct: Decimal, disposable_minimum: Decimal) -> Decimal:
        """Largest further instalment, in whole cents, that keeps both limits; may be negative.

        The ratio is compared as it is shown, rounded half up to two decimals, so the limit is met up to half a
        hundredth of a percent beyond it.
        """
        with localcontext(prec=50):
            ceiling = (dsr_limit_pct + Decimal("0.005")) * self.income / 100
            cents = ceiling.quantize(Decimal("0.01"), rounding=ROUND_DOWN)
            if cents == ceiling:
                cents -= Decimal("0.01")
        by_ratio = cents - self.instalments
        if self.living is None:
            return by_ratio
        return min(by_ratio, self.income - self.living - self.instalments - disposable_minimum)


def share_pct(part: Decimal, whole: Decimal) -> Decimal | None:
    """``part`` in percent of ``whole``, rounded half up to two decimals; None unless ``whole`` is above zero."""
    if whole <= 0:
        return None
    with localcontext(prec=50):
        return to_cents(part * 100 / whole)


def gap_pct(stated: Decimal, documented: Decimal) -> Decimal | None:
    """How far the stated amount lies above the documented one, in percent of the latter; negative when below."""
    return share_pct(stated - documented, documented)
