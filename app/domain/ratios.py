"""Facts that follow from other facts by one exact formula, defined once for Python and for SQL.

A case's facts are computed here; a million rows are computed in the database from the same definitions
(``data.scoring_sql.ratio_sql``). Both work in whole hundredths, so they agree to the last digit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext

from app.domain.facts import Fact, FactValue, Source, SourceKind, new_fact
from app.domain.money import CENT

LARGEST = 10**10
"""Inputs beyond this many units count as this many, which keeps every product inside 64 bits."""

LARGEST_COUNT = 10_000

_PLAIN_DIGITS = 18  # before the point: with two decimals they fit the usual context

INCOME_USED = "income.net_monthly"
INCOME_SOURCES = ("income.net_monthly_documented", "income.net_monthly_banked", "income.net_monthly_stated")
"""The income used is the first of these that is known: payslip, then statements, then the applicant's word."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """``factor * (sum(plus) - sum(minus)) * times / over``, rounded half up to two decimals.

    Missing when any input is missing or ``over`` is not above zero. ``plus``, ``minus`` and ``over`` are taken at two
    decimals; ``times`` is a whole number.
    """

    name: str
    unit: str  # of the fact: "percent" or "number"
    plus: tuple[str, ...]
    over: str
    minus: tuple[str, ...] = ()
    times: str | None = None
    factor: int = 1

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the facts it is computed from, in the order of the formula."""
        return (*self.plus, *self.minus, *((self.times,) if self.times else ()), self.over)

    @property
    def method(self) -> str:
        """The formula in words, kept as the method of the computed fact."""
        above = " + ".join(self.plus) + "".join(f" - {name}" for name in self.minus)
        if len(self.plus) + len(self.minus) > 1:
            above = f"({above})"
        times = f" * {self.times}" if self.times else ""
        factor = f"{self.factor} * " if self.factor != 1 else ""
        return f"{factor}{above}{times} / {self.over}"

    def value(self, inputs: Mapping[str, FactValue | None]) -> Decimal | None:
        """The ratio at two decimals; None where it has no value."""
        if any(inputs.get(name) is None for name in self.inputs):
            return None
        over = hundredths(inputs[self.over])
        if over <= 0:
            return None
        above = sum(hundredths(inputs[name]) for name in self.plus)
        above -= sum(hundredths(inputs[name]) for name in self.minus)
        if self.times:
            above *= whole(inputs[self.times])
        doubled = above * self.factor * 200
        rounded = (abs(doubled) + over) // (2 * over)
        return Decimal(-rounded if doubled < 0 else rounded).scaleb(-2)


RATIOS: tuple[Ratio, ...] = (
    Ratio("ratio.financed_pct", "percent", plus=("request.amount",), over="request.goods_price", factor=100),
    Ratio("ratio.amount_to_income", "number", plus=("request.amount",), over=INCOME_USED),
    Ratio("ratio.assets_to_amount", "number", plus=("assets.total",), over="request.amount"),
    Ratio(
        "ratio.free_income_cover",
        "number",
        plus=(INCOME_USED,),
        minus=("expenses.monthly_living",),
        times="request.term_months",
        over="request.amount",
    ),
)
RATIO_BY_NAME: Mapping[str, Ratio] = {ratio.name: ratio for ratio in RATIOS}


def at_two_decimals(value: FactValue | None) -> Decimal:
    """The number rounded half up to two decimals; raises ``ValueError`` for a value that is no finite number."""
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise ValueError(f"{value!r} is not a number")  # noqa: TRY004 (one error for every unusable value)
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError(f"{value} is not a finite number")
    if number.adjusted() < _PLAIN_DIGITS:
        return number.quantize(CENT, rounding=ROUND_HALF_UP)
    with localcontext(prec=number.adjusted() + 10):
        return number.quantize(CENT, rounding=ROUND_HALF_UP)


def hundredths(value: FactValue | None) -> int:
    """The number in whole hundredths, within ``LARGEST``."""
    return int(min(max(at_two_decimals(value), Decimal(-LARGEST)), Decimal(LARGEST)).scaleb(2))


def whole(value: FactValue | None) -> int:
    """A count, within ``LARGEST_COUNT``; a fraction is rounded half up."""
    number = at_two_decimals(value).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return int(min(max(number, Decimal(-LARGEST_COUNT)), Decimal(LARGEST_COUNT)))


def with_sources(names: Iterable[str]) -> tuple[str, ...]:
    """The names and everything they may be derived from, each once, in order of first need."""
    needed: dict[str, None] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop(0)
        if name in needed:
            continue
        needed[name] = None
        if name == INCOME_USED:
            waiting.extend(INCOME_SOURCES)
        elif name in RATIO_BY_NAME:
            waiting.extend(RATIO_BY_NAME[name].inputs)
    return tuple(needed)


def completed(names: Iterable[str], known: Mapping[str, FactValue | None]) -> dict[str, FactValue | None]:
    """Values of ``names``: as known, else derived, else None."""
    out: dict[str, FactValue | None] = dict(known)
    if out.get(INCOME_USED) is None:
        out[INCOME_USED] = next((out[name] for name in INCOME_SOURCES if out.get(name) is not None), None)
    values: dict[str, FactValue | None] = {}
    for name in names:
        value = out.get(name)
        if value is None and name in RATIO_BY_NAME:
            value = RATIO_BY_NAME[name].value(out)
        values[name] = value
    return values


def income_fact(case_id: str, known: Mapping[str, Fact]) -> Fact | None:
    """The income used, as a computation that names its one input; None when no income is known."""
    source = next((known[name] for name in INCOME_SOURCES if name in known), None)
    if source is None:
        return None
    method = f"first known of {', '.join(INCOME_SOURCES)}"
    return new_fact(
        case_id,
        INCOME_USED,
        source.value,
        source.unit,
        Source(SourceKind.COMPUTATION, method=method, inputs=(source.id,)),
        confidence=source.confidence,
    )


def ratio_fact(case_id: str, ratio: Ratio, known: Mapping[str, Fact]) -> Fact | None:
    """The ratio as a computation that names its inputs; None when it has no value or the currencies differ."""
    inputs = [known[name] for name in ratio.inputs if name in known]
    if len(inputs) < len(ratio.inputs) or len({fact.unit for fact in inputs if len(fact.unit) == 3}) > 1:
        return None
    value = ratio.value({fact.name: fact.value for fact in inputs})
    if value is None:
        return None
    return new_fact(
        case_id,
        ratio.name,
        value,
        ratio.unit,
        Source(SourceKind.COMPUTATION, method=ratio.method, inputs=tuple(fact.id for fact in inputs)),
        confidence=min(fact.confidence for fact in inputs),
    )


def derived_facts(case_id: str, names: Iterable[str], known: Mapping[str, Fact]) -> list[Fact]:
    """The facts of ``names`` that are not known yet but follow from known ones, inputs before what uses them."""
    have = dict(known)
    wanted = set(with_sources(names)) - have.keys()
    made: list[Fact] = []
    for name in (INCOME_USED, *RATIO_BY_NAME):
        if name in wanted:
            fact = income_fact(case_id, have) if name == INCOME_USED else ratio_fact(case_id, RATIO_BY_NAME[name], have)
            if fact is not None:
                have[name] = fact
                made.append(fact)
    return made
