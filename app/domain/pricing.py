"""Risk-based price: the grid's rate between floor and cap, fees, annual rates, expected loss and break-even rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any

from app.domain.apr import level_rates
from app.domain.money import CENT, annuity_instalment, to_cents
from app.domain.policy_tables import number

PERCENT_PLACES = Decimal("1e-8")
WINDOW_MONTHS = 12
"""Months over which a probability of default is meant."""

_HIGHEST_PCT = 1000


@dataclass(frozen=True, slots=True)
class PriceRules:
    """What the policy's ``terms`` table says of prices in the case's currency; what it leaves out is None or zero."""

    floor_pct: Decimal | None = None  # lowest yearly rate
    cap_apr_pct: Decimal | None = None  # highest effective annual rate, fees included
    fee: Decimal = Decimal(0)  # kept back when the loan is paid out
    fee_pct: Decimal = Decimal(0)  # the same, in percent of the amount
    lgd_pct: Decimal | None = None  # loss given default, in percent of the exposure
    funding_pct: Decimal = Decimal(0)  # what the lender pays for the money, a year

    def fee_of(self, amount: Decimal) -> Decimal:
        """Fee of a loan in cents, never above the loan."""
        return min(to_cents(self.fee + amount * self.fee_pct / 100), amount)


PLAIN = PriceRules()


def price_rules(terms: Mapping[str, Any]) -> PriceRules:
    """From the answer of the ``terms`` table. Raises ``InputError`` for what is no number."""

    def given(name: str) -> Decimal:
        return number(terms, name) or Decimal(0)

    return PriceRules(
        floor_pct=number(terms, "floor_pct"),
        cap_apr_pct=number(terms, "cap_apr_pct"),
        fee=given("fee"),
        fee_pct=given("fee_pct"),
        lgd_pct=number(terms, "lgd_pct"),
        funding_pct=given("funding_pct"),
    )


@dataclass(frozen=True, slots=True)
class Price:
    """What a loan costs the applicant."""

    rate_pct: Decimal
    instalment: Decimal
    fee: Decimal
    apr_pct: Decimal  # effective, fees included, eight decimals (directive 2008/48/EC, Annex I)
    nominal_apr_pct: Decimal  # twelve times the month's rate, fees included (Regulation Z, Appendix J)
    total_cost: Decimal  # instalments and fee, less the amount


def price_of(amount: Decimal, term_months: int, rate_pct: Decimal, rules: PriceRules = PLAIN) -> Price | None:
    """Price of a loan at a rate; None where the fee eats the loan up."""
    instalment, fee = annuity_instalment(amount, rate_pct, term_months), rules.fee_of(amount)
    if fee >= amount or instalment <= 0:
        return None
    rates = level_rates(amount - fee, instalment, term_months)
    cost = instalment * term_months + fee - amount
    return Price(rate_pct, instalment, fee, _percent(rates.effective), _percent(rates.nominal), cost)


def _percent(rate: Decimal) -> Decimal:
    return (rate * 100).quantize(PERCENT_PLACES)


def bounded_rate(grid_pct: Decimal | None, amount: Decimal, term_months: int, rules: PriceRules) -> Decimal | None:
    """The grid's rate, raised to the floor, lowered until the annual rate meets the cap; None where none does both.

    ``cap_apr_pct`` bounds the effective annual rate with fees, at eight decimals.
    """
    if grid_pct is None:
        return None
    rate = max(to_cents(grid_pct), rules.floor_pct) if rules.floor_pct is not None else to_cents(grid_pct)
    if rules.cap_apr_pct is None or _within_cap(amount, term_months, rate, rules):
        return rate
    lowest = rules.floor_pct if rules.floor_pct is not None else Decimal(0)
    if not _within_cap(amount, term_months, lowest, rules):
        return None
    low, high = int(lowest * 100), int(rate * 100)  # hundredths: the first fits, the second does not
    while high - low > 1:
        middle = (low + high) // 2
        fits = _within_cap(amount, term_months, Decimal(middle) / 100, rules)
        low, high = (middle, high) if fits else (low, middle)
    return max(Decimal(low) / 100, lowest).quantize(CENT)


def _within_cap(amount: Decimal, term_months: int, rate: Decimal, rules: PriceRules) -> bool:
    price = price_of(amount, term_months, rate, rules)
    return price is not None and (rules.cap_apr_pct is None or price.apr_pct <= rules.cap_apr_pct)


def expected_loss(pd: Decimal, lgd_pct: Decimal, exposure: Decimal) -> Decimal:
    """PD times LGD times EAD, in cents; ``pd`` is a fraction of one."""
    return to_cents(pd * lgd_pct / 100 * exposure)


def break_even_rate_pct(amount: Decimal, term_months: int, pd: Decimal, rules: PriceRules) -> Decimal | None:
    """Lowest yearly rate, in hundredths of a percent, at which what is expected to come back covers what is paid out.

    The borrower defaults with the same probability each month, ``pd`` within ``WINDOW_MONTHS``; a default brings back
    what LGD leaves of the balance; everything is discounted at the funding rate. None without LGD, or where no rate
    up to 1,000 % is enough. Worked out in binary floating point; a hundredth of a percent is far above its error.
    """
    if rules.lgd_pct is None or amount <= 0 or term_months < 1:
        return None
    survival = float(1 - pd) ** (1 / WINDOW_MONTHS)
    discount = 1 / (1 + float(rules.funding_pct) / 1200)
    wanted = 1 - float(rules.fee_of(amount) / amount)
    recovered = 1 - float(rules.lgd_pct) / 100
    low, high = -1, _HIGHEST_PCT * 100
    if _expected(high, term_months, survival, discount, recovered) < wanted:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        enough = _expected(middle, term_months, survival, discount, recovered) >= wanted - 1e-12
        low, high = (low, middle) if enough else (middle, high)
    return (Decimal(high) / 100).quantize(CENT, rounding=ROUND_CEILING)


def _expected(rate: int, months: int, survival: float, discount: float, recovered: float) -> float:
    """Expected present value of what a loan of one brings back; ``rate`` in hundredths of a percent a year."""
    monthly = rate / 120_000
    instalment = monthly / (1 - (1 + monthly) ** -months) if monthly else 1 / months
    total, balance, alive, factor = 0.0, 1.0, 1.0, 1.0
    for _ in range(months):
        factor *= discount
        total += factor * alive * (survival * instalment + (1 - survival) * recovered * balance)
        balance = balance * (1 + monthly) - instalment
        alive *= survival
    return total
