"""Candidates for the fields of a kind: values beside, below and above their labels, in columns, and by pattern."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from app.domain.document_kinds import DocumentKind, FieldSpec, FieldType
from app.domain.extraction.dates import days_in, is_range
from app.domain.extraction.values import Context, Value, values_in
from app.domain.kind_words import Hit, Paper
from app.domain.layout import Box
from app.domain.strips import Strip, overlap, running
from app.domain.wording import has_han

_OF_OTHER_PERIOD = 0.66  # share of its score that a label of a running total keeps
_OTHER_COLUMN = re.compile(
    r"\bt\.?d\b|\bprogr\b|aufgelaufen|running total|since january|depuis janvier|"
    r"y\.?t\.?d|year.to.date|to date|cumul|累计|kumul|ackumulerat|acumulad|progressiv|jahreswerte|jahressumme|hittills"
    r"|cumulatie|prior|last (?:year|payment)|previous|vorjahr|本年|anno prec",
    re.I,
)
_FACTOR_COLUMN = re.compile(
    r"^\W*(rate|hours?|hrs|qty|quantity|units?|base|basis|casilla|casella|rigo|campo|zeile|ziffer|kennzahl|kz|ligne|line|"
    r"line no|box|code|cód(?:igo)?|codice|kod|nr|no|sl|days|tage|jours|días|giorni|dagen|dagar|dias|valeur|"
    r"tarif|tarief|aliquota|alíquota|"
    r"aantal|ant|nombre|unidades|quantità|q\.?tà|qté|cantidad|quantidade|cuantía|number|count|nº|n\.?º|ore lav\w*|"
    r"taxa|satz|sats|taux \w+|rate \w+|人数|天数|行次|项次|序号|栏次|速算扣除数|"
    r"bemessung\w*|taux|tasso|tipo|sats|grundlag|antal|menge|anzahl|%"
    r"|stunden|horas|ore|uren|timmar|heures|基数|比例|数量|单价|税率|stück|nombre|percent\w*)\W*$",
    re.I,
)
_SUM = re.compile(r"total|totaal|gesamt|summ|总|合计")
_NET = re.compile(r"\b(?:net|netto|netta?|nett|neto|excl|exkl|ohne|hors|ht|sin|senza|sem|zonder)\b", re.I)
_GROSS = ("total", "amount_due", "premium")
_GIVES_FIGURE = re.compile(r"\s[A-Z0-9€£$]{0,6}\d{2}")
_TIMES = re.compile(
    r"\s?(?:years?|months?|days|jahren?|monaten?|tagen|ans|mois|jours|años|meses|días|anni|mesi|giorni|jaar|maanden"
    r"|dagen|år|månader|dagar|anos|dias|年|个月|月|天)(?![^\W\d_]*\s?[:：])",
    re.I,
)
_SUMMARY = re.compile(
    r"(?:gst|vat|tax|sst|mwst|tva|iva|btw|moms)\s?-?(?:summary|analysis|übersicht|specification)", re.I
)
_FIGURES = re.compile(r"\d[\d.,'/-]*\d[\d.,'/-]*\d|\d[.,]\d")
_HAN_HEADING = re.compile(
    r"[\u4e00-\u9fff]{0,6}(?:状态|日期|时间|号码|编号|名称|金额|类型|性质|地址|电话|账号|基数|比例|余额|部门|职务|岗位|方式|情况|合计|年月|期间|备注|代码|民族|性别)"
)
_PAPER = re.compile(
    r"\b(?:certificates?|certification|diploma|licen[cs]e|statement|registration|urkunde|zeugnis|certificat|certificado"
    r"|certificato|certidão|attestation|bescheinigung|intyg|bevis)$",
    re.I,
)
_NUMBER_HEADING = re.compile(r"(?:(?:lfd|lauf)\.? ?nr|nr|no|n°|nº|sr|sl|s\.? ?no|ref)\b\.?(?!\w)", re.I)
_SMALL_WORDS = frozenset(
    re.findall(
        r"\w+", "and of the for in und für der des im de du la et en del y di e della van het och för i da do with"
    )
)
_LINES_OF_ADDRESS = 5
_SHORT = 5  # letters of a label that may as well be the first word of a value
_ENDS = ("expiry_date", "valid_to")
_RUNNING = ("closing_balance", "balance", "outstanding")  # told after each entry
_DATED = re.compile(r"^\W*(?:\d{1,4}[./-]\d{1,2}(?:[./-]|\s)|\d{1,2}\.? [^\W\d]{3,}|[^\W\d]{3,9}\.? \d{1,2}\b|\d{4}年)")
_UNSIGNED = ("tax", "deductions", "tax_paid")  # printed with or without a minus
_WRAPPED = ("business_scope",)
_ORGANISATIONS = frozenset(
    ("institution", "bank", "employer", "company_name", "insurer", "lender", "supplier", "bureau", "company",
     "issuing_authority")
)  # fmt: skip
_FREE = (FieldType.TEXT, FieldType.NAME, FieldType.ADDRESS)
_LOOSE = {"right": 0.93, "header": 0.92, "below": 0.84, "under": 0.6, "above": 0.42, "pattern": 0.74, "checked": 0.97}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One value that a field may have, and why: what chooses among them, a model too, sees nothing else."""

    field: str
    value: str | int | bool
    raw: str
    page: int
    box: Box
    score: float  # 0 to 1, before calibration
    method: str  # as of ``DocumentField``
    currency: str | None = None
    line: int = 0  # number of the line in the document
    checked: bool = False  # its check digits agree


