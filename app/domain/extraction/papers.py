"""Fields that carry no label: whose letterhead it is, whom a letter is addressed to, which shop a receipt is of."""

# ruff: noqa: E501 - lists of words

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.document_kinds import DocumentKind
from app.domain.extraction.candidates import Candidate
from app.domain.extraction.dates import days_in
from app.domain.extraction.values import Context
from app.domain.identifiers import resident_identity
from app.domain.kind_words import Paper
from app.domain.layout import Box
from app.domain.strips import Strip

_FIRM = re.compile(
    r"(?:\b(?:ltd|limited|llc|llp|inc|corp|corporation|plc|gmbh|ag|kg|ohg|se|eg|mbh|s\.?a\.?r\.?l|sarl|s\.?a\.?s?|sas|eurl|sci|"
    r"s\.?l\.?u?|s\.?r\.?l|s\.?p\.?a|b\.?v|n\.?v|ab|a/s|asa?|oy|oyj|aps|sdn\.? ?bhd|bhd|pte|pty|lda|ltda|dac|cic|co|company|"
    r"enterprise|trading|restaurant|supermarket|hardware|mart|holdings|group|services|hotel|stationery|store|stores|centre)\b"
    r"\.?|公司|集团|有限|商店|超市|厂$|中心$|店$|事务所)",
    re.I,
)
_ROLES = {  # field -> what its name looks like where it heads a page
    "bank": re.compile(r"bank|banque|banco|banca|sparkasse|credit union|crédit|caja|building society|kasse|raiffeisen|银行|信用社", re.I),
    "insurer": re.compile(r"insur|assur|versicher|seguro|assicur|verzeker|försäkring|mutual|保险", re.I),
    "lender": re.compile(r"bank|banque|banco|credit|crédit|loan|mortgage|financ|kredit|lending|银行|贷款|savings|sparkasse|caja|金融", re.I),
    "institution": re.compile(r"universi|college|hochschule|institute|école|school|academy|högskola|politec|学院|大学|学校|akademi", re.I),
    "supplier": re.compile(r"energ|electric|power|water|gas\b|utilit|strom|stadtwerk|telecom|broadband|eau|agua|luz|kraft|vatten|供电|自来水|燃气|电力|"
                           r"水务|eléctric|élec|ener|light|fiber|mobile|networks", re.I),
    "bureau": re.compile(r"bureau|credit|experian|equifax|transunion|schufa|crif|kredit|upplysning|征信|auskunft|informa", re.I),
    "issuing_authority": re.compile(r"ministry|authority|department|agency|office|board|council|finanzamt|amt\b|behörde|préfecture|mairie|ministère|"
                                    r"ministerio|registro|agenzia|agencia|comune|gemeente|verket|myndighet|局$|厅$|委员会|中心$|"
                                    r"service|institut|trust|foundation|stiftung|fondation|society|chamber", re.I),
}  # fmt: skip
_TITLED = re.compile(
    r"invoice|receipt|statement|bill\b|rechnung|facture|factura|fattura|factuur|faktura|payslip|page \d|发票|收据|copy|"
    r"^\W*\d[\d/.: -]*$|tel[.:]|fax|www\.|@|gst|welcome|thank|reg\.? ?no|co\.? ?reg|date|cashier|table|no\.? ?\d|^\W*\(?\d{4,}",
    re.I,
)
_POSTAL = re.compile(
    r"\b(?!(?:19|20)\d\d\b)\d{4,6}\b|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b[A-Z]{2},? \d{5}(?:-\d{4})?\b|\b\d{3} \d{2}\b|\b\d{4} ?[A-Z]{2}\b|"
    r"省|市|区|县|\b(?:Co\.|County) [A-Z]"
)
_STREET = re.compile(
    r"\d.*(?:street|st\b|road|rd\b|lane|ln\b|avenue|ave\b|drive|dr\b|close|terrace|way|blvd|court|place|jalan|jln|jl\b|lot|no\b|"
    r"stra(?:ß|ss)e|str\b|weg|platz|allee|gasse|rue|avenue|bd\b|boulevard|impasse|calle|avda|plaza|via|viale|piazza|corso|straat|"
    r"laan|gatan|vägen|gränd|rua|avenida|praça|路|街|号|巷|弄|楼|taman|floor|unit|block|suite|box)|"
    r"(?:street|road|jalan|jln|rue|calle|via|rua|stra(?:ß|ss)e|taman|lot|no)\b.*\d",
    re.I,
)
_PERSON = re.compile(
    r"(?:(?:mr|ms|mrs|miss|dr|herrn?|frau|m\.|mme|mlle|sr\.?|sra\.?|d\.|dña\.)\.?\s+)?"
    r"(?P<value>[A-ZÀ-Þ][\w'’.-]*(?:[ ](?:de|del|van|von|der|den|la|da|dos|di|al|bin|ó|o')?\s?[A-ZÀ-Þ][\w'’.-]*){1,3})",
)
_ADDRESSEES = ("holder", "customer", "insured", "employee", "tenant", "subject")
_TOP_LINES = 12


