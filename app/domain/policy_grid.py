"""The values a table's columns may take, cut where any cell changes its mind, and exact set arithmetic over them.

Between two neighbouring cuts every cell of a column says the same, so one value speaks for all of them: what is found
here holds for every value, not for a sample.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from math import prod
from typing import Any

from app.domain.facts import FactDefinition, Kind
from app.domain.policy_cells import Compare, Constant, Env, Test, Value

STEPS: Mapping[Kind, Decimal] = {
    Kind.MONEY: Decimal("0.01"),
    Kind.PERCENT: Decimal("0.01"),
    Kind.YEARS: Decimal("0.01"),
    Kind.COUNT: Decimal(1),
    Kind.MONTHS: Decimal(1),
    Kind.DAYS: Decimal(1),
}
"""Values of these kinds lie on a grid; between 24 and 25 months there is none."""

NUMERIC = (*STEPS, Kind.NUMBER)
_OWN = ("case.currency", "case.income_verified")

Box = tuple[int, ...]
"""A set of values a dimension, as bits over its atoms."""

MOST_BOXES = 20_000


class TooManyBoxes(ValueError):
    """The table's rows cut its values into more pieces than are looked through."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One column's values in pieces; ``spans`` are the first and last value of each, equal for a single one."""

    name: str
    spans: tuple[tuple[Value, Value], ...]

    @property
    def everything(self) -> int:
        return (1 << len(self.spans)) - 1

    def example(self, mask: int) -> Value:
        """A value of the first piece, zero where it holds it; a missing one only where nothing else is left."""
        low, high = self.spans[self._first(mask)]
        if isinstance(low, Decimal) and isinstance(high, Decimal):
            return max(low, min(high, Decimal(0)))
        return low

    def _first(self, mask: int) -> int:
        chosen = [at for at in range(len(self.spans)) if mask >> at & 1]
        return next((at for at in chosen if self.spans[at][0] is not None), chosen[0])

    def where(self, holds: Iterable[bool]) -> int:
        return sum(1 << at for at, held in enumerate(holds) if held)

    def words(self, mask: int) -> str:
        """The set in words: ``25 to 48``, ``A, B``, ``missing``."""
        out: list[tuple[Value, Value]] = []
        for at, (low, high) in enumerate(self.spans):
            if not mask >> at & 1:
                continue
            joins = out and at and mask >> (at - 1) & 1 and isinstance(low, Decimal) and isinstance(out[-1][1], Decimal)
            if joins:
                out[-1] = (out[-1][0], high)
            else:
                out.append((low, high))
        return ", ".join(said(low) if low == high else f"{said(low)} to {said(high)}" for low, high in out)


def said(value: Value) -> str:
    """A value as a person writes it."""
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)


def dimension(
    name: str,
    definition: FactDefinition | None,
    tests: Sequence[Test],
    env: Env,
    texts: Iterable[str] = (),
    *,
    missing: bool = False,
) -> Dimension:
    """The values of a column, cut at every constant that ``tests`` compare it with.

    ``texts`` are the categories of a fact whose catalogue entry lists none. ``missing`` adds the missing value.
    """
    constants = [each.of(env) for test in tests for each in test.expressions()]
    numbers = sorted({value for value in constants if isinstance(value, Decimal)})
    if definition is None and numbers and name not in _OWN:
        definition = FactDefinition(name, Kind.NUMBER, {})  # no fact: any number
    spans: list[tuple[Value, Value]]
    if definition is not None and definition.kind in NUMERIC:
        spans = list(_numeric_spans(definition, numbers))
    elif (definition is not None and definition.kind is Kind.BOOLEAN) or name == "case.income_verified":
        spans = [(True, True), (False, False)]
    else:
        listed = definition.categories if definition is not None else ()
        named = (*listed, *(() if listed else (*texts, *(value for value in constants if isinstance(value, str)))))
        spans = [(text, text) for text in dict.fromkeys(named)] or [("other", "other")]
    return Dimension(name, (*spans, *([(None, None)] if missing else [])))


def _numeric_spans(definition: FactDefinition, numbers: Sequence[Decimal]) -> Iterator[tuple[Value, Value]]:
    step = STEPS.get(definition.kind)
    beyond = Decimal(1) if not numbers else max(abs(number) for number in numbers) + 1
    low = definition.minimum if definition.minimum is not None else -beyond
    high = definition.maximum if definition.maximum is not None else beyond
    edge, beside = low, False  # where the next piece starts, and whether that value is taken already
    for cut in (number for number in numbers if low <= number <= high):
        yield from _piece(edge, cut, step, after=beside, before=True)
        if step is None or cut % step == 0:
            yield cut, cut
        edge, beside = cut, True
    yield from _piece(edge, high, step, after=beside, before=False)


def _piece(
    low: Decimal, high: Decimal, step: Decimal | None, *, after: bool, before: bool
) -> Iterator[tuple[Value, Value]]:
    """The values from ``low`` to ``high``, without ``low`` when ``after``, without ``high`` when ``before``."""
    if step is None:
        if low < high or not (after or before):
            middle = (low + high) / 2
            yield (middle if after else low), (middle if before else high)
        return
    start = -((-low / step).to_integral_value(ROUND_FLOOR)) * step
    end = (high / step).to_integral_value(ROUND_FLOOR) * step
    start += step if after and start == low else 0
    end -= step if before and end == high else 0
    if start <= end:
        yield start, end


def less(box: Box, other: Box) -> list[Box]:
    """``box`` without ``other``, in pieces that do not overlap."""
    if any(not mine & theirs for mine, theirs in zip(box, other, strict=True)):
        return [box]
    out, inner = [], list(box)
    for at, theirs in enumerate(other):
        outside = inner[at] & ~theirs
        if outside:
            out.append((*inner[:at], outside, *inner[at + 1 :]))
            inner[at] &= theirs
    return out


def without(boxes: Iterable[Box], others: Iterable[Box]) -> list[Box]:
    """The boxes without the others. Raises ``TooManyBoxes``."""
    left = list(boxes)
    for other in others:
        left = [piece for box in left for piece in less(box, other)]
        if len(left) > MOST_BOXES:
            raise TooManyBoxes
    return left


def common(box: Box, other: Box) -> Box | None:
    """What lies in both; None where nothing does."""
    both = tuple(mine & theirs for mine, theirs in zip(box, other, strict=True))
    return both if all(both) else None


def size(box: Box) -> int:
    return prod(mask.bit_count() for mask in box)


def example_of(dimensions: Sequence[Dimension], box: Box) -> dict[str, Value]:
    """One input that lies in the box."""
    return {each.name: each.example(mask) for each, mask in zip(dimensions, box, strict=True)}


def in_words(dimensions: Sequence[Dimension], box: Box) -> str:
    """The box in words, of the columns that it limits; ``any input`` where it limits none."""
    parts = [
        f"{each.name} {each.words(mask)}"
        for each, mask in zip(dimensions, box, strict=True)
        if mask != each.everything or len(each.spans) == 1
    ]
    return ", ".join(parts) or "any input"


def constants_of(test: Test, env: Env) -> Iterator[tuple[str, Any]]:
    """Each comparison's sign and the value it compares with, None where that is not known here."""
    if isinstance(test, Compare):
        known = isinstance(test.expression, Constant) or all(name in env for name in test.expression.names())
        yield test.sign, test.expression.of(env) if known else None
    else:
        parts = test.parts if hasattr(test, "parts") else (test.part,)
        for part in parts:
            yield from constants_of(part, env)