def from_labels(paper: Paper, kind: DocumentKind, context: Context) -> Iterator[Candidate]:
    """Values that stand by a label of the field."""
    specs = {spec.name: spec for spec in kind.fields}
    for at, hits in enumerate(paper.hits):
        for index, hit in enumerate(hits):
            for name, rank in hit.meaning.labels.get(kind.id, ()):
                spec = specs[name]
                strength = max(hit.strength, 0.94 * _heads_column(paper.strips[at], hit))
                strength *= _OF_OTHER_PERIOD if _of_other_period(paper.strips[at], hit, spec) else 1.0
                certainty = strength * (1 if hit.exact else 0.93) * _specific(hit, rank, paper)
                certainty *= _told_amount(paper.strips[at], hit, spec)
                certainty *= 0.6 if _heads(paper, at, hit, kind) or _ends_another(paper, at, index, name, kind) else 1
                for candidate in around(paper, at, index, spec, context):
                    share = 0.3 if spec.type is FieldType.TEXT and _is_day(candidate.raw, context) else 1.0
                    yield replace(candidate, score=candidate.score * certainty * share)


def _is_day(text: str, context: Context) -> bool:
    """Whether a text is nothing but a date: the value of another label."""
    return any(day.end - day.start > 0.9 * len(text) for day in days_in(text, context.order))


def _told_amount(strip: Strip, hit: Hit, spec: FieldSpec) -> float:
    """More for a sum of pay, less for an amount without taxes and for words within brackets that explain another."""
    if spec.type is not FieldType.MONEY:
        return 1.0
    column = next((each for each in strip.columns if each[0] <= hit.start < each[1]), (hit.start, hit.end))
    before = strip.text[column[0] : hit.start]
    if before.count("(") > before.count(")") and len(before) > _SHORT:
        return 0.5
    if spec.name in _GROSS and _NET.search(re.split(r"[\d:]", strip.text[hit.start : column[1]])[0]):
        return 0.8
    return 1.06 if spec.name == "gross_pay" and _SUM.match(hit.meaning.phrase) else 1.0


