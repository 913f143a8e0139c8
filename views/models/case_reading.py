"""What the case screen reads out of a ``CaseView``: groups of facts, where they come from, what they touch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.domain.case import Document
from app.domain.document_kinds import UNKNOWN
from app.domain.facts import Catalogue, Fact, Source, SourceKind, Stance
from app.domain.findings import Finding
from app.domain.reading import Mark
from app.domain.sentences import Sentence
from app.usecases.show_case import CaseView
from views import format as fmt
from views.parts.formulas import is_formula, method_words
from views.strings import has_text, tr

GROUPS: Sequence[tuple[str, tuple[str, ...]]] = (
    ("request", ("request.", "loan.", "applicant.")),
    ("income", ("income.", "employment.")),
    ("debts", ("debt.", "expenses.", "assets.", "ratio.", "limit.", "offer.")),
    ("history", ("history.", "benchmark.")),
    ("cashflow", ("cashflow.",)),
    ("score", ("score.",)),
)
CONFIRM_BELOW = Decimal("0.95")  # a reading less sure than this asks for a person
_VARIANTS = ("_stated", "_documented", "_banked", "_bureau", "_seen", "_monthly")
_AGREE = Decimal("0.02")  # share by which two readings of one thing may differ


@dataclass(frozen=True, slots=True)
class Links:
    """What one fact has to do with the rest of the case."""

    agrees: tuple[Fact, ...]
    contradicts: tuple[Fact, ...]
    computed: tuple[Fact, ...]  # facts computed directly from it
    in_score: bool
    clauses: tuple[str, ...]
    sentences: int


def group_of(name: str) -> str:
    """The group a fact is listed in; ``other`` for a name outside the catalogue's families."""
    return next((group for group, heads in GROUPS if name.startswith(heads)), "other")


def grouped(facts: Sequence[Fact], catalogue: Catalogue) -> list[tuple[str, list[Fact]]]:
    """Facts by group, in the catalogue's order; groups without facts are left out.

    Prohibited bases stand apart at the end, whatever their family.
    """
    by_group: dict[str, list[Fact]] = {}
    place = {definition.name: at for at, definition in enumerate(catalogue)}
    for fact in sorted(facts, key=lambda each: (place.get(each.name, len(place)), each.name, each.id)):
        group = "prohibited" if catalogue.prohibited(fact.name) else group_of(fact.name)
        by_group.setdefault(group, []).append(fact)
    order = [*(name for name, _ in GROUPS), "other", "prohibited"]
    return [(name, by_group[name]) for name in order if name in by_group]


def needs_confirmation(fact: Fact) -> bool:
    """Whether a reading is unsure and nobody has confirmed it."""
    read = fact.source.kind in (SourceKind.DOCUMENT, SourceKind.ROW)
    return read and fact.confirmed_by is None and fact.confidence < CONFIRM_BELOW


def open_contradictions(view: CaseView) -> list[Finding]:
    """Findings of two sources that disagree, as long as no person has settled one of them."""
    found = [finding for finding in view.findings if finding.relation == "contradicts"]
    return [finding for finding in found if not any(_settled(view.fact(fact)) for fact in finding.facts)]


def _settled(fact: Fact | None) -> bool:
    return fact is not None and (fact.confirmed_by is not None or fact.source.kind is SourceKind.PERSON)


def figure_stance(view: CaseView, fact_id: str) -> Stance:
    """Stance in which a figure is coloured: of two that contradict, only the stated one is adverse."""
    for finding in view.findings:
        if finding.relation == "contradicts" and fact_id in finding.facts[:2]:
            return finding.stance if fact_id == finding.facts[1] else Stance.NEUTRAL
    return view.stance_of(fact_id)


def standing_fact(view: CaseView, fact_id: str, name: str | None = None) -> Fact | None:
    """The fact of that id, or the current one that took its place, found by what it supersedes or by name."""
    found = view.fact(fact_id) or next((fact for fact in view.facts if fact.supersedes == fact_id), None)
    return found or (view.named(name) if name else None)


