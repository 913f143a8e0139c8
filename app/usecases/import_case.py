"""Put read documents to one case: a folder's, or loose ones that belong together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.domain.case import Case, Document, FileSign, Transaction
from app.domain.changes import Changes
from app.domain.cross_checks import DOUBTFUL
from app.domain.document_facts import document_facts
from app.domain.facts import Catalogue, Fact, Kind, SourceKind, new_fact
from app.domain.importing import ImportResult
from app.domain.layout import Sheet
from app.domain.phrases import LANGUAGES
from app.domain.reading import Problem, Reading, ReadResult
from app.domain.waiting import WaitingDocument
from app.errors import InputError
from app.ports import Reject, Stores, Workspace

DEFAULT_PRODUCT = "instalment-loan"


@dataclass(frozen=True, slots=True)
class ReadFile:
    """One file, or a document inside one, and what was read from it."""

    path: Path
    found: ReadResult
    part: str = ""  # name of the document inside
    unpack: Callable[[], bytes] | None = None  # gives its bytes
    at: tuple[int, ...] = ()  # its place in the file

    @property
    def name(self) -> str:
        return self.part or self.path.name

    @property
    def is_form(self) -> bool:
        """Whether an application form is in it."""
        return any(paper.kind == "application_form" for paper in self.found.each)

    def content(self) -> bytes | Path:
        """What is kept as the original. Raises ``InputError`` when the file changed since it was read."""
        if self.unpack is None:
            return self.path
        content = self.unpack()
        if hashlib.sha256(content).hexdigest() != self.found.sha256:
            text = "The file changed while it was read."
            raise InputError("file", text, remedy="Import it again.", file=self.path.name)
        return content


@dataclass(frozen=True, slots=True)
class ImportCase:
    """Documents of one case."""

    reference: str
    files: tuple[ReadFile, ...]
    person: str


def import_case(cmd: ImportCase, workspace: Workspace, tally: ImportResult) -> str:
    """Open the case or extend it with what is new, in one transaction; returns its id."""
    with workspace.transaction() as stores:
        known = _existing(stores, cmd)
        case = known or _opened(stores, cmd)
        fresh = [
            file for file in _unique(cmd.files) if not any(_has(stores, case.id, each) for each in _known_by(file))
        ]
        for file in fresh:
            _add_document(stores, case, file, workspace.catalogue, cmd.person, tally)
        if fresh and known is not None:
            stores.cases.update_head(_head(known, cmd.files))
        _count(stores, cmd, case, known, fresh, tally)
    return case.id


def _unique(files: Sequence[ReadFile]) -> list[ReadFile]:
    """The same bytes under two names are one document."""
    return list({file.found.sha256: file for file in reversed(files)}.values())[::-1]


def _known_by(file: ReadFile) -> tuple[str, ...]:
    """Digests by which a file is in a case already: its own, or that of the recording it was heard from."""
    return (file.found.sha256, *([str(of)] if (of := file.found.extra.get("of")) else []))


def _has(stores: Stores, case_id: str, sha256: str) -> bool:
    return any(document.sha256 == sha256 for document in stores.documents.of_case(case_id))


def _existing(stores: Stores, cmd: ImportCase) -> Case | None:
    """The case these documents were put to before: by its form, or by its reference and any document."""
    for file in cmd.files:
        for case_id in stores.documents.cases_with(file.found.sha256):
            case = stores.cases.get(case_id)
            if file.is_form or case.reference == cmd.reference:
                return case
    return None


def _opened(stores: Stores, cmd: ImportCase) -> Case:
    empty = Case("", cmd.reference, "", DEFAULT_PRODUCT, None, "", None, None)
    head = _head(empty, cmd.files)
    return stores.cases.add(
        reference=head.reference,
        applicant=head.applicant,
        product=head.product,
        amount=head.amount,
        currency=head.currency,
        term_months=head.term_months,
        received_on=head.received_on,
        language=head.language,
    )


def _head(case: Case, files: Sequence[ReadFile]) -> Case:
    """The case's head as the application form states it; without a form what the other documents tell."""
    papers = [paper for file in files for paper in file.found.each]
    forms = [paper for paper in papers if paper.kind == "application_form"]
    stated: dict[str, Any] = {reading.name: reading.value for form in forms for reading in form.fields}
    currencies = [found.currency for found in (*forms, *papers) if found.currency]
    languages = [found.language for found in (*forms, *papers) if found.language in LANGUAGES]
    others = [str(name) for paper in papers for key in ("employee", "subject") if (name := paper.extra.get(key))]
    return replace(
        case,
        applicant=str(stated.get("applicant.name") or case.applicant or next(iter(others), "")),
        product=str(stated.get("request.product") or case.product),
        amount=stated.get("request.amount", case.amount),
        currency=_form_currency(forms) or case.currency or next(iter(currencies), "EUR"),
        term_months=stated.get("request.term_months", case.term_months),
        received_on=stated.get("request.date", case.received_on),
        language=languages[0] if forms and languages else case.language,
    )


