"""Passages of documents: lines with their place, short enough to quote and whole enough to be understood."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from app.domain.asking.terms import terms_of
from app.domain.case import Transaction
from app.domain.layout import Box, Page, Word, box_around, line_text

LONGEST = 400  # characters of a passage
_SENTENCE_ENDS = re.compile(r"[.!?;:。！？；：]$")
_ASKS = re.compile(r"[?？]\s*$")
_SPEAKER = re.compile(r"^\s*[^\d\W][\w .]{0,30}[:：]\s*\S")
_OPENS = re.compile(r"[{\[]\s*$")
_PAIR = re.compile(r'^\s*"[^"]+"\s*:')
_NOTHING = re.compile(  # a key of JSON without a value, or with nought
    r'"[^"]*"\s*:\s*(?:null|false|"?0(?:[.,]0+)?"?|""|\[\]|\{\})(?=[\s,}\]]|$),?'
)
_LETTERS = re.compile(r"[^\W_]")


@dataclass(frozen=True)
class Passage:
    """Text as it stands in a document, with its place there."""

    document: str  # SHA-256
    text: str
    page: int | None = None  # from 1
    box: Box | None = None
    row: int | None = None  # line of a text or table, from 1
    named: str = ""  # words that do not stand in it and say what it is: the headings of a table, the day of an entry

    @cached_property
    def terms(self) -> tuple[str, ...]:
        return tuple(terms_of(_NOTHING.sub(" ", self.words)))

    @property
    def words(self) -> str:
        """What it says, with what says what it is."""
        return f"{self.text} {self.named}".rstrip()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of its words."""
        return hashlib.sha256(self.words.encode()).hexdigest()


def passages_of_page(document: str, page: Page) -> Iterator[Passage]:
    """Lines of a page; a line that a sentence breaks off in goes on in the next."""
    held: list[Word] = []
    for line in page.lines:
        goes_on = held and _goes_on(held, line)
        if held and (not goes_on or len(line_text(held)) > LONGEST / 2):
            yield _of_words(document, page.number, held)
            held = []
        held += line
    if held:
        yield _of_words(document, page.number, held)


def _goes_on(held: Sequence[Word], line: Sequence[Word]) -> bool:
    """Running text: many words, no end of a sentence, and the next line begins in lower case close below."""
    before, begins = held[-1], line[0]
    near = begins.box[1] - before.box[3] < 0.9 * before.height
    return near and len(held) > 5 and not _SENTENCE_ENDS.search(before.text) and begins.text[:1].islower()


def _of_words(document: str, page: int, words: Sequence[Word]) -> Passage:
    return Passage(document, line_text(words)[:LONGEST], page, box_around(words))


def passages_of_lines(document: str, lines: Iterable[str], first: int = 1) -> Iterator[Passage]:
    """Lines of a text: a question that is asked goes with its answer, an object of JSON with all its lines."""
    block: list[str] = []
    start, within = first, ""
    for number, line in enumerate(lines, start=first):
        opens = bool(_OPENS.search(line))
        if block and (opens or not _LETTERS.search(line) or not _goes_with(block, line)):
            yield Passage(document, " ".join(block)[:LONGEST], row=start, named=within)
            block = []
        if opens:
            within = line.strip() if _LETTERS.search(line) else within
        elif _LETTERS.search(line):
            start = start if block else number
            block.append(line.strip())
    if block:
        yield Passage(document, " ".join(block)[:LONGEST], row=start, named=within)


def _goes_with(block: Sequence[str], line: str) -> bool:
    if _PAIR.match(line) and _PAIR.match(block[-1]):
        return sum(map(len, block)) + len(line) <= LONGEST
    return bool(_ASKS.search(block[-1]) and _SPEAKER.match(line))


def passages_of_rows(
    document: str, header: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int]
) -> Iterator[Passage]:
    """Rows of a table; its headings say what stands in them."""
    named = " ".join(header)
    for cells, number in zip(rows, numbers, strict=False):
        text = " · ".join(cell for cell in cells if cell.strip())
        if _LETTERS.search(text):
            yield Passage(document, text[:LONGEST], row=number, named=named)


def passages_of_entries(entries: Iterable[Transaction]) -> Iterator[Passage]:
    """Lines of bank statements, with their day and amount."""
    for entry in entries:
        words = " ".join(part for part in (entry.counterparty, entry.text) if part)
        amount = f"{entry.amount.quantize(Decimal('0.01')):,f} {entry.currency}"
        text = f"{entry.booked_on.isoformat()} · {words} · {amount}"
        yield Passage(entry.document, text[:LONGEST], entry.page, entry.box, entry.row)
