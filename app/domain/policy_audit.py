"""Checks of decision tables: gaps, overlaps, rows that are never reached, wrong types, ranges and results.

Exact, not sampled: ``policy_grid`` cuts the columns where a cell changes its mind, and ``policy_space`` looks at every
combination of the tables before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from app.domain.credentials import CREDENTIALS
from app.domain.facts import Catalogue, FactDefinition, Kind
from app.domain.policy_cells import Test, Value
from app.domain.policy_findings import LEVELS, PolicyFinding
from app.domain.policy_grid import NUMERIC, STEPS, Box, TooManyBoxes, common, constants_of, in_words, less, without
from app.domain.policy_results import result_findings
from app.domain.policy_space import ReadRow, Space, Spaces, read_rows
from app.domain.policy_tables import JUDGING, LIMITS, PRICING, TERMS, UPLIFT, Table, tables

_ORDER = ("<", "<=", ">", ">=")
_SILENT = {
    LIMITS: ("error", "no limit would hold, and no clause of affordability be read"),
    PRICING: ("warning", "the case would be declined for want of a price (pricing 6.0)"),
    TERMS: ("error", "the currency would have no terms"),
}
_MOST = 20  # findings of one kind a table
_OWN_KINDS = {"case.currency": Kind.TEXT, "case.income_verified": Kind.BOOLEAN}


Step = Callable[[], None]
"""Called between the rows that are looked at; it may raise, which ends the check."""


def no_step() -> None:
    """The step of a caller that waits."""


def audit(
    document: Mapping[str, Any],
    catalogue: Catalogue,
    grades: Sequence[str] = (),
    problems: Iterable[str] = (),
    step: Step = no_step,
) -> tuple[PolicyFinding, ...]:
    """Everything found in the tables of a JDM document, the worst first.

    ``grades`` are those the scorecard gives; without them, those the tables name. ``problems`` are what keeps the
    document from being loaded, in the words of ``data.policy_files.problems``.
    """
    found = [*_format_findings(problems)]
    listed = {table.name: table for table in tables(document)}
    rows = {name: read_rows(table) for name, table in listed.items()}
    texts = {"score.grade": tuple(grades)} if grades else dict(_texts_named(rows))
    spaces = Spaces(catalogue, listed, rows, {**dict(_texts_named(rows)), **texts})
    for name in listed:
        wrong = list(_cell_findings(name, rows[name], catalogue, grades))
        told = {(each.row, each.column) for each in wrong}
        try:
            seen = _table_findings(name, list(_stepping(spaces.of(name), step)), spaces, step)
            found += [*wrong, *(each for each in seen if each.kind != "range" or (each.row, each.column) not in told)]
        except TooManyBoxes:
            message = "The rows cut the values of this table into too many pieces to look for gaps and overlaps."
            found += [*wrong, PolicyFinding("warning", "cell", name, message)]
    found += _credential_findings(document, listed)
    sure = [_as_sure(each) for each in dict(_distinct(found)).values()]
    return tuple(sorted(sure, key=lambda each: LEVELS.index(each.level)))


def _credential_findings(document: Mapping[str, Any], listed: Mapping[str, Table]) -> Iterator[PolicyFinding]:
    """Documents that are counted and move nothing."""
    rows = listed[LIMITS].rows if LIMITS in listed else ()
    if document.get(CREDENTIALS) is not None and not any(UPLIFT in row.result_names() for row in rows):
        message = f"The policy has a table of credentials, but no row of limits adds {UPLIFT}: documents move nothing."
        yield PolicyFinding("warning", "result", LIMITS, message, column="amount")


def _as_sure(finding: PolicyFinding) -> PolicyFinding:
    """Conditions that compare two columns may leave room for a finding that no input shows: then it is a note."""
    if finding.kind not in ("gap", "overlap") or finding.example is not None:
        return finding
    return replace(finding, level="note", message=f"{finding.message} No input was found that shows it.")


def _distinct(found: Iterable[PolicyFinding]) -> Iterator[tuple[object, PolicyFinding]]:
    seen: dict[object, PolicyFinding] = {}
    for each in found:
        key = each.kind, each.table, each.row, each.column, each.rows, each.message if each.kind == "gap" else ""
        if key not in seen:
            seen[key] = each
            yield key, each


def _format_findings(problems: Iterable[str]) -> Iterator[PolicyFinding]:
    """``Table pricing, row 3: ...`` taken apart."""
    for problem in problems:
        place, _, text = problem.partition(": ")
        table, _, row = place.removeprefix("Table ").partition(", row ")
        if not place.startswith("Table ") or not text:
            yield PolicyFinding("error", "format", "", problem)
        else:
            kind = "hit-policy" if "hit policy" in text else "format"
            yield PolicyFinding("error", kind, table, text, row=int(row) if row.isdigit() else None)


def _texts_named(rows: Mapping[str, Sequence[ReadRow]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The categories that any table names for a column."""
    named: dict[str, dict[str, None]] = {}
    for row in (row for each in rows.values() for row in each):
        for name, test in row.tests.items():
            texts = (value for _, value in constants_of(test, {}) if isinstance(value, str))
            named.setdefault(name, {}).update(dict.fromkeys(texts))
    return ((name, tuple(texts)) for name, texts in named.items())


