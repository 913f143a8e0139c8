"""Conditions of decision tables made quick: constants put in, and looked at once instead of at every case."""

from __future__ import annotations

from decimal import Decimal

from app.domain.policy_cells import (
    ORDERED,
    Compare,
    Condition,
    Constant,
    Env,
    Junction,
    Negation,
    Test,
    Value,
    Verdict,
    compare,
)


def compiled(test: Test) -> Condition:
    """The test as a function of the column's value, given as Decimal rather than int, and of the other names."""
    if isinstance(test, Compare) and isinstance(test.expression, Constant):
        return _against(test.sign, test.expression.value)
    if isinstance(test, Junction):
        return _junction(tuple(compiled(part) for part in test.parts), decisive=test.word == "or")
    return test.holds


def _junction(parts: tuple[Condition, ...], *, decisive: bool) -> Condition:
    def holds(value: Value, env: Env) -> Verdict:
        for part in parts:
            verdict = part(value, env)
            if verdict is None or verdict is decisive:
                return verdict
        return not decisive

    return holds


def folded(test: Test, env: Env) -> Test:
    """The test with what ``env`` settles put in as constants; what it does not, stays."""
    if isinstance(test, Junction):
        return Junction(test.word, tuple(folded(part, env) for part in test.parts))
    if isinstance(test, Negation):
        return Negation(folded(test.part, env))
    names = list(test.expression.names())
    if not names or any(name not in env for name in names):
        return test
    value = test.expression.of(env)
    return test if value is None else Compare(test.sign, Constant(value))


def _against(sign: str, constant: Value) -> Condition:
    """A comparison with a constant, without looking at the same things over and over."""
    if sign in ORDERED and isinstance(constant, Decimal):
        ordered = ORDERED[sign]
        return lambda value, env: ordered(value, constant) if type(value) is Decimal else None
    if sign == "==":
        kind = type(constant)
        return lambda value, env: type(value) is kind and value == constant
    return lambda value, env: compare(sign, value, constant, null=constant is None)
