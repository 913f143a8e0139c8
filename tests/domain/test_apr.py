"""Annual percentage rates against published examples, and against what a rate means."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.apr import TOLERANCE, Flow, actuarial_apr, effective_apr, level_flows
from app.domain.money import annuity_instalment
from app.errors import InputError


def d(text: str) -> Decimal:
    return Decimal(text)


def at(amount: str, time: Fraction | int, odd: Fraction | int = 0) -> Flow:
    return Flow(Decimal(amount), Fraction(time), Fraction(odd))


def pct(rate: Decimal, places: str = "0.01") -> Decimal:
    return (rate * 100).quantize(Decimal(places))


# The examples of the directives on consumer credit before 2008/48/EC, which kept their equation: 90/88/EEC, Annex III
# (times of 1.5, 1 and 2 years and of quarters), and on a calendar basis 98/7/EC (546 days of a year of 365).
EU = {
    "one payment after 18 months": ([at("1000", 0)], [at("1200", Fraction(3, 2))], "12.92"),
    "50 kept back for expenses": ([at("950", 0)], [at("1200", Fraction(3, 2))], "16.85"),
    "two payments of 600": ([at("1000", 0)], [at("600", 1), at("600", 2)], "13.07"),
    "after 3, 6 and 12 months": (
        [at("1000", 0)],
        [at("272", Fraction(1, 4)), at("272", Fraction(1, 2)), at("544", 1)],
        "13.19",
    ),
    "546 days": ([at("1000", 0)], [at("1200", Fraction(546, 365))], "12.96"),
}


@pytest.mark.parametrize("example", EU)
def test_the_examples_of_the_directives(example: str) -> None:
    advances, payments, published = EU[example]
    assert pct(effective_apr(advances, payments)) == d(published)


def regular(
    amount: str, first: tuple[int, Fraction], count: int, start: str | None = None, end: str | None = None
) -> list[Flow]:
    """Payments a unit-period apart; ``first`` is the first one's time and odd part; odd first and last amounts."""
    time, odd = first
    amounts = [*([start] if start else []), *([amount] * count), *([end] if end else [])]
    return [at(each, time + number, odd) for number, each in enumerate(amounts)]


# 12 CFR 1026, Appendix J (c)(1) to (c)(5): amount advanced, payments, unit-periods a year, annual percentage rate.
REG_Z = {
    "(c)(1)(i) monthly, regular first period": ("5000", regular("230", (1, Fraction(0)), 24), 12, "9.69"),
    "(c)(1)(ii) monthly, long first period": ("6000", regular("200", (1, Fraction(19, 30)), 36), 12, "11.82"),
    "(c)(1)(iii) semimonthly, short first period": ("5000", regular("219.17", (0, Fraction(6, 15)), 24), 24, "10.34"),
    "(c)(1)(iv) quarterly, long first period": ("10000", regular("385", (1, Fraction(39, 90)), 40), 4, "8.97"),
    "(c)(1)(v) weekly, long first period": ("500", regular("17.60", (4, Fraction(4, 7)), 30), 52, "14.96"),
    "(c)(2)(i) odd first payment": ("5000", regular("230", (1, Fraction(0)), 23, start="250"), 12, "10.08"),
    "(c)(2)(ii) four-weekly, odd first payment": (
        "400",
        regular("38.31", (1, Fraction(5, 28)), 11, start="39.50"),
        13,
        "28.50",
    ),
    "(c)(3)(i) odd final payment": ("5000", regular("230", (1, Fraction(0)), 23, end="280"), 12, "10.50"),
    "(c)(3)(ii) two-weekly, odd final payment": (
        "200",
        regular("9.50", (0, Fraction(8, 14)), 19, end="30"),
        26,
        "12.22",
    ),
    "(c)(4)(i) odd first and final": (
        "5000",
        regular("230", (1, Fraction(0)), 22, start="250", end="280"),
        12,
        "10.90",
    ),
    "(c)(4)(ii) two-monthly, odd first and final": (
        "8000",
        regular("465", (0, Fraction(52, 60)), 18, start="449.36", end="200"),
        6,
        "7.30",
    ),
    "(c)(5)(i) one payment within a year": ("1000", [at("1080", 0, Fraction(255, 365))], 1, "11.45"),
}


