"""A case of the workspace as the engine sees it: labels of the catalogue, findings in the words of the report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from app.domain.case import Case
from app.domain.checks.casebook import Benchmark, CaseFact, CaseFinding, CheckedCase, Value, labels_of
from app.domain.facts import Catalogue, Fact, Kind, Stance
from app.domain.findings import Finding
from app.domain.sentences import Author, Sentence


def checked_case(
    case: Case,
    facts: Iterable[Fact],
    findings: Sequence[Finding],
    sentences: Iterable[Sentence],
    catalogue: Catalogue,
    language: str,
) -> CheckedCase:
    """The case with the facts that may be cited: prohibited bases are left out.

    The report's sentences that no person wrote tell what the findings say.
    """
    cited = [fact for fact in facts if not catalogue.prohibited(fact.name)]
    stances = _stances(findings)
    made = tuple(_fact(fact, stances.get(fact.id, Stance.NEUTRAL), catalogue) for fact in cited)
    said = tuple(
        CaseFinding(sentence.findings[0] if sentence.findings else "", sentence.stance, sentence.text, sentence.facts)
        for sentence in sentences
        if sentence.author is not Author.PERSON
    )
    applicant = (CaseFact("", "Applicant | 申请人", case.applicant, unit="text"),) if case.applicant else ()
    return CheckedCase(case.id, language, (*made, *applicant), said, case.received_on)


def _stances(findings: Iterable[Finding]) -> dict[str, Stance]:
    """The stance of the weightiest finding about each fact."""
    weightiest: dict[str, Finding] = {}
    for finding in findings:
        for fact in finding.facts[:1]:
            if fact not in weightiest or finding.materiality > weightiest[fact].materiality:
                weightiest[fact] = finding
    return {fact: finding.stance for fact, finding in weightiest.items()}


def _fact(fact: Fact, stance: Stance, catalogue: Catalogue) -> CaseFact:
    definition = catalogue.get(fact.name)
    label = labels_of(definition.label) if definition else fact.name.replace(".", " ").replace("_", " ")
    note, value = "", _value(fact)
    if definition is not None and definition.kind is Kind.CATEGORY:
        note = labels_of(definition.category_labels.get(str(fact.value), {}))
    bench = None
    if definition is not None and definition.benchmark is not None and isinstance(value, Decimal):
        bench = Benchmark("usual value | 通常", definition.benchmark)
    return CaseFact(fact.id, label, value, "", fact.unit, stance, bench, note)


def _value(fact: Fact) -> Value:
    value = fact.value
    if isinstance(value, bool | date | str):
        return value
    return Decimal(value)
