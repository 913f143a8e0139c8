"""Checked rows of a reader's hand-over file become cases, in the running transaction."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path, PurePath

from app.domain.case import Document
from app.domain.facts import Catalogue
from app.ports import Progress
from data.database import quoted
from data.repositories.rejects import next_reject_id
from data.repositories.tables import ApplicationTable, ApplicationTables, add_fact_columns
from data.transaction import Tx

_POLL = 0.03  # seconds between looks at the cancel flag


@dataclass(frozen=True, slots=True)
class _Arrival:
    """What the hand-over file says of itself."""

    name: str  # of the attached database
    facts: tuple[str, ...]
    product: str
    currency: str
    year: int
    line_sql: str
    good: int
    total: int


def ingest_rows(tx: Tx, catalogue: Catalogue, incoming: Path, key: str, document: Document, progress: Progress) -> int:
    """Add an application row, and so a case, for each good row, and keep the rejects; returns how many were good.

    ``document`` is the table's file. Raises ``Cancelled`` when ``progress`` does; the running statement is stopped.
    """
    arrival = _arrival(tx, catalogue, tx.attach(incoming, key))
    table_no = _table_no(tx, arrival, document)
    first = tx.take_case_nos(arrival.good) if arrival.good else 0
    tx.flush(("application_tables", "application_rows", "rejects"))
    if arrival.good:
        _patiently(tx, _rows_sql(arrival, first, table_no), arrival.good, progress)
    _keep_rejects(tx, arrival, document)
    return arrival.good


def _arrival(tx: Tx, catalogue: Catalogue, name: str) -> _Arrival:
    product, currency, year, first_line, has_line = tx.fetch(
        f"SELECT product, currency, year, first_line, has_line FROM {name}.meta"  # noqa: S608 - our own name
    )[0]
    counted = f"SELECT count(*) FILTER (NOT bad), count(*) FROM {name}.checked"  # noqa: S608 - our own name
    good, total = tx.fetch(counted)[0]
    listed = [fact for (fact,) in tx.fetch(f"SELECT name FROM {name}.columns ORDER BY rowid")]  # noqa: S608 - our own name
    add_fact_columns(tx, catalogue, listed)
    facts = tuple(fact for fact in listed if fact in tx.columns["application_rows"])
    line_sql = "line" if has_line else f"rowid + {int(first_line)}"
    return _Arrival(name, facts, product, currency, int(year), line_sql, int(good), int(total))


def _numbered_sql(arrival: _Arrival, first: int) -> str:
    """Good rows with their case number; a window only where bad rows leave gaps between them."""
    if arrival.good == arrival.total:
        ordinal, chosen = "rowid", ""
    else:
        ordinal, chosen = "row_number() OVER (ORDER BY rowid) - 1", " WHERE NOT bad"
    return f"SELECT {first} + {ordinal} AS case_no, {arrival.line_sql} AS line, * FROM {arrival.name}.checked{chosen}"  # noqa: S608


def _rows_sql(arrival: _Arrival, first: int, table_no: int) -> str:
    names = ", ".join(quoted(fact) for fact in arrival.facts)
    return (
        f'INSERT INTO application_rows (case_no, table_no, "row", reference, opened, {names}) '  # noqa: S608 - quoted, numbers, our own names
        f"SELECT case_no, {table_no}, line, nullif(reference, ''), FALSE, {names} "
        f"FROM ({_numbered_sql(arrival, first)})"
    )


def _table_no(tx: Tx, arrival: _Arrival, document: Document) -> int:
    """The number of the document's table (corrected rows join the one they were rejected from)."""
    tables = ApplicationTables(tx)
    stem = PurePath(document.name).stem
    table = ApplicationTable(document.sha256, stem, arrival.product, arrival.currency, arrival.year)
    known = tables.known(table)
    if known is not None:
        return known
    return tables.add(table, tx.fetch(f"SELECT name, column_as, unit FROM {arrival.name}.columns"))  # noqa: S608 - our own name


def _keep_rejects(tx: Tx, arrival: _Arrival, document: Document) -> None:
    tx.run(
        "INSERT INTO rejects SELECT ? + rowid, ?, ?, line, column_as, reason, remedy, raw "  # noqa: S608 - our own name
        f"FROM {arrival.name}.rejects",
        [next_reject_id(tx), document.sha256, document.name],
    )


def _patiently(tx: Tx, sql: str, total: int, progress: Progress) -> None:
    """Run one long statement while ``progress`` may cancel it."""
    failure: list[BaseException] = []

    def work() -> None:
        try:
            tx.run(sql)
        except BaseException as exc:  # noqa: BLE001 - the edge of the thread; raised again below
            failure.append(exc)

    thread = threading.Thread(target=work, name="ingest")
    thread.start()
    try:
        while thread.is_alive():
            thread.join(_POLL)
            progress(0, total, "storing")
    except BaseException:
        tx.interrupt()
        thread.join()
        raise
    if failure:
        raise failure[0]
