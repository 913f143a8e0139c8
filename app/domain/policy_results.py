"""Checks of what decision tables give: numbers, their ranges, and authorities that run upward."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.domain.policy_findings import PolicyFinding
from app.domain.policy_space import ReadRow, Space
from app.domain.policy_tables import AUTHORITY, LIMITS, PATHS, PRICING, TERMS

_WORD = re.compile(r"[^\W\d]\w*")
_RESULTS: Mapping[str, tuple[tuple[str, Decimal, Decimal], ...]] = {
    TERMS: (
        ("unit", Decimal("1e-9"), Decimal("1e9")),
        ("step", Decimal("0.01"), Decimal("1e9")),
        ("tolerance_pct", Decimal(0), Decimal(100)),
        ("debt_instalment_pct", Decimal(0), Decimal(100)),
        ("floor_pct", Decimal(0), Decimal(1000)),
        ("cap_apr_pct", Decimal(0), Decimal(1000)),
        ("fee", Decimal(0), Decimal("1e9")),
        ("fee_pct", Decimal(0), Decimal(100)),
        ("lgd_pct", Decimal(0), Decimal(100)),
        ("funding_pct", Decimal(0), Decimal(100)),
        ("cost_pct", Decimal(0), Decimal(100)),
        ("margin_pct", Decimal(0), Decimal(100)),
    ),
    LIMITS: (
        ("dsr_pct", Decimal(0), Decimal(100)),
        ("amount", Decimal(0), Decimal("1e12")),
        ("disposable", Decimal("-1e12"), Decimal("1e12")),
    ),
    PRICING: (("rate_pct", Decimal(0), Decimal(1000)),),
    AUTHORITY: (("limit", Decimal(0), Decimal("1e15")), ("override_limit", Decimal(0), Decimal("1e15"))),
}


def result_findings(name: str, contexts: Sequence[Space]) -> Iterator[PolicyFinding]:
    """Results that are no number or out of range, and authorities that go the wrong way."""
    for space in (each for each in contexts if each.answered):
        for row in space.rows:
            for column, low, high in _RESULTS.get(name, ()):
                problem = _result_problem(row, column, low, high, space.env)
                if problem:
                    example = space.example(next(iter(space.inside(space.boxes[row.position - 1])), space.region[0]))
                    yield PolicyFinding("error", "result", name, problem, row.position, column, example=example)
        if name == AUTHORITY:
            yield from _authority_findings(space)


def _result_problem(row: ReadRow, column: str, low: Decimal, high: Decimal, env: Mapping[str, Any]) -> str | None:
    cell = row.row.results.get(column, "").strip()
    if not cell:
        return None  # told by the format
    if column not in row.results:  # what is no expression is told by the engine
        return f"{cell} is no number; a name needs its dot." if _WORD.fullmatch(cell) else None
    value = row.results[column].of(env)
    unknown = [name for name in row.results[column].names() if name not in env]
    given = [name for name in unknown if name.split(".")[0] in PATHS.values()]
    if given:
        return f"{cell} reads {given[0]}, which no table before this one gives."
    if value is None and unknown:
        return None
    if not isinstance(value, Decimal):
        return f"{cell} is no number."
    return None if low <= value <= high else f"{cell} is {value:f}; it must lie between {low:f} and {high:f}."


def _authority_findings(space: Space) -> Iterator[PolicyFinding]:
    before: tuple[ReadRow, Decimal] | None = None
    for row, box in zip(space.rows, space.boxes, strict=True):
        limit, override = (_number(row, column, space.env) for column in ("limit", "override_limit"))
        example = space.example(next(iter(space.inside(box)), space.region[0]))
        if limit is not None and override is not None and override < limit:
            message = f"With an override reason the role may sign less ({override:f}) than without ({limit:f})."
            yield PolicyFinding("error", "result", AUTHORITY, message, row.position, "override_limit", example=example)
        if before and limit is not None and limit < before[1] and row.row.text("role") != before[0].row.text("role"):
            message = f"This role may sign less ({limit:f}) than the one before it ({before[1]:f}); rows run upward."
            rows = (before[0].position,)
            yield PolicyFinding("warning", "result", AUTHORITY, message, row.position, "limit", rows, example)
        if limit is not None:
            before = row, limit


def _number(row: ReadRow, column: str, env: Mapping[str, Any]) -> Decimal | None:
    value = row.results[column].of(env) if column in row.results else None
    return value if isinstance(value, Decimal) else None
