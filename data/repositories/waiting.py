"""Documents that wait to be read."""

from __future__ import annotations

from typing import Any

from app.domain.waiting import WaitingDocument, WaitingState
from data.repositories.cases import CASE_TABLES, case_id_of, case_no_of
from data.transaction import Tx

_TABLE = "waiting_documents"
_COLUMNS = "w.sha256, w.person, w.kind, w.state, w.why, w.remedy"


class WaitingRepository:
    """``reading_ports.WaitingStore`` over ``waiting_documents``."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def put(self, waiting: WaitingDocument) -> None:
        """Add at the end, in place of what the document waited for before."""
        self.remove(waiting.case_id, waiting.sha256)
        last = self._tx.rows(f'SELECT coalesce(max("no"), 0) FROM {_TABLE}', reads=(_TABLE,))[0][0]  # noqa: S608
        row = (
            case_no_of(waiting.case_id),
            last + 1,
            waiting.sha256,
            waiting.person,
            waiting.kind,
            waiting.state.value,
            waiting.why,
            waiting.remedy,
        )
        self._tx.insert(_TABLE, [row])

    def next(self) -> WaitingDocument | None:
        """The one that waits longest; one whose reading failed does not wait."""
        sql = (
            f"SELECT {_COLUMNS}, w.case_no, c.year FROM {_TABLE} w JOIN cases c ON c.case_no = w.case_no "  # noqa: S608
            "WHERE w.state = 'waiting' ORDER BY w.\"no\" LIMIT 1"
        )
        row = self._tx.row(sql, reads=(_TABLE, *CASE_TABLES))
        return _waiting(case_id_of(row[6], row[7]), row) if row else None

    def of_case(self, case_id: str) -> list[WaitingDocument]:
        """In the order they are read."""
        sql = f'SELECT {_COLUMNS} FROM {_TABLE} w WHERE w.case_no = ? ORDER BY w."no"'  # noqa: S608
        return [_waiting(case_id, row) for row in self._tx.rows(sql, [case_no_of(case_id)], reads=(_TABLE,))]

    def count(self) -> int:
        """How many wait."""
        sql = f"SELECT count(*) FROM {_TABLE} WHERE state = 'waiting'"  # noqa: S608
        return int(self._tx.rows(sql, reads=(_TABLE,))[0][0])

    def remove(self, case_id: str, sha256: str) -> None:
        self._tx.flush((_TABLE,))
        sql = f"DELETE FROM {_TABLE} WHERE case_no = ? AND sha256 = ?"  # noqa: S608
        self._tx.run(sql, [case_no_of(case_id), sha256])


def _waiting(case_id: str, row: tuple[Any, ...]) -> WaitingDocument:
    sha256, person, kind, state, why, remedy = row[:6]
    return WaitingDocument(case_id, sha256, person, kind, WaitingState(state), why, remedy)
