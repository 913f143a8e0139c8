"""The register of scorecards: versions, approvals, and which one is in use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from app.domain.register import Approval, ScorecardEntry
from data.canonical import canonical_json
from data.transaction import Tx

_TABLES = ("scorecards", "scorecard_versions", "scorecard_approvals", "scorecard_uses", "scores")
_ENTRIES_SQL = """
    SELECT v.sha256, d.body, v.person, v.added_at, a.person, a.approved_at, a.valid_from, a.note, coalesce(n.cases, 0)
    FROM scorecard_versions v
    JOIN scorecards d ON d.sha256 = v.sha256
    LEFT JOIN scorecard_approvals a ON a.sha256 = v.sha256
    LEFT JOIN (SELECT sha256, count(*) AS cases FROM scores GROUP BY sha256) n ON n.sha256 = v.sha256
    ORDER BY v.added_at, v.sha256"""


class ScorecardRepository:
    """``ports.ScorecardStore`` over ``scorecard_versions``, ``scorecard_approvals`` and ``scorecard_uses``."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, sha256: str, document: Mapping[str, Any], person: str, added_at: datetime) -> None:
        """Keep a version for good, whatever becomes of its file; one that is there stays as it is."""
        if self._row("SELECT 1 FROM scorecard_versions WHERE sha256 = ?", sha256) is not None:
            return
        if self._row("SELECT 1 FROM scorecards WHERE sha256 = ?", sha256) is None:
            self._tx.insert("scorecards", [(sha256, canonical_json(document))])
        self._tx.insert("scorecard_versions", [(sha256, person, added_at.isoformat())])

    def entries(self) -> list[ScorecardEntry]:
        """Every version, in order of arrival."""
        used = self.in_use()
        return [
            ScorecardEntry(
                sha256=row[0],
                document=json.loads(row[1]),
                person=row[2],
                added_at=datetime.fromisoformat(row[3]),
                approval=_approval(row[4:8]),
                in_use=row[0] == used,
                cases=row[8],
            )
            for row in self._tx.rows(_ENTRIES_SQL, reads=_TABLES)
        ]

    def cases(self, sha256: str) -> int:
        """How many cases have a score made with that document."""
        row = self._row("SELECT count(*) FROM scores WHERE sha256 = ?", sha256)
        return 0 if row is None else int(row[0])

    def approve(self, sha256: str, approval: Approval) -> None:
        """Record the approval of a version."""
        at, valid_from = approval.approved_at.isoformat(), approval.valid_from.isoformat()
        self._tx.insert("scorecard_approvals", [(sha256, approval.person, at, valid_from, approval.note)])

    def use(self, sha256: str, person: str, at: datetime) -> None:
        """From now on cases are scored with that version."""
        row = self._tx.row('SELECT coalesce(max("no"), 0) + 1 FROM scorecard_uses', reads=("scorecard_uses",))
        assert row is not None
        self._tx.insert("scorecard_uses", [(int(row[0]), sha256, person, at.isoformat())])

    def in_use(self) -> str | None:
        """SHA-256 of the version put in use last; None where none ever was."""
        row = self._tx.row('SELECT sha256 FROM scorecard_uses ORDER BY "no" DESC LIMIT 1', reads=("scorecard_uses",))
        return None if row is None else str(row[0])

    def _row(self, sql: str, sha256: str) -> tuple[Any, ...] | None:
        return self._tx.row(sql, [sha256], reads=_TABLES)


def _approval(row: tuple[Any, ...]) -> Approval | None:
    if row[0] is None:
        return None
    return Approval(row[0], datetime.fromisoformat(row[1]), date.fromisoformat(row[2]), row[3])
