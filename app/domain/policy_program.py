"""A policy's tables read once into Python, for thousands of cases: the engine's answers at a fraction of its time.

The engine (``app.ports.PolicyEngine``) judges; this is for what is done in bulk, and is held against the engine there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.policy_cells import (
    Arithmetic,
    Condition,
    Constant,
    Env,
    Expression,
    Test,
    Unreadable,
    Value,
    read_condition,
    read_expression,
)
from app.domain.policy_compile import compiled, folded
from app.domain.policy_tables import LIMITS, PATHS, TABLES, TERMS, Row, Table, tables

_MOST_SETTLED = 2_000
_PLAIN_NODES = ("inputNode", "outputNode", "decisionTableNode")


@dataclass(frozen=True, slots=True)
class Rule:
    """One row, read."""

    tests: tuple[tuple[str, Test], ...]
    conditions: tuple[tuple[str, Condition], ...]  # the tests, compiled
    results: tuple[tuple[str, Expression], ...]
    constant: Mapping[str, Value] | None  # the results where none depends on a name

    def given(self, env: Env) -> Rule:
        """The rule where the values of ``env`` are settled."""
        tests = tuple((name, folded(test, env)) for name, test in self.tests)
        return Rule(tests, tuple((name, compiled(test)) for name, test in tests), self.results, self.constant)

    def matches(self, env: Env) -> bool:
        for name, condition in self.conditions:  # noqa: SIM110 (a generator costs as much as the conditions)
            if condition(env.get(name), env) is not True:
                return False
        return True

    def answer(self, env: Env) -> Mapping[str, Value] | None:
        """What the row gives; None where a result cannot be worked out, which is as if the row did not match."""
        if self.constant is not None:
            return self.constant
        out = {name: expression.of(env) for name, expression in self.results}
        failed = any(isinstance(each, Arithmetic) and out[name] is None for name, each in self.results)
        return None if failed else out


@dataclass(frozen=True, slots=True)
class Program:
    """One table, read."""

    table: Table
    rules: tuple[Rule, ...]

    def answers(self, env: Env) -> Iterator[Mapping[str, Value]]:
        """What each row that matches gives, in the table's order."""
        for rule in self.rules:
            if rule.matches(env) and (found := rule.answer(env)) is not None:
                yield found


class PolicyProgram:
    """The tables in the order they read each other. Raises ``Unreadable`` for a graph or a cell of another shape."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        if any(node.get("type") not in _PLAIN_NODES for node in document.get("nodes", ())):
            raise Unreadable("the graph holds more than tables")
        found = {table.name: table for table in tables(document)}
        order = [TERMS, LIMITS, *(name for name in TABLES if name not in (TERMS, LIMITS))]
        self.programs = tuple(_program(found[name]) for name in order if name in found)
        self._settled: dict[tuple[str, tuple[Any, ...]], Program] = {}

    def evaluate(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The graph's answer to inputs in the form of ``policy_tables.nested``."""
        return self.answer({name: as_read(value) for name, value in flat(inputs)})

    def answer(self, env: dict[str, Any], without: Collection[str] = ()) -> dict[str, Any]:
        """The graph's answer to values by dotted name (see ``as_read``); what the tables give is added to ``env``.

        Tables named in ``without`` are not asked.
        """
        out: dict[str, Any] = {}
        settled: dict[str, Any] = {}
        for asked in self.programs:
            if asked.table.name in without:
                continue
            path, program = asked.table.path, self._given(asked, settled) if settled else asked
            if program.table.hit_policy == "collect":
                out[path] = list(program.answers(env))
                continue
            first = next(program.answers(env), None)
            if first is not None:
                out[path] = first
                names = {f"{path}.{name}": value for name, value in first.items()}
                env.update(names)
                if asked.table.name in PATHS:
                    settled.update(names)
        return out

    def _given(self, program: Program, settled: Mapping[str, Any]) -> Program:
        """The table with what the ones before gave put in; the same few answers come again and again."""
        key = program.table.name, tuple(settled.values())
        found = self._settled.get(key)
        if found is None:
            if len(self._settled) >= _MOST_SETTLED:
                return program
            found = Program(program.table, tuple(rule.given(settled) for rule in program.rules))
            self._settled[key] = found
        return found


def _program(table: Table) -> Program:
    return Program(table, tuple(read_rule(row) for row in table.rows))


def read_rule(row: Row) -> Rule:
    """Raises ``Unreadable`` for a cell of another shape, or a column without a field."""
    conditions = []
    for name, cell in row.conditions.items():
        test = read_condition(cell)
        if not name:
            raise Unreadable(cell)
        if test is not None:
            conditions.append((name, test))
    read = ((name, read_expression(cell)) for name, cell in row.results.items())
    results = tuple((name, result) for name, result in read if result is not None)
    fixed = {name: result.value for name, result in results if isinstance(result, Constant)}
    ready = tuple((name, compiled(test)) for name, test in conditions)
    return Rule(tuple(conditions), ready, results, fixed if len(fixed) == len(results) else None)


def as_read(value: Any) -> Any:
    """A value as the tables compare it: whole numbers as decimals."""
    return Decimal(value) if type(value) is int else value


def flat(inputs: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Objects within objects as dotted names; inverse of ``policy_tables.nested``."""
    for name, value in inputs.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


class ProgramEngine:
    """``PolicyEngine`` by ``PolicyProgram``; ``fallback`` evaluates the policies that cannot be read."""

    def __init__(self, fallback: Any) -> None:
        self._fallback = fallback
        self._read: dict[int, tuple[Mapping[str, Any], PolicyProgram | None]] = {}

    def evaluate(self, policy: Mapping[str, Any], inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        program = self.program(policy)
        if program is not None:
            return program.evaluate(inputs)
        answer: Mapping[str, Any] = self._fallback.evaluate(policy, inputs)
        return answer

    def program(self, policy: Mapping[str, Any]) -> PolicyProgram | None:
        """The policy, read; None where it cannot be."""
        held = self._read.get(id(policy))
        if held is None:
            try:
                held = policy, PolicyProgram(policy)
            except Unreadable:
                held = policy, None
            self._read[id(policy)] = held  # the document is kept, so that its id is not given to another
        return held[1]
