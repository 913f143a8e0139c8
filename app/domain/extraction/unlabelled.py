"""Dates, periods and years that no label names, codes that stand for labels, and names that come in order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise, zip_longest

from app.domain.document_kinds import DocumentKind, FieldSpec, FieldType
from app.domain.extraction.amounts import Style
from app.domain.extraction.candidates import Candidate
from app.domain.extraction.dates import Day, Order, days_in, is_birth, is_range, periods_in, span_text
from app.domain.extraction.values import Context, values_in
from app.domain.kind_words import Paper
from app.domain.strips import Strip, overlap

_DATES = ("issue_date", "date", "report_date", "award_date", "graduation_date", "registration_date")
_FIRST = ("invoice", "call_transcript", "handwritten_note", "credit_report", "employment_letter", "bank_statement",
          "utility_bill", "loan_statement")  # fmt: skip
_PLACE = re.compile(r"(?:[^\W\d][\w .'’-]{1,24},?\s*(?:the|den|le|el|il|a|am|on)?\s*)?", re.I)
_MONTHLY = ("period", "statement_period")
_SPAN = timedelta(days=26)
_LONGEST = timedelta(days=60 * 366)
_EU_LICENCE: Mapping[str, tuple[str, ...]] = {
    "1": ("surname",),
    "2": ("given_names",),
    "3": ("birth_date", "birth_place"),
    "4a": ("issue_date", "valid_from"),
    "4b": ("expiry_date",),
    "4c": ("issuing_authority",),
    "5": ("licence_number",),
    "8": ("address",),
    "9": ("classes",),
}
_EU_VEHICLE: Mapping[str, tuple[str, ...]] = {
    "A": ("plate",),
    "B": ("first_registration",),
    "C.1": ("owner",),
    "C.1.1": ("owner",),
    "C.2": ("owner",),
    "C.2.1": ("owner",),
    "C.1.3": ("address",),
    "C.3.3": ("address",),
    "D.1": ("make",),
    "D.3": ("model",),
    "E": ("vin",),
    "I": ("issue_date",),
}
_CODES = {"driving_licence": _EU_LICENCE, "vehicle_registration": _EU_VEHICLE}
"""Harmonised codes of Directive 2006/126/EC, annex I, and Directive 1999/37/EC, annex I."""
_END_OF_PERIOD = re.compile(
    r"(?:period|statement|pay)\s*(?:(?P<first>begin\w*|start\w*|from)|end\w*|to)(?:\s+date)?\s*[:：]?\s*", re.I
)
_CODE = re.compile(r"(?:(?<=\s)|^)\W{0,2}(?P<code>4[abc]|[1-9]|[A-Z](?:\.\d){0,2})[.):]?(?=\s)")
_NAMES = frozenset(
    ("姓名", "name", "nameandsurname", "nomplusprenom", "nometprenom", "fullname", "nombreyapellidos", "nomeecognome",
     "naam", "namn", "nomecompleto", "nombrecompleto")
)  # fmt: skip
_ENTRY = re.compile(
    r"^\W*(?:\d{1,4}[./-]\d{1,2}(?:[./-]|\s)|\d{1,2}\.? ?[^\W\d]{3,}|[^\W\d]{3,9}\.? \d)"
    r".*\d[.,]\d{2}\W*(?:[A-Z]{2,3})?\W*$"
)
_LEAST_ENTRIES = 3
_GENERIC = 5  # letters of a label that may be of any date
_ISO = Order(sure=True)
_ANY = Context(Style(), _ISO)


def from_order(paper: Paper, kind: DocumentKind, context: Context) -> Iterator[Candidate]:
    """Candidates by where they stand in the document, all of them doubtful."""
    names = {spec.name: spec for spec in kind.fields}
    found = [(strip, day) for strip in paper.strips for day in days_in(strip.text, context.order)]
    yield from _lone_dates(paper, kind, found)
    yield from _spans(names, [(strip, day) for strip, day in found if not is_birth(strip.text, day)])
    yield from _months(paper, names, context)
    yield from _two_ends(paper, names, context)
    yield from _years(paper, names)
    if kind.id in _CODES:
        yield from _coded(paper, names, _CODES[kind.id], context)
    if kind.id == "marriage_certificate":
        yield from _spouses(paper)


def _made(field: str, value: str | int, strip: Strip, span: tuple[int, int], score: float) -> Candidate:
    return Candidate(field, value, strip.raw(*span), strip.page.number, strip.box(*span), score, "pattern",
                     None, strip.number)  # fmt: skip


def _lone_dates(paper: Paper, kind: DocumentKind, found: list[tuple[Strip, Day]]) -> Iterator[Candidate]:
    """A date alone in its cell, or behind a place; else the first of a letter, the last of a certificate."""
    wanted = [spec.name for spec in kind.fields if spec.name in (*_DATES, "pay_date")]
    entries = entry_lines(paper)
    ranged = {
        id(day)
        for (strip, first), (other, last) in pairwise(found)
        if strip is other and is_range(strip.text[first.end : last.start])
        for day in (first, last)
    } | {
        id(last)
        for (strip, first), (other, last) in pairwise(found)
        if other.number == strip.number + 1 and is_range(strip.text[first.end :] + " " + other.text[: last.start])
    }
    free = [
        (strip, day)
        for strip, day in found
        if strip.number not in entries and id(day) not in ranged and not _labelled(paper, kind, strip, day)
        if not is_birth(strip.text, day)
    ]
    for at, (strip, day) in enumerate(free):
        start, end = strip.cell_at(day.start)
        alone = (
            bool(_PLACE.fullmatch(strip.text[start : day.start].strip())) and len(strip.text[day.end : end].strip()) < 4
        )
        edge = at == (0 if kind.id in _FIRST else len(free) - 1)
        score = 0.46 + 0.14 * alone + 0.06 * edge + 0.05 * (len(free) == 1)
        score *= 0.7 if re.search(r"[^\W\d_]{2,}\s?[:：]\s*$", strip.text[: day.start]) else 1.0
        for name in wanted:
            less = 0.06 if name in ("registration_date", "pay_date") else 0.0
            yield _made(name, day.value.isoformat(), strip, (day.start, day.end), (score - less) * day.quality)


def entry_lines(paper: Paper) -> frozenset[int]:
    """Lines that begin with a date and end with an amount, where there are several: entries of an account."""
    found = frozenset(strip.number for strip in paper.strips if _ENTRY.match(strip.text))
    return found if len(found) >= _LEAST_ENTRIES else frozenset()


def _labelled(paper: Paper, kind: DocumentKind, strip: Strip, day: Day) -> bool:
    """Whether a label stands before the date or heads its column: it is then the date of something else."""
    if any(hit.stands and hit.meaning.labels and hit.end <= day.start for hit in paper.hits[strip.number]):
        return True
    above = paper.strips[strip.number - 1] if strip.number else strip
    if above is strip or above.page is not strip.page or len(above.columns) < 2 or re.search(r"\d", above.text):
        return False
    box = strip.box(day.start, day.end)
    days = {spec.name for spec in kind.fields if spec.type is FieldType.DATE}
    hits = (hit for hit in paper.hits[above.number] if len(hit.meaning.phrase) > _GENERIC)  # "Date" tells nothing
    over = [hit for hit in hits if overlap(above.box(hit.start, hit.end), box) > 0.3]
    return any(days & {name for name, _ in hit.meaning.labels.get(kind.id, ())} for hit in over)


def _spans(names: Mapping[str, FieldSpec], found: list[tuple[Strip, Day]]) -> Iterator[Candidate]:
    """Two dates of one line, weeks or years apart: from when and to when it holds."""
    for (strip, first), (other, last) in pairwise(found):
        if strip is not other or not _SPAN <= last.value - first.value <= _LONGEST:
            continue
        close = is_range(strip.text[first.end : last.start])
        score = 0.66 if close else 0.6
        for name, day in (("valid_from", first), ("valid_to", last), ("expiry_date", last)):
            if name in names and ("valid_from" in names or name == "expiry_date"):
                yield _made(name, day.value.isoformat(), strip, (day.start, day.end), score * day.quality)
        if close:
            for name in _MONTHLY:
                if name in names:
                    text = span_text(first.value, last.value)
                    yield _made(name, text, strip, (first.start, last.end), 0.6 * first.quality)


def _months(paper: Paper, names: Mapping[str, FieldSpec], context: Context) -> Iterator[Candidate]:
    """A month named in the heading: "Payslip October 2026"."""
    for name in _MONTHLY:
        if name in names:
            for strip in paper.strips[:12]:
                for period in periods_in(strip.text, context.order):
                    titled = any(
                        weight >= 3 for hit in paper.hits[strip.number] for weight in hit.meaning.cues.values()
                    )
                    score = 0.72 if titled else 0.52
                    yield _made(name, period.value, strip, (period.start, period.end), score * period.quality)


def _two_ends(paper: Paper, names: Mapping[str, FieldSpec], context: Context) -> Iterator[Candidate]:
    """ "Period beginning" and "Period ending", each with its day."""
    wanted = [name for name in _MONTHLY if name in names]
    ends: dict[str, tuple[Strip, Day]] = {}
    for strip in paper.strips[:40] if wanted else ():
        for match in _END_OF_PERIOD.finditer(strip.text):
            day = next(days_in(strip.text[match.end() : match.end() + 24], context.order), None)
            if day is not None:
                moved = replace(day, start=day.start + match.end(), end=day.end + match.end())
                ends.setdefault("first" if match["first"] else "last", (strip, moved))
    if len(ends) == 2 and ends["first"][1].value <= ends["last"][1].value:
        strip, last = ends["last"]
        value = span_text(ends["first"][1].value, last.value)
        for name in wanted:
            yield _made(name, value, strip, (last.start, last.end), 0.9 * last.quality)


def _years(paper: Paper, names: Mapping[str, FieldSpec]) -> Iterator[Candidate]:
    if "tax_year" in names:
        titled = {strip.number + more for strip in paper.strips if _titled(paper, strip) for more in (0, 1)}
        for strip in (each for each in paper.strips if each.number < 10 or each.number in titled):
            days = list(days_in(strip.text, _ISO))
            for match in re.finditer(r"(?<![\d./-])20\d\d(?![\d/-]|\.\d)", strip.text):
                if any(day.start <= match.start() < day.end for day in days):
                    continue
                score = 0.7 if _titled(paper, strip) else 0.6 if strip.number in titled else 0.45
                yield _made("tax_year", int(match.group()), strip, match.span(), score)


def _titled(paper: Paper, strip: Strip) -> bool:
    """Whether a title of a document stands on the line."""
    return any(weight >= 3 for hit in paper.hits[strip.number] for weight in hit.meaning.cues.values())


def _coded(
    paper: Paper, names: Mapping[str, FieldSpec], codes: Mapping[str, tuple[str, ...]], context: Context
) -> Iterator[Candidate]:
    """Values behind the codes of European licences and registrations."""
    for strip in paper.strips:
        marks = [match for match in _CODE.finditer(strip.text) if match["code"] in codes]
        for match, following in zip_longest(marks, marks[1:]):
            start, end = match.end(), following.start() if following else len(strip.text)
            for name in codes[match["code"]]:
                value = next(values_in(names[name], strip.text[start:end], context), None) if name in names else None
                if value is not None and not _heading(paper, strip, start, end):
                    text = _behind_date(name, str(value.value), strip.text[start:end])
                    span = (start + value.start, start + value.end)
                    sure = 0.86 if value.quality > 0.7 else 0.6
                    yield _made(name, text, strip, span, sure * strip.confidence(*span))


def _heading(paper: Paper, strip: Strip, start: int, end: int) -> bool:
    """Whether the code numbers a label, as in a grid, and no value."""
    return any(start <= hit.start < end and hit.meaning.labels for hit in paper.hits[strip.number])


def _behind_date(name: str, value: str, text: str) -> str:
    """Code 3 of a licence gives date and place of birth in one."""
    if name != "birth_place":
        return value
    return re.sub(r"^[\d./ -]+", "", text.strip()).strip(" ,") or value


def _spouses(paper: Paper) -> Iterator[Candidate]:
    """The first two names, where they are labelled alike."""
    found: list[tuple[str, Strip, tuple[int, int]]] = []
    for at, hits in enumerate(paper.hits):
        for hit in hits:
            if hit.meaning.phrase in _NAMES and hit.begins:
                found += _named(paper, at, hit.after, (hit.start, hit.end))
    for field, (value, strip, span) in zip(("spouse_1", "spouse_2"), found, strict=False):
        yield _made(field, value, strip, span, 0.78 if len(found) == 2 else 0.6)


def _named(paper: Paper, at: int, after: int, label: tuple[int, int]) -> Iterator[tuple[str, Strip, tuple[int, int]]]:
    strip = paper.strips[at]
    spec = FieldSpec("name", FieldType.NAME, {}, ())
    start, end = strip.cell_at(after) if after < len(strip.text) else (0, 0)
    beside = next(iter(values_in(spec, strip.text[max(start, after) : end], _ANY)), None)
    taken = any(max(start, after) <= hit.start < end and hit.meaning.labels for hit in paper.hits[at])
    if beside is not None and not taken:
        first = max(start, after)
        yield str(beside.value), strip, (first + beside.start, first + beside.end)
        return
    own = strip.box(*label)
    for number in list(paper.following(at))[:2]:
        below = paper.strips[number]
        for cell in below.cells:
            if overlap(below.box(*cell), own) > 0.3 and not re.search(r"\d", below.text[cell[0] : cell[1]]):
                yield below.raw(*cell), below, cell
