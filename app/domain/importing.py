"""What an import did, for people and for the command line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.domain.changes import Changes

_LISTED = 100  # case ids in the JSON form


@dataclass(slots=True)
class ImportResult:
    """Counts of what is new; nothing that was there already is counted."""

    cases: int = 0
    documents: int = 0
    rows: int = 0  # of tables
    rejected: int = 0  # rows, values and files
    waiting: int = 0  # documents that are kept and not read yet
    case_ids: list[str] = field(default_factory=list)  # new or extended; of tables none, see ``cases``
    folder_case_ids: list[str] = field(default_factory=list)  # of folders and documents: what is to be assessed
    rejects: list[Any] = field(default_factory=list)  # ports.Reject, as stored
    notes: list[str] = field(default_factory=list)  # one line each
    changes: Changes = Changes.NOTHING

    def note(self, text: str) -> None:
        """Say something once."""
        if text not in self.notes:
            self.notes.append(text)

    def to_json(self) -> dict[str, Any]:
        """JSON-ready; ``rejects_file`` is added by whoever writes one."""
        return {
            "cases": self.cases,
            "documents": self.documents,
            "rows": self.rows,
            "rejected": self.rejected,
            "case_ids": self.case_ids[:_LISTED],
            "notes": self.notes,
        }