def _form_currency(forms: Sequence[ReadResult]) -> str | None:
    asked = [r.currency for form in forms for r in form.fields if r.name == "request.amount" and r.currency]
    return next(iter(asked), None) or next((form.currency for form in forms if form.currency), None)


def _add_document(
    stores: Stores, case: Case, file: ReadFile, catalogue: Catalogue, person: str, tally: ImportResult
) -> None:
    found = file.found
    document = document_of(file)
    if not stores.documents.known(found.sha256):
        tally.documents += 1
    stores.documents.add(case.id, document, file.content())
    if found.waits:
        _put_off(stores, case, found, person, tally)
        return
    for page in found.seen:
        stores.pages.keep(found.sha256, page)
    _take(stores, case, file, catalogue, person, tally)


def _take(stores: Stores, case: Case, file: ReadFile, catalogue: Catalogue, person: str, tally: ImportResult) -> int:
    found = file.found
    if found.unrecognised:
        tally.note(f"{file.name}: kept but not read, being no known field: {', '.join(found.unrecognised[:10])}.")
    facts = take_readings(stores, case, found, file.name, catalogue, tally)
    rejects = [reject_of(problem, found.sha256, file.name) for problem in found.problems]
    stores.rejects.add(rejects)
    tally.rejects += rejects
    tally.rejected += len(rejects)
    detail = {"document": found.sha256, "kind": found.kind, "facts": facts, "entries": len(found.transactions)}
    stores.events.append(person, case.id, "document.imported", detail)
    return facts


def _put_off(stores: Stores, case: Case, found: ReadResult, person: str, tally: ImportResult) -> None:
    """The original is kept; what is in it is read later."""
    stores.waiting.put(WaitingDocument(case.id, found.sha256, person))
    stores.events.append(person, case.id, "document.received", {"document": found.sha256})
    tally.waiting += 1


def take_document(
    stores: Stores, waiting: WaitingDocument, found: ReadResult, catalogue: Catalogue, tally: ImportResult
) -> int:
    """Keep what was read of a document that waited, in the transaction of ``stores``; returns how many facts."""
    known, case = stores.documents.get(found.sha256), stores.cases.get(waiting.case_id)
    others = {document.sha256 for document in stores.documents.of_case(case.id)} - {found.sha256}
    unread = {each.sha256 for each in stores.waiting.of_case(case.id)}
    file = ReadFile(Path(known.name), found)
    stores.documents.complete(document_of(file))
    stores.cases.update_head(_head(case if others - unread else replace(case, currency=""), [file]))
    return _take(stores, stores.cases.get(case.id), file, catalogue, waiting.person, tally)


def take_readings(
    stores: Stores, case: Case, found: ReadResult, name: str, catalogue: Catalogue, tally: ImportResult
) -> int:
    """Keep facts, fields and entries of a document, which is named ``name``; returns how many facts of the case."""
    count = 0
    for paper in found.each:
        facts = [_fact(case, reading, found.sha256, catalogue) for reading in paper.fields]
        stores.facts.add(_superseding(stores, case, facts, name, tally))
        stores.facts.add(document_facts(case.id, paper.kind, paper.details, found.sha256, case.currency, catalogue))
        count += len(facts)
    if found.transactions or any(entry.document == found.sha256 for entry in stores.transactions.of_case(case.id)):
        stores.transactions.replace(case.id, found.sha256, _transactions(found, case))
    return count