def _ends_another(paper: Paper, at: int, index: int, name: str, kind: DocumentKind) -> bool:
    """Whether it is the last words of the label of another field: "Income tax deducted from pay"."""
    hit, strip = paper.hits[at][index], paper.strips[at]
    if hit.begins or not index:
        return False
    before = paper.hits[at][index - 1]
    between = strip.text[before.end : hit.start]
    others = {other for other, _ in before.meaning.labels.get(kind.id, ())}
    return (
        bool(others) and name not in others and before.begins and not before.colon and len(between) < 16
        and bool(re.fullmatch(r"[^\W\d_ ]+(?: [^\W\d_]+)?", between.strip())) and not _heads_column(strip, hit)
    )  # fmt: skip


def _heads(paper: Paper, at: int, hit: Hit, kind: DocumentKind) -> bool:
    """Whether it is the title of the document that stands alone on its line: "Auszeichnung" over a name."""
    alone = hit.begins and hit.closes and not hit.colon and len(paper.strips[at].cells) == 1
    if not alone or hit.meaning.cues.get(kind.id, 0.0) < 3:
        return False
    heights = sorted(word.height for strip in paper.strips[:60] for word in strip.words)
    return paper.strips[at].height > 1.15 * heights[len(heights) // 2]


def _specific(hit: Hit, rank: int, paper: Paper) -> float:
    """Long labels, those that few fields share and those the kind names first tell more."""
    length = min(len(hit.meaning.phrase) * (2 if not hit.meaning.phrase.isascii() else 1), 16)
    return (0.93 + 0.07 * length / 16) * (1 - 0.0012 * min(rank, 40))


def around(paper: Paper, at: int, index: int, spec: FieldSpec, context: Context) -> Iterator[Candidate]:
    """Values that stand by a phrase of a strip, as if it were a label of the field."""
    strip, hits = paper.strips[at], paper.hits[at]
    hit = hits[index]
    until = next(
        (_edge(other, hit, strip) for other in hits[index + 1 :] if _stops(other, hit, strip, spec)), len(strip.text)
    )
    beside = list(_right(paper, strip, hit, until, spec, context))
    yield from beside
    last = not re.sub(r"[合共总]?[计为是共]?\s*$", "", strip.text[hit.end :])
    breaks_off = last and not hit.begins and not _heads_column(strip, hit)
    if not beside and breaks_off and spec.type not in _FREE:
        yield from _in_next_line(paper, at, spec, context)
    beside_it = strip.text[hit.after : until].strip(" \t:：.-_")
    filled = bool(beside_it) and not (hit.closes and _like_label(paper, beside_it.split("\t")[0]))
    heads = _heads_column(strip, hit)
    told = filled and not hit.colon and spec.type in _FREE and _sentence(beside_it)
    if (hit.begins and not told) or (hit.closes and _headed(strip, spec)) or heads:
        header = heads or (hit.closes and not filled)
        yield from _below(paper, at, hit, spec, context, "header" if header else "under" if filled else "below")
    if not filled and not beside and hit.stands is False and hit.closes and hit.begins:
        yield from _above(paper, at, hit, spec, context)


def _in_next_line(paper: Paper, at: int, spec: FieldSpec, context: Context) -> Iterator[Candidate]:
    """The value that a sentence breaks off before: "... con NIF" at the end of a line."""
    strip = paper.strips[at]
    below = next((paper.strips[number] for number in paper.following(at)), None)
    written = len(strip.text) > 24 if has_han(strip.text) else len(strip.words) > 4
    if below is None or not written or below.top - strip.bottom > 1.2 * strip.height:
        return
    value = next(values_in(spec, below.text[:40], context), None)
    if value is not None and value.start <= 2:
        yield _candidate(spec, below, 0, value, _LOOSE["right"], "label", context)


def _edge(other: Hit, hit: Hit, strip: Strip) -> int:
    """Where the next label begins, the code or number before it included."""
    start = strip.cell_at(other.start)[0]
    return start if other.begins and start >= hit.after else other.start


def _of_other_period(strip: Strip, hit: Hit, spec: FieldSpec) -> bool:
    """Whether the words beside the label make it that of a running total: "PROGR. IRPEF", "Gross pay TD"."""
    column = next((text for text in strip.columns if text[0] <= hit.start < text[1]), (hit.start, hit.end))
    around_it = strip.text[column[0] : hit.start] + " " + re.split(r"[\d:]", strip.text[hit.end : column[1]])[0]
    return spec.type is FieldType.MONEY and other_column(around_it)


def _heads_column(strip: Strip, hit: Hit) -> bool:
    """Whether it is all of a heading in a row of headings without figures."""
    whole = any(
        start >= hit.start - 2 and end <= max(hit.end, hit.after) + 2
        for start, end in strip.columns
        if start < hit.end <= end + 2
    )
    return whole and len(strip.columns) > 2 and not _FIGURES.search(strip.text)


def _headed(strip: Strip, spec: FieldSpec) -> bool:
    """Whether the line is a row of headings set close, over values that tell themselves."""
    return (spec.type not in _FREE or bool(spec.shapes)) and not re.search(r"\d", strip.text)


def _stops(other: Hit, hit: Hit, strip: Strip, spec: FieldSpec) -> bool:
    """Whether another label begins here, so that a value cannot go on; what follows a colon is the value itself."""
    if not other.meaning.labels or other.start < hit.after:
        return False
    between = strip.text[hit.end : other.start]
    if spec.type is FieldType.MONEY and between.count("(") > between.count(")"):
        return False  # words that explain the label
    phrase = other.meaning.phrase
    figure = spec.type is not FieldType.ADDRESS and _GIVES_FIGURE.match(strip.text, other.end)
    if spec.type in _FREE and len(phrase) > _SHORT and figure:
        return True
    if not (other.begins or other.colon):
        return False
    if spec.type in _FREE and len(phrase) <= _SHORT and phrase.isascii() and not (other.colon or other.closes):
        return False  # "Via dei Mulini": a short word that a value may begin with
    return other.colon or not hit.colon or bool(strip.text[hit.after : other.start].strip())


def _right(paper: Paper, strip: Strip, hit: Hit, until: int, spec: FieldSpec, context: Context) -> Iterator[Candidate]:
    text = strip.text[hit.after : until]
    if not text.strip():
        return
    if spec.type in _FREE and not spec.shapes:
        if not (hit.colon or hit.closes) and not (hit.begins and _parted(strip, hit, spec)):
            return
        value = next(values_in(spec, text, context), None)
        if value is not None and (hit.colon or not _is_label(paper, value)):
            base = _LOOSE["right"] - 0.04 * text[: value.start].count("\t")
            base *= 0.6 if not hit.colon and (_sentence(str(value.value)) or _over_larger(paper, strip, hit)) else 1
            heading = spec.type is FieldType.NAME or (_heads_column(strip, hit) and not has_han(str(value.value)))
            paper_named = spec.type is FieldType.NAME and bool(_PAPER.search(str(value.value)))
            if not hit.colon and (paper_named or (heading and _like_label(paper, str(value.value)))):
                base *= 0.6
            yield from _with_more(paper, strip, hit, value, base, spec, context)
        return
    days = [(day.start, day.end) for day in days_in(text, context.order)] if spec.type is FieldType.MONEY else []
    found = [
        value
        for value in values_in(spec, text, context)
        if not _of_label(spec, text, value) and not any(start < value.end and value.start < end for start, end in days)
    ]
    passed = 0
    if spec.name in _ENDS and len(found) > 1 and is_range(text[found[0].end : found[1].start]):
        found = found[1:]
    for rank, value in enumerate(found):
        before = text[: value.start]
        words = len(re.findall(r"[^\W\d_]{2,}", before))
        loss = 0.02 if "\t" in before and rank == passed else 0.05
        score = (
            _LOOSE["right"] - 0.03 * max(before.count("\t") - passed, 0) - loss * min(words, 8) - 0.05 * (rank - passed)
        )
        made = _candidate(spec, strip, hit.after, value, score, "label", context)
        share = _column_share(paper, strip, made.box, spec) * (0.5 if _numbers_box(spec, text, value) else 1.0)
        passed += share < 1 and rank == passed
        yield replace(made, score=made.score * share * _share_of_zero(value, spec))
        if rank >= 3:
            break


def _of_label(spec: FieldSpec, text: str, value: Value) -> bool:
    """Whether a figure belongs to the words of the label: "Enquiries in the last 5 years"."""
    counted = spec.type in (FieldType.COUNT, FieldType.MONEY) and _TIMES.match(text, value.end)
    return bool(counted) and "\t" not in text[: value.start] and bool(re.search(r"\d", text[value.end :]))


def _parted(strip: Strip, hit: Hit, spec: FieldSpec) -> bool:
    """Whether a value may follow the label without any sign between; never where both may be one name or a sentence."""
    follows = strip.text[hit.end :]
    if has_han(hit.meaning.phrase):
        return True
    several = " " in strip.text[hit.start : hit.end]
    if (spec.name in _ORGANISATIONS and not several) or len(follows) > 60:
        return False
    return bool(re.match(r"\s+[^\W\d_a-zà-þ]|\s+\d", follows)) and not re.search(r"[.!?] ", follows)


def _sentence(text: str) -> bool:
    """Whether a text runs on as a sentence does: several small words, or its end."""
    small = [word for word in re.findall(r"(?<!\w)[a-zà-þ][\w-]+", text) if word not in _SMALL_WORDS]
    return len(small) > 3 or bool(re.search(r"\s[a-zà-þ]{4,}\.$", text))


def _over_larger(paper: Paper, strip: Strip, hit: Hit) -> bool:
    """Whether the label is of the small print over a larger value, so that what stands beside it is the next label."""
    own = strip.box(hit.start, hit.end)
    height = own[3] - own[1]
    for number in list(paper.following(strip.number))[:2]:
        below = paper.strips[number]
        if below.top - own[3] > 1.5 * height:
            return False
        for cell in below.cells:
            box = below.box(*cell)
            if overlap(box, own) > 0.25 and box[3] - box[1] > 1.18 * height:
                return True
    return False


def _is_label(paper: Paper, value: Value) -> bool:
    found = paper.words.phrases.whole(re.sub(r"\W", "", str(value.value)).casefold())
    return found is not None and bool(found.labels) and len(found.phrase) > 2


def _like_label(paper: Paper, text: str) -> bool:
    """Whether a text is made of nothing but words of labels, as the next heading of a row is."""
    return (
        bool(_HAN_HEADING.fullmatch(text) or _NUMBER_HEADING.match(text))
        or paper.words.label_words.share_known(text) > 0.95
    )


def _with_more(
    paper: Paper, strip: Strip, hit: Hit, value: Value, base: float, spec: FieldSpec, context: Context
) -> Iterator[Candidate]:
    first = _candidate(spec, strip, hit.after, value, base, "label", context)
    if spec.type is FieldType.ADDRESS or spec.name in _WRAPPED:
        yield _continued(paper, strip, first, strip.box(hit.start, hit.end)[0])
        return
    yield first


def _continued(paper: Paper, strip: Strip, first: Candidate, label: float | None = None) -> Candidate:
    """An address with the lines under its first one; ``label``: where its label begins, if that stands beside it."""
    texts, box = [str(first.value)], first.box
    bottom, height = first.box[3], strip.height
    joined = ""
    for number in paper.following(strip.number):
        below = paper.strips[number]
        if below.top - bottom > 0.9 * height or len(texts) >= _LINES_OF_ADDRESS:
            break
        cell = next((c for c in below.cells if abs(below.box(*c)[0] - first.box[0]) < 1.2 * height), None)
        if cell is None:
            if below.top > bottom - 0.3 * height and any(overlap(below.box(*c), first.box) > 0 for c in below.cells):
                break
            continue
        if any(cell[0] <= hit.start < cell[1] and (hit.stands or hit.closes) for hit in paper.hits[number]):
            break
        beside = [below.box(*c)[0] for c in below.cells if c[1] <= cell[0]]
        if label is not None and any(abs(left - label) < 0.6 * height for left in beside):
            break
        if _other_line(below.text[cell[0] : cell[1]]) or _has_own_label(paper, below, cell):
            break
        texts.append(below.raw(*cell).strip(" ,;"))
        box = _around_both(box, below.box(*cell))
        bottom = below.bottom
    joined = _joined(texts)
    return replace(first, value=joined, raw=joined, box=box)


def _has_own_label(paper: Paper, strip: Strip, cell: tuple[int, int]) -> bool:
    """Whether the cell before it is the label of this one."""
    at = strip.cells.index(cell)
    start, end = strip.cells[at - 1] if at else (0, 0)
    return any(start <= hit.start < end <= hit.after and hit.meaning.labels for hit in paper.hits[strip.number])


def _other_line(text: str) -> bool:
    """A line that is no part of an address: a telephone number, an e-mail, an amount, a date."""
    return bool(
        re.search(
            r"@|www\.|https?:|(?i:\b(?:tel|phone|fax|email|mobile|invoice|date|account|customer|dear)\b)|[：:]"
            r"|\d ?(?:m²|m2|㎡)",
            text,
        )
        or re.fullmatch(r"[\W\d_]*|[€£$]?[\d.,' ]+", text)
        or re.match(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}", text)
    )


def _joined(texts: Sequence[str]) -> str:
    out = texts[0].rstrip(" ,;")
    for text in texts[1:]:
        close = has_han(out) and has_han(text)
        out += ("" if close else ", ") + text
    return out


def _around_both(a: Box, b: Box) -> Box:
    return (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))


