"""What a check of decision tables found: where, what, and an input that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.domain.policy_cells import Value
from app.domain.policy_grid import said

LEVELS = ("error", "warning", "note")
"""An error keeps a version from being activated; a warning is to be looked at; a note says what is easily missed."""


@dataclass(frozen=True, slots=True)
class PolicyFinding:
    """One finding; ``example`` is an input by fact name that shows it, None where no input can."""

    level: str
    kind: str  # "format" | "cell" | "type" | "range" | "result" | "unreachable" | "gap" | "overlap" | "redundant"
    table: str
    message: str
    row: int | None = None  # from 1
    column: str | None = None  # fact name of a condition, name of a result
    rows: tuple[int, ...] = ()  # the other rows it is about
    example: Mapping[str, Value] | None = field(default=None)

    @property
    def place(self) -> str:
        """``Table pricing, row 3, column request.term_months``."""
        row = f", row {self.row}" if self.row is not None else ""
        return f"Table {self.table}{row}" + (f", column {self.column}" if self.column else "")

    def to_json(self) -> dict[str, Any]:
        return {
            "level": self.level,
            "kind": self.kind,
            "table": self.table,
            "row": self.row,
            "column": self.column,
            "rows": list(self.rows),
            "message": self.message,
            "example": None if self.example is None else {name: _plain(value) for name, value in self.example.items()},
        }


def _plain(value: Value) -> str | bool | None:
    return value if value is None or isinstance(value, bool) else said(value)