def fact_behind(view: CaseView, *names: str) -> str:
    """Id of the first of these facts that the case has; blank: it has none."""
    found = (view.named(name) for name in names)
    return next((fact.id for fact in found if fact is not None), "")


def slot_fact(view: CaseView, sentence: Sentence, name: str) -> Fact | None:
    """The current fact behind a slot: one of the sentence's own, or what superseded it, else that of the name."""
    for fact_id in sentence.facts:
        fact = standing_fact(view, fact_id)
        if fact is not None and fact.name == name:
            return fact
    return view.named(name)


def slot_stance(view: CaseView, sentence: Sentence, fact: Fact) -> Stance:
    """Stance of a figure in a sentence: that of the sentence's finding about it.

    A figure its findings only set beside the one they are about is neutral. Without findings the case's own stance of
    the fact counts.
    """
    findings = [finding for finding in view.findings if finding.id in sentence.findings]
    if not findings:
        return figure_stance(view, fact.id)
    about = {fact.id, fact.supersedes}
    for finding in findings:
        place = 1 if finding.relation == "contradicts" else 0
        if len(finding.facts) > place and finding.facts[place] in about:
            return finding.stance
    return Stance.NEUTRAL


def links_of(view: CaseView, fact: Fact) -> Links:
    """Everything in the case that agrees with, contradicts or rests on a fact."""
    characteristics = view.score.characteristics if view.score else ()
    clauses = view.policy.clauses if view.policy else ()
    sentences = view.report.sentences if view.report else ()
    return Links(
        agrees=tuple(other for other in view.facts if _agree(fact, other)),
        contradicts=_contradicting(view, fact),
        computed=tuple(other for other in view.facts if fact.id in other.source.inputs),
        in_score=any(row.fact == fact.id for row in characteristics),
        clauses=tuple(clause.clause for clause in clauses if fact.id in clause.facts),
        sentences=sum(_cites(sentence, fact) for sentence in sentences),
    )


def _cites(sentence: Sentence, fact: Fact) -> bool:
    return fact.id in sentence.facts or (fact.supersedes is not None and fact.supersedes in sentence.facts)


def _agree(one: Fact, other: Fact) -> bool:
    """Whether two readings of the same thing, from different sources, give the same value."""
    if stem(one.name) != stem(other.name) or one.unit != other.unit or isinstance(one.value, bool):
        return False
    if one.id == other.id or one.id in other.source.inputs or other.id in one.source.inputs:
        return False
    if not isinstance(one.value, Decimal | int) or not isinstance(other.value, Decimal | int):
        return one.value == other.value
    return abs(Decimal(one.value) - other.value) <= _AGREE * max(abs(Decimal(one.value)), abs(Decimal(other.value)))


def stem(name: str) -> str:
    """``income.net_monthly_stated`` and ``income.net_monthly_banked`` have one stem."""
    for variant in _VARIANTS:
        if name.endswith(variant):
            return stem(name.removesuffix(variant))
    return name


def _contradicting(view: CaseView, fact: Fact) -> tuple[Fact, ...]:
    found: dict[str, Fact] = {}
    for finding in view.findings:
        if finding.relation == "contradicts" and fact.id in finding.facts:
            for other in map(view.fact, finding.facts):
                if other is not None and other.id != fact.id and stem(other.name) == stem(fact.name):
                    found[other.id] = other
    return tuple(found.values())


def contradicting_pair(view: CaseView, finding: Finding) -> tuple[Fact, Fact] | None:
    """The two readings a contradiction is between."""
    facts = [fact for fact in map(view.fact, finding.facts) if fact is not None]
    return (facts[0], facts[1]) if len(facts) >= 2 else None


_OF_PAPERS = ("identity.", "document.")


