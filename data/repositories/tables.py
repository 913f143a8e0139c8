"""The tables of applications that came in: their documents, their headings, and the fact columns of their rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from app.domain.facts import Catalogue, Kind
from data.transaction import Tx

_TYPES = {
    Kind.MONEY: "DECIMAL(18,2)",
    Kind.PERCENT: "DECIMAL(9,2)",
    Kind.NUMBER: "DECIMAL(18,6)",
    Kind.YEARS: "DECIMAL(9,2)",
    Kind.COUNT: "INTEGER",
    Kind.MONTHS: "INTEGER",
    Kind.DAYS: "INTEGER",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.DATE: "DATE",
}


OWN_COLUMNS = 5  # columns of application_rows before those of facts


def column_type(kind: Kind) -> str:
    """SQL type of a fact's column in ``application_rows``."""
    return _TYPES.get(kind, "VARCHAR")


def fact_columns(tx: Tx) -> list[str]:
    """Facts that have a column in ``application_rows``, in the order of the columns."""
    return list(tx.columns["application_rows"])[OWN_COLUMNS:]


def add_fact_columns(tx: Tx, catalogue: Catalogue, names: Iterable[str]) -> None:
    """Give each of these facts its column, unless it has one; only those that may stand in a table get one."""
    known = set(fact_columns(tx))
    for name in dict.fromkeys(names):
        definition = catalogue.get(name)
        if name not in known and definition is not None and definition.table_column:
            tx.add_column("application_rows", name, column_type(definition.kind))


class ApplicationTable(NamedTuple):
    """What the cases of a table have in common."""

    document: str  # SHA-256 of its file
    stem: str  # of references the file does not give: the stem, a hyphen, the line
    product: str  # where a row says none
    currency: str  # ISO 4217
    year: int  # of import; of a case whose row has no date


class ApplicationTables:
    """The tables ``application_tables`` and ``application_columns``, each table's part read once."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._documents: dict[int, str] = {}
        self._headings: dict[int, dict[str, tuple[str, str | None]]] = {}

    def document(self, table_no: int) -> str:
        """SHA-256 of the table's file."""
        if table_no not in self._documents:
            rows = self._tx.rows("SELECT table_no, document FROM application_tables", reads=("application_tables",))
            self._documents = dict(rows)
        return self._documents[table_no]

    def headings(self, table_no: int) -> dict[str, tuple[str, str | None]]:
        """What the file called its columns, and their unit if it is not the case's, by fact name."""
        if table_no not in self._headings:
            sql = "SELECT name, column_as, unit FROM application_columns WHERE table_no = ?"
            rows = self._tx.rows(sql, [table_no], reads=("application_columns",))
            self._headings[table_no] = {name: (column_as, unit) for name, column_as, unit in rows}
        return self._headings[table_no]

    def known(self, table: ApplicationTable) -> int | None:
        """Number of that table; None before its first rows came in."""
        sql = (
            "SELECT table_no FROM application_tables WHERE (document, stem, product, currency, year) = (?, ?, ?, ?, ?)"
        )
        row = self._tx.row(sql, table, reads=("application_tables",))
        return None if row is None else int(row[0])

    def add(self, table: ApplicationTable, headings: Iterable[tuple[str, str, str | None]]) -> int:
        """Number a new table; ``headings`` gives name of the fact, heading in the file, unit or None."""
        sql = "SELECT coalesce(max(table_no), 0) + 1 FROM application_tables"
        table_no = int(self._tx.rows(sql, reads=("application_tables",))[0][0])
        self._tx.insert("application_tables", [(table_no, *table)])
        self._tx.insert("application_columns", [(table_no, *heading) for heading in headings])
        return table_no
