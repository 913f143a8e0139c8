"""Values inside SQL text.

DuckDB's Python driver imports pandas, NumPy and PyArrow at the first parameter of a process, which takes longer than
most commands. So single values are written into the statement as literals; lists go to the driver.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Params = Sequence[Any] | Mapping[str, Any]

_NAMED = re.compile(r"\$([a-z_]+)")


def literal(text: str) -> str:
    """Return ``text`` as an SQL string; DuckDB knows no escapes in it but the doubled quote."""
    return "'" + text.replace("'", "''") + "'"


def literal_of(value: Any) -> str | None:
    """Return a value as an SQL literal; None for what only the driver can pass on."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return f"({value})"
        case str():
            return None if "\x00" in value else literal(value)
        case Decimal():
            return f"({value:f})" if value.is_finite() else None
        case datetime():
            return f"TIMESTAMP '{value.isoformat(' ')}'" if value.tzinfo is None else None
        case date():
            return f"DATE '{value.isoformat()}'"
        case _:
            return None


def bound_sql(sql: str, params: Params) -> str | None:
    """Return the statement with its parameters written in, ``?`` in order or ``$name`` by name.

    None when the driver must bind them: a value that has no literal, or a question mark that is no parameter.
    """
    if isinstance(params, Mapping):
        literals = {name: literal_of(value) for name, value in params.items()}
        names = set(_NAMED.findall(sql))
        if None in literals.values() or not names <= set(literals):
            return None
        return _NAMED.sub(lambda found: str(literals[found.group(1)]), sql)
    parts = sql.split("?")
    values = [literal_of(value) for value in params]
    if None in values or len(parts) != len(values) + 1:
        return None
    return parts[0] + "".join(f"{value}{part}" for value, part in zip(values, parts[1:], strict=True))


def values_sql(rows: Sequence[Sequence[Any]]) -> str | None:
    """Return ``VALUES (...), (...)`` of the rows; None when a value has no literal."""
    lines = []
    for row in rows:
        literals = [literal_of(value) for value in row]
        if None in literals:
            return None
        lines.append(f"({', '.join(str(text) for text in literals)})")
    return f"VALUES {', '.join(lines)}"