def _below(paper: Paper, at: int, hit: Hit, spec: FieldSpec, context: Context, how: str) -> Iterator[Candidate]:
    strip = paper.strips[at]
    own = strip.box(hit.start, hit.end)
    seen = 0
    for number in paper.following(at):
        below = paper.strips[number]
        away = below.top - own[3]
        if away > (5.5 if how == "header" else 3.2) * strip.height or seen > 3:
            return
        if below.bottom < own[3] + 0.3 * strip.height:
            continue
        for start, end in _cells_under(below, strip, hit):
            seen += 1
            label = _label_in(paper, number, (start, end))
            if label is not None:
                if label.colon or not _names(label, spec):
                    return
                continue  # the same heading in another language
            value = next(values_in(spec, below.text[start:end], context), None)
            if value is None or (spec.type in _FREE and _is_label(paper, value)):
                if away > 1.6 * strip.height:
                    return
                continue
            base = _LOOSE[how] - 0.05 * max(max(away, 0) / strip.height - 0.8, 0)
            base -= 0.12 * _stray(value, end - start) if spec.type not in _FREE else 0
            base *= _share_of_row(below, start, spec) * _share_of_zero(value, spec)
            method = "table" if how == "header" and len(strip.cells) > 2 else "label"
            made = _candidate(spec, below, start, value, base, method, context)
            if spec.type is FieldType.ADDRESS:
                made = _continued(paper, below, made)
            yield _in_last_row(paper, made, spec, context) if spec.name in _RUNNING else made
            return


