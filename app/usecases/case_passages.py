"""The passages of a case's documents: lines of pages, of texts and of tables, entries of statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from app.domain.asking.answer import Unsearched
from app.domain.asking.passages import (
    Passage,
    passages_of_entries,
    passages_of_lines,
    passages_of_page,
    passages_of_rows,
)
from app.domain.case import Document, Transaction
from app.domain.layout import Page
from app.domain.shapes import shape_of
from app.errors import InputError
from app.ports import Pages, Progress, Workspace, no_progress

MOST_PAGES = 300  # of one document
MOST_LINES = 5_000  # of one text or table
UNRECOGNISED = "Its words were not recognised."
_PAGED = ("pdf", "picture")


def case_passages(
    documents: Sequence[Document],
    entries: Sequence[Transaction],
    workspace: Workspace,
    pages: Pages,
    progress: Progress = no_progress,
) -> tuple[list[Passage], list[Unsearched]]:
    """Every passage of the documents, and the documents, or parts of them, that cannot be searched and why.

    Statements of which the entries are known are searched by these.
    """
    found: list[Passage] = list(passages_of_entries(entries))
    missing: list[Unsearched] = []
    booked = {entry.document for entry in entries}
    for done, document in enumerate(documents):
        progress(done, len(documents), document.name)
        if document.sha256 in booked and shape_of(document) not in _PAGED:
            continue
        try:
            found += _of_document(document, workspace, pages, progress)
        except InputError as error:
            code = "words" if error.message == UNRECOGNISED else ""
            missing.append(Unsearched(document.sha256, document.name, error.message, code))
            continue
        if (document.pages or 0) > MOST_PAGES:
            why = f"Pages after {MOST_PAGES} are not searched."
            missing.append(Unsearched(document.sha256, document.name, why, "pages"))
    return found, missing


def _of_document(document: Document, workspace: Workspace, pages: Pages, progress: Progress) -> Iterator[Passage]:
    def content() -> bytes:
        with workspace.read() as stores:
            return stores.documents.content(document.sha256)

    shape = shape_of(document)
    if shape in _PAGED:
        return _of_pages(document, workspace, pages, content, progress)
    if shape == "table":
        return _of_table(document, pages, content, progress)
    return _of_text(document, shape, pages, content, progress)


def _of_pages(
    document: Document, workspace: Workspace, pages: Pages, content: Callable[[], bytes], progress: Progress
) -> Iterator[Passage]:
    with workspace.read() as stores:
        kept: dict[int, Page] = {page.number: page for page in stores.pages.of(document.sha256)}
    if not kept and shape_of(document) == "picture":  # to recognise it now would keep the question waiting
        raise InputError("document", UNRECOGNISED, remedy="Read it again.")
    for number in range(1, min(document.pages or 1, MOST_PAGES) + 1):
        page = kept.get(number) or pages.words(document.sha256, content, number, progress=progress)
        yield from passages_of_page(document.sha256, page)


def _of_text(
    document: Document, shape: str, pages: Pages, content: Callable[[], bytes], progress: Progress
) -> Iterator[Passage]:
    """JSON is read as it is laid out on the screen, so that its lines are those that are shown."""
    lines: list[str] = []
    shown, row = 1, None
    while len(lines) < min(shown, MOST_LINES):
        told = pages.lines(document.sha256, content, shape, row=row, progress=progress)
        new = told.lines[len(lines) - told.skipped :]
        if not new:
            break
        lines += new
        shown, row = told.total, len(lines) + 1
        if shape != "text":  # only plain texts are read on from a line
            break
    yield from passages_of_lines(document.sha256, lines)


def _of_table(document: Document, pages: Pages, content: Callable[[], bytes], progress: Progress) -> Iterator[Passage]:
    row, seen = 1, 0
    while seen < MOST_LINES:
        told = pages.excerpt(document.sha256, content, row, progress=progress)
        new = [(cells, number) for cells, number in zip(told.rows, told.numbers, strict=False) if number > seen]
        if not new:
            return
        yield from passages_of_rows(document.sha256, told.header, *zip(*new, strict=True))
        seen = new[-1][1]
        row = seen + 1