def paper_of(view: CaseView, finding: Finding) -> tuple[Fact | None, Document | None]:
    """Where a finding about documents points: the fact it is about, with its place, else the document.

    Both are None for any other finding.
    """
    if not finding.code.startswith(_OF_PAPERS):
        return None, None
    fact = next((each for each in map(view.fact, finding.facts) if each and each.source.document), None)
    if fact is not None:
        return fact, None
    about = finding.id.removeprefix(f"{finding.code}:")[:12]
    told = (each for each in view.documents if len(about) == 12 and each.sha256.startswith(about))
    named = (each for each in view.documents if each.name and each.name in finding.detail)
    return None, next(told, None) or next(named, None)


def mark_of(document: Document, finding: Finding) -> Mark | None:
    """The first place on the document that speaks for a finding about a change of its file."""
    about = finding.id.removeprefix(f"{finding.code}:")
    told = (sign for sign in document.signs if about.endswith(f".{sign.code}"))
    return next((mark for sign in told for mark in sign.marks), None)


_NAMELESS = ("other", "image", UNKNOWN)


def kind_name(kind: str) -> str:
    """A kind of document in the language in force; one without a name by its identifier."""
    key = f"case.kind.{kind}"
    return tr(key) if has_text(key) else kind.replace("_", " ").capitalize()


def document_title(document: Document, siblings: Sequence[Document] = ()) -> str:
    """``Payslip``; with its file's name where the case has several of that kind, or the kind is not known.

    A file of several documents names them all: ``Passport + Payslip``.
    """
    kinds = [kind for kind in document.kinds if has_text(f"case.kind.{kind}") and kind not in _NAMELESS]
    if not kinds:
        return document.name
    title = " + ".join(tr(f"case.kind.{kind}") for kind in kinds)
    alike = sum(other.kinds == document.kinds for other in siblings)
    return title if alike < 2 else f"{title} · {document.name}"


class SourceWords:
    """Says in one line where a fact comes from."""

    def __init__(self, view: CaseView, catalogue: Catalogue, language: str) -> None:
        self._language = language
        self._documents = {document.sha256: document for document in view.documents}
        self._catalogue = catalogue

    def line(self, fact: Fact) -> str:
        """``Payslip, page 1, read by OCR 0.99``; ``computed: annuity``; ``A. Lind``."""
        describe: dict[SourceKind, Callable[[Source], str]] = {
            SourceKind.DOCUMENT: self._place,
            SourceKind.ROW: self._place,
            SourceKind.COMPUTATION: self._computation,
            SourceKind.REFERENCE: lambda source: reference_words(source.method),
            SourceKind.PERSON: lambda source: tr("case.source.person", person=source.person or "–"),
        }
        text = describe[fact.source.kind](fact.source)
        if fact.confidence < 1:
            text += tr("case.source.confidence", confidence=fmt.number(fact.confidence))
        return text

    def document(self, sha256: str | None) -> str:
        document = self._documents.get(sha256 or "")
        return document_title(document, tuple(self._documents.values())) if document else tr("case.source.unknown")

    def _place(self, source: Source) -> str:
        parts = [self.document(source.document)]
        if source.page is not None:
            parts.append(tr("case.source.page", page=source.page))
        if source.row is not None:
            parts.append(tr("case.source.row", row=source.row))
        if source.column is not None:
            parts.append(source.column)
        if source.path is not None and source.page is None:
            parts.append(source.path)
        return tr("case.source.join").join(parts)

    def _computation(self, source: Source) -> str:
        if source.inputs and is_formula(source.method):
            return tr("case.source.computed")
        method = method_words(source.method, self._catalogue, self._language)
        return f"{method} · {self.document(source.document)}" if source.document else method


def reference_words(method: str | None) -> str:
    """A limit's or benchmark's origin for people: ``Policy, affordability 4.2``."""
    if not method:
        return tr("case.source.reference")
    head, _, rest = method.partition(":")
    key = f"case.reference.{head}"
    name = tr(key) if has_text(key) else head
    return f"{name}{tr('case.source.join')}{rest}" if rest else name