@pytest.mark.parametrize("example", REG_Z)
def test_the_examples_of_regulation_z(example: str) -> None:
    advance, payments, periods, published = REG_Z[example]
    assert pct(actuarial_apr([at(advance, 0)], payments, periods)) == d(published)


@given(st.integers(1, 360), st.decimals(0, 60, places=2), st.integers(100, 10**6))
@settings(max_examples=60, deadline=None)
def test_the_rate_of_a_level_loan_is_the_compounded_nominal_rate(months: int, nominal: Decimal, amount: int) -> None:
    """Of the exact annuity, before cents: (1 + r/12)^12 - 1."""
    with localcontext(prec=50):
        monthly = nominal / 1200
        factor = Decimal(months) if not monthly else (1 - (1 + monthly) ** -months) / monthly
        wanted = (1 + monthly) ** 12 - 1
        found = effective_apr([Flow(Decimal(amount), Fraction(0))], level_flows(amount / factor, months))
        assert abs(found - wanted) <= TOLERANCE
        unit = actuarial_apr(
            [Flow(Decimal(amount), Fraction(0))], [Flow(amount / factor, Fraction(n)) for n in range(1, months + 1)], 12
        )
        assert abs(unit - nominal / 100) <= TOLERANCE


FLOWS = st.lists(
    st.tuples(st.decimals(1, 5000, places=2), st.fractions(0, 10, max_denominator=365)), min_size=1, max_size=8
)


@given(FLOWS, st.decimals("0.5", "3", places=3))
@settings(max_examples=80, deadline=None)
def test_at_the_rate_both_sides_are_worth_the_same(payments: list[tuple[Decimal, Fraction]], share: Decimal) -> None:
    """The present values cross between the rate less and plus the tolerance."""
    payments = [(amount, time + Fraction(1, 12)) for amount, time in payments]
    advance = sum(amount for amount, _ in payments) * share / 2
    found = effective_apr([Flow(advance, Fraction(0))], [Flow(*each) for each in payments])
    with localcontext(prec=60):

        def worth(rate: Decimal) -> Decimal:
            years = [(amount, Decimal(time.numerator) / time.denominator) for amount, time in payments]
            return sum((amount * (1 + rate) ** -time for amount, time in years), Decimal(0)) - advance

        tolerance = TOLERANCE * (1 + abs(found))
        assert worth(found - tolerance) >= 0 >= worth(found + tolerance)


@given(st.integers(1, 84), st.decimals("0.5", 30, places=2), st.integers(1, 500))
@settings(max_examples=40, deadline=None)
def test_a_fee_raises_the_rate(months: int, nominal: Decimal, fee: int) -> None:
    instalment = annuity_instalment(Decimal(10_000), nominal, months)
    plain = effective_apr([at("10000", 0)], level_flows(instalment, months))
    assert effective_apr([Flow(Decimal(10_000 - fee), Fraction(0))], level_flows(instalment, months)) > plain


def test_a_loan_repaid_below_its_amount_has_a_negative_rate() -> None:
    assert pct(effective_apr([at("1000", 0)], [at("900", 1)])) == d("-10.00")
    assert effective_apr([at("1000", 0)], [at("1000", 1)]) == 0


@pytest.mark.parametrize(
    ("advances", "payments"),
    [([], [at("1", 1)]), ([at("1", 0)], []), ([at("1000", 0)], [at("-5", 1)]), ([at("1000", 0)], [at("500", 0)])],
)
def test_what_has_no_rate_is_refused(advances: list[Flow], payments: list[Flow]) -> None:
    with pytest.raises(InputError):
        effective_apr(advances, payments)
