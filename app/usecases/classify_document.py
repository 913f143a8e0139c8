"""Change a document's kind by hand: its fields are read anew under it, what was read under the old one is retired."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.domain.case import Case, Document
from app.domain.changes import Changes
from app.domain.document_kinds import UNKNOWN
from app.domain.facts import DOCUMENT_FACTS, Catalogue, SourceKind
from app.domain.importing import ImportResult
from app.domain.reading import ReadResult
from app.errors import InputError
from app.ports import Progress, Readers, Stores, Workspace, no_progress
from app.usecases.confirm_fact import STALE, named_person, open_case
from app.usecases.import_case import ReadFile, document_of, take_readings
from app.usecases.kept_pages import KeptPagesOf


@dataclass(frozen=True, slots=True)
class ClassifyDocument:
    case_id: str
    document: str  # SHA-256
    kind: str  # of ``data/catalogue/kinds``, or "unknown"


@dataclass(frozen=True, slots=True)
class Classified:
    """What became of it."""

    case_id: str
    document: str
    kind: str
    before: str  # kind
    facts: int  # read under the new kind
    retired: int  # facts read under the old kind
    entries: int  # booked lines
    notes: tuple[str, ...]
    changes: Changes

    def to_json(self) -> dict[str, Any]:
        """The object that ``caseworth classify --json`` prints."""
        return {
            "case": self.case_id,
            "document": self.document,
            "kind": self.kind,
            "before": self.before,
            "facts": self.facts,
            "retired": self.retired,
            "entries": self.entries,
            "notes": list(self.notes),
        }


def read_document_as(
    cmd: ClassifyDocument, workspace: Workspace, readers: Readers, *, progress: Progress = no_progress
) -> ReadResult:
    """Read a document of the case under the kind; nothing is stored, so that it may take its time.

    Raises ``InputError`` for a kind there is none of, a document of another case, a case decided for good, or a file
    whose form alone tells its kind, such as a bank feed or a table; ``Cancelled``.
    """
    check_kind(cmd.kind, workspace)
    with workspace.read() as stores:
        document = _document(open_case(cmd.case_id, stores), cmd, stores)
        content = stores.documents.content(cmd.document)
    pages = KeptPagesOf(workspace, cmd.document)
    found = readers.read_content(document.name, content, cmd.kind, pages=pages, progress=progress)
    check_form(document.name, cmd.kind, found)
    return found


def check_form(name: str, kind: str, found: ReadResult) -> None:
    """Raise ``InputError`` where a document was not read under the kind, because its form tells another."""
    if found.kind != kind:
        text = f"The form of {name} tells its kind by itself ({found.kind})."
        raise InputError("kind", text, remedy="Only pages and texts can be put to another kind.")


def classify_document(cmd: ClassifyDocument, found: ReadResult, workspace: Workspace, *, person: str) -> Classified:
    """Store the kind with what was read under it.

    Facts that were read, captured or corrected as fields under the old kind are retired, with them those read as facts
    of the case; what a person stated for the case stays. Raises as ``read_document_as``.
    """
    who = named_person(person)
    check_kind(cmd.kind, workspace)
    with workspace.transaction() as stores:
        return store_kind(stores, cmd, found, workspace.catalogue, who)


def store_kind(stores: Stores, cmd: ClassifyDocument, found: ReadResult, catalogue: Catalogue, who: str) -> Classified:
    """The same in the transaction that ``stores`` is of."""
    tally = ImportResult()
    case = open_case(cmd.case_id, stores)
    document = _document(case, cmd, stores)
    if found.sha256 != document.sha256 or found.kind != cmd.kind:
        raise InputError("document", f"{document.name} was not read as {cmd.kind}.", remedy="Read it anew.")
    retired = _retire(case, cmd.document, stores)
    read = document_of(ReadFile(Path(document.name), found))
    stores.documents.complete(replace(read, kind=cmd.kind, kind_confidence=1.0, segments=()))
    facts = take_readings(stores, case, found, document.name, catalogue, tally)
    detail = {"document": cmd.document, "kind": cmd.kind, "before": document.kind, "facts": facts}
    stores.events.append(who, case.id, "document.classified", detail | {"entries": len(found.transactions)})
    return Classified(
        case.id,
        cmd.document,
        cmd.kind,
        document.kind,
        facts,
        retired,
        len(found.transactions),
        tuple(tally.notes),
        STALE | Changes.DOCUMENTS | Changes.CASES,
    )


def check_kind(kind: str, workspace: Workspace) -> None:
    """Raise ``InputError`` for a kind there is none of."""
    papers = workspace.catalogue.papers
    if kind != UNKNOWN and (papers is None or kind not in papers.kinds):
        known = ", ".join(sorted(papers.kinds)) if papers is not None else UNKNOWN
        raise InputError("kind", f"There is no kind of document {kind}.", remedy=f"There are {known}, {UNKNOWN}.")


def _document(case: Case, cmd: ClassifyDocument, stores: Stores) -> Document:
    found = next((each for each in stores.documents.of_case(case.id) if each.sha256 == cmd.document), None)
    if found is None:
        raise InputError("document", f"{cmd.document[:12]} is no document of {case.id}.", remedy="Reload the case.")
    return found


def _retire(case: Case, document: str, stores: Stores) -> int:
    """Retire what the document gave, older values with newer ones, lest the older ones stand up again."""
    current = {fact.id for fact in stores.facts.current(case.id)}
    given = [
        fact.id
        for fact in stores.facts.history(case.id)
        if fact.source.document == document
        and (fact.source.kind is SourceKind.DOCUMENT or fact.name.startswith(DOCUMENT_FACTS))
    ]
    stores.facts.retire(case.id, given)
    return len(current.intersection(given))
