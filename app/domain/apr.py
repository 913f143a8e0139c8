"""Annual percentage rates: effective (EU) and actuarial (US), each from the payments themselves.

Times are exact fractions, so that all discounting is by whole powers, in ``decimal``; a rate is returned only once its
error is shown to be below ``TOLERANCE`` by a change of sign.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction
from functools import reduce
from math import lcm

from app.errors import InputError

TOLERANCE = Decimal("1e-10")
"""Largest error of a returned rate, as a fraction of one (1e-8 of a percent)."""

_PLACE = Decimal("1e-12")
_WORKING = Context(prec=40, rounding=ROUND_HALF_EVEN)
_HIGHEST = Decimal(10) ** 9  # a period's rate beyond this is none
_ROUNDS = 400


@dataclass(frozen=True, slots=True)
class Flow:
    """An amount that changes hands; ``time`` in periods from the first advance, positive amounts only."""

    amount: Decimal
    time: Fraction
    odd: Fraction = Fraction(0)  # part of a period that bears simple interest (US only)


def effective_apr(advances: Sequence[Flow], payments: Sequence[Flow]) -> Decimal:
    """The rate X of directive 2008/48/EC, Annex I: present values at (1 + X)^-t are equal, ``time`` in years.

    A fraction of one (0.129243 is 12.92 %), within ``TOLERANCE``. Raises ``InputError`` where no rate above -100 %
    makes them equal.
    """
    return _rate(advances, payments)


def actuarial_apr(advances: Sequence[Flow], payments: Sequence[Flow], periods_a_year: int) -> Decimal:
    """The rate of Regulation Z, 12 CFR 1026 Appendix J (b)(8): the unit-period rate times the periods of a year.

    ``time`` is in whole unit-periods, ``odd`` the part of one before them, which bears simple interest.
    """
    return _rate(advances, payments, scale=periods_a_year) * periods_a_year


def level_flows(instalment: Decimal, count: int, periods_a_year: int = 12) -> tuple[Flow, ...]:
    """Equal payments in arrears, their times in years."""
    return tuple(Flow(instalment, Fraction(at, periods_a_year)) for at in range(1, count + 1))


def _rate(advances: Sequence[Flow], payments: Sequence[Flow], scale: int = 1) -> Decimal:
    if not advances or not payments or any(flow.amount < 0 or flow.time < 0 for flow in (*advances, *payments)):
        raise InputError("apr", "A rate needs an advance, a payment, and no negative amount or time.")
    balance = _balance(advances, payments)
    with localcontext(_WORKING):
        low, high = _bracket(balance)
        return _narrowed(balance, low, high, TOLERANCE / (4 * scale)).quantize(_PLACE / 100)


def _balance(advances: Sequence[Flow], payments: Sequence[Flow]) -> Callable[[Decimal], Decimal]:
    """Present value of the payments less that of the advances, at a rate a period."""
    flows = [*payments, *(Flow(-flow.amount, flow.time, flow.odd) for flow in advances)]
    base = reduce(lcm, (flow.time.denominator for flow in flows))
    steps = sorted({int(flow.time * base) for flow in flows})
    plain: dict[int, Decimal] = {}
    for flow in flows:
        if not flow.odd:
            at = int(flow.time * base)
            plain[at] = plain.get(at, Decimal(0)) + flow.amount
    odd = [(int(flow.time * base), flow) for flow in flows if flow.odd]

    def value(rate: Decimal) -> Decimal:
        root = 1 / (1 + rate) if base == 1 else (1 + rate) ** (Decimal(-1) / base)
        factors, at, factor = {}, 0, Decimal(1)
        for step in steps:
            factor *= root ** (step - at)
            factors[step], at = factor, step
        total = sum((amount * factors[at] for at, amount in plain.items()), Decimal(0))
        for at, flow in odd:
            total += flow.amount * factors[at] / (1 + rate * flow.odd.numerator / flow.odd.denominator)
        return total

    return value


def _bracket(balance: Callable[[Decimal], Decimal]) -> tuple[Decimal, Decimal]:
    """Two rates between which the balance changes sign, the first such pair from zero."""
    start = balance(Decimal(0))
    if start == 0:
        return Decimal(0), Decimal(0)
    previous = Decimal(0)
    for rate in _outward(upward=start > 0):
        here = balance(rate)
        if (here > 0) is not (start > 0):
            return min(previous, rate), max(previous, rate)
        previous = rate
    raise InputError("apr", "No rate makes these payments worth these advances.", remedy="Check amounts and times.")


def _outward(*, upward: bool) -> Iterable[Decimal]:
    rate = Decimal("0.01")
    if upward:
        while rate < _HIGHEST:
            yield rate
            rate *= 2
        return
    left = Decimal(1)
    while left > Decimal("1e-12"):
        left *= Decimal("0.8")
        yield left - 1


def _narrowed(
    balance: Callable[[Decimal], Decimal],
    low: Decimal,
    high: Decimal,
    width: Decimal,
) -> Decimal:
    """The rate at which the balance changes sign, between rates less than ``width`` apart (regula falsi, halving)."""
    at_low, at_high = balance(low), balance(high)
    for turn in range(_ROUNDS):
        if high - low <= width or at_low == 0 or at_high == 0:
            break
        middle = (low + high) / 2
        if turn % 3 and at_low != at_high:
            guess = low - at_low * (high - low) / (at_high - at_low)
            # a little past the guess, so that both ends close in
            nudge = width / 4
            middle = guess + nudge if abs(at_low) < abs(at_high) else guess - nudge
            middle = middle if low < middle < high else (low + high) / 2
        at = balance(middle)
        if (at > 0) is (at_low > 0):
            low, at_low = middle, at
        else:
            high, at_high = middle, at
    return low if at_low == 0 else high if at_high == 0 else (low + high) / 2


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of a level monthly loan, fractions of one, each within ``TOLERANCE``."""

    effective: Decimal  # a year, compounded (EU)
    nominal: Decimal  # twelve times the month's (US)


def level_rates(advanced: Decimal, instalment: Decimal, count: int) -> Rates:
    """Rates of ``count`` equal monthly instalments against what is paid out; the closed form of ``effective_apr``.

    Raises ``InputError`` where there is no rate.
    """
    if advanced <= 0 or instalment <= 0 or count < 1:
        raise InputError("apr", "A rate needs an advance, a payment, and no negative amount or time.")

    def balance(rate: Decimal) -> Decimal:
        if rate == 0:
            return instalment * count - advanced
        return instalment * (1 - (1 + rate) ** -count) / rate - advanced

    with localcontext(_WORKING):
        low, high = _bracket(balance)
        # a year's rate moves at most 12 * (1 + X) times as much as the month's
        width = TOLERANCE / (48 * (1 + max(high, Decimal(0))) ** 12)
        monthly = _narrowed(balance, low, high, width)
        return Rates(((1 + monthly) ** 12 - 1).quantize(_PLACE), (monthly * 12).quantize(_PLACE))
