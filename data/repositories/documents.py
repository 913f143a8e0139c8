"""Documents: what is known of each original, and which cases it belongs to."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from app.domain.case import Document, FileSign
from app.domain.layout import Segment, Sheet
from app.errors import InputError
from data.originals import Originals
from data.repositories.cases import CASE_TABLES, case_id_of, case_no_of
from data.repositories.picture_prints import PicturePrints
from data.repositories.tables import ApplicationTables
from data.transaction import Tx


class DocumentRepository:
    """``ports.DocumentStore``: the rows in the database, the bytes with ``Originals``."""

    def __init__(self, tx: Tx, originals: Originals) -> None:
        self._tx = tx
        self._originals = originals
        self._tables = ApplicationTables(tx)
        self._prints = PicturePrints(tx)
        self._found: dict[str, Document] = {}  # thousands of cases stand in one table

    def add(self, case_id: str | None, document: Document, content: bytes | Path) -> bool:
        """Keep the original, encrypted, and tie it to the case; False if the case had it already.

        An original that is new is deleted again when the transaction does not commit.
        """
        if self._originals.put(document.sha256, content):
            self._tx.on_rollback(lambda: self._originals.remove(document.sha256))
        known = self.known(document.sha256)
        if not known:
            self._keep(document)
        if case_id is None:
            return not known
        case_no = case_no_of(case_id)
        if any(sha256 == document.sha256 for _, sha256 in self._tx.case_rows("case_documents", case_no)):
            return False
        self._tx.insert("case_documents", [(case_no, document.sha256)])
        return True

    def of_case(self, case_id: str) -> list[Document]:
        """The case's own documents in the order they came, then the table of applications it stands in."""
        case_no = case_no_of(case_id)
        digests = [sha256 for _, sha256 in self._tx.case_rows("case_documents", case_no)]
        digests += [self._tables.document(row[1]) for row in self._tx.case_rows("application_rows", case_no)]
        return [self.get(sha256) for sha256 in dict.fromkeys(digests)]

    def get(self, sha256: str) -> Document:
        """Raises ``InputError("document")`` when it is not in the workspace."""
        if sha256 not in self._found:
            row = self._tx.row("SELECT * FROM documents WHERE sha256 = ?", [sha256], reads=("documents",))
            if row is None:
                raise InputError("document", f"There is no document {sha256} in this workspace.")
            *told, signs, fingerprint, sheets, segments = row
            self._found[sha256] = replace(
                Document(*told),
                signs=tuple(FileSign.from_json(each) for each in json.loads(signs)),
                fingerprint=fingerprint,
                sheets=tuple(Sheet.from_json(each) for each in json.loads(sheets)),
                segments=tuple(Segment(*each) for each in json.loads(segments)),
            )
        return self._found[sha256]

    def known(self, sha256: str) -> bool:
        sql = "SELECT 1 FROM documents WHERE sha256 = ?"
        return self._tx.row(sql, [sha256], reads=("documents",)) is not None

    def cases_with(self, sha256: str) -> list[str]:
        """Ids of the cases a document was put to; not those in the rows of a table."""
        sql = (
            "SELECT d.case_no, c.year FROM case_documents d JOIN cases c ON c.case_no = d.case_no "
            "WHERE d.sha256 = ? ORDER BY d.case_no"
        )
        rows = self._tx.rows(sql, [sha256], reads=("case_documents", *CASE_TABLES))
        return [case_id_of(case_no, year) for case_no, year in rows]

    def alike(self, document: Document, bits: int) -> list[str]:
        """Digests of other documents whose fingerprint differs from this one's in at most so many bits."""
        if document.fingerprint is None:
            return []
        return [each for each in self._prints.alike(document.fingerprint, bits) if each != document.sha256]

    def content(self, sha256: str) -> bytes:
        """Decrypted original; raises ``EnvironmentFault`` when it is missing or damaged."""
        return self._originals.read(sha256)

    def update_note(self, sha256: str, note: str) -> None:
        self._found.pop(sha256, None)
        self._tx.flush(("documents",))
        self._tx.run("UPDATE documents SET note = ? WHERE sha256 = ?", [note, sha256])

    def complete(self, document: Document) -> None:
        """Keep everything that reading tells of a document that is known."""
        self._found.pop(document.sha256, None)
        self._tx.flush(("documents",))
        self._tx.run("DELETE FROM documents WHERE sha256 = ?", [document.sha256])
        self._keep(document)

    def _keep(self, document: Document) -> None:
        self._tx.insert("documents", [_row(document)])
        if document.fingerprint is not None:
            self._prints.keep(document.sha256, document.fingerprint)


def _row(document: Document) -> tuple[object, ...]:
    return (
        document.sha256,
        document.name,
        document.kind,
        document.media_type,
        document.size,
        document.pages,
        document.note,
        document.kind_confidence,
        json.dumps([sign.to_json() for sign in document.signs], ensure_ascii=False),
        document.fingerprint,
        json.dumps([sheet.to_json() for sheet in document.sheets]),
        _segments(document),
    )


def _segments(document: Document) -> str:
    return json.dumps([segment.to_json() for segment in document.segments])
