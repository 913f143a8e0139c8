"""Words of a page looked up by what a person types, and read out of a rectangle that a person draws."""

from __future__ import annotations

import re
import unicodedata

from app.domain.layout import Box, Page, box_around, line_text

_NUMBER = re.compile(r"\d")


def find_on(page: Page, text: str, *, figure: bool = False) -> tuple[Box, ...]:
    """Boxes of every place on the page where the text stands, from top to bottom.

    Case, width of signs and blanks do not count; a place lies within one line. ``figure``: not within a longer number.
    """
    wanted = _plain(text)
    if not wanted:
        return ()
    found: list[Box] = []
    for line in page.lines:
        written = [_plain(word.text) for word in line]
        owners = [at for at, part in enumerate(written) for _ in part]
        whole = "".join(written)
        start = whole.find(wanted)
        while start >= 0:
            end = start + len(wanted)
            if not figure or (not _NUMBER.match(whole[start - 1 : start]) and not _NUMBER.match(whole[end : end + 1])):
                found.append(box_around(line[owners[start] : owners[end - 1] + 1]))
            start = whole.find(wanted, end)
    return tuple(found)


def text_in(page: Page, box: Box) -> str:
    """The words whose middles lie in the box, in reading order, blanks between them."""
    x0, y0, x1, y1 = box
    lines = (
        [
            word
            for word in line
            if x0 <= (word.box[0] + word.box[2]) / 2 <= x1 and y0 <= (word.box[1] + word.box[3]) / 2 <= y1
        ]
        for line in page.lines
    )
    return " ".join(line_text(line) for line in lines if line)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
