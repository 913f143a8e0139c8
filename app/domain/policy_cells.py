"""The cells of decision tables as this program understands them: read once, evaluated fast, taken apart by the checks.

This is the part of the ZEN expression language that ``docs/policy.md`` describes. A cell of another shape raises
``Unreadable``; such a policy is still evaluated, by the engine (``app.ports.PolicyEngine``), only not taken apart.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

Value = Decimal | str | int | bool | None
Env = Mapping[str, Any]
"""Values by dotted name; a name that is absent is missing."""

Verdict = bool | None
"""Whether a condition holds; None where it cannot be evaluated (a missing or wrongly typed value), as good as not."""

Condition = Callable[[Value, Env], Verdict]

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d[\d_]*(?:\.(?!\.)\d+)?(?:[eE][+-]?\d+)?)|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)|(?P<sign>\.\.|[<>=!]=|[<>$()\[\],+\-*/])|(?P<end>$))"
)
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")


class Unreadable(ValueError):
    """A cell that this program does not take apart."""


@dataclass(frozen=True, slots=True)
class Constant:
    value: Value

    def of(self, env: Env) -> Value:
        return self.value

    def names(self) -> Iterator[str]:
        return iter(())


@dataclass(frozen=True, slots=True)
class Name:
    name: str

    def of(self, env: Env) -> Value:
        found = env.get(self.name)
        return Decimal(found) if isinstance(found, int) and not isinstance(found, bool) else found

    def names(self) -> Iterator[str]:
        yield self.name


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``left sign right``; None where either is no number."""

    sign: str
    left: Expression
    right: Expression

    def of(self, env: Env) -> Value:
        left, right = self.left.of(env), self.right.of(env)
        if not isinstance(left, Decimal) or not isinstance(right, Decimal):
            return None
        try:
            return _ARITHMETIC[self.sign](left, right)
        except (DivisionByZero, InvalidOperation, Overflow):
            return None

    def names(self) -> Iterator[str]:
        yield from self.left.names()
        yield from self.right.names()


Expression = Constant | Name | Arithmetic

_ARITHMETIC: Mapping[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
}


@dataclass(frozen=True, slots=True)
class Compare:
    """``$ sign expression``."""

    sign: str
    expression: Expression

    def holds(self, value: Value, env: Env) -> Verdict:
        return compare(self.sign, value, self.expression.of(env), null=_is_null(self.expression))

    def expressions(self) -> Iterator[Expression]:
        yield self.expression


@dataclass(frozen=True, slots=True)
class Junction:
    """Parts joined by ``and`` or ``or``; the first that decides counts, and so does one that cannot be evaluated."""

    word: str  # "and" | "or"
    parts: tuple[Test, ...]

    def holds(self, value: Value, env: Env) -> Verdict:
        decisive = self.word == "or"
        for part in self.parts:
            verdict = part.holds(value, env)
            if verdict is None or verdict is decisive:
                return verdict
        return not decisive

    def expressions(self) -> Iterator[Expression]:
        for part in self.parts:
            yield from part.expressions()


@dataclass(frozen=True, slots=True)
class Negation:
    part: Test

    def holds(self, value: Value, env: Env) -> Verdict:
        verdict = self.part.holds(value, env)
        return None if verdict is None else not verdict

    def expressions(self) -> Iterator[Expression]:
        return self.part.expressions()


Test = Compare | Junction | Negation


def _is_null(expression: Expression) -> bool:
    return isinstance(expression, Constant) and expression.value is None


