"""Text documents as readable lines, with the place that counts marked. Runs in the child."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from app.domain.pages import TextLines
from app.errors import InputError
from data.readers.held_file import HeldFile
from data.readers.structured_text import Marked, ofx_lines, path_key, pretty_json, pretty_xml
from data.readers.text import scan

WINDOW = 400  # lines shown on either side of the marked one
LONGEST_LINE = 2_000  # characters


class ShownText:
    """An open text in any encoding the import takes."""

    def __init__(self, content: bytes) -> None:
        self.size = len(content)
        self.text = decoded(content)

    def lines(self, place: Mapping[str, Any]) -> TextLines:
        """Lines around a place: ``shape`` ("json", "xml", "ofx", "text"), ``rows``, ``path``, ``row``, ``raw``."""
        return _window(_marked(self.text, place))

    def close(self) -> None:
        self.text = ""


def decoded(content: bytes) -> str:
    """The text; bytes that do not decode are shown as such."""
    try:
        form = scan(HeldFile.of(content))
    except InputError:  # nothing but marks and blanks
        return content.decode("latin-1")
    return content[form.skip :].decode(form.encoding, "replace")


def _marked(text: str, place: Mapping[str, Any]) -> Marked:
    rows, path, row = tuple(place["rows"]), place["path"], place["row"]
    match place["shape"]:
        case "json":
            try:
                return pretty_json(json.loads(text), path_key(path) or (None if row is None else (row - 1,)))
            except (ValueError, RecursionError):
                return _plain(text, place)
        case "xml":
            return pretty_xml(text, path, rows) or _plain(text, place)
        case "ofx":
            return ofx_lines(text, rows)
    return _plain(text, place)


def _plain(text: str, place: Mapping[str, Any]) -> Marked:
    lines, row, raw = text.splitlines(), place["row"], place["raw"]
    if row is not None and 1 <= row <= len(lines):
        return Marked(lines, row - 1)
    return Marked(lines, next((at for at, line in enumerate(lines) if raw and raw in line), None))


def _window(marked: Marked) -> TextLines:
    first = max(0, (marked.index or 0) - WINDOW)
    shown = tuple(line[:LONGEST_LINE] for line in marked.lines[first : (marked.index or 0) + WINDOW + 1])
    index = None if marked.index is None else marked.index - first
    marks = tuple(at - first for at in marked.marks or ((marked.index,) if marked.index is not None else ()))
    return TextLines(shown, index, tuple(at for at in marks if 0 <= at < len(shown)), first, len(marked.lines))
