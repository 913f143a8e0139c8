"""Headings of statement tables: the words over their columns, in one line or two, several tables side by side.

Also plain text as a page, so that a typed table is read like a printed one.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from itertools import pairwise

from app.domain.layout import Layout, Line, Page, Word, line_text
from app.domain.values import CURRENCIES, normalise
from data.readers.csv_statements import statement_words

MOST_LINES = 200_000
MONEY_ROLES = ("amount", "debit", "credit", "balance")
_ROLES = ("date", *MONEY_ROLES, "text", "party")
_MOST_NUMBERS = 4  # words of a heading that begin with a digit
_LONGEST_LINE = 1_000  # signs

Columns = dict[str, tuple[float, float]]
"""Left and right edge of the heading of each role."""


def stacked(above: Line | None, line: Line) -> Line:
    """Two lines of one heading: words over words, from left to right by column."""
    if above is None or above[0].page != line[0].page or line[0].box[1] - above[0].box[3] > above[0].height:
        return ()
    columns: list[list[Word]] = []
    for word in sorted((*above, *line), key=lambda w: (w.box[0], w.box[1])):
        for column in columns:
            if word.box[0] < max(w.box[2] for w in column) and word.box[2] > min(w.box[0] for w in column):
                column.append(word)
                break
        else:
            columns.append([word])
    return tuple(word for column in columns for word in sorted(column, key=lambda w: (round(w.box[1]), w.box[0])))


def headings_of(line: Line) -> list[Columns]:
    """Columns by role, where the line is a heading: a date, an amount, and little else; several tables stand beside
    one another where it names dates and amounts again."""
    if not 2 <= len(line) <= 30 or sum(word.text[:1].isdigit() for word in line) > _MOST_NUMBERS:
        return []
    if not any(_first(word.text) in _beginnings() for word in line):
        return []
    out: list[Columns] = [{}]
    at, known = 0, 0
    while at < len(line):
        size, role = _heading_at(line, at)
        if role is None:
            at += 1
            continue
        known += size
        part = line[at : at + size]
        if role == "date" and "date" in out[-1] and any(money in out[-1] for money in MONEY_ROLES):
            out.append({})
        out[-1].setdefault(role, (part[0].box[0], part[-1].box[2]))
        at += size
    extra = sum(
        1
        for word in line
        if re.fullmatch(r"[(\[]?[A-Z]{3}[)\]]?I?|\d+|[(\[]?[€£$¥][)\]]?|/|\||-|#|No\.?|CHECK|Check|Ref\.?", word.text)
    )
    whole = all("date" in each and any(role in each for role in MONEY_ROLES) for each in out)
    return [_meant(each) for each in out] if whole and (known + extra) / len(line) >= 0.6 else []


def _meant(columns: Columns) -> Columns:
    """Beside money in and money out, a third column of amounts is the balance, whatever it is called."""
    if "amount" in columns and {"debit", "credit"} <= set(columns) and "balance" not in columns:
        return {"balance" if role == "amount" else role: span for role, span in columns.items()}
    return columns


def _heading_at(line: Line, at: int) -> tuple[int, str | None]:
    if _first(line[at].text) not in _beginnings():
        return 1, None
    for size in (4, 3, 2, 1):
        part = line[at : at + size]
        if len(part) < size or any(b.box[0] - a.box[2] > 2.2 * a.height for a, b in pairwise(part)):
            continue
        words = " ".join(word for word in normalise(line_text(part)).split() if word.upper() not in CURRENCIES)
        for role in _ROLES:
            if words and words in _headings(role):
                return size, role
    return 1, None


@cache
def _headings(role: str) -> frozenset[str]:
    return frozenset(normalise(word) for word in statement_words()[role])


def text_layout(text: str) -> Layout:
    """Lines of a plain text as a page in letters of one width, so that its columns stand where they were typed."""
    words = [
        Word(match[0], (_wide(line[: match.start()]), 12.0 * at, _wide(line[: match.end()]), 12.0 * at + 10.0), 1)
        for at, line in enumerate(text.expandtabs().splitlines()[:MOST_LINES])
        for match in re.finditer(r"\S+", line[:_LONGEST_LINE])
    ]
    width = max((word.box[2] for word in words), default=0.0)
    height = max((word.box[3] for word in words), default=0.0)
    return Layout((Page(1, width, height, tuple(words)),), 1)


def _wide(text: str) -> float:
    """Width in points; Chinese signs take two places."""
    return 6.0 * (len(text) + sum(unicodedata.east_asian_width(sign) in "WF" for sign in text if ord(sign) > 0x2E7F))


@cache
def _beginnings() -> frozenset[str]:
    """First words of all headings, and currencies, which stand before some."""
    words = {word.split()[0] for role in _ROLES for word in _headings(role) if word}
    return frozenset(words) | frozenset(code.lower() for code in CURRENCIES)


@lru_cache(maxsize=65536)
def _first(text: str) -> str:
    return (normalise(text).split() or [""])[0]
