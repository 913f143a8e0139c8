"""A file of several documents gives each its facts under its own kind, on its own pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.adapters.cipher import AesGcmCipher
from app.usecases.classify_document import ClassifyDocument, classify_document, read_document_as
from app.usecases.derive_facts import _papers
from app.usecases.import_files import ImportFiles, import_files
from data.readers.client import Readers
from tests.doubles import FixedClock
from tests.views.case_files import pdf

if TYPE_CHECKING:
    from data.workspace import StoredWorkspace

CLOCK = FixedClock()
PAYSLIP = (
    "Payslip",
    "Employee: Anna Lind",
    "Pay period: October 2026",
    "Gross pay: EUR 4,620.00",
    "Net pay: EUR 3,450.00",
)
LEASE = (
    "Tenancy agreement",
    "Landlord: Karl Berg",
    "Tenant: Anna Lind",
    "Monthly rent: EUR 900.00",
    "Deposit: EUR 1,800.00",
)
TERMS = ("The tenant keeps the interior in good repair.",)


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


def scan(path: Path) -> Path:
    pages = [[(40.0, 60.0 + 24 * at, 11.0, line) for at, line in enumerate(lines)] for lines in (PAYSLIP, LEASE, TERMS)]
    path.write_bytes(pdf(pages))
    return path


def test_facts_of_each_document(tmp_path: Path, workspace: StoredWorkspace, readers: Readers) -> None:
    path = scan(tmp_path / "scan.pdf")
    told = readers.read_file(path)
    assert [(one.pages, one.kind) for one in told.documents] == [((1, 1), "payslip"), ((2, 3), "lease")]
    case_id = import_files(ImportFiles((path,)), workspace, readers, clock=CLOCK).case_ids[0]
    with workspace.read() as stores:
        case = stores.cases.get(case_id)
        document = stores.documents.of_case(case_id)[0]
        facts = {fact.name: fact for fact in stores.facts.current(case_id)}
        papers = _papers(case, [document], stores, workspace.catalogue)
    assert document.kinds == ("payslip", "lease")
    assert (document.kind_at(1), document.kind_at(3)) == ("payslip", "lease")
    assert facts["document.payslip.gross_pay"].source.page == 1
    assert facts["document.lease.landlord"].source.page == 2
    assert facts["document.lease.landlord"].value == "Karl Berg"
    assert [(paper.kind, paper.page, "landlord" in paper.fields) for paper in papers] == [
        ("payslip", 1, False),
        ("lease", 2, True),
    ]
    assert len({paper.about for paper in papers}) == 2


def test_a_person_may_make_it_one_document(tmp_path: Path, workspace: StoredWorkspace, readers: Readers) -> None:
    path = scan(tmp_path / "scan.pdf")
    case_id = import_files(ImportFiles((path,)), workspace, readers, clock=CLOCK).case_ids[0]
    with workspace.read() as stores:
        document = stores.documents.of_case(case_id)[0]
    command = ClassifyDocument(case_id, document.sha256, "lease")
    found = read_document_as(command, workspace, readers)
    assert found.documents == ()
    classify_document(command, found, workspace, person="Vera")
    with workspace.read() as stores:
        assert stores.documents.of_case(case_id)[0].kinds == ("lease",)
        assert not [fact for fact in stores.facts.current(case_id) if fact.name.startswith("document.payslip.")]
