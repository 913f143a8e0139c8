"""First pages of documents that take long to open, drawn ahead."""

from __future__ import annotations

import json

from app.domain.layout import Sheet
from app.domain.pages import FirstPage
from data.transaction import Tx


class FirstPageRepository:
    """``reading_ports.FirstPageStore`` over ``first_pages``."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def get(self, sha256: str, sheet: Sheet | None) -> FirstPage | None:
        """The first page, where it was drawn by that sheet."""
        sql = "SELECT width, height, pages, picture FROM first_pages WHERE sha256 = ? AND sheet = ?"
        row = self._tx.row(sql, [sha256, _text(sheet)], reads=())
        return FirstPage(row[0], row[1], row[2], bytes(row[3])) if row else None

    def put(self, sha256: str, sheet: Sheet | None, page: FirstPage) -> None:
        """Keep it in place of one drawn by another sheet."""
        self._tx.run("DELETE FROM first_pages WHERE sha256 = ?", [sha256])
        given = [sha256, _text(sheet), page.width, page.height, page.pages, page.picture]
        self._tx.run("INSERT INTO first_pages VALUES (?, ?, ?, ?, ?, ?)", given)

    def missing(self, size: int) -> list[str]:
        """Documents of pages with at least so many bytes whose first page is not drawn as they stand, newest first."""
        sql = (
            "SELECT d.sha256 FROM documents d LEFT JOIN first_pages f ON f.sha256 = d.sha256 "
            "WHERE d.size >= ? AND (d.media_type = 'application/pdf' OR d.media_type LIKE 'image/%') "
            "AND (f.sha256 IS NULL OR (f.sheet = 'null') <> (d.sheets NOT LIKE '[[1, %')) ORDER BY d.rowid DESC"
        )
        return [sha256 for (sha256,) in self._tx.rows(sql, [size], reads=("documents",))]


def _text(sheet: Sheet | None) -> str:
    return json.dumps(sheet.to_json() if sheet else None)
