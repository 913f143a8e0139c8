"""Pages that were recognised: their words with their boxes, so that no page is recognised twice."""

from __future__ import annotations

import json

from app.domain.layout import Page
from data.readers.layouts.store import VERSION, page_from_json, page_to_json
from data.transaction import Tx

_TABLE = "recognised_pages"


class PageRepository:
    """``reading_ports.PageStore`` over ``recognised_pages``."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def of(self, sha256: str) -> list[Page]:
        """By number; those that another version of recognition made are left out."""
        sql = f"SELECT body FROM {_TABLE} WHERE sha256 = ? AND version = ? ORDER BY page"  # noqa: S608
        rows = self._tx.rows(sql, [sha256, VERSION], reads=(_TABLE,))
        return [page_from_json(json.loads(body)) for (body,) in rows]

    def page(self, sha256: str, number: int) -> Page | None:
        sql = f"SELECT body FROM {_TABLE} WHERE sha256 = ? AND version = ? AND page = ?"  # noqa: S608
        row = self._tx.row(sql, [sha256, VERSION, number], reads=(_TABLE,))
        return page_from_json(json.loads(row[0])) if row else None

    def keep(self, sha256: str, page: Page) -> None:
        """A page of that number which is there already is replaced."""
        self._tx.flush((_TABLE,))
        self._tx.run(f"DELETE FROM {_TABLE} WHERE sha256 = ? AND page = ?", [sha256, page.number])  # noqa: S608
        body = json.dumps(page_to_json(page), ensure_ascii=False)
        self._tx.insert(_TABLE, [(sha256, page.number, VERSION, body)])
