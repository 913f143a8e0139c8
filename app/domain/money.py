"""Money and loan arithmetic, exact to the cent (``decimal``, never binary floats)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, localcontext

CENT = Decimal("0.01")
_WORKING = Context(prec=50, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one ISO 4217 currency."""

    amount: Decimal
    currency: str

    def rounded(self) -> Money:
        """Return the amount rounded half up to cents."""
        return Money(to_cents(self.amount), self.currency)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


def to_cents(amount: Decimal) -> Decimal:
    """Round half up to two decimals, as lenders' contracts do."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def annuity_instalment(principal: Decimal, rate_pct: Decimal, term_months: int) -> Decimal:
    """Level monthly instalment, in arrears, at a nominal yearly ``rate_pct`` paid in twelfths.

    ``P * i / (1 - (1 + i)**-n)`` with ``i = rate_pct / 1200``; ``P / n`` at a rate of zero.
    Raises ``ValueError`` unless ``principal >= 0``, ``rate_pct >= 0`` and ``term_months >= 1``.
    """
    if principal < 0 or rate_pct < 0 or term_months < 1:
        raise ValueError("principal and rate must not be negative, and the term is at least one month")
    with localcontext(_WORKING):
        monthly = rate_pct / 1200
        if monthly == 0:
            return to_cents(principal / term_months)
        return to_cents(principal * monthly / (1 - (1 + monthly) ** -term_months))


def principal_for_instalment(instalment: Decimal, rate_pct: Decimal, term_months: int) -> Decimal:
    """Largest principal, in whole cents, whose rounded annuity does not exceed ``instalment``."""
    if instalment <= 0:
        return Decimal(0).quantize(CENT)
    with localcontext(_WORKING):
        monthly = rate_pct / 1200
        factor = Decimal(term_months) if monthly == 0 else (1 - (1 + monthly) ** -term_months) / monthly
        principal = to_cents(instalment * factor)
    step = CENT
    while annuity_instalment(principal, rate_pct, term_months) > instalment:
        principal -= step
    while annuity_instalment(principal + step, rate_pct, term_months) <= instalment:
        principal += step
    return principal
