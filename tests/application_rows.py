"""Rows of a table of applications put into a workspace as an import stores them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.domain.facts import Catalogue

if TYPE_CHECKING:
    from data.transaction import Tx


def put_application_rows(
    tx: Tx,
    catalogue: Catalogue,
    rows: Mapping[int, Mapping[str, Any]],
    *,
    document: str,
    headings: Sequence[tuple[str, str, str | None]] = (),
    first_line: int = 2,
) -> None:
    """A row for each of these cases: its cells by fact. ``headings``: fact, heading in the file, unit or None."""
    from data.repositories.tables import ApplicationTable, ApplicationTables, add_fact_columns, fact_columns

    tables = ApplicationTables(tx)
    table = ApplicationTable(document, "table", "instalment-loan", "EUR", 2026)
    table_no = tables.known(table)
    if table_no is None:
        table_no = tables.add(table, headings)
    add_fact_columns(tx, catalogue, [name for cells in rows.values() for name in cells])
    names = fact_columns(tx)
    for line, (case_no, cells) in enumerate(rows.items(), first_line):
        assert set(cells) <= set(names), "a fact that may not stand in a table"
        tx.insert("application_rows", [(case_no, table_no, line, None, True, *(cells.get(name) for name in names))])