# -- single cells


def _cell_findings(
    table: str, rows: Sequence[ReadRow], catalogue: Catalogue, grades: Sequence[str]
) -> Iterator[PolicyFinding]:
    for row in rows:
        for name in row.unread:
            message = f"{row.row.conditions[name]!r} is not taken apart by the check, which looks past it."
            yield PolicyFinding("warning", "cell", table, message, row.position, name)
        for name, test in row.tests.items():
            for problem in _type_problems(name, test, catalogue.get(name), grades):
                message = f"{row.row.conditions[name]!r}: {problem}"
                example = _usual(name, catalogue.get(name))
                yield PolicyFinding("error", "type", table, message, row.position, name, example=example)


def _type_problems(name: str, test: Test, definition: FactDefinition | None, grades: Sequence[str]) -> Iterator[str]:
    if definition is None and name not in _OWN_KINDS:
        return  # what it is, is not known
    kind = definition.kind if definition else _OWN_KINDS[name]
    categories = definition.categories if definition is not None else ()
    if name == "score.grade":
        categories = categories or tuple(grades)
    for sign, value in constants_of(test, {}):
        problem = _number_problem(kind, sign, value) if kind in NUMERIC else _kind_problem(kind, sign, value)
        if problem is None and isinstance(value, str) and categories and value not in categories:
            problem = f"is never {value!r}; it is one of {', '.join(categories)}."
        if problem is not None:
            yield f"{name} {problem}"


def _number_problem(kind: Kind, sign: str, value: Value) -> str | None:
    if value is None:
        return None
    if not isinstance(value, Decimal):
        return f"is a number ({kind.value}), {value!r} is not."
    if sign == "==" and kind in STEPS and value % STEPS[kind]:
        return f"is never {value}: its values go in steps of {STEPS[kind]}."
    return None


def _kind_problem(kind: Kind, sign: str, value: Value) -> str | None:
    if sign in _ORDER:
        return f"is a {kind.value}, which has no order."
    if value is not None and (isinstance(value, bool) is not (kind is Kind.BOOLEAN) or isinstance(value, Decimal)):
        return f"is a {kind.value}, {value} is not."
    return None


def _usual(name: str, definition: FactDefinition | None) -> dict[str, Value]:
    """An ordinary value of the column, which the cell at fault fails to match."""
    if definition is None or definition.kind is Kind.BOOLEAN:
        return {name: "EUR" if name == "case.currency" else True}
    if definition.kind in NUMERIC:
        return {name: definition.minimum if definition.minimum is not None else Decimal(0)}
    return {name: next(iter(definition.categories), "A")}


# -- whole tables


def _stepping(spaces: Iterable[Space], step: Step) -> Iterator[Space]:
    for space in spaces:
        step()
        yield space


def _table_findings(name: str, contexts: Sequence[Space], spaces: Spaces, step: Step) -> Iterator[PolicyFinding]:
    yield from _reach_findings(name, contexts, step)
    yield from result_findings(name, contexts)
    for space in contexts:
        if not space.answered:
            continue  # told as a gap of the table before
        if space.table.hit_policy == "first":
            if name not in JUDGING:  # there, silence says that nothing stands against the case
                yield from _gap_findings(space, _declined(space, spaces) if name == PRICING else [])
            yield from _order_findings(space, step)
        elif name in JUDGING:
            yield from _group_findings(space, step)


