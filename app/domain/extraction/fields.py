"""The fields of a document of a known kind: of all candidates the best, with how sure it is."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from app.domain.document_kinds import DocumentKind, FieldSpec, FieldType
from app.domain.extraction.amounts import style_of
from app.domain.extraction.candidates import Candidate, from_labels, from_patterns
from app.domain.extraction.claims import claimed_once
from app.domain.extraction.dates import order_of
from app.domain.extraction.name_parts import from_name_parts
from app.domain.extraction.near_labels import METHOD as NEAR
from app.domain.extraction.near_labels import from_near_labels
from app.domain.extraction.papers import from_shape
from app.domain.extraction.pay_period import is_of_another_period
from app.domain.extraction.remainder import METHOD as REST
from app.domain.extraction.remainder import from_remainder
from app.domain.extraction.sums import adding_up, completed
from app.domain.extraction.totals import from_totals
from app.domain.extraction.unlabelled import entry_lines, from_order
from app.domain.extraction.values import Context
from app.domain.extraction.zones import from_zone
from app.domain.kind_words import KindWords, Paper, paper_of
from app.domain.layout import Layout
from app.domain.reading import DocumentField

_ISSUED = frozenset(("issue_date", "report_date"))  # never the day of an entry
_LEAST = 0.3  # score of a candidate that is shown at all
Curve = Sequence[tuple[float, float]]
_PLAIN: Curve = ((0.0, 0.05), (0.3, 0.25), (0.5, 0.45), (0.7, 0.7), (0.8, 0.84), (0.9, 0.95), (1.0, 0.995))


def extract(
    layout: Layout, kind: DocumentKind, words: KindWords | None = None, curve: Curve = _PLAIN
) -> tuple[DocumentField, ...]:
    """The fields that a document of the kind shows, in the order of the kind."""
    return fields_of(paper_of(layout, words or KindWords({kind.id: kind})), kind, curve)


def candidates_of(
    paper: Paper, kind: DocumentKind, leave_out: Container[str] = ()
) -> Mapping[str, tuple[Candidate, ...]]:
    """For each field every value it may have, the likeliest first; methods to ``leave_out`` only for measuring them."""
    context = context_of(paper)
    found: dict[str, list[Candidate]] = {spec.name: [] for spec in kind.fields}
    for source in (
        from_labels(paper, kind, context),
        from_totals(paper, kind, context),
        from_name_parts(paper, kind, context),
        from_patterns(paper, kind, context),
        from_zone(paper, kind),
        from_shape(paper, kind, context),
        from_order(paper, kind, context),
    ):
        for candidate in source:
            found[candidate.field].append(candidate)
    if NEAR not in leave_out:
        for candidate in list(from_near_labels(paper, kind, context, found)):
            found[candidate.field].append(candidate)
    if REST not in leave_out:
        for candidate in list(from_remainder(paper, kind, context, found)):
            found[candidate.field].append(candidate)
    entries = entry_lines(paper)
    for name in _ISSUED.intersection(found):
        found[name] = [candidate for candidate in found[name] if candidate.line not in entries]
    if "annual_salary" in found:
        found["annual_salary"] = [each for each in found["annual_salary"] if not is_of_another_period(paper, each)]
    return {name: _ranked(candidates) for name, candidates in found.items()}


def context_of(paper: Paper) -> Context:
    """What the whole document says of its figures and dates."""
    text = paper.text
    ocr = any(page.method == "ocr" for page in paper.layout.pages)
    return Context(style_of(text), order_of(text), paper.han, ocr)


def unread_values(paper: Paper, kind: DocumentKind, found: Container[str]) -> Iterator[tuple[FieldSpec, Candidate]]:
    """What stands behind labels of fields for which no value was found: to be named where a form is refused."""
    specs = {spec.name: spec for spec in kind.fields if spec.name not in found}
    for strip, hits in zip(paper.strips, paper.hits, strict=True):
        for index, hit in enumerate(hits):
            spec = next((specs[name] for name, _ in hit.meaning.labels.get(kind.id, ()) if name in specs), None)
            until = min((other.start for other in hits[index + 1 :]), default=len(strip.text))
            start = hit.after + len(strip.text[hit.after : until]) - len(strip.text[hit.after : until].lstrip())
            end = strip.cell_at(start)[1] if start < until else start
            if spec is not None and hit.stands and start < min(end, until):
                raw = strip.raw(start, min(end, until))
                box = strip.box(start, min(end, until))
                yield spec, Candidate(spec.name, raw, raw, strip.page.number, box, 0.0, "label", line=strip.number)


def _ranked(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """One of each value, its score raised where it is found more than once."""
    best: dict[tuple[object, str | None], Candidate] = {}
    for each in sorted(candidates, key=lambda c: (-c.score, c.line)):
        key = (each.value, each.currency)
        kept = best.get(key)
        if kept is None:
            best[key] = each
        elif (each.page, each.box) != (kept.page, kept.box):
            best[key] = replace(kept, score=min(kept.score + 0.15 * each.score * (1 - kept.score), 1.0))
    return tuple(sorted(best.values(), key=lambda c: (-c.score, c.line)))


def fields_of(
    paper: Paper, kind: DocumentKind, curve: Curve = _PLAIN, leave_out: Container[str] = ()
) -> tuple[DocumentField, ...]:
    """The best candidate of each field that has one."""
    candidates = candidates_of(paper, kind, leave_out)
    chosen = {name: found[0] for name, found in candidates.items() if found and found[0].score >= _LEAST}
    chosen = adding_up(chosen, candidates)
    chosen = completed(paper, kind, claimed_once(kind, chosen))
    return tuple(
        _field(spec, chosen[spec.name], candidates[spec.name], curve) for spec in kind.fields if spec.name in chosen
    )


def _field(spec: FieldSpec, best: Candidate, others: Sequence[Candidate], curve: Curve) -> DocumentField:
    rival = max((each.score for each in others if _differs(spec, each, best)), default=0.0)
    score = best.score * (1 - 0.25 * max(0.0, (rival / best.score) - 0.75) * 4 * (not best.checked))
    return DocumentField(
        name=spec.name,
        value=best.value,
        raw=best.raw,
        currency=best.currency if spec.type is FieldType.MONEY else None,
        page=best.page,
        box=best.box,
        confidence=Decimal(f"{calibrated(score, curve):.3f}"),
        method=best.method,
        fact=spec.fact,
    )


def _differs(spec: FieldSpec, each: Candidate, best: Candidate) -> bool:
    if each.value == best.value:
        return False
    if spec.type in (FieldType.TEXT, FieldType.NAME, FieldType.ADDRESS):
        a, b = str(each.value).casefold(), str(best.value).casefold()
        return a not in b and b not in a
    return True


def calibrated(score: float, curve: Curve) -> float:
    """The share of such scores that were right, by straight lines between the points of the curve."""
    for (x0, y0), (x1, y1) in pairwise(curve):
        if x0 <= score <= x1:
            return y0 + (y1 - y0) * (score - x0) / max(x1 - x0, 1e-9)
    return curve[-1][1] if score > curve[-1][0] else curve[0][1]