@dataclass(frozen=True, slots=True)
class _Cell:
    strip: Strip
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.strip.raw(self.start, self.end)

    @property
    def box(self) -> Box:
        return self.strip.box(self.start, self.end)


def from_shape(paper: Paper, kind: DocumentKind, context: Context) -> Iterator[Candidate]:
    """Candidates without a label, never as sure as those that have one."""
    names = {spec.name for spec in kind.fields}
    top = _top_cells(paper)
    yield from _heads(top, names)
    yield from _addressee(paper, names, kind)
    yield from _identity(paper, names)
    if kind.id == "invoice":
        yield from _receipt(paper, top)
    if kind.id in ("invoice", "handwritten_note", "employment_letter", "award_certificate", "diploma", "credit_report",
                   "professional_certificate", "call_transcript", "income_tax", "bank_account_details"):  # fmt: skip
        yield from _lone_date(paper, kind, context)
    if kind.id == "cv" and top:
        yield from _named_first(top)


def _top_cells(paper: Paper) -> list[_Cell]:
    first = (
        [strip for strip in paper.strips if strip.page.number == paper.strips[0].page.number] if paper.strips else []
    )
    return [_Cell(strip, *cell) for strip in first[:_TOP_LINES] for cell in strip.cells]


def _heads(top: Sequence[_Cell], names: set[str]) -> Iterator[Candidate]:
    """Organisations named at the head of the page."""
    for field, looks in _ROLES.items():
        if field in names:
            for rank, cell in enumerate(cell for cell in top[:10] if _named(cell.text) and looks.search(cell.text)):
                yield _made(field, cell, 0.66 - 0.04 * rank + (0.05 if _FIRM.search(cell.text) else 0))
    for field in ("employer", "company_name", "insurer", "lender", "supplier"):
        if field in names:
            for rank, cell in enumerate(cell for cell in top[:8] if _named(cell.text) and _FIRM.search(cell.text)):
                yield _made(field, cell, 0.64 - 0.05 * rank)


def _named(text: str) -> bool:
    """Whether it can be the name of an organisation: few words, no sentence, no figure, no label."""
    return (
        3 <= len(text) <= 60
        and not re.search(r"[:：?!]|\d{3}", text)
        and len(text.split()) <= 9
        and not text.endswith(",")
    )


def _made(field: str, cell: _Cell, score: float, value: str | None = None) -> Candidate:
    text = cell.text if value is None else value
    seen = cell.strip.confidence(cell.start, cell.end)
    return Candidate(field, text.strip(" ,;"), text, cell.strip.page.number, cell.box, score * min(1.0, 0.4 + 0.6 * seen),
                     "pattern", None, cell.strip.number)  # fmt: skip


def _addressee(paper: Paper, names: set[str], kind: DocumentKind) -> Iterator[Candidate]:
    """The block of a letter's window: a person, a street, a town."""
    if not names & {"address", *_ADDRESSEES}:
        return
    field = next((name for name in _ADDRESSEES if name in names), None)
    strips = [strip for strip in paper.strips[:40] if strip.page.number == 1]
    for strip in strips:
        for cell in strip.cells:
            block = _block(paper, strip, cell)
            person = _PERSON.fullmatch(block[0].text) if len(block) > 2 else None
            if any(hit.start < cell[1] and cell[0] < hit.end and hit.meaning.cues for hit in paper.hits[strip.number]):
                continue
            if person is None or _FIRM.search(block[0].text) or not any(_POSTAL.search(c.text) for c in block[1:]):
                continue
            if field:
                yield _made(field, block[0], 0.7, person["value"])
            if "address" in names:
                lines = [each.text.strip(" ,") for each in block[1:]]
                edges = list(zip(*(each.box for each in block[1:]), strict=True))
                made = _made("address", block[1], 0.7, ", ".join(lines))
                box = (min(edges[0]), min(edges[1]), max(edges[2]), max(edges[3]))
                yield Candidate(
                    made.field, made.value, made.raw, made.page, box, made.score, made.method, None, made.line
                )
            return