def compare(sign: str, value: Value, other: Value, *, null: bool = False) -> Verdict:
    """``value sign other`` as the engine says it; ``null`` when the cell itself says null.

    Equality holds between any two values; order only between two numbers, else there is no verdict.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)
    if sign in ("==", "!="):
        if other is None and not null:
            return None
        same = type(value) is type(other) and value == other
        return same is (sign == "==")
    if not isinstance(value, Decimal) or not isinstance(other, Decimal):
        return None
    return ORDERED[sign](value, other)


ORDERED: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def read_condition(text: str) -> Test | None:
    """A condition on its column; None for an empty cell, which always matches. Raises ``Unreadable``."""
    if not text.strip():
        return None
    reader = _Reader(text)
    parts = [reader.alternative()]
    while reader.take(","):
        parts.append(reader.alternative())
    reader.close()
    if len(parts) > 1 and not reader.plain:
        raise Unreadable(text)  # the engine reads such a list as one expression
    return parts[0] if len(parts) == 1 else Junction("or", tuple(parts))


def read_expression(text: str) -> Expression | None:
    """A result cell; None for an empty one. Raises ``Unreadable``."""
    if not text.strip():
        return None
    reader = _Reader(text)
    expression = reader.sum()
    reader.close()
    return expression


class _Reader:
    """Recursive descent over the tokens of one cell."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._at = 0

    @property
    def plain(self) -> bool:
        """Whether the cell holds neither ``$`` nor ``and`` nor ``or``."""
        return all(text not in ("$", "and", "or") for _, text in self._tokens)

    def _peek(self) -> tuple[str, str]:
        return self._tokens[min(self._at, len(self._tokens) - 1)]

    def take(self, *signs: str) -> str | None:
        kind, text = self._peek()
        if kind in ("sign", "name") and text in signs:
            self._at += 1
            return text
        return None

    def need(self, *signs: str) -> str:
        found = self.take(*signs)
        if found is None:
            raise Unreadable(self._text)
        return found

    def close(self) -> None:
        if self._peek()[0] != "end":
            raise Unreadable(self._text)

    def alternative(self) -> Test:
        """One entry of a list: a bare value, or a condition."""
        start = self._at
        try:
            found = Compare("==", self.sum())
        except Unreadable:
            self._at = start
            return self.joined()
        if self._peek() not in (("end", ""), ("sign", ",")):
            self._at = start
            return self.joined()
        return found

    def joined(self) -> Test:
        """Conditions joined from left to right: the engine gives ``and`` no precedence over ``or``."""
        left = self._test()
        while word := self.take("and", "or"):
            left = Junction(word, (left, self._test()))
        return left

    def _test(self) -> Test:
        if self._peek() == ("name", "not"):
            return self._negated()
        self_named = self.take("$") is not None
        if self.take("in"):
            return self._members()
        if self_named and self._peek() == ("name", "not"):
            return self._negated()
        sign = self.take(*_COMPARISONS)
        if sign:
            return Compare(sign, self.sum())
        found = None if self_named else self._attempt(self._interval)
        if found is None:
            raise Unreadable(self._text)
        return found

    def _negated(self) -> Test:
        self.need("not")
        if self.take("in"):
            return Negation(self._members())
        self.need("(")
        inner = self.joined()
        self.need(")")
        return Negation(inner)

    def _attempt(self, part: Callable[[], Test]) -> Test | None:
        start = self._at
        try:
            return part()
        except Unreadable:
            self._at = start
            return None

    def _interval(self) -> Test:
        opening = self.need("[", "(", "]")
        low = self.sum()
        self.need("..")
        high = self.sum()
        closing = self.need("]", ")", "[")
        if opening == "]":
            if closing != "[":
                raise Unreadable(self._text)
            return Junction("or", (Compare("<=", low), Compare(">=", high)))
        above = Compare(">=" if opening == "[" else ">", low)
        below = Compare("<=" if closing == "]" else "<", high)
        if closing == "[":
            raise Unreadable(self._text)
        return Junction("and", (above, below))

    def _members(self) -> Test:
        found = self._attempt(self._interval)
        if found:
            return found
        self.need("[")
        parts = [Compare("==", self.sum())]
        while self.take(","):
            parts.append(Compare("==", self.sum()))
        self.need("]")
        return Junction("or", tuple(parts))

    def sum(self) -> Expression:
        left = self._product()
        while sign := self.take("+", "-"):
            left = self._arithmetic(sign, left, self._product())
        return left

    def _arithmetic(self, sign: str, left: Expression, right: Expression) -> Expression:
        for side in (left, right):
            if isinstance(side, Constant) and not isinstance(side.value, Decimal):
                raise Unreadable(self._text)
        return Arithmetic(sign, left, right)

    def _product(self) -> Expression:
        left = self._factor()
        while sign := self.take("*", "/"):
            left = self._arithmetic(sign, left, self._factor())
        return left

    def _factor(self) -> Expression:
        if self.take("-"):
            inner = self._factor()
            if isinstance(inner, Constant) and isinstance(inner.value, Decimal):
                return Constant(-inner.value)
            return self._arithmetic("-", Constant(Decimal(0)), inner)
        if self.take("("):
            inner = self.sum()
            self.need(")")
            return inner
        kind, text = self._peek()
        self._at += 1
        if kind == "number":
            return Constant(Decimal(text.replace("_", "")))
        if kind == "text":
            return Constant(text[1:-1])
        if kind == "name" and text in _WORDS:
            return Constant(_WORDS[text])
        if kind == "name" and "." in text:
            return Name(text)
        raise Unreadable(self._text)


_WORDS: Mapping[str, Value] = {"true": True, "false": False, "null": None}


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while True:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise Unreadable(text)
        yield match.lastgroup, match[match.lastgroup]
        if match.lastgroup == "end":
            return
        at = match.end()
