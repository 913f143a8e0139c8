"""How documents are shown and read, by their media type and name."""

from __future__ import annotations

from app.domain.case import Document

_SET = frozenset(
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "message/rfc822",
        "text/html",
    )
)
"""Forms without pages of their own that are set on pages for reading, and drawn so."""


def shape_of(document: Document) -> str:
    """How a document is shown: ``pdf``, ``picture``, ``table``, ``json``, ``xml``, ``ofx`` or ``text``."""
    media, name = document.media_type.lower(), document.name.lower()
    if "pdf" in media or name.endswith(".pdf"):
        return "pdf"
    if media.startswith("image/") or media in _SET:
        return "picture"
    if name.endswith((".xlsx", ".xls", ".parquet")) or any(
        word in media for word in ("spreadsheet", "parquet", "excel")
    ):
        return "table"
    for shape, ends in (
        ("table", (".csv", ".tsv")),
        ("json", (".json",)),
        ("xml", (".xml",)),
        ("ofx", (".ofx", ".qfx")),
    ):
        if name.endswith(ends):
            return shape
    for shape, word in (("table", "csv"), ("json", "json"), ("ofx", "ofx"), ("xml", "xml")):
        if word in media:
            return shape
    return "text"
