"""Layouts made by hand: texts at places, as a page of A4 would show them."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.layout import Layout, Page, Word

SIZE = 11.0
Text = tuple[float, float, str] | tuple[float, float, str, float]


def layout(texts: Sequence[Text], *, method: str = "text", confidence: float = 1.0) -> Layout:
    """``texts`` are (x, y of the top, text) with the size of the letters behind, where it is not 11."""
    return Layout((page(texts, method=method, confidence=confidence),), 1)


def page(texts: Sequence[Text], number: int = 1, *, method: str = "text", confidence: float = 1.0) -> Page:
    words = []
    for x, y, text, *size in texts:
        height = size[0] if size else SIZE
        at = x
        for part in text.split(" "):
            width = sum(1.0 if "\u3400" <= sign <= "\u9fff" else 0.55 for sign in part) * height
            if part:
                words.append(Word(part, (at, y, at + width, y + height), number, confidence))
            at += width + 0.3 * height
    return Page(number, 595, 842, tuple(words), method)


def form(*lines: str, x: float = 60, top: float = 80) -> Layout:
    """One line under another; "label | value" stands in two columns."""
    texts: list[Text] = []
    for at, line in enumerate(lines):
        for column, part in enumerate(line.split(" | ")):
            texts.append((x + 180 * column, top + 22 * at, part))
    return layout(texts)