def _reach_findings(name: str, contexts: Sequence[Space], step: Step) -> Iterator[PolicyFinding]:
    """Conditions that hold never or always, and rows that no input reaches, over all contexts."""
    if not contexts:
        return
    for at, row in enumerate(contexts[0].rows):
        step()
        constant = [each for column in row.tests if (each := _constant(name, at, column, contexts))]
        yield from constant
        if any(each.level == "error" for each in constant):
            continue
        taken = [_taken(space, at) for space in contexts if space.inside(space.boxes[at])]
        if not taken:
            message = "No input fulfils all conditions of this row."
            yield PolicyFinding("error", "unreachable", name, message, row.position, _last(row), example={})
        elif all(taken) and contexts[0].table.hit_policy == "first":
            yield _covered(name, row, next(space for space in contexts if space.inside(space.boxes[at])), at)


def _last(row: ReadRow) -> str | None:
    return next(reversed(row.fields), None)


def _constant(name: str, at: int, column: str, contexts: Sequence[Space]) -> PolicyFinding | None:
    """A condition that no value, or every value, of its column fulfils."""
    row = contexts[0].rows[at]
    said = set()
    for space in contexts:
        if any(own == column for own, _ in space.relative.values()):
            return None
        each = space.dimensions[space.at(column)]
        known = each.where(low is not None for low, _ in each.spans) & _within(space, column)
        here = space.boxes[at][space.at(column)]
        said.add("never" if not here else "always" if known and here & known == known else "sometimes")
    if len(said) != 1 or "sometimes" in said:
        return None
    space, never = contexts[0], "never" in said
    each = space.dimensions[space.at(column)]
    word = "never" if never else "always"
    message = f"{row.row.conditions[column]!r} {word} holds: {column} is {each.words(each.everything)}."
    if not never and len(each.spans) == 1:
        return None  # the one value there is
    level = "error" if never else "note"
    example = {column: each.example(each.everything)}
    return PolicyFinding(level, "range", name, message, row.position, column, example=example)


def _within(space: Space, column: str) -> int:
    at, mask = space.at(column), 0
    for box in space.region:
        mask |= box[at]
    return mask


def _taken(space: Space, at: int) -> bool:
    """Whether the rows before answer all that this one would."""
    return not without(space.inside(space.boxes[at]), space.boxes[:at])


def _covered(name: str, row: ReadRow, space: Space, at: int) -> PolicyFinding:
    box = space.inside(space.boxes[at])[0]
    rows = tuple(other.position for other, mine in zip(space.rows, space.boxes[:at], strict=False) if common(mine, box))
    listed = ", ".join(map(str, rows))
    which = f"row {listed} answers" if len(rows) == 1 else f"rows {listed} answer"
    message = f"This row is never reached: {which} every input that it would."
    example = space.example(box)
    return PolicyFinding("error", "unreachable", name, message, row.position, _last(row), rows, example)


def _declined(space: Space, spaces: Spaces) -> list[Box]:
    """Boxes in which eligibility declines already, whatever the price would be."""
    names = {each.name for each in space.dimensions}
    out = []
    for row in spaces.rows.get(JUDGING[0], ()):
        if row.outcome() != "decline" or row.unread or not set(row.tests) <= names:
            continue
        names_read = {name for test in row.tests.values() for each in test.expressions() for name in each.names()}
        if not names_read <= space.env.keys():
            continue
        out.append(
            tuple(
                each.where(row.tests[each.name].holds(low, space.env) is True for low, _ in each.spans)
                if each.name in row.tests
                else each.everything
                for each in space.dimensions
            )
        )
    return out


def _gap_findings(space: Space, declined: Sequence[Box]) -> Iterator[PolicyFinding]:
    level, consequence = _SILENT.get(space.table.name, ("warning", "nothing would be answered"))
    for box in without(space.region, [*space.boxes, *declined])[:_MOST]:
        own = _own(space, box)
        message = f"No row answers {own}; {consequence}."
        row, column = _nearest(space, box)
        yield PolicyFinding(level, "gap", space.table.name, message, row, column, example=space.example(box))


def _own(space: Space, box: Box, fields: Iterable[str] | None = None) -> str:
    """The box in words, of the table's own columns."""
    wanted = set(fields if fields is not None else (name for row in space.rows for name in row.fields))
    kept = [(each, mask) for each, mask in zip(space.dimensions, box, strict=True) if each.name.split(" ")[0] in wanted]
    return in_words([each for each, _ in kept], tuple(mask for _, mask in kept))


