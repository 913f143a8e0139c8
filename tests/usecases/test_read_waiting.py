"""Documents that take long are kept at once and read afterwards, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from app.adapters.cipher import AesGcmCipher
from app.domain.changes import Changes
from app.domain.document_kinds import UNKNOWN
from app.domain.facts import Fact
from app.domain.waiting import WaitingState
from app.errors import Cancelled, InputError
from app.usecases.import_files import ImportFiles, import_files
from app.usecases.read_waiting import STOPPED, ask_to_read, read_next, stop_reading
from data.readers.client import Readers
from tests.doubles import FixedClock
from tests.scans import payslip_scan

if TYPE_CHECKING:
    from data.workspace import StoredWorkspace

CLOCK = FixedClock()
PAGES = 4


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with Readers() as each:
        yield each


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[StoredWorkspace]:
    from data.workspace import open_workspace

    folder = tmp_path / "workspace"
    folder.mkdir()
    with open_workspace(folder, lambda _: bytes(32), AesGcmCipher, clock=CLOCK, memory_limit_mb=512, threads=2) as each:
        yield each


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An applicant's call and the scan of a payslip."""
    made = tmp_path / "lind"
    made.mkdir()
    (made / "call.txt").write_text("Agent: Good morning.\nAnna Lind: I would like a loan.\n", encoding="utf-8")
    payslip_scan(made / "slip.tiff", PAGES)
    return made


def bring(workspace: StoredWorkspace, readers: Readers, *paths: Path, put_off: bool = True) -> str:
    given = ImportFiles(paths, person="A. Lind", put_off=put_off)
    (case_id,) = import_files(given, workspace, readers, clock=CLOCK).case_ids
    return case_id


def slip(workspace: StoredWorkspace, case_id: str) -> Any:
    with workspace.read() as stores:
        return next(each for each in stores.documents.of_case(case_id) if each.name.startswith("slip"))


def facts(workspace: StoredWorkspace, case_id: str) -> dict[str, Fact]:
    with workspace.read() as stores:
        return {fact.name: fact for fact in stores.facts.current(case_id)}


def said(workspace: StoredWorkspace, case_id: str) -> list[str]:
    with workspace.read() as stores:
        assert stores.events.verify() is None
        return [event.what for event in stores.events.of_case(case_id)]


def interrupted(after: int) -> Callable[[int, int | None, str], None]:
    """A progress that cancels when that many pages are done."""

    def progress(done: int, _: int | None, what: str) -> None:
        if what == "page" and done >= after:
            raise Cancelled

    return progress


def test_a_scan_is_kept_at_once_and_waits(workspace: StoredWorkspace, readers: Readers, folder: Path) -> None:
    case_id = bring(workspace, readers, folder)
    document = slip(workspace, case_id)
    assert (document.kind, document.pages) == (UNKNOWN, PAGES)
    with workspace.read() as stores:
        (waiting,) = stores.waiting.of_case(case_id)
        assert stores.waiting.next() == waiting
        assert (waiting.sha256, waiting.person, waiting.state) == (document.sha256, "A. Lind", WaitingState.WAITING)
        assert stores.documents.content(document.sha256) == (folder / "slip.tiff").read_bytes()
        assert stores.pages.of(document.sha256) == []
        names = {each.name for each in stores.documents.of_case(case_id)}
    assert names == {"call.txt", "slip.tiff"}
    assert "document.received" in said(workspace, case_id)
    assert "income.net_monthly_documented" not in facts(workspace, case_id)


def test_reading_later_comes_to_what_reading_at_once_does(
    workspace: StoredWorkspace, readers: Readers, folder: Path, tmp_path: Path
) -> None:
    later = bring(workspace, readers, folder)
    read = read_next(workspace, readers)
    assert read is not None
    assert (read.failed, read.result.documents) == (False, 1)
    assert Changes.FACTS | Changes.DOCUMENTS in read.changes
    assert read_next(workspace, readers) is None
    other = folder.rename(tmp_path / "again")
    at_once = bring(workspace, readers, other, put_off=False)
    assert later != at_once
    one, two = facts(workspace, later), facts(workspace, at_once)
    assert {name: (fact.value, fact.unit, fact.source) for name, fact in one.items()} == {
        name: (fact.value, fact.unit, fact.source) for name, fact in two.items()
    }
    assert one["income.net_monthly_documented"].value == Decimal("3412.50")
    with workspace.read() as stores:
        heads = [stores.cases.get(each) for each in (later, at_once)]
        assert [(head.applicant, head.currency) for head in heads] == [("Anna Lind", "EUR")] * 2
        assert [page.number for page in stores.pages.of(slip(workspace, later).sha256)] == [1, 2, 3, 4]


