"""Values beside labels that the catalogue does not have.

Whatever stands as a label stands is compared with the labels of the kind's fields by its words: "Gross salary for this
month", "Datum der Ausstellung".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from app.domain.document_kinds import DocumentKind, FieldSpec, FieldType
from app.domain.extraction.candidates import Candidate, around, other_column
from app.domain.extraction.dates import days_in
from app.domain.extraction.values import Context
from app.domain.kind_words import Hit, Meaning, Paper
from app.domain.layout import Box
from app.domain.strips import Strip

METHOD = "near label"
_LEAST = 0.5  # likeness of a phrase that counts as a label
_RIVAL = 0.75  # share of its likeness that another field may have before it counts against it
_MOST = 0.62  # score that such a value can have: always doubtful
_FOREIGN = 0.6  # how much the labels of other kinds' fields count against it
_LONGEST, _MOST_WORDS = 64, 9
_SURE_METHODS = ("label", "table", "check digits")
_SURE = 0.5  # score of a value by label that no other field can claim, and whose field asks for no other
_GROUPS = {FieldType.PERIOD: "date", FieldType.NUMBER: "count", FieldType.TEXT: "name", FieldType.ADDRESS: "name"}
_WORDED = (FieldType.NAME, FieldType.TEXT, FieldType.ADDRESS)
_LABEL_LIKE = 0.6  # share of its letters that words of labels have, from which a text is no value
_LONGEST_VALUE = 9  # words of a value that is no address
_NUMBERS = (FieldType.IDENTIFIER, FieldType.MONEY, FieldType.COUNT, FieldType.NUMBER)
_LEAST_SIGNS = 4  # of a number that tells something
_AMOUNT = re.compile(r"[\d.,]*[.,]\d\d")
_PIECE, _PIECE_BEFORE = re.compile(r"[.,]\d|\s?[€£$]"), re.compile(r"\d[.,']$|[€£$]$")
_COLON = re.compile(r"\s?[:：]\s?\t?\s?")
_FIGURE = re.compile(r"[\d€£$¥￥]|\b(?:EUR|USD|GBP|CHF|SEK|CNY|RMB)\b")
_LETTER = re.compile(r"[^\W\d_]")
_CODE_BEFORE = re.compile(r"(?<=[a-zß-ÿ.°] )[A-Z]{1,3} ?$")  # letters that a number begins with
_STREET = re.compile(r"\d+[a-z]?,?\s", re.I)  # a house number before its street
_FORM_OF_FIRM = re.compile(
    r"\W*(?:inc|ltd|llc|llp|plc|limited|corp|co|gmbh|ag|kg|sa|sas|sarl|srl|spa|bv|nv|ab|lda)\b\W*", re.I
)
_NUMBERED = re.compile(r"\W{0,3}(?:\d{1,2}[a-z]?|[a-zA-Z]\d?)?[.):]?\s+")


@dataclass(frozen=True, slots=True)
class _Phrase:
    """What stands as a label: from ``start`` to ``end`` of a strip, a value may begin at ``after``."""

    start: int
    end: int
    after: int
    colon: bool
    closes: bool


def from_near_labels(
    paper: Paper, kind: DocumentKind, context: Context, found: Mapping[str, Sequence[Candidate]]
) -> Iterator[Candidate]:
    """For each field without a value by its label the values by labels like its own, never more than doubtful.

    ``found`` are the candidates of the other methods; a value that one of them gives to another field by its label is
    not given twice.
    """
    claimed = claims(found)
    open_ = {spec.name: spec for spec in kind.fields if spec.name not in claimed}
    if not open_:
        return
    marked, speaking = _with_phrases(paper, kind, open_)
    for at, hits in enumerate(marked.hits):
        for index, hit in enumerate(hits):
            for name, likeness in speaking.get((at, hit.start), {}).items():
                for each in around(marked, at, index, open_[name], context):
                    if not is_claimed(each, claimed) and may_be(marked, open_[name], each, context):
                        score = each.score * hit.strength * likeness
                        yield replace(each, score=min(score, _MOST), method=METHOD, checked=False)


def _with_phrases(
    paper: Paper, kind: DocumentKind, open_: Collection[str]
) -> tuple[Paper, Mapping[tuple[int, int], Mapping[str, float]]]:
    """The paper with hits for its phrases that are like labels, in place of the words within them, and for each of
    these, by strip and start, how much it speaks for which field."""
    rows = []
    speaking: dict[tuple[int, int], Mapping[str, float]] = {}
    for strip, hits in zip(paper.strips, paper.hits, strict=True):
        row = list(hits)
        for phrase in _phrases(strip):
            if _is_known(strip, phrase, hits, kind):
                continue
            likeness = _likeness(paper, strip.text[phrase.start : phrase.end], kind, open_)
            if likeness:
                row = [hit for hit in row if hit.end <= phrase.start or phrase.end <= hit.start]
                labels = {kind.id: tuple((name, 0) for name in likeness)}
                meaning = Meaning(strip.text[phrase.start : phrase.end], labels)
                row.append(
                    Hit(phrase.start, phrase.end, phrase.after, meaning, True, phrase.colon, phrase.closes, False)
                )
                speaking[strip.number, phrase.start] = likeness
        rows.append(tuple(sorted(row, key=lambda hit: hit.start)))
    return replace(paper, hits=tuple(rows)), speaking


def _phrases(strip: Strip) -> Iterator[_Phrase]:
    """Beginnings of cells up to a colon, to a figure, or to the end of the cell."""
    text = strip.text
    for cell_start, cell_end in strip.cells:
        opening = _NUMBERED.match(text, cell_start, cell_end)
        start = opening.end() if opening else cell_start
        colon = _COLON.search(text, start, cell_end)
        figure = _FIGURE.search(text, start, cell_end)
        if colon and (figure is None or colon.start() < figure.start()):
            phrase = _Phrase(start, colon.start(), colon.end(), colon=True, closes=colon.end() >= cell_end)
        elif figure:
            phrase = _Phrase(start, figure.start(), figure.start(), colon=False, closes=False)
        else:
            phrase = _Phrase(start, cell_end, min(cell_end + 1, len(text)), colon=False, closes=True)
        words = _CODE_BEFORE.sub("", text[phrase.start : phrase.end]).strip(" .…·_-–(\t")
        if words and len(words) <= _LONGEST and len(words.split()) <= _MOST_WORDS and _LETTER.search(words):
            end = phrase.start + text[phrase.start : phrase.end].find(words) + len(words)
            after = end + 1 if _CODE_BEFORE.search(text[phrase.start : phrase.end]) else phrase.after
            yield replace(phrase, end=end, after=after)


def _is_known(strip: Strip, phrase: _Phrase, hits: Sequence[Hit], kind: DocumentKind) -> bool:
    """Whether a label of the kind is the whole phrase."""
    return any(
        kind.id in hit.meaning.labels and hit.start <= phrase.start + 2 and phrase.end <= hit.end + 2 for hit in hits
    )


def _likeness(paper: Paper, words: str, kind: DocumentKind, open_: Collection[str]) -> dict[str, float]:
    """The open fields that the phrase speaks for, less where it speaks for others too."""
    found = paper.words.label_words.likeness(words, kind)
    out = {}
    for name, score in found.items():
        if name not in open_ or score < _LEAST:
            continue
        rival = max((_weighed(kind, name, other) * s for other, s in found.items() if other != name), default=0.0)
        score *= 1 - 0.8 * min(max(rival / score - _RIVAL, 0.0), 1.0)
        if kind.field(name).type is FieldType.MONEY and other_column(words):
            score *= 0.5
        if score >= _LEAST:
            out[name] = score
    return out


def _weighed(kind: DocumentKind, name: str, other: str) -> float:
    """How much the likeness to another field speaks against one: not at all where their values cannot be mistaken."""
    if not other:
        return _FOREIGN
    return 1.0 if _group(kind.field(other).type) == _group(kind.field(name).type) else 0.0


def _group(type_: FieldType) -> str:
    """Types whose values may be taken for one another."""
    return _GROUPS.get(type_, type_)


def may_be(paper: Paper, spec: FieldSpec, each: Candidate, context: Context) -> bool:
    """Whether it can be a value at all: no heading or other label, no sentence, no piece of an amount or a date."""
    if spec.type in _WORDED:
        long = spec.type is not FieldType.ADDRESS and len(each.raw.split()) > _LONGEST_VALUE
        letters = len(_LETTER.findall(each.raw))
        label = letters >= _LEAST_SIGNS and paper.words.label_words.share_known(each.raw) >= _LABEL_LIKE
        dated = any(days_in(each.raw, context.order))
        if spec.type is FieldType.NAME and (_STREET.match(each.raw) or _FORM_OF_FIRM.fullmatch(each.raw)):
            return False
        told = letters > 0 or (spec.type is FieldType.TEXT and sum(map(str.isdigit, each.raw)) > _LEAST_SIGNS)
        return told and not (long or label or dated or "@" in each.raw)
    if spec.type in _NUMBERS:
        return _is_number(spec, each) and _stands_whole(paper.strips[each.line].text, spec, each, context)
    return True


def _stands_whole(text: str, spec: FieldSpec, each: Candidate, context: Context) -> bool:
    """Whether the number is no piece of a date, of an amount or of a longer number, at least once on its line."""
    days = [(day.start, day.end) for day in days_in(text, context.order)]
    places = [match.span() for match in re.finditer(re.escape(each.raw), text)]
    pieces = spec.type is not FieldType.MONEY
    return (
        bool(spec.shapes)
        or not places
        or any(
            all(end <= first or last <= start for first, last in days)
            and not (pieces and (_PIECE.match(text, end) or _PIECE_BEFORE.search(text[:start])))
            for start, end in places
        )
    )


def _is_number(spec: FieldSpec, each: Candidate) -> bool:
    if spec.type is not FieldType.IDENTIFIER:
        return True
    return sum(map(str.isalnum, each.raw)) >= _LEAST_SIGNS and not _AMOUNT.fullmatch(each.raw)


def claims(found: Mapping[str, Sequence[Candidate]]) -> Mapping[str, Candidate]:
    """The fields that have a value by their label, by a table or by check digits, with it."""
    best = {name: max(listed, key=lambda each: each.score) for name, listed in found.items() if listed}
    return {name: each for name, each in best.items() if each.method in _SURE_METHODS and each.score >= _SURE}


def is_claimed(each: Candidate, claimed: Mapping[str, Candidate]) -> bool:
    """Whether it is the value of a field that has it by its label."""
    return any(other.page == each.page and within(each.box, other.box) for other in claimed.values())


def within(inner: Box, outer: Box) -> bool:
    """Whether the middle of one box lies in the other."""
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]