def _nearest(space: Space, box: Box) -> tuple[int | None, str | None]:
    """The last row that would answer the box but for one column, and that column."""
    found: tuple[int | None, str | None] = (None, None)
    for row, mine in zip(space.rows, space.boxes, strict=True):
        short = [at for at, mask in enumerate(box) if mask & ~mine[at]]
        if len(short) == 1:
            found = row.position, space.dimensions[short[0]].name.split(" ")[0]
    return found


def _order_findings(space: Space, step: Step) -> Iterator[PolicyFinding]:
    """Rows of which neither holds the other, both answering some input, with different results."""
    pairs = ((at, other) for other in range(len(space.rows)) for at in range(other))
    for at, other in pairs:
        step()
        both = common(space.boxes[at], space.boxes[other])
        shared = space.inside(both) if both else []
        if not shared or _results(space.rows[at]) == _results(space.rows[other]):
            continue
        if not less(space.boxes[at], space.boxes[other]) or not less(space.boxes[other], space.boxes[at]):
            continue
        told = _own(space, shared[0])
        message = f"Row {space.rows[at].position} answers {told} before this row does; only their order decides."
        column = _differing(space, at, other)
        rows = (space.rows[at].position,)
        example = space.example(shared[0])
        yield PolicyFinding(
            "warning", "overlap", space.table.name, message, space.rows[other].position, column, rows, example
        )


def _differing(space: Space, at: int, other: int) -> str | None:
    """The column in which the two overlap in part."""
    for each, mine, theirs in zip(space.dimensions, space.boxes[at], space.boxes[other], strict=True):
        if mine != theirs:
            return each.name.split(" ")[0]
    return None


def _results(row: ReadRow) -> dict[str, str]:
    return {name: cell for name, cell in row.row.results.items() if not name.startswith("text_")}


def _group_findings(space: Space, step: Step) -> Iterator[PolicyFinding]:
    """Rows over the same columns, one of which says what is met: together they must say something of every value."""
    groups: dict[frozenset[str], list[int]] = {}
    for at, row in enumerate(space.rows):
        groups.setdefault(frozenset(row.fields), []).append(at)
    for fields, members in groups.items():
        if not fields:
            continue
        if any(space.rows[at].outcome() == "pass" for at in members):
            yield from _silence_findings(space, fields, members)
        yield from _clash_findings(space, members, step)


def _silence_findings(space: Space, fields: Iterable[str], members: Sequence[int]) -> Iterator[PolicyFinding]:
    known = tuple(
        each.where(low is not None for low, _ in each.spans) if each.name in fields else each.everything
        for each in space.dimensions
    )
    for box in without(space.inside(known), [space.boxes[at] for at in members]):
        row, column = _nearest(space, box)
        listed = ", ".join(str(space.rows[at].position) for at in members)
        met = f"{_columns(fields)} meets the policy"
        message = f"Rows {listed} say neither that {met} nor that it does not, somewhere between their conditions."
        example = space.example(box)
        yield PolicyFinding(
            "error",
            "gap",
            space.table.name,
            message,
            row,
            column,
            tuple(space.rows[at].position for at in members),
            example,
        )
        return


def _columns(fields: Iterable[str]) -> str:
    return " with ".join(sorted(fields))


def _clash_findings(space: Space, members: Sequence[int], step: Step) -> Iterator[PolicyFinding]:
    for place, other in enumerate(members):
        for at in members[:place]:
            step()
            both = common(space.boxes[at], space.boxes[other])
            shared = space.inside(both) if both else []
            if shared:
                yield from _clash(space, at, other, shared[0])


def _clash(space: Space, at: int, other: int, box: Box) -> Iterator[PolicyFinding]:
    one, two = space.rows[at], space.rows[other]
    if {one.outcome(), two.outcome()} > {"pass"}:
        message = (
            f"Rows {one.position} and {two.position} both answer: one says {one.outcome()}, the other {two.outcome()}."
        )
        yield PolicyFinding(
            "warning",
            "overlap",
            space.table.name,
            message,
            two.position,
            _last(two),
            (one.position,),
            space.example(box),
        )
    elif _results(one) == _results(two) and not less(space.boxes[other], space.boxes[at]):
        message = f"Row {one.position} says the same of every input that this row answers."
        yield PolicyFinding(
            "warning",
            "redundant",
            space.table.name,
            message,
            two.position,
            _last(two),
            (one.position,),
            space.example(box),
        )
