"""Amounts that belong together: surer where they add up, and found where one of them has no label of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from app.domain.document_kinds import DocumentKind
from app.domain.extraction.amounts import Amount, amounts_in, money_text, style_of
from app.domain.extraction.candidates import Candidate
from app.domain.kind_words import Paper
from app.domain.strips import Strip

SUMS = (("subtotal", "vat", "total"), ("net_pay", "deductions", "gross_pay"))
"""Two parts and their whole."""

_CENT = Decimal("0.01")
_NEAR = 0.6  # of the best candidate's score: basic pay and overtime add up to the gross as well
_SURE = 0.75  # score of an amount that others are found by
_MISSING, _PAIR = 0.74, 0.6  # scores of what arithmetic finds where two amounts of three are known, or one


def adding_up(chosen: dict[str, Candidate], candidates: Mapping[str, Sequence[Candidate]]) -> dict[str, Candidate]:
    """Where two amounts make a third, the values that do so are surer than those that stand nearest to a label."""
    for first, second, whole in SUMS:
        if not all(candidates.get(name) for name in (first, second, whole)):
            continue
        options = (
            (a.score * b.score * c.score, a, b, c)
            for a in candidates[first][:5]
            for b in candidates[second][:5]
            for c in candidates[whole][:5]
            if abs(_amount(a) + abs(_amount(b)) - _amount(c)) <= _CENT
            and abs(_amount(b)) > 0
            and min(a.score / candidates[first][0].score, c.score / candidates[whole][0].score) > _NEAR
        )
        best = max(options, key=lambda option: option[0], default=None)
        if best is not None and best[0] > 0.15:
            for name, candidate in zip((first, second, whole), best[1:], strict=True):
                chosen[name] = replace(candidate, score=max(candidate.score, 0.5 + candidate.score / 2))
    return chosen


def completed(paper: Paper, kind: DocumentKind, chosen: dict[str, Candidate]) -> dict[str, Candidate]:
    """With the part of a sum that has no label of its own, where the amount that is missing stands on the page."""
    names = {spec.name for spec in kind.fields}
    for parts in SUMS:
        if set(parts) <= names:
            for name, value, score in _missing(paper, chosen, *parts):
                chosen = _placed(paper, chosen, name, value, score)
    return chosen


def _missing(
    paper: Paper, chosen: Mapping[str, Candidate], first: str, second: str, whole: str
) -> Iterator[tuple[str, Decimal, float]]:
    """The third of three amounts; or, where only one is sure, the two others that no other pair of amounts can be."""
    have = {name: abs(_amount(chosen[name])) for name in (first, second, whole) if name in chosen}
    if len(have) == 2 and whole not in have:
        yield whole, have[first] + have[second], _MISSING
    elif len(have) == 2:
        missing = first if second in have else second
        yield missing, have[whole] - (have[second] if missing == first else have[first]), _MISSING
    sure = [name for name in have if chosen[name].score >= _SURE]
    if len(sure) != 1 or (len(have) == 3 and have[first] + have[second] == have[whole]):
        return
    pairs = _pairs({abs(amount.value) for _, amount in _amounts(paper)}, sure[0] == whole, have[sure[0]])
    if len(pairs) == 1:
        others = [name for name in (first, second, whole) if name != sure[0]]
        told = {name: have[name] for name in others if name in have and chosen[name].score >= _NEAR}
        if any(told.get(name, value) != value for name, value in zip(others, pairs[0], strict=True)):
            return
        for name, value in zip(others, pairs[0], strict=True):
            if name not in have or have[name] != value:
                yield name, value, _PAIR


def _pairs(found: set[Decimal], is_whole: bool, known: Decimal) -> list[tuple[Decimal, Decimal]]:
    """Amounts that make up ``known`` together, the larger first; or a part beside it, and the whole of both."""
    if is_whole:
        return [(each, known - each) for each in found if known / 2 <= each < known and known - each in found]
    return [(each, known + each) for each in found if each > 0 and known + each in found]


def _placed(
    paper: Paper, chosen: dict[str, Candidate], name: str, value: Decimal, score: float
) -> dict[str, Candidate]:
    """With a field given the amount, where it stands on the page."""
    place = next(((strip, amount) for strip, amount in _amounts(paper) if amount.value == value > 0), None)
    if place is None:
        return chosen
    strip, found = place
    currency = found.currency or style_of(paper.text).currency
    return chosen | {
        name: Candidate(
            name, money_text(value), strip.raw(found.start, found.end), strip.page.number,
            strip.box(found.start, found.end), score, "table", currency, strip.number,
        )
    }  # fmt: skip


def _amounts(paper: Paper) -> Iterator[tuple[Strip, Amount]]:
    style = style_of(paper.text)
    for strip in paper.strips:
        for found in amounts_in(strip.text, style):
            if found.cents or found.currency:
                yield strip, found


def _amount(candidate: Candidate) -> Decimal:
    return Decimal(str(candidate.value))
