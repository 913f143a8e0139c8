"""What was read from one document: each value with its place and how far it can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.cross_checks import DOUBTFUL
from app.domain.document_facts import field_of
from app.domain.facts import Catalogue, Fact, SourceKind
from app.usecases.show_case import CaseView
from views import format as fmt
from views.strings import tr

OF_DOCUMENTS = (SourceKind.DOCUMENT, SourceKind.ROW, SourceKind.PERSON)


class Trust(StrEnum):
    """How far a value can be trusted, and so its colour."""

    SURE = "sure"
    DOUBTFUL = "doubtful"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"  # a person gave the value


COLOURS = {
    Trust.SURE: "accent",
    Trust.DOUBTFUL: "amber",
    Trust.CONFIRMED: "favourable",
    Trust.CORRECTED: "person",
}
"""Token of the theme for each."""


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One value of a document as the list and the page show it."""

    fact: Fact
    label: str
    value: str
    trust: Trust

    @property
    def page(self) -> int | None:
        return self.fact.source.page

    @property
    def trust_words(self) -> str:
        """``doubtful · 0.62``; a person's word has no share."""
        words = tr(f"reading.trust.{self.trust}")
        return f"{words} · {fmt.number(self.fact.confidence)}" if self.fact.confidence < 1 else words


def trust_of(fact: Fact) -> Trust:
    """A person's value, a reading a person confirmed, a doubtful reading, or a sure one."""
    if fact.source.kind is SourceKind.PERSON:
        return Trust.CORRECTED
    if fact.confirmed_by is not None:
        return Trust.CONFIRMED
    return Trust.DOUBTFUL if fact.confidence < DOUBTFUL else Trust.SURE


def fields_of(view: CaseView, sha256: str, catalogue: Catalogue, language: str) -> list[FieldRow]:
    """The values of one document, by page, then from top to bottom; those without a place at the end."""
    facts = [fact for fact in view.facts if fact.source.document == sha256 and fact.source.kind in OF_DOCUMENTS]
    several = any(len(each.kinds) > 1 for each in view.documents if each.sha256 == sha256)
    label = fmt.fact_label if several else _label
    return [
        FieldRow(fact, label(fact.name, catalogue, language), fmt.fact_text(fact, catalogue, language), trust_of(fact))
        for fact in sorted(facts, key=_place)
    ]


def _label(name: str, catalogue: Catalogue, language: str) -> str:
    """The field's own name: which kind of document it is of, is plain where the document is shown."""
    label = fmt.fact_label(name, catalogue, language)
    return label.partition(": ")[2] or label if field_of(name) else label


def _place(fact: Fact) -> tuple[int, float, float, int, str, str]:
    source = fact.source
    left, top = (source.box[0], source.box[1]) if source.box else (0.0, float("inf"))
    return (source.page or 10**9, top, left, source.row or 0, fact.name, fact.id)


def next_doubtful(rows: Sequence[FieldRow], after: int) -> int | None:
    """Index of the next value nobody is sure of, from the top again past the end; None when there is none."""
    order = [*range(after + 1, len(rows)), *range(after + 1)]
    return next((at for at in order if at < len(rows) and rows[at].trust is Trust.DOUBTFUL), None)
