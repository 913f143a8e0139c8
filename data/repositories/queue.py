"""The queue: the numbers of the cases that answer a query, sorted once, read a page at a time."""

from __future__ import annotations

import threading
from typing import Any

from app.domain.case import Case
from app.ports import QueueQuery
from data.database import Database, Session
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
    """``ports.Queue``: case numbers in a temporary table, on a session of its own; callable from any thread.

    It shows the cases as they stood when the query was put, their heads as they stand when the page is read.
    """

    def __init__(self, database: Database, query: QueueQuery) -> None:
        self._lock = threading.Lock()
        self._session: Session = database.session()
        try:
            self._session.run("CREATE TEMP TABLE queue AS " + matching_sql(query), _params(query))
            self.count = int(self._session.fetch("SELECT count(*) FROM queue")[0][0])
        except BaseException:
            self._session.close()
            raise

    def page(self, offset: int, limit: int) -> list[Case]:
        """Return up to ``limit`` cases from position ``offset``, from 0; its time does not grow with the position."""
        with self._lock:
            self._session.resume()
            numbers = self._session.fetch(
                "SELECT case_no FROM queue WHERE rowid >= ? AND rowid < ? ORDER BY rowid", [offset, offset + limit]
            )
            order = {case_no: at for at, (case_no,) in enumerate(numbers)}
            if not order:
                return []
            rows = self._session.fetch(heads_sql(list(order)))
        return [case_of(row) for row in sorted(rows, key=lambda row: order[row[0]])]

    def index_of(self, case_id: str) -> int | None:
        """Position of the case, or None when the query leaves it out."""
        with self._lock:
            self._session.resume()
            found = self._session.fetch("SELECT rowid FROM queue WHERE case_no = ?", [case_no_of(case_id)])
        return int(found[0][0]) if found else None

    def close(self) -> None:
        """Drop the temporary table; a second call does nothing."""
        with self._lock:
            self._session.close()


def matching_sql(query: QueueQuery) -> str:
    """SQL for the case numbers that answer the query, in its order, ties by number."""
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
    order = f"{SORTS[query.sort]} {direction} NULLS LAST, case_no"
    return f"SELECT case_no FROM case_heads WHERE {' AND '.join(conditions)} ORDER BY {order}"  # noqa: S608


def heads_sql(case_nos: list[int]) -> str:
    """SQL for the heads of these cases, in any order."""
    numbers = ", ".join(str(int(case_no)) for case_no in case_nos)
    return f"SELECT {HEAD_COLUMNS} FROM case_heads WHERE case_no IN ({numbers})"  # noqa: S608


def _params(query: QueueQuery) -> dict[str, Any]:
    given = {
        "text": query.text or None,
        "status": query.status and query.status.value,
        "policy_outcome": query.policy_outcome,
        "grade": query.grade,
    }
    return {name: value for name, value in given.items() if value is not None}
