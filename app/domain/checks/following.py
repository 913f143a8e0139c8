"""Figures that follow exactly from any facts of the case, one of which the sentence speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import combinations, permutations, product

from app.domain.checks.derived import ids_of
from app.domain.checks.fit import SCALES, holds, matches
from app.domain.checks.index import Candidate, CaseIndex
from app.domain.checks.operands import ANAPHORA, said_values, times_within
from app.domain.checks.quantities import Figures, Quantity
from app.domain.checks.reading import Reading

_NAMED = 0.3
_BOTH = 0.45
_CHANCE = Decimal("0.06")  # how often a figure of its size may meet a result by chance
_CHANCE_OF_NAMED = Decimal("0.15")  # where the sentence names all that it follows from
_FINE = Decimal("0.001")  # leeway up to which a figure may be reckoned of many
_MOST = 6
_FEW = 2
_OCTAVE = Decimal("1.386")  # from half of a value to twice of it, in logarithms

Result = tuple[Decimal, tuple[Candidate, ...]]


def follows(reading: Reading, figures: Figures, quantity: Quantity, index: CaseIndex) -> tuple[str, ...]:
    """Ids of the facts that give the figure, where nobody would meet it by chance; empty where none do.

    First of facts that the sentence names all, then of those of which it names one.
    """
    names = index.scores((token, 1.0) for token in reading.tokens)
    told = {c.fact.id for c in index.candidates for q in figures.quantities if q is not quantity and matches(q, c)}
    spoken = {c.fact.id for c, score in names.items() if score >= _NAMED} | told
    clear = {c.fact.id for c, score in names.items() if score >= _BOTH} | told
    if hedge := _hedge_before(reading, quantity, index):
        quantity = replace(quantity, hedge=hedge)
    told.add("")  # of figures that the sentence says
    spoken.add("")
    clear.add("")
    candidates = [*index.candidates, *said_values(figures, quantity)]
    results = [(value, used, {c.fact.id for c in used}) for value, used in _results(quantity, candidates) if value > 0]
    found = _met(quantity, [(value, used) for value, used, ids in results if ids <= clear], _CHANCE_OF_NAMED)
    if quantity.kind in ("percent", "times") or 0 < quantity.value < 1:
        meant = [(value, used) for value, used, ids in results if ids & clear] if ANAPHORA.match(reading.text) else []
        return found or _met(quantity, meant, Decimal(1))
    if found:
        return found
    return (
        _met(quantity, [(value, used) for value, used, ids in results if ids <= spoken], _CHANCE)
        or _met(quantity, [(value, used) for value, used, ids in results if ids & spoken], _CHANCE)
        or _met(quantity, list(_sums_meant(reading, quantity, index)), _CHANCE_OF_NAMED)
        or _met(quantity, list(_reckoned(quantity, index, spoken)), _CHANCE)
    )


def _reckoned(quantity: Quantity, index: CaseIndex, spoken: set[str]) -> Iterator[Result]:
    """Every sum and difference of amounts of one period, one of them spoken of: what a household keeps."""
    if quantity.kind != "money" or _leeway(quantity, quantity.value) > _FINE:
        return
    money = [c for c in index.candidates if c.measure.kind == "money" and not c.benchmark and c.value > 0]
    for period in {c.measure.period.rstrip("?") for c in money if c.fact.id in spoken}:
        alike = [c for c in money if c.measure.period.rstrip("?") == period]
        alike = sorted(alike, key=lambda c: c.fact.id not in spoken)[:_MOST]
        for signs in product((1, 0, -1), repeat=len(alike)):
            used = tuple(c for c, sign in zip(alike, signs, strict=True) if sign)
            if len(used) > _FEW and any(c.fact.id in spoken for c in used):
                yield sum((sign * c.value for c, sign in zip(alike, signs, strict=True)), Decimal(0)), used


_MEANT = re.compile(r"\b(?:these|those|both|the (?:two|three|four)|all (?:two|three|four))\b", re.IGNORECASE)


def _sums_meant(reading: Reading, quantity: Quantity, index: CaseIndex) -> Iterator[Result]:
    """Sums of what the sentence before may have named: "income from these two sources totalled 760,000"."""
    if not _MEANT.search(reading.text) or quantity.kind != "money":
        return
    money = [c for c in index.candidates if c.measure.kind == "money" and not c.benchmark]
    for size in (2, 3):
        for group in combinations(money[:12], size):
            if len({c.measure.period for c in group}) == 1:
                yield sum((c.value for c in group), Decimal(0)), group


def _met(quantity: Quantity, results: list[Result], chance: Decimal) -> tuple[str, ...]:
    """Ids of the facts whose result the figure is, unless results lie so close that any figure would meet one."""
    for value, used in results:
        said = next((said for said in quantity.values if _is(quantity, said, value)), None)
        if said is not None:
            near = len({v for v, _ in results if said / 2 <= v <= said * 2})
            if near * 2 * _leeway(quantity, said) / _OCTAVE <= chance:
                return ids_of(used)
    return ()


def _leeway(quantity: Quantity, said: Decimal) -> Decimal:
    """How far off the figure may be, as a share of it: half of what its last digit stands for, more where hedged."""
    exponent = said.normalize().as_tuple().exponent
    step = Decimal(10) ** exponent if isinstance(exponent, int) else Decimal(1)
    own = min(step / 2 / abs(said), Decimal("0.06"))
    return max(own, Decimal("0.02")) if quantity.hedge != "exact" else own


def _hedge_before(reading: Reading, quantity: Quantity, index: CaseIndex) -> str:
    """more or less, where a share stands behind what it is a share of: "不到月均收入的六成"."""
    if quantity.hedge != "exact" or not quantity.worded or reading.language != "zh":
        return ""
    start = reading.clause_at(quantity.start).start
    for hedge in ("less", "more"):
        if index.lexicon.sign("zh", hedge).search(reading.text, start, quantity.start):
            return hedge
    return ""


def _is(quantity: Quantity, said: Decimal, value: Decimal) -> bool:
    if not holds(quantity, said, value):
        return False
    return quantity.hedge not in ("more", "less") or abs(said - value) <= value * Decimal("0.3")


def _results(quantity: Quantity, candidates: list[Candidate]) -> Iterator[tuple[Decimal, tuple[Candidate, ...]]]:
    if quantity.kind == "percent" or quantity.kind == "times" or 0 < quantity.value < 1:
        yield from _ratios(quantity, candidates)
    if quantity.kind == "time":
        yield from _spans(quantity, candidates)
    if quantity.kind in ("money", ""):
        yield from _amounts(quantity, candidates)


def _spans(quantity: Quantity, candidates: list[Candidate]) -> Iterator[tuple[Decimal, tuple[Candidate, ...]]]:
    """What two spans differ by, in the unit that is said: 35 days against 21 is two weeks."""
    times = [c for c in candidates if c.measure.kind == "time"]
    for first, second in combinations(times, 2):
        one, two = (c.value * _DAYS[c.measure.unit] for c in (first, second))
        alike = first.measure.unit == second.measure.unit == quantity.unit
        long = quantity.unit == "years" and {first.measure.unit, second.measure.unit} == {"months", "years"}
        if first.fact is second.fact or alike or long:
            yield abs(one - two) / _DAYS[quantity.unit], (first, second)


_DAYS = {"days": Decimal(1), "weeks": Decimal(7), "months": Decimal("30.4375"), "years": Decimal("365.25")}
_DAYS["quarters"] = 3 * _DAYS["months"]


def _ratios(quantity: Quantity, candidates: list[Candidate]) -> Iterator[tuple[Decimal, tuple[Candidate, ...]]]:
    scale = Decimal(100) if quantity.kind == "percent" else Decimal(1)
    plain = [c for c in candidates if c.measure.kind not in ("percent", "text") and c.value > 0]
    for first, second in permutations(plain, 2):
        if (first.measure.kind, first.measure.unit) != (second.measure.kind, second.measure.unit):
            continue
        if quantity.kind == "times" and first.value < second.value:
            continue
        one, two = first.measure.period.rstrip("?"), second.measure.period.rstrip("?")
        factor = {("month", "year"): Decimal(12), ("year", "month"): 1 / Decimal(12)}.get((one, two), Decimal(1))
        yield first.value * factor / second.value * scale, (first, second)


def _amounts(quantity: Quantity, candidates: list[Candidate]) -> Iterator[tuple[Decimal, tuple[Candidate, ...]]]:
    money = [c for c in candidates if c.measure.kind == "money" and quantity.unit in ("", c.measure.unit)]
    for first, second in combinations(money, 2):
        periods = {first.measure.period.rstrip("?"), second.measure.period.rstrip("?")}
        if {"month", "year"} <= periods:
            continue
        yield abs(first.value - second.value), (first, second)
        if not (first.benchmark or second.benchmark):
            yield first.value + second.value, (first, second)
    for amount in money:
        for value, used in _over_time(amount, candidates):
            yield value, used
            if len(used) > 1 and value > amount.value:  # the interest over a term: what is repaid less what is lent
                yield from ((value - lent.value, (*used, lent)) for lent in money if lent is not amount)


def _is_term(candidate: Candidate) -> bool:
    """Whether a value tells a span, or counts months or instalments by its label."""
    if candidate.measure.kind == "time":
        return candidate.measure.unit in ("months", "years", "weeks")
    return candidate.measure.kind == "count" and bool(_COUNTS_SPANS.search(candidate.fact.label))


_COUNTS_SPANS = re.compile(r"month|year|week|instal|term|tenor|月|年|周|期", re.IGNORECASE)


def _over_time(amount: Candidate, candidates: list[Candidate]) -> Iterator[tuple[Decimal, tuple[Candidate, ...]]]:
    period = amount.measure.period.rstrip("?")
    if period != "year" and (period in SCALES or not period):
        yield amount.value * 12 / SCALES[period or "month"], (amount,)
    if period in ("year", "", "none"):
        yield amount.value / 12, (amount,)
    yield from ((amount.value / months, (amount,)) for months in amount.windows if months > 1)
    for term in candidates:
        if _is_term(term):
            often = times_within(period if period in SCALES else "month", term)
            if often:
                yield amount.value * often, (amount, term)
                yield amount.value / often, (amount, term)