def _in_last_row(paper: Paper, made: Candidate, spec: FieldSpec, context: Context) -> Candidate:
    """A running balance as it stands after the last entry: rows that begin with their day, the newest last or first."""
    rows = [strip for strip in paper.strips[made.line :] if _DATED.match(strip.text)]
    days = [next(days_in(strip.text, context.order), None) for strip in rows]
    known = [day.value for day in days if day is not None]
    if not rows or rows[0].number != made.line or len(known) < 2 or known[-1] < known[0]:
        return made
    for strip in reversed(rows):
        for value in values_in(spec, strip.text, context):
            if overlap(strip.box(value.start, value.end), made.box) > 0.3:
                return _candidate(spec, strip, 0, value, made.score / value.quality, made.method, context)
    return made


def _cells_under(below: Strip, strip: Strip, hit: Hit) -> Iterator[tuple[int, int]]:
    """The cells of a line that stand under a heading; a large word beside them may begin far above."""
    label = strip.box(hit.start, hit.end)
    for cell in below.cells:
        part = _in_column(below, cell, strip, hit)
        box = below.box(*part)
        aligned = overlap(box, label) >= 0.25 or abs(box[0] - label[0]) <= 1.2 * strip.height
        if aligned and box[1] >= label[3] - 0.5 * strip.height:
            yield part


