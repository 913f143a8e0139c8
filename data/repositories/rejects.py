"""Rows and files that did not go in."""

from __future__ import annotations

from collections.abc import Sequence

from app.ports import Reject
from data.transaction import Tx


class RejectRepository:
    """``ports.RejectStore`` over the table ``rejects``."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, rejects: Sequence[Reject]) -> None:
        """Keep them under new ids; one that is there already, word for word, is not kept twice."""
        if not rejects:
            return
        known = {_content(reject) for reject in self.all()}
        fresh = [reject for reject in dict.fromkeys(rejects) if _content(reject) not in known]
        first = next_reject_id(self._tx)
        self._tx.insert("rejects", [(first + at, *_content(reject)) for at, reject in enumerate(fresh)])

    def all(self) -> list[Reject]:
        """All of them, in the order they came."""
        return [Reject(*row) for row in self._tx.rows("SELECT * FROM rejects ORDER BY id", reads=("rejects",))]

    def remove(self, ids: Sequence[int]) -> None:
        """Forget those that have been repaired."""
        if ids:
            self._tx.flush(("rejects",))
            self._tx.run("DELETE FROM rejects WHERE id IN (SELECT unnest(?::BIGINT[]))", [list(ids)])


def next_reject_id(tx: Tx) -> int:
    """The id after the last one given; ids of removed rejects may come again."""
    row = tx.row("SELECT coalesce(max(id), 0) + 1 FROM rejects", reads=("rejects",))
    return int(row[0]) if row else 1


def _content(reject: Reject) -> tuple[str, str, int | None, str | None, str, str, str]:
    return (reject.document, reject.file, reject.line, reject.column, reject.reason, reject.remedy, reject.raw)
