"""A transaction as the repositories see it: statements, rows of one case, and rows that wait to be stored in bulk."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.binding import Params, values_sql
from data.database import Database, Row, Session, literal, quoted

if TYPE_CHECKING:
    import duckdb

_LISTS_FROM = 20  # rows: fewer are written into the statement, which needs no pandas (see data.binding)
_FRAME_FROM = 500  # rows: fewer go as list parameters, which is quicker than building a frame
_FLUSH_AT = 50_000  # waiting rows of one table
_READ_AHEAD = 256  # cases
_NEAR = 16  # cases apart: still going through them in order


@dataclass(slots=True)
class _Waiting:
    """Rows of one table that are not stored yet."""

    rows: dict[int | None, list[Row]] = field(default_factory=dict)  # by case_no; None in tables without one
    count: int = 0
    replaced: set[int] = field(default_factory=set)  # cases whose stored rows go
    updates: dict[str, dict[int, Any]] = field(default_factory=dict)  # column -> case_no -> value


@dataclass(slots=True)
class _Fetched:
    """Stored rows of one table that were read already, by case."""

    rows: dict[int, list[Row]] = field(default_factory=dict)
    last: int = -1_000


class Tx(Session):
    """One transaction, or one consistent reading.

    Reading: ``rows(sql, params)`` for any statement, ``case_rows(table, case_no)`` for the rows of one case.
    Writing: ``insert``, ``replace`` and ``update`` buffer; the rows are stored in bulk at commit, or before a statement
    that reads their table (see ``rows``). ``execute`` and ``insert_frame`` write at once.
    Rows are tuples in the order of the table's columns in ``data/schema``; the first column of every table that belongs
    to cases is ``case_no``. Values are Python's own: Decimal, date, bool, int, str, None.
    """

    def __init__(
        self, database: Database, cursor: duckdb.DuckDBPyConnection, columns: dict[str, dict[str, str]]
    ) -> None:
        super().__init__(database, cursor)
        self.columns = columns  # table -> column -> SQL type, in schema order
        self._waiting: dict[str, _Waiting] = {}
        self._fetched: dict[str, _Fetched] = {}
        self._next_case_no: int | None = None
        self._attached: list[str] = []
        self._undo: list[Callable[[], None]] = []
        self._open = True

    # -- reading

    def rows(self, sql: str, params: Params = (), *, reads: Collection[str] | None = None) -> list[Row]:
        """Return all rows of a query.

        Buffered rows of the tables in ``reads`` are stored first; of every table when it is None. Name the tables, or
        use ``case_rows``, in what runs once a case, so that a batch of cases still goes in by one statement a table.
        """
        self.flush(reads)
        return self.fetch(sql, params)

    def row(self, sql: str, params: Params = (), *, reads: Collection[str] | None = None) -> Row | None:
        """Return the first row of a query, or None."""
        found = self.rows(sql, params, reads=reads)
        return found[0] if found else None

    def case_rows(self, table: str, case_no: int) -> list[Row]:
        """Return the rows of one case in the order they were stored, as they will be after commit; stores nothing.

        Going through cases in ascending order, the rows of the next ones are fetched along.
        """
        waiting = self._waiting.get(table)
        if waiting is None:
            return self._stored(table, case_no)
        stored = [] if case_no in waiting.replaced else self._stored(table, case_no)
        changed = {name: values[case_no] for name, values in waiting.updates.items() if case_no in values}
        rows = stored + waiting.rows.get(case_no, [])
        return [self._with(table, row, changed) for row in rows] if changed else rows

    def _stored(self, table: str, case_no: int) -> list[Row]:
        fetched = self._fetched.setdefault(table, _Fetched())
        if case_no not in fetched.rows:
            ahead = _READ_AHEAD if 0 < case_no - fetched.last <= _NEAR else 1
            fetched.rows = {number: [] for number in range(case_no, case_no + ahead)}
            columns = ", ".join(map(quoted, self.columns[table]))  # another transaction may add one meanwhile
            sql = f"SELECT {columns} FROM {quoted(table)} WHERE case_no BETWEEN ? AND ?"  # noqa: S608
            for row in self.fetch(sql, [case_no, case_no + ahead - 1]):
                fetched.rows[row[0]].append(row)
        fetched.last = case_no
        return list(fetched.rows[case_no])

    def _with(self, table: str, row: Row, changed: dict[str, Any]) -> Row:
        return tuple(changed.get(name, value) for name, value in zip(self.columns[table], row, strict=True))

    # -- writing

    def execute(self, sql: str, params: Params = ()) -> None:
        """Execute one statement after storing everything that is buffered."""
        self.flush()
        self.run(sql, params)

    def run(self, sql: str, params: Params = (), *, shown: str | None = None) -> duckdb.DuckDBPyConnection:
        """Execute one statement as it stands, buffered rows aside (see ``Session.run``)."""
        if not sql.lstrip().upper().startswith(("SELECT", "FROM", "WITH")):
            self._fetched.clear()
        return super().run(sql, params, shown=shown)

    def insert(self, table: str, rows: Iterable[Row]) -> None:
        """Append rows, buffered."""
        waiting = self._waiting.setdefault(table, _Waiting())
        of_cases = self._of_cases(table)
        for row in rows:
            waiting.rows.setdefault(row[0] if of_cases else None, []).append(row)
            waiting.count += 1
        if waiting.count >= _FLUSH_AT:
            self.flush((table,))

    def replace(self, table: str, case_no: int, rows: Iterable[Row]) -> None:
        """Make ``rows`` the only rows of the case in the table, buffered."""
        waiting = self._waiting.setdefault(table, _Waiting())
        waiting.count -= len(waiting.rows.pop(case_no, []))
        waiting.replaced.add(case_no)
        self.insert(table, rows)

    def update(self, table: str, case_no: int, **values: Any) -> None:
        """Set columns of the case's row, buffered."""
        waiting = self._waiting.setdefault(table, _Waiting())
        for column, value in values.items():
            waiting.updates.setdefault(column, {})[case_no] = value

    def insert_frame(self, table: str, frame: Any) -> None:
        """Append a DataFrame at once; its columns are named as the table's, missing ones become null."""
        self.flush((table,))
        self.register("arriving", frame)
        try:
            self.run(f"INSERT INTO {quoted(table)} BY NAME SELECT * FROM arriving")  # noqa: S608
        finally:
            self.unregister("arriving")

    def add_column(self, table: str, name: str, kind: str) -> None:
        """Append a column to a table; others see it after commit."""
        self.flush((table,))
        self.run(f"ALTER TABLE {quoted(table)} ADD COLUMN {quoted(name)} {kind}")
        self.columns = self.columns | {table: self.columns[table] | {name: kind}}

    def flush(self, tables: Collection[str] | None = None) -> None:
        """Store what is buffered for ``tables``, or for all."""
        for table in [t for t in self._waiting if tables is None or t in tables]:
            waiting = self._waiting.pop(table)
            self._delete(table, waiting.replaced)
            self._append(table, [row for rows in waiting.rows.values() for row in rows])
            self._update_all(table, waiting.updates)

    def take_case_nos(self, count: int = 1) -> int:
        """Return the first of ``count`` consecutive new case numbers; they are free again after a rollback."""
        if self._next_case_no is None:
            sql = (
                "SELECT greatest((SELECT coalesce(max(case_no), 0) FROM opened_cases), "
                "(SELECT coalesce(max(case_no), 0) FROM application_rows)) + 1"
            )
            self._next_case_no = int(self.rows(sql, reads=("opened_cases", "application_rows"))[0][0])
        first = self._next_case_no
        self._next_case_no += count
        return first

    def attach(self, path: Path, key: str) -> str:
        """Open a reader's encrypted hand-over file, read only, and return its name for SQL (``name.rows``).

        ``path`` lies in the workspace's ``incoming`` folder; ``key`` is the text it was encrypted under. It is detached
        when the transaction ends; deleting the file is the caller's part.
        """
        name = f"incoming_{len(self._attached)}"
        statement = f"ATTACH {literal(str(path))} AS {name} (READ_ONLY, ENCRYPTION_KEY {literal(key)})"
        self.run(statement, shown=f"ATTACH {literal(path.name)} AS {name} (READ_ONLY, ENCRYPTION_KEY ...)")
        self._attached.append(name)
        return name

    def on_rollback(self, undo: Callable[[], None]) -> None:
        """Call ``undo`` if the transaction does not commit (to delete a file that was written for it)."""
        self._undo.append(undo)

    # -- ending; for Database

    def commit(self) -> None:
        """Store the buffered rows and commit; after a failed commit DuckDB has rolled back by itself."""
        self.flush()
        self.run("COMMIT")
        self._open = False
        self._database.columns = self.columns

    def roll_back(self) -> None:
        if not self._open:
            return
        self._open = False
        self._waiting.clear()
        self.quietly("ROLLBACK")
        for undo in reversed(self._undo):
            undo()

    def finish(self) -> None:
        """End a reading, detach what was attached, give the cursor back."""
        if self._open:
            self.quietly("ROLLBACK")
            self._open = False
        for name in self._attached:
            self.quietly(f"DETACH {name}")
        self.close()

    # -- bulk statements

    def _of_cases(self, table: str) -> bool:
        return next(iter(self.columns[table])) == "case_no"

    def _delete(self, table: str, case_nos: set[int]) -> None:
        if not case_nos:
            return
        numbers = ", ".join(str(int(case_no)) for case_no in sorted(case_nos))
        between = f"case_no BETWEEN {min(case_nos)} AND {max(case_nos)}"
        self.run(f"DELETE FROM {quoted(table)} WHERE {between} AND case_no IN ({numbers})")  # noqa: S608

    def _append(self, table: str, rows: list[Row]) -> None:
        if not rows:
            return
        types = self.columns[table]
        if len(rows[0]) != len(types):
            raise ValueError(f"{table} has {len(types)} columns, the row has {len(rows[0])}")
        self._from_values(
            dict(types),
            rows,
            lambda source: f"INSERT INTO {quoted(table)} SELECT * FROM {source}",  # noqa: S608
        )

    def _update_all(self, table: str, updates: dict[str, dict[int, Any]]) -> None:
        """One statement for the columns that are set in the same cases."""
        alike: dict[frozenset[int], list[str]] = {}
        for column, values in updates.items():
            alike.setdefault(frozenset(values), []).append(column)
        for case_nos, columns in alike.items():
            rows = [(case_no, *(updates[column][case_no] for column in columns)) for case_no in sorted(case_nos)]
            self._update(table, columns, rows)

    def _update(self, table: str, columns: list[str], rows: list[Row]) -> None:
        types = {"case_no": "BIGINT"} | {column: self.columns[table][column] for column in columns}
        sets = ", ".join(f"{quoted(column)} = v.{quoted(column)}" for column in columns)
        near = f"t.case_no BETWEEN {rows[0][0]} AND {rows[-1][0]}"
        self._from_values(
            types,
            rows,
            lambda source: (
                f"UPDATE {quoted(table)} AS t SET {sets} FROM {source} AS v "  # noqa: S608
                f"WHERE t.case_no = v.case_no AND {near}"
            ),
        )

    def _from_values(self, types: dict[str, str], rows: list[Row], statement: Callable[[str], str]) -> None:
        """Run a statement over a source of ``rows``: literals for a few, list parameters for some, a frame for many."""
        if len(rows) < _LISTS_FROM and (values := values_sql([[_plain(value) for value in row] for row in rows])):
            self._from_table(types, values, statement)
            return
        columns = [[_plain(value) for value in column] for column in zip(*rows, strict=True)]
        if len(rows) < _FRAME_FROM:
            casts = (f"unnest(CAST(? AS {kind}[])) AS {quoted(name)}" for name, kind in types.items())
            self.run(statement(f"(SELECT {', '.join(casts)})"), columns)
            return
        self.register("waiting", _frame(columns))
        try:
            self._from_table(types, "FROM waiting", statement)
        finally:
            self.unregister("waiting")

    def _from_table(self, types: dict[str, str], table: str, statement: Callable[[str], str]) -> None:
        """Run the statement over ``table``, each column cast from text; what is shown of it holds no values."""
        names = [f"c{at}" for at in range(len(types))]
        casts = (
            f"CAST({at} AS {kind}) AS {quoted(name)}" for at, (name, kind) in zip(names, types.items(), strict=True)
        )
        head, tail = f"(SELECT {', '.join(casts)} FROM (", f") AS rows({', '.join(names)}))"  # noqa: S608
        self.run(statement(head + table + tail), shown=statement(f"{head}...{tail}"))


def _plain(value: Any) -> Any:
    """Decimals and dates go over as text and are cast: exact, and one type a column."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def _frame(columns: list[list[Any]]) -> Any:
    import pandas as pd

    return pd.DataFrame({f"c{at}": pd.Series(values, dtype=_dtype(values)) for at, values in enumerate(columns)})


def _dtype(values: list[Any]) -> str:
    """The pandas type of a column: a guess by DuckDB from a sample of objects would go wrong on sparse columns."""
    first = next((value for value in values if value is not None), "")
    if isinstance(first, bool):
        return "boolean"
    return "Int64" if isinstance(first, int) else "str"
