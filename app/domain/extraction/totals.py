"""Sums that stand in the last row of a table, under the heading of their column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from app.domain.document_kinds import DocumentKind, FieldType
from app.domain.extraction.amounts import amounts_in, money_text
from app.domain.extraction.candidates import Candidate, other_column
from app.domain.extraction.values import Context
from app.domain.kind_words import Paper
from app.domain.layout import Box
from app.domain.strips import Strip, overlap

_TOTAL = re.compile(
    r"^\W*(?:[A-Z0-9]{1,2}[.)]\s)?(?:(?:grand |sub)?totals?|totale[ns]?|totali|totaux|totaal|totais|totales|summen?"
    r"|gesamt\w*|insgesamt|summa|sum|合计|总计|累计|总额)\b",
    re.I,
)
_NET = re.compile(
    r"\b(?:net|netto|netta?|nett|neto|excl|exkl|zzgl|before|without|ohne|hors|ht|sin|senza|sem|zonder)\b|不含税", re.I
)
_GROSS = frozenset(("total", "amount_due"))
_SECTIONS = {
    "gross_pay": re.compile(
        r"\b(?:earnings|payments|bezüge|devengos|gains|competenze|inkomsten|abonos)\b|收入|应发", re.I
    ),
    "deductions": re.compile(
        r"\b(?:deductions|abzüge|deducciones|retenues|trattenute|inhoudingen|avdrag|descontos)\b|扣款", re.I
    ),
}  # what the table is headed whose last row is a sum
_SCORE, _SCORE_UNNAMED = 0.9, 0.82
_MOST_LINES = 40


def from_totals(paper: Paper, kind: DocumentKind, context: Context) -> Iterator[Candidate]:
    """The amounts of a row of totals for the fields whose labels head their columns."""
    wanted = {spec.name for spec in kind.fields if spec.type is FieldType.MONEY}
    if not wanted:
        return
    yield from _unnamed(paper, wanted, context)
    for strip in paper.strips:
        if not _is_total(strip):
            continue
        for amount in amounts_in(strip.text, context.style):
            box = strip.box(amount.start, amount.end)
            for name in _heading(paper, kind, strip, box) & wanted - _of_net(strip):
                value = money_text(abs(amount.value) if name in ("deductions", "tax", "tax_paid") else amount.value)
                yield Candidate(
                    name, value, strip.raw(amount.start, amount.end), strip.page.number, box, _SCORE * amount.quality,
                    "table", amount.currency or context.style.currency, strip.number,
                )  # fmt: skip


def _unnamed(paper: Paper, wanted: set[str], context: Context) -> Iterator[Candidate]:
    """Sums without a name: a row of nothing but amounts, each the sum of those above it, under a heading."""
    for strip in paper.strips:
        if any(map(str.isalpha, strip.text)):
            continue
        for amount in amounts_in(strip.text, context.style):
            box = strip.box(amount.start, amount.end)
            parts, head = _column_above(paper, strip, box, context)
            if head is None or len(parts) < 2 or sum(parts) != amount.value or not amount.value:
                continue
            if other_column(" ".join(head.text[a:b] for a, b in head.columns if overlap(head.box(a, b), box) > 0.3)):
                continue
            for name, heads in _SECTIONS.items():
                if name in wanted and heads.search(head.text):
                    yield Candidate(
                        name, money_text(abs(amount.value)), strip.raw(amount.start, amount.end), strip.page.number,
                        box, _SCORE_UNNAMED * amount.quality, "table", amount.currency or context.style.currency,
                        strip.number,
                    )  # fmt: skip


def _column_above(paper: Paper, strip: Strip, box: Box, context: Context) -> tuple[list[Decimal], Strip | None]:
    """The amounts over a place up to the next heading, and that heading."""
    parts: list[Decimal] = []
    for number in range(strip.number - 1, max(strip.number - _MOST_LINES, -1), -1):
        line = paper.strips[number]
        if line.page is not strip.page:
            break
        found = [a for a in amounts_in(line.text, context.style) if a.cents]
        if not found:
            return parts, line
        parts += [a.value for a in found if overlap(line.box(a.start, a.end), box) > 0.3]
    return parts, None


def _is_total(strip: Strip) -> bool:
    """Whether a line is a row of sums: "Total" or "Total for year", then figures, no colon."""
    name = strip.text[slice(*strip.cells[0])]
    return len(strip.cells) > 1 and bool(_TOTAL.match(name)) and len(name.split()) <= 4 and ":" not in name


def _of_net(strip: Strip) -> frozenset[str]:
    """The fields that a sum without taxes is none of."""
    return _GROSS if _NET.search(strip.text[slice(*strip.cells[0])]) else frozenset()


def _heading(paper: Paper, kind: DocumentKind, strip: Strip, box: Box) -> set[str]:
    """The fields that the heading over an amount labels: the nearest cell above it without a figure."""
    for number in range(strip.number - 1, max(strip.number - _MOST_LINES, -1), -1):
        head = paper.strips[number]
        if head.page.number != strip.page.number:
            break
        if re.search(r"\d", head.text) or len(head.words) < 2:
            continue
        over = [hit for hit in paper.hits[number] if overlap(head.box(hit.start, hit.end), box) > 0.3]
        cells = [cell for cell in head.cells if overlap(head.box(*cell), box) > 0.3]
        if any(other_column(head.text[start:end]) for start, end in cells):
            return set()
        if over or cells:
            return {name for hit in over for name, _ in hit.meaning.labels.get(kind.id, ())}
    return set()
