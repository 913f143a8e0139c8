"""Posts that a curriculum vitae lists: what somebody did, and for whom; the first is the present one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.kind_words import Paper
from app.domain.strips import Piece, Strip

_MONTH = r"(?:[^\W\d_]{3,10}\.?\s)?(?:\d{1,2}[./-])?"
_NOW = (
    r"(?:present|to date|date|now|current(?:ly)?|ongoing|heute|jetzt|laufend|aujourd['’]hui|présent|ce jour"
    r"|actual(?:idad|mente)?|presente|oggi|in corso|heden|nu|nuvarande|pågående|tills vidare"
    r"|atual(?:mente)?|至今|现在|今)"
)
_ONE = rf"{_MONTH}(?:19|20)\d\d(?:[.年/-]\d{{1,2}}月?)?年?"
_SPAN = re.compile(
    rf"(?:(?:since|from|seit|von|ab|depuis|de|desde|dal|da|sinds|van|sedan|från|自|从)\s*)?{_ONE}"
    rf"(?:\s*(?:[-–—~/至到]+|\b(?:to|until|till|bis|à|au|a|hasta|al|tot|t/m|til|até)\b)\s*(?:{_ONE}|{_NOW})?)?(?:\s*{_NOW}\b)?\s*[:：]?",
    re.I,
)
YEARS = re.compile(
    rf"(?:19|20)\d\d\s*(?:[-–—~至到]|\b(?:to|until|till|bis|à|au|hasta|al|tot|t/m|til|até)\b)\s*(?:[^\W\d_]{{3,10}}\.?\s)?"
    rf"(?:(?:\d{{1,2}}[./])?(?:19|20)\d\d(?!\d|[-/.]\d)|{_NOW}\b)",
    re.I,
)
"""From one year to another, or until now."""
_PRESENT = re.compile(rf"\b{_NOW}\b|至今|^\W*(?:since|seit|depuis|desde|dal|sinds|sedan)\b", re.I)
_PART = re.compile(
    r"\s*(?:\t|[,;|•·@]|\s[-–—]\s|\s(?:at|bei|chez|presso|bij|hos)\s|\s{2,}"
    r"|(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff]))\s*"
)
_FIRM = re.compile(
    r"\b(?:ltd|limited|llc|llp|inc|corp|corporation|plc|gmbh|ag|kg|ohg|se|eg|mbh|sarl|sas?|eurl|s\.l\.u?|s\.r\.l|s\.p\.a|s\.a"
    r"|srl|spa|b\.?v|n\.?v|ab|a/s|asa?|oyj?|aps|pte|pty|lda|ltda|dac|clg|co|company|group|holdings|trust|council|hospital"
    r"|school|university|universität|université)\b\.?|公司|集团|医院|银行|学校|大学|事务所|厂$|局$",
    re.I,
)
_BULLET = re.compile(r"^\W*[•·▪*–-]\s")
_LEAST_LETTERS, _MOST_WORDS = 2, 6


@dataclass(frozen=True, slots=True)
class Post:
    position: Piece | None
    employer: Piece
    present: bool  # the line, or one beside it, says that it goes on


def posts_in(paper: Paper) -> Iterator[Post]:
    """By the firms that are named; the post stands on the same line, or right above or below."""
    for strip in paper.strips:
        pieces = list(_pieces(strip))
        firm = next((piece for piece in pieces if _FIRM.search(piece.text) and not _BULLET.match(strip.text)), None)
        if firm is None or any(_FIRM.search(p.text) for p in pieces if p is not firm) or len(pieces) > 4:
            continue
        beside = [piece for piece in pieces if piece is not firm and _is_post(paper, piece)]
        near = [beside[0]] if beside else [p for p in _neighbours(paper, firm) if _is_post(paper, p)]
        lines = paper.strips[max(strip.number - 1, 0) : strip.number + 2]
        yield Post(next(iter(near), None), firm, any(_PRESENT.search(line.text) for line in lines))


def _pieces(strip: Strip) -> Iterator[Piece]:
    """The line without its years, in parts."""
    span = _SPAN.search(strip.text)
    spans = [(0, span.start()), (span.end(), len(strip.text))] if span else [(0, len(strip.text))]
    for first, last in spans:
        at = first
        for gap in _PART.finditer(strip.text, first, last):
            yield from _trimmed(strip, at, gap.start())
            at = gap.end()
        yield from _trimmed(strip, at, last)


def _trimmed(strip: Strip, start: int, end: int) -> Iterator[Piece]:
    text = strip.text[start:end]
    bare = text.strip(" \t\n,;:|()")
    if sum(map(str.isalpha, bare)) >= _LEAST_LETTERS:
        at = start + text.index(bare)
        yield Piece(strip, at, at + len(bare))


def _neighbours(paper: Paper, firm: Piece) -> Iterator[Piece]:
    """The only part of the line above, and of that below, where it begins at the same place."""
    for number in (firm.strip.number - 1, firm.strip.number + 1):
        if 0 <= number < len(paper.strips) and paper.strips[number].page is firm.strip.page:
            other = paper.strips[number]
            pieces = [p for p in _pieces(other) if abs(p.box[0] - firm.box[0]) < 1.5 * firm.strip.height]
            apart = max(other.top - firm.strip.bottom, firm.strip.top - other.bottom)
            if len(pieces) == 1 and apart < 1.2 * firm.strip.height and not _BULLET.match(other.text):
                yield pieces[0]


def _is_post(paper: Paper, piece: Piece) -> bool:
    """Few words without figures, no sentence, no heading or label of the kind."""
    text = piece.text
    if re.search(r"[\d@.!?:：]", text.rstrip(".")) or len(text.split()) > _MOST_WORDS or text.endswith("。"):
        return False
    hits = (h for h in paper.hits[piece.strip.number] if h.start < piece.end and piece.start < h.end)
    return not any(hit.meaning.cues and hit.end - hit.start > 0.8 * (piece.end - piece.start) for hit in hits)