def document_of(file: ReadFile) -> Document:
    """The file as the workspace keeps it."""
    found = file.found
    told = (check for check in found.checks if check.tampering and check.passed is False)
    signs = tuple(FileSign(check.name, check.detail, check.evidence) for check in told)
    return Document(
        sha256=found.sha256,
        name=file.name,
        kind=found.kind,
        media_type=found.media_type,
        size=found.size,
        pages=found.pages,
        note=found.note,
        kind_confidence=found.kind_confidence,
        signs=signs,
        fingerprint=found.extra.get("fingerprint"),
        sheets=tuple(Sheet.from_json(each) for each in found.extra.get("sheets", ())),
        segments=found.segments,
    )


def _fact(case: Case, reading: Reading, sha256: str, catalogue: Catalogue) -> Fact:
    kind = catalogue[reading.name].kind
    unit = (reading.currency or case.currency) if kind is Kind.MONEY else kind.value
    return new_fact(case.id, reading.name, reading.value, unit, reading.source(sha256), confidence=reading.confidence)


def _superseding(stores: Stores, case: Case, facts: Sequence[Fact], name: str, tally: ImportResult) -> list[Fact]:
    """A later document's value takes the place of an earlier one's; a person's word stays above both."""
    current = {fact.name: fact for fact in stores.facts.current(case.id)}
    taken: list[Fact] = []
    for fact in facts:
        before = current.get(fact.name)
        if before is None or before.source.kind is SourceKind.COMPUTATION:
            taken.append(fact)
        elif before.source.kind is SourceKind.PERSON:
            tally.note(f"{name}: {fact.name} was entered by a person and stays; the document's value is not taken.")
        elif fact.confidence < DOUBTFUL <= before.confidence:
            taken.append(fact)  # beside the surer one, which stays in use
            tally.note(f"{name}: {fact.name} was read without certainty; the value from an earlier document stays.")
        else:
            taken.append(_replacing(case, fact, before))
            if before.value != fact.value:
                tally.note(f"{name}: {fact.name} takes the place of the value from an earlier document.")
    return taken


def _replacing(case: Case, fact: Fact, before: Fact) -> Fact:
    return new_fact(
        case.id, fact.name, fact.value, fact.unit, fact.source, confidence=fact.confidence, supersedes=before.id
    )


def _transactions(found: ReadResult, case: Case) -> list[Transaction]:
    return [
        Transaction(
            entry.booked_on,
            entry.amount,
            entry.currency or found.currency or case.currency,
            entry.text,
            entry.balance,
            found.sha256,
            entry.row,
            entry.account,
            entry.counterparty,
            entry.other_account,
            entry.page,
            entry.box,
        )
        for entry in found.transactions
    ]


def reject_of(problem: Problem, document: str, file: str) -> Reject:
    """A reader's problem as the workspace keeps it."""
    return Reject(0, document, file, problem.line, problem.column, problem.reason, problem.remedy, problem.raw[:20_000])


def _count(
    stores: Stores,
    cmd: ImportCase,
    case: Case,
    known: Case | None,
    fresh: Sequence[ReadFile],
    tally: ImportResult,
) -> None:
    if known is None:
        tally.cases += 1
        stores.events.append(cmd.person, case.id, "case.opened", {"reference": cmd.reference})
    if not fresh:
        if stores.policies.get(case.id) is None:  # stopped between import and assessment
            tally.folder_case_ids.append(case.id)
        tally.note(f"{cmd.reference}: nothing new; its documents are in case {case.id} already.")
        return
    tally.case_ids.append(case.id)
    tally.folder_case_ids.append(case.id)
    tally.changes |= Changes.CASES | Changes.DOCUMENTS | Changes.FACTS | Changes.REJECTS