def _block(paper: Paper, strip: Strip, cell: tuple[int, int]) -> list[_Cell]:
    """A cell and those right under it that begin at the same place, up to the postal town."""
    out = [_Cell(strip, *cell)]
    left, bottom = strip.box(*cell)[0], strip.bottom
    for number in paper.following(strip.number):
        below = paper.strips[number]
        if below.top - bottom > 0.9 * strip.height or len(out) > 5:
            break
        found = next((c for c in below.cells if abs(below.box(*c)[0] - left) < 0.6 * strip.height), None)
        if found is None:
            continue
        text = below.raw(*found)
        if re.search(r"[:：]|@", text) or any(found[0] <= h.start < found[1] and h.stands for h in paper.hits[number]):
            break
        out.append(_Cell(below, *found))
        bottom = below.bottom
        if len(out) > 2 and _POSTAL.search(text) and not _STREET.match(text):
            break
    return out


def _identity(paper: Paper, names: set[str]) -> Iterator[Candidate]:
    """What a Chinese identity number says of birth and sex, which its check digit proves."""
    for strip in paper.strips:
        for match in re.finditer(r"(?<!\d)\d{17}[\dXx](?!\d)", strip.text):
            identity = resident_identity(match.group())
            if identity is None:
                continue
            box = strip.box(*match.span())
            told = {"birth_date": identity.born_on.isoformat(), "sex": "男" if identity.sex == "M" else "女"}
            for name, value in told.items():
                if name in names:
                    yield Candidate(
                        name, value, match.group(), strip.page.number, box, 0.8, "check digits", None, strip.number
                    )


def _receipt(paper: Paper, top: Sequence[_Cell]) -> Iterator[Candidate]:
    """Name and address of the shop that a receipt begins with."""
    head = [cell for cell in top if not re.fullmatch(r"[\W\d_]*", cell.text)]
    firm = next((cell for cell in head[:5] if _FIRM.search(cell.text) and not _TITLED.search(cell.text)), None)
    first = firm or next((cell for cell in head[:3] if not _TITLED.search(cell.text) and len(cell.text) > 3), None)
    if first is None:
        return
    score = 0.76 if firm is not None else 0.56
    yield _made("company", first, score)
    yield _made("supplier", first, score - 0.06)
    lines: list[_Cell] = []
    for cell in head[head.index(first) + 1 :]:
        if cell.strip.number == first.strip.number:
            continue
        text = cell.text
        if lines and (_ends_address(text) or cell.strip.top - lines[-1].strip.bottom > 2.2 * cell.strip.height):
            break
        if (_STREET.search(text) or lines) and not _ends_address(text):
            lines.append(cell)
        if len(lines) >= 5:
            break
    if lines:
        edges = list(zip(*(each.box for each in lines), strict=True))
        text = " ".join(each.text for each in lines)
        made = _made("address", lines[0], 0.74 if _POSTAL.search(text) else 0.6, text)
        box = (min(edges[0]), min(edges[1]), max(edges[2]), max(edges[3]))
        yield Candidate(made.field, text, text, made.page, box, made.score, made.method, None, made.line)


def _ends_address(text: str) -> bool:
    return bool(
        re.search(r"\btel\b|tel[.:]|fax|phone|gst|reg|www|@|invoice|receipt|date|cash|bill|company no|\bid\b|e-?mail|roc\b|hotline|电话|税号",
                  text, re.I)
        or re.fullmatch(r"\(?[\w-]*\d[\w-]*\)?|\(.{3,30}\)|[\W\d_]+", text)
    )  # fmt: skip


def _lone_date(paper: Paper, kind: DocumentKind, context: Context) -> Iterator[Candidate]:
    """A date near the head, or the last one of a letter, where nothing names it."""
    wanted = {"issue_date", "date", "report_date", "award_date", "graduation_date"} & {
        spec.name for spec in kind.fields
    }
    found = [(strip, day) for strip in paper.strips for day in days_in(strip.text, context.order)]
    if not wanted or not found:
        return
    chosen = found[0] if kind.id in ("invoice", "call_transcript", "handwritten_note", "credit_report") else found[-1]
    strip, day = chosen
    alone = 0.06 if len(found) == 1 else 0.0
    for name in sorted(wanted):
        yield Candidate(name, day.value.isoformat(), strip.raw(day.start, day.end), strip.page.number, strip.box(day.start, day.end),
                        (0.56 + alone) * day.quality, "pattern", None, strip.number)  # fmt: skip


def _named_first(top: Sequence[_Cell]) -> Iterator[Candidate]:
    """The name that heads a curriculum vitae."""
    for rank, cell in enumerate(top[:4]):
        text = cell.text
        if _PERSON.fullmatch(text.title() if text.isupper() else text) and not re.search(
            r"(?i)vitae|resume|lebenslauf|profile", text
        ):
            yield _made("holder", cell, 0.76 - 0.05 * rank)
        elif re.fullmatch(r"[\u4e00-\u9fff·]{2,4}", text) and text not in ("个人简历", "简历", "履历"):
            yield _made("holder", cell, 0.74 - 0.05 * rank)