def _in_column(below: Strip, cell: tuple[int, int], strip: Strip, hit: Hit) -> tuple[int, int]:
    """The part of a cell that stands under a heading, where close columns have run into one cell."""
    left = strip.box(max(start for start, _ in strip.columns if start <= hit.start), hit.end)[0]
    right = min((strip.box(*each)[0] for each in strip.columns if each[0] >= hit.end), default=float("inf"))
    words = [
        (first, first + len(word.text), word.box)
        for word, first in zip(below.words, below.starts, strict=True)
        if cell[0] <= first < cell[1]
    ]
    kept = [(start, end) for start, end, box in words if box[2] > left - 1 and box[0] < right - 1]
    return (kept[0][0], kept[-1][1]) if kept and len(kept) < len(words) else cell


def _stray(value: Value, length: int) -> float:
    """Share of its cell that is not the value."""
    return (value.start + (length - value.end)) / max(length, 1)


def _label_in(paper: Paper, number: int, cell: tuple[int, int]) -> Hit | None:
    """The label that begins a cell and has a colon or nothing behind it."""
    inside = (h for h in paper.hits[number] if cell[0] <= h.start < cell[1] and h.meaning.labels and h.begins)
    return next((hit for hit in inside if hit.colon or hit.closes), None)


def _names(hit: Hit, spec: FieldSpec) -> bool:
    """Whether it is a label of the field, in any kind."""
    return any(name == spec.name for named in hit.meaning.labels.values() for name, _ in named)


