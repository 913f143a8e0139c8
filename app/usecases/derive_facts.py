"""Gather what a case's documents hold and compute the facts that follow."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from app.domain.bureau import BureauReport, parse_report
from app.domain.case import Case, Document
from app.domain.case_limit import put_credentials
from app.domain.cross_checks import ALIKE, Application, Paper, Sign, cross_checks, doubtful, papers_of, reused
from app.domain.derivation import Derivation
from app.domain.derive import Assumptions, Evidence, Observations, derive
from app.domain.facts import Catalogue, Fact
from app.domain.names import without_accents
from app.ports import Stores

CREDIT_REPORT = "credit_report"


def derive_facts(
    case: Case, stores: Stores, catalogue: Catalogue, assumptions: Assumptions
) -> tuple[Derivation, Observations]:
    """Compute the facts that do not depend on the price. Nothing is stored: the caller keeps ``Derivation.new``.

    Expects to run inside a transaction or a read.
    """
    current = stores.facts.current(case.id)
    past = {fact.id: fact.supersedes for fact in stores.facts.history(case.id)} if computed(current) else {}
    facts = Derivation(case.id, case.currency, catalogue, current, past)
    given = list(facts.facts.values())
    known = evidence(case, stores, facts.facts.get("request.date"), assumptions)
    seen = derive(facts, known)
    documents = [each for each in stores.documents.of_case(case.id) if each.kind != "table"]
    if not documents:
        return facts, seen  # cases of tables have no documents of their own
    papers = _papers(case, documents, stores, catalogue)
    signs = _signs(case, documents, papers, stores, catalogue, known.applied_on)
    if assumptions.credentials is not None:
        put_credentials(facts, papers, signs, assumptions.credentials, assumptions.unit)
    return facts, replace(seen, signs=(*signs, *doubtful(given)))


def _papers(case: Case, documents: Sequence[Document], stores: Stores, catalogue: Catalogue) -> list[Paper]:
    """The documents with what was read from each."""
    papers = catalogue.papers
    return papers_of(documents, stores.facts.history(case.id), papers.valid_months if papers else lambda _: None)


def _signs(
    case: Case,
    documents: Sequence[Document],
    papers: Sequence[Paper],
    stores: Stores,
    catalogue: Catalogue,
    applied_on: date | None,
) -> tuple[Sign, ...]:
    """What the case's documents say of one another."""
    again = (sign for document in documents for sign in _reused(case, document, documents, stores))
    known = catalogue.papers
    application = Application(case.applicant, applied_on, known.latin if known else without_accents)
    return (*cross_checks(papers, application), *again)


def _reused(case: Case, document: Document, own: Sequence[Document], stores: Stores) -> Iterator[Sign]:
    """The same file or picture in another case, or a second picture of one thing in this case."""
    alike = stores.documents.alike(document, ALIKE)
    cases = [each for sha256 in (document.sha256, *alike) for each in stores.documents.cases_with(sha256)]
    elsewhere = [each for each in dict.fromkeys(cases) if each != case.id]
    later = own[own.index(document) + 1 :]
    return reused(document.name, document.sha256, elsewhere, [each.name for each in later if each.sha256 in alike])


def computed(facts: list[Fact]) -> bool:
    """Whether the case was derived before, so that older ids may stand in its history."""
    return any(fact.source.method is not None for fact in facts)


def evidence(case: Case, stores: Stores, applied: Fact | None, assumptions: Assumptions) -> Evidence:
    """Statements and bureau reports of the case, and the day of application."""
    documents = stores.documents.of_case(case.id)
    reports = [
        _report(stores.documents.content(each.sha256), each.sha256)
        for each in documents
        if each.kind == CREDIT_REPORT and each.media_type == "application/json"  # one on paper gives its fields alone
    ]
    on = applied.value if applied is not None and isinstance(applied.value, date) else case.received_on
    return Evidence(
        currency=case.currency,
        applied_on=on or _newest(reports),
        transactions=tuple(stores.transactions.of_case(case.id)) if documents else (),
        reports=tuple(reports),
        assumptions=assumptions,
        rules=stores.transactions.rules(),
    )


def _report(content: bytes, document: str) -> BureauReport:
    try:
        data: Any = json.loads(content)
    except (ValueError, RecursionError):
        return BureauReport(document, None, (), (), ("$: not JSON",))
    return parse_report(data, document)


def _newest(reports: list[BureauReport]) -> date | None:
    return max((report.report_date for report in reports if report.report_date), default=None)
