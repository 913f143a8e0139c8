"""Whether a figure, as firmly as it is said, is true of a value."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from app.domain.checks.index import Candidate
from app.domain.checks.quantities import Quantity

MONTHS_OF = {
    "months": Decimal(1),
    "years": Decimal(12),
    "weeks": Decimal(12) / 52,
    "days": Decimal(12) / 365,
    "quarters": Decimal(3),
}


SCALES = {  # months of a period
    "month": Decimal(1),
    "year": Decimal(12),
    "quarter": Decimal(3),
    "week": Decimal(12) / 52,
    "fortnight": Decimal(12) / 26,
    "day": Decimal(12) / 365,
    "fourweeks": Decimal(12) / 13,
}


def matches(quantity: Quantity, candidate: Candidate) -> bool:
    """Whether what is said is true of the value, as firmly as it is said."""
    return any(
        holds(quantity, said, value) or (candidate.benchmark and said == value)
        for said, value in readings(quantity, candidate)
    )


def readings(quantity: Quantity, candidate: Candidate) -> Iterator[tuple[Decimal, Decimal]]:
    """What is said and what is held, in one unit."""
    measure, value = candidate.measure, candidate.value
    for said in quantity.values:
        if quantity.kind == "time" and measure.kind == "time" and quantity.unit != measure.unit:
            yield said, value * MONTHS_OF[measure.unit] / MONTHS_OF[quantity.unit]
            if {measure.unit, quantity.unit} == {"months", "weeks"}:  # a month taken as four weeks
                yield said, value * 4 if quantity.unit == "weeks" else value / 4
        elif quantity.kind == "" and measure.kind == "percent" and 0 < said < 1 and quantity.worded:
            yield said * 100, value
        else:
            yield said, value


def holds(quantity: Quantity, said: Decimal, value: Decimal) -> bool:
    """Whether ``said`` with the quantity's hedge is true of ``value``."""
    if quantity.hedge == "range":
        return quantity.upper is not None and said <= value <= quantity.upper
    if (said < 0) != (value < 0) and not (quantity.negative and value < 0):
        return False
    size, real = abs(said), abs(value)
    if size == real:
        return quantity.hedge not in ("little_below", "little_above")
    match quantity.hedge:
        case "more":
            return value >= said
        case "less":
            return value <= said
        case "little_below":
            return size * Decimal("0.88" if size < 1 else "0.92") <= real < size
        case "little_above":
            return size < real <= size * Decimal("1.15" if size < 1 else "1.1")
    return _comes_to(quantity, size, real)


def _comes_to(quantity: Quantity, said: Decimal, value: Decimal) -> bool:
    if quantity.worded and quantity.kind == "" and 0 < quantity.value < 1:
        return _share(quantity, said, value)
    return _near(quantity, said, value) if quantity.hedge == "about" else _rounds(quantity, said, value)


def _share(quantity: Quantity, said: Decimal, value: Decimal) -> bool:
    """A share in words, "a third", is never exact."""
    allowed = Decimal("0.085") if quantity.hedge == "about" else Decimal("0.055")
    return abs(said - value) <= said * allowed


def _near(quantity: Quantity, said: Decimal, value: Decimal) -> bool:
    """A hedged figure: within half of what its last digit stands for, at most 6 %; within 2 % in any case."""
    step = _step(said)
    allowed = max(min(step / 2, said * Decimal("0.06")), said * Decimal("0.021"))
    if quantity.kind == "time" and quantity.unit == "years":
        allowed = max(allowed, min(Decimal("0.5"), said * Decimal("0.12")))
    if quantity.kind == "time" and quantity.unit == "months" and said < 10:
        allowed = max(allowed, Decimal("0.4"))  # "about three months of income"
    if Decimal(0) < said < 1 or said % 1:
        allowed = max(allowed, said * Decimal("0.06"))
    return abs(said - value) <= allowed


def _step(said: Decimal) -> Decimal:
    """What the last digit that is no zero stands for: of 2,500 a hundred."""
    shift = said.normalize().as_tuple().exponent
    return Decimal(10) ** (shift if isinstance(shift, int) else 0)


def _rounds(quantity: Quantity, said: Decimal, value: Decimal) -> bool:
    """An exact figure: the value rounded to as many decimals as are written; whole numbers from ten on."""
    if quantity.worded and said % 1 == Decimal("0.5") and quantity.kind in ("time", "times"):
        return abs(said - value) <= Decimal("0.25")  # "three and a half times"
    if quantity.worded and quantity.kind == "times" and abs(said - value) <= said * Decimal("0.025"):
        return True  # "六倍" of 6.08
    exponent = value.normalize().as_tuple().exponent
    if not isinstance(exponent, int) or -exponent <= quantity.places:
        return False
    if value < 10 and quantity.places == 0 and quantity.kind not in ("time", "percent"):
        return False
    if quantity.kind == "time" and quantity.places == 0 and abs(said - value) / value > Decimal("0.035"):
        return False
    unit = Decimal(1).scaleb(-quantity.places)
    return said in {value.quantize(unit, rounding=mode) for mode in (ROUND_HALF_UP, ROUND_HALF_EVEN)} or (
        quantity.places >= 1
        and said == value.quantize(unit, rounding=ROUND_DOWN)
        and abs(said - value) / value < Decimal("0.0005")
    )