def _above(paper: Paper, at: int, hit: Hit, spec: FieldSpec, context: Context) -> Iterator[Candidate]:
    strip = paper.strips[at]
    own = strip.box(hit.start, hit.end)
    if at == 0 or paper.strips[at - 1].page.number != strip.page.number:
        return
    above = paper.strips[at - 1]
    for start, end in above.cells:
        if overlap(above.box(start, end), own) < 0.4 or own[1] - above.bottom > 1.6 * strip.height:
            continue
        value = next(values_in(spec, above.text[start:end], context), None)
        if value is not None:
            yield _candidate(spec, above, start, value, _LOOSE["above"], "label", context)


def other_column(text: str) -> bool:
    """Whether a heading or label is of a running total or of an earlier period."""
    return bool(_OTHER_COLUMN.search(text))


def _column_share(paper: Paper, strip: Strip, box: Box, spec: FieldSpec) -> float:
    """Less for an amount in a column of running totals, of rates, of hours."""
    if spec.type is not FieldType.MONEY:
        return 1.0
    if spec.name == "total" and _in_summary(paper, strip):
        return 0.7
    for number in range(strip.number - 1, max(strip.number - 40, -1), -1):
        head = paper.strips[number]
        if head.page.number != strip.page.number:
            break
        for start, end in head.cells:
            text = _over(head, (start, end), box)
            if len(text) < 40 and not re.search(r"\d[\d.,]*\d", text) and overlap(head.box(start, end), box) > 0.3:
                if other_column(text):
                    return 0.62
                if _FACTOR_COLUMN.match(text):
                    return 0.7
    return 1.0


