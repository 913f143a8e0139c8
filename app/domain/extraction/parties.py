"""The parties of an invoice where each has its own part: a heading ("Cedente", "Bill to"), below it "Name: …"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.domain.document_kinds import DocumentKind
from app.domain.extraction.candidates import Candidate
from app.domain.kind_words import Paper
from app.domain.strips import Strip

_PARTIES = ("supplier", "customer")
_NAME = re.compile(
    r"(?i:denominazione(?: sociale)?|ragione sociale|nome(?: e cognome|/designação social)?|name|firma|company"
    r"|company name|legal name|raison sociale|nom|dénomination|razón social|nombre(?: ?[/o] ?razón social)?"
    r"|(?:bedrijfs)?naam|(?:företags)?namn|företag|designação(?: social)?|名\s?称|公司名称|单位名称|姓\s?名)"
    r"\s*[:：]\s*(?P<value>\S.*)"
)
_ADDRESS = re.compile(
    r"(?i:indirizzo|sede|(?:business |street )?address|adresse|anschrift|dirección|domicilio(?: fiscal)?|adres"
    r"|adress|morada|地\s?址(?:[、,，]\s?电话)?)\s*[:：]\s*(?P<value>\S.*)"
)
_LINES = 6
_SCORE = 0.93


def from_parties(paper: Paper, kind: DocumentKind) -> Iterator[Candidate]:
    """Names, and the issuer's address, in the parts that headings of parties open."""
    names = {spec.name for spec in kind.fields}
    if not names.issuperset(_PARTIES):
        return
    for strip, hits in zip(paper.strips, paper.hits, strict=True):
        for hit in hits:
            fields = [name for name, _ in hit.meaning.labels.get(kind.id, ()) if name in _PARTIES]
            end = strip.cell_at(hit.start)[1]
            if not fields or not hit.begins or re.search(r"\w", re.sub(r"\([^()]*\)", "", strip.text[hit.after : end])):
                continue
            yield from _in_part(paper, strip, hit.start, fields[0], names)


def _in_part(paper: Paper, head: Strip, start: int, field: str, names: set[str]) -> Iterator[Candidate]:
    left = head.box(*head.cell_at(start))[0]
    for number in list(paper.following(head.number))[:_LINES]:
        strip = paper.strips[number]
        for cell in strip.cells:
            if abs(strip.box(*cell)[0] - left) > 1.5 * head.height:
                continue
            text = strip.text[cell[0] : cell[1]]
            name, address = _NAME.match(text), _ADDRESS.match(text)
            if name is not None:
                yield _made(field, strip, cell[0], name.span("value"))
                if field == "supplier" and "company" in names:
                    yield _made("company", strip, cell[0], name.span("value"))
            if address is not None and field == "supplier":
                yield _made("address", strip, cell[0], address.span("value"))


def _made(field: str, strip: Strip, offset: int, span: tuple[int, int]) -> Candidate:
    start, end = offset + span[0], offset + span[1]
    text = strip.raw(start, end).strip(" ,;")
    score = _SCORE * strip.confidence(start, end) ** 0.5
    return Candidate(field, text, text, strip.page.number, strip.box(start, end), score, "label", None, strip.number)
