"""Read the documents that wait, one after the other, a page at a time; what was done survives a kill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from app.domain.changes import Changes
from app.domain.importing import ImportResult
from app.domain.reading import ReadResult
from app.domain.waiting import WaitingDocument, WaitingState
from app.errors import InputError, WorkbenchError
from app.ports import Progress, Readers, Reject, Stores, Workspace, no_progress
from app.usecases.assess_case import closed
from app.usecases.classify_document import ClassifyDocument, check_form, store_kind
from app.usecases.confirm_fact import STALE, named_person, open_case
from app.usecases.import_case import take_document
from app.usecases.kept_pages import KeptPagesOf

STOPPED = "The reading was stopped."


@dataclass(frozen=True, slots=True)
class DocumentRead:
    """What became of one document that waited."""

    waiting: WaitingDocument  # as it waited; with ``why`` where reading failed
    name: str
    result: ImportResult = field(default_factory=ImportResult)  # what came of it
    changes: Changes = Changes.NOTHING
    facts: int = 0  # of the case

    @property
    def failed(self) -> bool:
        return self.waiting.state is WaitingState.FAILED


def ask_to_read(case_id: str, sha256: str, workspace: Workspace, *, person: str, kind: str | None = None) -> Changes:
    """Let a document of the case wait to be read, again, or under a kind that the person gives.

    Raises ``InputError`` for a case decided for good, or a document of another one.
    """
    who = named_person(person)
    with workspace.transaction() as stores:
        case = open_case(case_id, stores)
        if all(document.sha256 != sha256 for document in stores.documents.of_case(case.id)):
            raise InputError("document", f"{sha256[:12]} is no document of {case.id}.", remedy="Reload the case.")
        stores.waiting.put(WaitingDocument(case.id, sha256, who, kind))
    return Changes.DOCUMENTS


def stop_reading(case_id: str, sha256: str, workspace: Workspace) -> Changes:
    """Let a document wait no more; its original and the pages that were recognised are kept."""
    with workspace.transaction() as stores:
        found = next((each for each in stores.waiting.of_case(case_id) if each.sha256 == sha256), None)
        if found is None or found.state is not WaitingState.WAITING:
            return Changes.NOTHING
        _end(stores, found, STOPPED, "")
    return Changes.DOCUMENTS


def read_next(
    workspace: Workspace,
    readers: Readers,
    *,
    begun: Callable[[WaitingDocument], object] = lambda _: None,
    progress: Progress = no_progress,
) -> DocumentRead | None:
    """Read the document that waits longest, and store what it says in one transaction; None where none waits.

    ``begun`` is told which it is. A document that cannot be read is kept as failed, with its reason. Raises
    ``Cancelled`` and ``EnvironmentFault``; then it goes on waiting, and the pages that were recognised are kept.
    """
    with workspace.read() as stores:
        waiting = stores.waiting.next()
        if waiting is None:
            return None
        name = stores.documents.get(waiting.sha256).name
    begun(waiting)
    try:
        return _stored(waiting, name, _read(waiting, name, workspace, readers, progress), workspace)
    except InputError as exc:
        return _failed(waiting, name, exc.message, exc.remedy, workspace)
    except WorkbenchError:
        raise
    except Exception as exc:
        _failed(waiting, name, f"An error of Caseworth ({type(exc).__name__}) ended the reading.", "", workspace)
        raise


def _read(
    waiting: WaitingDocument, name: str, workspace: Workspace, readers: Readers, progress: Progress
) -> ReadResult:
    with workspace.read() as stores:
        content = stores.documents.content(waiting.sha256)
    pages = KeptPagesOf(workspace, waiting.sha256)
    return readers.read_content(name, content, waiting.kind, pages=pages, progress=progress)


def _stored(waiting: WaitingDocument, name: str, found: ReadResult, workspace: Workspace) -> DocumentRead:
    tally = ImportResult(documents=1, case_ids=[waiting.case_id])
    with workspace.transaction() as stores:
        if waiting not in stores.waiting.of_case(waiting.case_id):
            return DocumentRead(waiting, name)  # stopped, or asked for under another kind meanwhile
        if closed(stores.cases.get(waiting.case_id), stores):
            raise InputError("case", "The case was decided before this document was read.")
        if waiting.kind is None:
            facts = take_document(stores, waiting, found, workspace.catalogue, tally)
        else:
            check_form(name, waiting.kind, found)
            command = ClassifyDocument(waiting.case_id, waiting.sha256, waiting.kind)
            stored = store_kind(stores, command, found, workspace.catalogue, waiting.person)
            facts, tally.notes = stored.facts, list(stored.notes)
        stores.waiting.remove(waiting.case_id, waiting.sha256)
    changes = STALE | Changes.DOCUMENTS | Changes.CASES | Changes.REJECTS
    return DocumentRead(waiting, name, tally, changes, facts)


def _failed(waiting: WaitingDocument, name: str, why: str, remedy: str, workspace: Workspace) -> DocumentRead:
    reject, told = Reject(0, waiting.sha256, name, None, None, why, remedy, ""), f"{name}: {why} {remedy}".strip()
    with workspace.transaction() as stores:
        if waiting not in stores.waiting.of_case(waiting.case_id):
            return DocumentRead(waiting, name)
        ended = _end(stores, waiting, why, remedy)
        if waiting.kind is not None and stores.documents.get(waiting.sha256).note:
            stores.waiting.remove(waiting.case_id, waiting.sha256)  # it stays as it was read before
            return DocumentRead(ended, name, ImportResult(notes=[told]), Changes.DOCUMENTS)
        stores.rejects.add([reject])
        stores.events.append(waiting.person, waiting.case_id, "file.rejected", {"file": name, "reason": why})
    result = ImportResult(rejected=1, rejects=[reject], notes=[told])
    return DocumentRead(ended, name, result, Changes.DOCUMENTS | Changes.REJECTS)


def _end(stores: Stores, waiting: WaitingDocument, why: str, remedy: str) -> WaitingDocument:
    ended = replace(waiting, state=WaitingState.FAILED, why=why, remedy=remedy)
    stores.waiting.put(ended)
    return ended
