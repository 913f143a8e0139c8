"""A table's rows as boxes of values, in each context that the tables before it leave.

A context is one row of ``terms`` with one row of ``limits``: it turns ``policy.unit`` and ``limit.dsr_pct`` into
numbers, so that cells such as ``> limit.dsr_pct + 15`` are cut exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice, product
from typing import Any

from app.domain.facts import Catalogue
from app.domain.policy_cells import Env, Expression, Test, Unreadable, Value, read_condition, read_expression
from app.domain.policy_grid import Box, Dimension, common, dimension, example_of, without
from app.domain.policy_tables import JUDGING, LIMITS, NEEDED, PATHS, PRICING, TERMS, UPLIFT, Row, Table

_ALWAYS_KNOWN = ("case.", "score.")

Before = tuple[tuple[str, int | None], ...]
"""Which row (from 0) answered in each table before; None where none did."""


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row with its conditions read; ``unread`` are the columns whose cell is not taken apart."""

    position: int  # from 1
    row: Row
    tests: Mapping[str, Test]
    unread: tuple[str, ...]
    results: Mapping[str, Expression]

    @property
    def fields(self) -> tuple[str, ...]:
        return (*self.tests, *self.unread)

    def outcome(self) -> str:
        return self.row.text("outcome")


def read_rows(table: Table) -> tuple[ReadRow, ...]:
    """The rows of a table; a cell that cannot be read is kept apart, a result that cannot be is left out."""
    return tuple(_read_row(position, row) for position, row in enumerate(table.rows, 1))


def _read_row(position: int, row: Row) -> ReadRow:
    tests: dict[str, Test] = {}
    unread = []
    for name, cell in row.conditions.items():
        try:
            test = read_condition(cell)
        except Unreadable:
            unread.append(name)
            continue
        if test is not None:
            tests[name] = test
    results: dict[str, Expression] = {}
    for name, cell in row.results.items():
        try:
            result = read_expression(cell)
        except Unreadable:
            continue
        if result is not None:
            results[name] = result
    return ReadRow(position, row, tests, tuple(unread), results)


@dataclass(frozen=True, slots=True)
class Space:
    """A table's rows over the values of its columns, where the context holds (``region``)."""

    table: Table
    rows: tuple[ReadRow, ...]
    dimensions: tuple[Dimension, ...]
    boxes: tuple[Box, ...]
    region: tuple[Box, ...]
    env: Env
    relative: Mapping[str, tuple[str, Test]] = field(default_factory=dict)  # dimension -> column, its condition
    answered: bool = True  # whether each table before has a row that answers

    def at(self, name: str) -> int:
        return next(at for at, each in enumerate(self.dimensions) if each.name == name)

    def inside(self, box: Box) -> list[Box]:
        """The parts of the box where the context holds."""
        return [both for part in self.region if (both := common(part, box)) is not None]

    def example(self, box: Box) -> dict[str, Value] | None:
        """An input in the box; None where none was found for a condition that compares two columns."""
        found = example_of(self.dimensions, box)
        for name, (column, test) in self.relative.items():
            wanted = found.pop(name)
            if box[self.at(name)] != 0b11 and not self._make(found, box, column, test, holds=bool(wanted)):
                return None
        return {name: value for name, value in found.items() if value is not None}

    def _make(self, found: dict[str, Value], box: Box, column: str, test: Test, *, holds: bool) -> bool:
        """Set the column and what its condition reads so that it holds, or does not; false where nothing tried does."""
        read = [name for each in test.expressions() for name in each.names() if name not in self.env]
        names = list(dict.fromkeys((column, *read)))
        for values in islice(product(*(self._tried(name, box) for name in names)), _MOST_TRIED):
            given = dict(zip(names, values, strict=True))
            if (test.holds(given[column], {**self.env, **found, **given}) is True) is holds:
                found.update(given)
                return True
        return False

    def _tried(self, name: str, box: Box) -> list[Value]:
        """Values of a column inside the box; of a name that is no column, some of every size."""
        for each, mask in zip(self.dimensions, box, strict=True):
            if each.name == name:
                spans = [span for at, span in enumerate(each.spans) if mask >> at & 1]
                return list(dict.fromkeys([each.example(mask), *(value for span in spans for value in span)]))
        return [Decimal(0), Decimal(100), Decimal(1000), Decimal(10) ** 5, Decimal(10) ** 7]


_MOST_TRIED = 2_000


