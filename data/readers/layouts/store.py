"""Layouts as JSON, to keep what recognition has found: a page costs seconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.layout import Layout, Page, Word

VERSION = 1  # raised when recognition finds other words, or these rows change


def layout_to_json(layout: Layout) -> dict[str, Any]:
    """Words are rows of text, four edges and confidence, to keep long documents short."""
    return {
        "version": VERSION,
        "page_count": layout.page_count,
        "unread": layout.unread,
        "pages": [page_to_json(page) for page in layout.pages],
    }


def layout_from_json(data: Mapping[str, Any]) -> Layout:
    """Inverse of ``layout_to_json``. Raises ``ValueError`` for another version."""
    if data.get("version") != VERSION:
        raise ValueError(f"a layout of version {data.get('version')} is not read")
    unread = tuple((page, why) for page, why in data["unread"])
    return Layout(tuple(page_from_json(page) for page in data["pages"]), data["page_count"], unread)


def page_to_json(page: Page) -> dict[str, Any]:
    """One page, its words as rows."""
    return {
        "number": page.number,
        "width": page.width,
        "height": page.height,
        "method": page.method,
        "rotation": page.rotation,
        "corners": page.corners,
        "words": [[word.text, *word.box, word.confidence] for word in page.words],
    }


def page_from_json(data: Mapping[str, Any]) -> Page:
    """Inverse of ``page_to_json``."""
    corners = data["corners"]
    return Page(
        data["number"],
        data["width"],
        data["height"],
        tuple(Word(row[0], (row[1], row[2], row[3], row[4]), data["number"], row[5]) for row in data["words"]),
        data["method"],
        data["rotation"],
        corners and tuple((x, y) for x, y in corners),
    )