def test_a_cancelled_reading_goes_on_where_it_stopped(
    workspace: StoredWorkspace, readers: Readers, folder: Path
) -> None:
    case_id = bring(workspace, readers, folder)
    with pytest.raises(Cancelled):
        read_next(workspace, readers, progress=interrupted(2))
    sha256 = slip(workspace, case_id).sha256
    with workspace.transaction() as stores:
        kept = stores.pages.of(sha256)
        assert 2 <= len(kept) < PAGES
        assert stores.waiting.count() == 1
        stores.pages.keep(sha256, _marked(kept[1]))
    assert read_next(workspace, readers) is not None
    with workspace.read() as stores:
        pages = stores.pages.of(sha256)
    assert len(pages) == PAGES
    assert pages[1].words[0].text == "kept", "a page that was recognised is not recognised again"


def _marked(page: Any) -> Any:
    return replace(page, words=(replace(page.words[0], text="kept"), *page.words[1:]))


def test_a_document_read_under_another_kind_recognises_nothing_again(
    workspace: StoredWorkspace, readers: Readers, folder: Path
) -> None:
    case_id = bring(workspace, readers, folder, put_off=False)
    sha256 = slip(workspace, case_id).sha256
    with workspace.transaction() as stores:
        first = stores.pages.of(sha256)[0]
        changed = tuple(_other(word, "3,412.50", "2,999.00") for word in first.words)
        stores.pages.keep(sha256, _with(first, changed))
    ask_to_read(case_id, sha256, workspace, person="B. Berg", kind="payslip")
    assert read_next(workspace, readers) is not None
    assert slip(workspace, case_id).kind_confidence == 1.0
    assert facts(workspace, case_id)["income.net_monthly_documented"].value == Decimal("2999.00")
    assert said(workspace, case_id)[-1] == "document.classified"


def _other(word: Any, old: str, new: str) -> Any:
    return replace(word, text=word.text.replace(old, new))


def _with(page: Any, words: Any) -> Any:
    return replace(page, words=words)


def test_what_cannot_be_read_says_why_and_may_be_asked_for_again(
    workspace: StoredWorkspace, readers: Readers, folder: Path
) -> None:
    with Image.open(folder / "slip.tiff") as picture:
        picture.save(folder / "slip.png")
    (folder / "slip.tiff").unlink()
    (folder / "slip.png").write_bytes((folder / "slip.png").read_bytes()[:900])
    case_id = bring(workspace, readers, folder)
    read = read_next(workspace, readers)
    assert read is not None
    assert read.failed
    with workspace.read() as stores:
        (waiting,) = stores.waiting.of_case(case_id)
        (reject,) = stores.rejects.all()
        assert stores.waiting.next() is None, "it is not tried again and again"
    assert waiting.state is WaitingState.FAILED
    assert waiting.why == reject.reason == "The file is not a readable picture."
    ask_to_read(case_id, waiting.sha256, workspace, person="B. Berg")
    with workspace.read() as stores:
        assert stores.waiting.next() is not None


def test_a_stopped_document_waits_no_more(workspace: StoredWorkspace, readers: Readers, folder: Path) -> None:
    case_id = bring(workspace, readers, folder)
    sha256 = slip(workspace, case_id).sha256
    assert stop_reading(case_id, sha256, workspace) == Changes.DOCUMENTS
    assert stop_reading(case_id, sha256, workspace) == Changes.NOTHING
    assert read_next(workspace, readers) is None
    with workspace.read() as stores:
        assert stores.waiting.of_case(case_id)[0].why == STOPPED


def test_a_reading_that_was_stopped_meanwhile_stores_nothing(
    workspace: StoredWorkspace, readers: Readers, folder: Path
) -> None:
    case_id = bring(workspace, readers, folder)
    sha256 = slip(workspace, case_id).sha256

    def stopped(done: int, _: int | None, what: str) -> None:
        if what == "page" and done:
            stop_reading(case_id, sha256, workspace)

    read = read_next(workspace, readers, progress=stopped)
    assert read is not None
    assert read.changes == Changes.NOTHING
    assert slip(workspace, case_id).kind == UNKNOWN


def test_a_document_of_another_case_is_refused(workspace: StoredWorkspace, readers: Readers, folder: Path) -> None:
    case_id = bring(workspace, readers, folder)
    with pytest.raises(InputError, match="no document"):
        ask_to_read(case_id, "ab" * 32, workspace, person="A. Lind")


def test_importing_again_what_waits_brings_nothing_new(
    workspace: StoredWorkspace, readers: Readers, folder: Path
) -> None:
    bring(workspace, readers, folder)
    again = import_files(ImportFiles((folder,), person="A. Lind", put_off=True), workspace, readers, clock=CLOCK)
    assert (again.cases, again.documents, again.waiting) == (0, 0, 0)
    with workspace.read() as stores:
        assert stores.waiting.count() == 1
