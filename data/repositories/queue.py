"""The queue: the cases that answer a query, sorted once into a temporary table, read a page at a time."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from app.domain.case import Case
from app.ports import QueueQuery
from data.database import Database, Row, Session
from data.repositories.cases import HEAD_COLUMNS, case_no_of, case_of

SORTS = {
    "id": "case_no",
    "reference": "lower(reference)",
    "applicant": "lower(applicant)",
    "product": "product",
    "amount": "amount",
    "currency": "currency",
    "term_months": "term_months",
    "received_on": "received_on",
    "language": "language",
    "status": "list_position(['new', 'scored', 'drafted', 'decided', 'signed'], status)",
    "points": "points",
    "pd": "pd",
    "grade": "grade",
    "policy_outcome": "policy_outcome",
}
"""SQL of each field of ``Case`` that the queue can be sorted by."""


class CaseQueue:
    """``ports.Queue`` on a session of its own; callable from any thread. It shows the cases as they stood when asked.

    Rows that lie together in the database (all cases, by number) are kept as numbers, or as their range where none is
    missing, and read from their place; else the temporary table holds whole heads, for a page of scattered rows would
    cost a scan of all cases.
    """

    def __init__(self, database: Database, query: QueueQuery) -> None:
        self._lock = threading.Lock()
        self._numbers_only = query == QueueQuery(descending=query.descending)
        self._session: Session = database.session()
        try:
            self._range = self._unbroken(query) if self._numbers_only else None
            if self._range is not None:
                self.count = len(self._range)
                return
            columns = "case_no" if self._numbers_only else HEAD_COLUMNS
            self._session.run(f"CREATE TEMP TABLE queue AS {matching_sql(query, columns)}", _params(query))
            self.count = int(self._session.fetch("SELECT count(*) FROM queue")[0][0])
        except BaseException:
            self._session.close()
            raise

    def page(self, offset: int, limit: int) -> list[Case]:
        """Return up to ``limit`` cases from position ``offset``, from 0; its time does not grow with the position."""
        with self._lock:
            self._session.resume()
            if self._range is not None:
                numbers = self._range[max(0, offset) : max(0, offset + limit)]
                return [case_of(row) for row in self._heads(numbers)] if numbers else []
            sql = "SELECT * FROM queue WHERE rowid >= ? AND rowid < ? ORDER BY rowid"
            rows = self._session.fetch(sql, [offset, offset + limit])
            if self._numbers_only and rows:
                rows = self._heads([case_no for (case_no,) in rows])
        return [case_of(row) for row in rows]

    def index_of(self, case_id: str) -> int | None:
        """Position of the case, or None when the query leaves it out."""
        if self._range is not None:
            case_no = case_no_of(case_id)
            return self._range.index(case_no) if case_no in self._range else None
        with self._lock:
            self._session.resume()
            found = self._session.fetch("SELECT rowid FROM queue WHERE case_no = ?", [case_no_of(case_id)])
        return int(found[0][0]) if found else None

    def close(self) -> None:
        """Drop the temporary table; a second call does nothing."""
        with self._lock:
            self._session.close()

    def _unbroken(self, query: QueueQuery) -> range | None:
        """The numbers of all cases in the query's order; None where one of them is missing."""
        first, last, count = self._session.fetch("SELECT min(case_no), max(case_no), count(*) FROM cases")[0]
        if not count or last - first + 1 != count:
            return None
        return range(last, first - 1, -1) if query.descending else range(first, last + 1)

    def _heads(self, case_nos: Sequence[int]) -> list[Row]:
        """The heads of neighbouring cases, in the order of their numbers given."""
        between = f"case_no BETWEEN {min(case_nos)} AND {max(case_nos)}"
        sql = f"SELECT {HEAD_COLUMNS} FROM case_heads WHERE {between}"  # noqa: S608
        found = {row[0]: row for row in self._session.fetch(sql)}
        return [found[case_no] for case_no in case_nos]


def matching_sql(query: QueueQuery, columns: str) -> str:
    """SQL for the cases that answer the query, in its order: blanks last, ties by number."""
    conditions = ["TRUE"]
    if query.text:
        conditions.append(
            "(contains(lower(applicant), lower($text)) OR contains(lower(reference), lower($text)) "
            "OR contains(lower(printf('C-%d-%06d', year, case_no)), lower($text)))"
        )
    if query.status is not None:
        conditions.append("status = $status")
    if query.policy_outcome is not None:
        conditions.append("policy_outcome = $policy_outcome")
    if query.grade is not None:
        conditions.append("grade = $grade")
    direction = "DESC" if query.descending else "ASC"
    table = "cases" if columns == "case_no" else "case_heads"
    order = f"{SORTS[query.sort]} {direction} NULLS LAST, case_no"
    return f"SELECT {columns} FROM {table} WHERE {' AND '.join(conditions)} ORDER BY {order}"  # noqa: S608


def _params(query: QueueQuery) -> dict[str, Any]:
    given = {
        "text": query.text or None,
        "status": query.status and query.status.value,
        "policy_outcome": query.policy_outcome,
        "grade": query.grade,
    }
    return {name: value for name, value in given.items() if value is not None}
