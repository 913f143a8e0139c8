"""Risk-based price: the grid's rate between floor and cap, fees, annual rates, expected loss and break-even rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any

from app.domain.apr import level_rates
from app.domain.money import CENT, annuity_instalment, to_cents
from app.domain.policy_tables import number
from app.domain.rate_caps import APR, OWN_CLAUSE, RATE, RateCap

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
    cost_pct: Decimal = Decimal(0)  # what keeping the loan costs, in percent of the balance a year
    margin_pct: Decimal = Decimal(0)  # what the lender wants to earn on the balance, a year
    law: tuple[RateCap, ...] = ()  # caps of the rule pack

    @property
    def caps(self) -> tuple[RateCap, ...]:
        """All caps, those of law first."""
        own = () if self.cap_apr_pct is None else (RateCap(self.cap_apr_pct, APR, OWN_CLAUSE),)
        return (*self.law, *own)

    @property
    def carry_pct(self) -> Decimal:
        """What a balance costs the lender a year, without losses."""
        return self.funding_pct + self.cost_pct

    def fee_of(self, amount: Decimal) -> Decimal:
        """Fee of a loan in cents, never above the loan."""
        return min(to_cents(self.fee + amount * self.fee_pct / 100), amount)


PLAIN = PriceRules()


def price_rules(terms: Mapping[str, Any], law: tuple[RateCap, ...] = ()) -> PriceRules:
    """From the answer of the ``terms`` table and the caps of law. Raises ``InputError`` for what is no number."""

    def given(name: str) -> Decimal:
        return number(terms, name) or Decimal(0)

    return PriceRules(
        floor_pct=number(terms, "floor_pct"),
        cap_apr_pct=number(terms, "cap_apr_pct"),
        fee=given("fee"),
        fee_pct=given("fee_pct"),
        lgd_pct=number(terms, "lgd_pct"),
        funding_pct=given("funding_pct"),
        cost_pct=given("cost_pct"),
        margin_pct=given("margin_pct"),
        law=law,
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
    """The grid's rate, raised to the floor, lowered until it meets every cap; None where none does both.

    Annual rates with fees are held to their caps at eight decimals.
    """
    if grid_pct is None:
        return None
    rate = _raised(grid_pct, rules)
    if not rules.caps or _within_caps(amount, term_months, rate, rules):
        return rate
    lowest = rules.floor_pct if rules.floor_pct is not None else Decimal(0)
    if not _within_caps(amount, term_months, lowest, rules):
        return None
    low, high = int(lowest * 100), int(rate * 100)  # hundredths: the first fits, the second does not
    while high - low > 1:
        middle = (low + high) // 2
        fits = _within_caps(amount, term_months, Decimal(middle) / 100, rules)
        low, high = (middle, high) if fits else (low, middle)
    return max(Decimal(low) / 100, lowest).quantize(CENT)


def binding_cap(
    grid_pct: Decimal | None, amount: Decimal, term_months: int, rules: PriceRules, rate: Decimal | None
) -> RateCap | None:
    """The cap that brought the grid's rate down to ``rate``, or to none; the law's before the lender's own."""
    if grid_pct is None or not rules.caps or rate == _raised(grid_pct, rules):
        return None
    lowest = rules.floor_pct if rules.floor_pct is not None else Decimal(0)
    above = lowest if rate is None else rate + CENT
    price = price_of(amount, term_months, above, rules)
    return next((cap for cap in rules.caps if price is None or _measured(price, cap.measure) > cap.pct), None)


def _raised(grid_pct: Decimal, rules: PriceRules) -> Decimal:
    rate = to_cents(grid_pct)
    return rate if rules.floor_pct is None else max(rate, rules.floor_pct)


def _within_caps(amount: Decimal, term_months: int, rate: Decimal, rules: PriceRules) -> bool:
    price = price_of(amount, term_months, rate, rules)
    return price is not None and all(_measured(price, cap.measure) <= cap.pct for cap in rules.caps)


def _measured(price: Price, measure: str) -> Decimal:
    if measure == RATE:
        return price.rate_pct
    return price.apr_pct if measure == APR else price.nominal_apr_pct


def expected_loss(pd: Decimal, lgd_pct: Decimal, exposure: Decimal) -> Decimal:
    """PD times LGD times EAD, in cents; ``pd`` is a fraction of one."""
    return to_cents(pd * lgd_pct / 100 * exposure)


def break_even_rate_pct(amount: Decimal, term_months: int, pd: Decimal, rules: PriceRules) -> Decimal | None:
    """Lowest yearly rate, in hundredths of a percent, at which what is expected to come back covers what is paid out.

    The borrower defaults with the same probability each month, ``pd`` within ``WINDOW_MONTHS``; a default brings back
    what LGD leaves of the balance; everything is discounted at the rates of funding and cost. None without LGD, or
    where no rate up to 1,000 % is enough. Worked out in binary floating point; a hundredth of a percent is far above
    its error.
    """
    return _covering_rate_pct(amount, term_months, pd, rules, rules.carry_pct)


def target_rate_pct(amount: Decimal, term_months: int, pd: Decimal, rules: PriceRules) -> Decimal | None:
    """``break_even_rate_pct`` with the lender's margin earned on every balance as well."""
    return _covering_rate_pct(amount, term_months, pd, rules, rules.carry_pct + rules.margin_pct)


def _covering_rate_pct(
    amount: Decimal, term_months: int, pd: Decimal, rules: PriceRules, yearly_pct: Decimal
) -> Decimal | None:
    if rules.lgd_pct is None or amount <= 0 or term_months < 1:
        return None
    survival = float(1 - pd) ** (1 / WINDOW_MONTHS)
    discount = 1 / (1 + float(yearly_pct) / 1200)
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