def _over(head: Strip, cell: tuple[int, int], box: Box) -> str:
    """The words of a cell that stand over an amount, where headings set close have run into one cell; else all."""
    near = (box[0] - head.height, 0.0, box[2] + head.height, 0.0)
    words = zip(head.words, head.starts, strict=True)
    kept = [word.text for word, start in words if cell[0] <= start < cell[1] and overlap(word.box, near) > 0.3]
    return " ".join(kept) or head.text[cell[0] : cell[1]]


def _share_of_row(strip: Strip, start: int, spec: FieldSpec) -> float:
    """Less for an amount in a row of running totals."""
    first, last = strip.cells[0]
    running = start >= last and other_column(strip.text[first:last])
    return 0.62 if running and spec.type is FieldType.MONEY else 1.0


def _share_of_zero(value: Value, spec: FieldSpec) -> float:
    """Less for nothing: forms print it in every box that is not used."""
    return 0.85 if spec.type is FieldType.MONEY and not Decimal(str(value.value)) else 1.0


def _numbers_box(spec: FieldSpec, text: str, value: Value) -> bool:
    """Whether a figure is the number of the next box of a form: "3 Arbeidskorting"."""
    if spec.type is not FieldType.MONEY or re.search(r"[^\W\d_]", text[: value.start].rpartition("\t")[2]):
        return False
    return bool(re.match(r"\d{1,3}[a-z]?[.)]?\s+[^\W\d]{3}", text[value.start :])) and text[value.start].isdigit()


def _in_summary(paper: Paper, strip: Strip) -> bool:
    """Whether the line belongs to a summary of taxes, whose total leaves the tax out."""
    above = paper.strips[max(strip.number - 6, 0) : strip.number + 1]
    return any(_SUMMARY.search(line.text) for line in above)


def _candidate(
    spec: FieldSpec, strip: Strip, offset: int, value: Value, score: float, method: str, context: Context
) -> Candidate:
    start, end = offset + value.start, offset + value.end
    seen = strip.confidence(start, end)
    score *= value.quality * (1.0 if seen >= 0.9 else 0.5 + 0.55 * seen)
    if spec.name in _UNSIGNED and isinstance(value.value, str):
        value = replace(value, value=value.value.lstrip("-"))
    if value.checked:
        score, method = max(score, 0.985), "check digits"
    return Candidate(
        spec.name, value.value, strip.raw(start, end), strip.page.number, strip.box(start, end), min(score, 1.0),
        method, value.currency, strip.number, value.checked,
    )  # fmt: skip


def from_patterns(paper: Paper, kind: DocumentKind, context: Context) -> Iterator[Candidate]:
    """Values that their form tells wherever they stand: check digits, and phrases of running text."""
    pages: dict[int, list[Strip]] = {}
    for strip in paper.strips:
        pages.setdefault(strip.page.number, []).append(strip)
    texts = [whole for strips in list(pages.values())[:4] if (whole := running(strips)) is not None]
    for spec in kind.fields:
        for pattern in spec.patterns:
            for whole in texts:
                for match in re.finditer(pattern, whole.text):
                    yield from _matched(spec, whole, match.span("value"), context)


def _matched(spec: FieldSpec, whole: Strip, span: tuple[int, int], context: Context) -> Iterator[Candidate]:
    start, end = span
    keeps = spec.check in ("iban", "vin") or spec.name == "area_sqm"
    read = spec if keeps else replace(spec, patterns=(), shapes=())
    until = min(end + 20, len(whole.text)) if spec.name == "area_sqm" else end
    value = next(values_in(read, whole.text[start:until], context), None)
    if value is not None:
        made = _candidate(spec, whole, start, value, _LOOSE["pattern"], "pattern", context)
        yield replace(made, page=whole.parts(start, end)[0].page)