@dataclass(frozen=True, slots=True)
class Spaces:
    """Makes the spaces of a policy's tables; ``texts`` are the categories named anywhere for a column."""

    catalogue: Catalogue
    tables: Mapping[str, Table]
    rows: Mapping[str, tuple[ReadRow, ...]]
    texts: Mapping[str, tuple[str, ...]]

    def of(self, name: str) -> Iterator[Space]:
        """The table's space in each context that can come about."""
        for env, before in self._contexts(name):
            space = self._space(name, env, before)
            if space.region:
                yield space

    def _contexts(self, name: str) -> Iterator[tuple[dict[str, Any], Before]]:
        """Known names, and the row (from 0, None: none) that answers in each table before."""
        earlier = [each for each in (TERMS, LIMITS) if each in self.tables and each != name]
        if name == TERMS:
            earlier = []
        if name == LIMITS:
            earlier = [each for each in earlier if each == TERMS]
        contexts: list[tuple[dict[str, Any], Before]] = [({UPLIFT: Decimal(0)}, ())]
        for table in earlier:
            rows: list[tuple[int | None, ReadRow | None]] = [*enumerate(self.rows[table]), (None, None)]
            contexts = [
                (env | (_given(self.tables[table], row, env) if row else {}), (*before, (table, at)))
                for env, before in contexts
                for at, row in rows
            ]
        yield from contexts

    def _space(self, name: str, env: dict[str, Any], before: Before) -> Space:
        parts = [*(table for table, _ in before), name]
        rows = [row for part in parts for row in self.rows[part]]
        beside = self.rows.get(JUDGING[0], ()) if name == PRICING else ()  # cut also where eligibility declines
        relative = {key: value for row in rows for key, value in _relative(row, env)}
        fields = dict.fromkeys(field for row in rows for field in row.fields)
        dimensions = (
            *(self._dimension(each, [*rows, *beside], env, name) for each in fields),
            *(Dimension(key, ((True, True), (False, False))) for key in relative),
        )
        region = [tuple(each.everything for each in dimensions)]
        for table, at in before:
            boxes = [_box(row, dimensions, env, relative) for row in self.rows[table]]
            whole = tuple(each.everything for each in dimensions) if at is None else boxes[at]
            mine = without([whole], boxes[:at]) if all(whole) else []
            region = [both for part in region for box in mine if (both := common(part, box)) is not None]
        own = tuple(_box(row, dimensions, env, relative) for row in self.rows[name])
        answered = all(at is not None for _, at in before)
        return Space(self.tables[name], self.rows[name], dimensions, own, tuple(region), env, relative, answered)

    def _dimension(self, field: str, rows: Sequence[ReadRow], env: Env, table: str) -> Dimension:
        tests = [row.tests[field] for row in rows if field in row.tests]
        always = table in (TERMS, *NEEDED) or field.startswith(_ALWAYS_KNOWN)
        return dimension(field, self.catalogue.get(field), tests, env, self.texts.get(field, ()), missing=not always)


def _given(table: Table, row: ReadRow, env: Env) -> dict[str, Value]:
    given = {f"{table.path}.{name}": expression.of(env) for name, expression in row.results.items()}
    return {name: value for name, value in given.items() if value is not None}


def _relative(row: ReadRow, env: Env) -> Iterator[tuple[str, tuple[str, Test]]]:
    """Conditions that compare the column with another one, and cells that are not taken apart."""
    for name, test in row.tests.items():
        if any(_is_open(each, env) for expression in test.expressions() for each in expression.names()):
            yield f"{name} {row.row.conditions[name]}", (name, test)


def _is_open(name: str, env: Env) -> bool:
    """Whether the name is another column, not something that the tables before gave or failed to give."""
    return name not in env and name.split(".")[0] not in PATHS.values()


def _box(row: ReadRow, dimensions: Iterable[Dimension], env: Env, relative: Mapping[str, tuple[str, Test]]) -> Box:
    beside = {f"{name} {row.row.conditions[name]}" for name in row.tests}
    out = []
    for each in dimensions:
        if each.name in relative:
            out.append(0b01 if each.name in beside else 0b11)
        elif each.name in row.tests and f"{each.name} {row.row.conditions[each.name]}" not in relative:
            test = row.tests[each.name]
            out.append(each.where(test.holds(low, env) is True for low, _ in each.spans))
        else:
            out.append(each.everything)
    return tuple(out)
