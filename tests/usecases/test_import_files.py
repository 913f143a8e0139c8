"""Importing files and folders into a real workspace."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app.adapters.cipher import AesGcmCipher
from app.domain.case import Status
from app.domain.facts import SourceKind
from app.domain.importing import ImportResult
from app.errors import Cancelled, InputError
from app.usecases.import_files import ImportFiles, export_rejects, import_files, repair_rejects
from app.usecases.propose_mapping import propose_mapping
from data.readers.client import Readers
from tests.doubles import FixedClock

if TYPE_CHECKING:
    from data.workspace import StoredWorkspace

CLOCK = FixedClock()
TABLE = "Id,Amount,Term,Income,Home\nA1,12000,36,3000,rent\nA2,5000,12,2500,owner\nA3,oops,12,2500,owner\n"
FORM: dict[str, Any] = {
    "form": "loan-application",
    "currency": "EUR",
    "applicant": {"name": "Anna Lind"},
    "income": {"net_monthly": 3000},
    "request": {"amount": 12000, "term_months": 36, "date": "2026-10-20"},
}
STATEMENT = "Date,Text,Amount,Balance\n2026-09-25,Salary,3000.00,3500.00\n2026-09-27,Rent,-900.00,2600.00\n"


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
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    return folder


def put(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def bring(workspace: StoredWorkspace, readers: Readers, *paths: Path, **given: Any) -> ImportResult:
    progress = given.pop("progress", lambda *_: None)
    return import_files(ImportFiles(paths, **given), workspace, readers, clock=CLOCK, progress=progress)


def nothing_left(workspace: StoredWorkspace) -> bool:
    """No case, no document, no reject, no original, no hand-over file."""
    with workspace.read() as stores:
        empty = stores.cases.count() == 0 and not stores.rejects.all()
    originals = [path for path in (workspace.path / "originals").rglob("*") if path.is_file()]
    return empty and not originals and not list(workspace.incoming.iterdir())


def test_a_table_becomes_one_case_a_row(workspace: StoredWorkspace, readers: Readers, files: Path) -> None:
    result = bring(workspace, readers, put(files / "t.csv", TABLE))
    assert (result.cases, result.rows, result.documents, result.rejected) == (2, 2, 1, 1)
    assert result.case_ids == ["C-2026-000001", "C-2026-000002"]
    assert result.folder_case_ids == []
    assert "columns mapped proposed by their names and values" in result.notes[0]
    with workspace.read() as stores:
        case = stores.cases.get("A2")
        assert (case.amount, case.term_months, case.currency) == (Decimal(5000), 12, "EUR")
        income = next(f for f in stores.facts.current(case.id) if f.name == "income.net_monthly_stated")
        assert (income.source.kind, income.source.row, income.source.column) == (SourceKind.ROW, 3, "Income")
        (reject,) = stores.rejects.all()
        assert (reject.file, reject.line, reject.column, reject.raw) == ("t.csv", 4, "Amount", "A3,oops,12,2500,owner")
        assert stores.events.verify() is None
    assert not list(workspace.incoming.iterdir())


def test_a_case_of_a_table_is_opened_when_something_happens_to_it(
    workspace: StoredWorkspace, readers: Readers, files: Path
) -> None:
    bring(workspace, readers, put(files / "t.csv", TABLE))

    def opened() -> list[tuple[Any, ...]]:
        with workspace._database.read() as tx:
            return tx.rows("SELECT case_no FROM opened_cases ORDER BY case_no")

    assert opened() == []
    with workspace.transaction() as stores:
        before = {case.reference: case for case in map(stores.cases.get, stores.cases.ids())}
        stores.cases.set_status("C-2026-000002", Status.DRAFTED)
        stores.cases.set_status("C-2026-000002", Status.DECIDED)
        assert stores.cases.get("A2").status is Status.DECIDED, "before commit"
    assert opened() == [(2,)]
    with workspace.transaction() as stores:
        after = {case.reference: case for case in map(stores.cases.get, stores.cases.ids())}
        assert after == before | {"A2": replace(before["A2"], status=Status.DECIDED)}
        assert stores.cases.count() == 2
        head = {"amount": None, "currency": "EUR", "term_months": 1, "received_on": None}
        assert stores.cases.add(reference="new", applicant="", product="car", **head).id == "C-2026-000003"
    assert opened() == [(2,), (3,)]


def test_the_same_table_again_adds_no_row_and_says_so(
    workspace: StoredWorkspace, readers: Readers, files: Path
) -> None:
    bring(workspace, readers, put(files / "t.csv", TABLE))
    again = bring(workspace, readers, put(files / "copy.csv", TABLE))
    assert (again.cases, again.rows, again.documents, again.rejected) == (0, 0, 0, 0)
    assert "imported before" in again.notes[0]


def test_a_mapping_is_remembered_for_the_shape(workspace: StoredWorkspace, readers: Readers, files: Path) -> None:
    odd = "K1,K2\n100,12\n200,24\n"
    path = put(files / "odd.csv", odd)
    with pytest.raises(InputError, match="is not known") as caught:
        bring(workspace, readers, path)
    assert "--mapping" in caught.value.remedy
    assert nothing_left(workspace)
    mapping = put(files / "m.toml", '[columns."request.amount"]\nfrom = "K1"\nscale = 10\n')
    assert bring(workspace, readers, path, mapping=mapping).rows == 2
    later = bring(workspace, readers, put(files / "next.csv", "K1,K2\n300,12\n"))
    assert later.rows == 1
    assert "as remembered" in later.notes[0]
    with workspace.read() as stores:
        assert stores.cases.get(later.case_ids[0]).amount == Decimal(3000)


def test_a_folder_is_one_case_and_grows(workspace: StoredWorkspace, readers: Readers, files: Path) -> None:
    folder = files / "lind"
    put(folder / "application.json", FORM)
    first = bring(workspace, readers, folder)
    assert (first.cases, first.documents, first.case_ids) == (1, 1, first.folder_case_ids)
    assert bring(workspace, readers, folder).to_json()["case_ids"] == []
    put(folder / "statement.csv", STATEMENT)
    put(folder / "copy of statement.csv", STATEMENT)
    grown = bring(workspace, readers, folder)
    assert (grown.cases, grown.documents, grown.case_ids) == (0, 1, first.case_ids)
    with workspace.read() as stores:
        case = stores.cases.get("lind")
        assert (case.applicant, case.amount, str(case.received_on)) == ("Anna Lind", Decimal(12000), "2026-10-20")
        assert [d.kind for d in stores.documents.of_case(case.id)] == ["application_form", "bank_statement"]
        assert "2 entries · balances add up" in [d.note for d in stores.documents.of_case(case.id)]
        assert [t.amount for t in stores.transactions.of_case(case.id)] == [Decimal("3000.00"), Decimal("-900.00")]
        assert {t.currency for t in stores.transactions.of_case(case.id)} == {"EUR"}
        amount = next(f for f in stores.facts.current(case.id) if f.name == "request.amount")
        assert (amount.unit, amount.source.path) == ("EUR", "$.request.amount")


def test_a_corrected_form_supersedes_the_earlier_one(workspace: StoredWorkspace, readers: Readers, files: Path) -> None:
    folder = files / "lind"
    put(folder / "statement.csv", STATEMENT)
    put(folder / "application.json", FORM)
    case_id = bring(workspace, readers, folder).case_ids[0]
    put(folder / "application.json", FORM | {"request": {"amount": 9000, "term_months": 24}})
    result = bring(workspace, readers, folder)
    assert result.case_ids == [case_id]
    with workspace.read() as stores:
        amounts = [f.value for f in stores.facts.current(case_id) if f.name == "request.amount"]
        assert amounts == [Decimal("9000.00")]
        assert stores.cases.get(case_id).amount == Decimal(9000)


def test_a_folder_of_folders_gives_a_case_each(workspace: StoredWorkspace, readers: Readers, files: Path) -> None:
    for name in ("one", "two"):
        put(files / "all" / name / "application.json", FORM | {"applicant": {"name": name}})
    (files / "all" / "empty").mkdir()
    assert bring(workspace, readers, files / "all").cases == 2
    with workspace.read() as stores:
        assert stores.cases.get("two").applicant == "two"


def test_loose_documents_go_together_and_forms_apart(workspace: StoredWorkspace, readers: Readers, files: Path) -> None:
    one = [put(files / "form.json", FORM), put(files / "s.csv", STATEMENT)]
    assert bring(workspace, readers, *one).cases == 1
    forms = [put(files / f"f{n}.json", FORM | {"applicant": {"name": f"Person {n}"}}) for n in (1, 2)]
    bureau = {"report": "credit-bureau", "report_date": "2026-10-01", "subject": {"name": "Person 2"}, "accounts": []}
    stray = put(files / "stray.txt", "Officer: hello\n")
    result = bring(workspace, readers, *forms, put(files / "b.json", bureau), stray)
    assert (result.cases, result.rejected) == (2, 1)
    assert "which of the application forms" in result.rejects[0].reason
    with workspace.read() as stores:
        assert len(stores.documents.of_case(stores.cases.get("f2").id)) == 2


def test_one_bad_file_does_not_stop_the_others(workspace: StoredWorkspace, readers: Readers, files: Path) -> None:
    put(files / "lind" / "application.json", FORM)
    put(files / "lind" / "broken.json", '{"a": ')
    put(files / "lind" / ".DS_Store", "x")
    result = bring(workspace, readers, files / "lind")
    assert (result.cases, result.documents, result.rejected) == (1, 1, 1)
    assert any("broken.json: This is no valid JSON" in note for note in result.notes)
    again = bring(workspace, readers, files / "lind")
    with workspace.read() as stores:
        assert len(stores.rejects.all()) == 1
    assert again.cases == 0


def test_nothing_usable_is_an_error_and_stores_nothing(
    workspace: StoredWorkspace, readers: Readers, files: Path
) -> None:
    with pytest.raises(InputError, match=r"empty\.csv: The file is empty"):
        bring(workspace, readers, put(files / "empty.csv", ""))
    with pytest.raises(InputError, match="no such file"):
        bring(workspace, readers, files / "absent.csv")
    (files / "hollow").mkdir()
    with pytest.raises(InputError, match="holds no files"):
        bring(workspace, readers, files / "hollow")
    with pytest.raises(InputError, match="No file or folder"):
        bring(workspace, readers)
    assert nothing_left(workspace)


def test_links_in_a_circle_end(workspace: StoredWorkspace, readers: Readers, files: Path) -> None:
    put(files / "lind" / "application.json", FORM)
    (files / "lind" / "round").symlink_to(files / "lind", target_is_directory=True)
    result = bring(workspace, readers, files / "lind")
    assert (result.cases, result.documents) == (1, 1)
    assert any("link to a folder" in note for note in result.notes)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ('[columns."request.amount"]\nfrom = "Money"\n', "'Money', which is not in the file"),
        ('[columns."request.sum"]\nfrom = "Amount"\n', 'columns."request.sum": This is no fact'),
        ('[columns."request.amount"]\nfrom = "Amount"\n[columns."assets.total"]\nfrom = "Amount"\n', "is mapped twice"),
        ('[columns."request.amount"]\nfrom = "Amount"\n[columns."request.amount"]\nfrom = "Term"\n', "no valid TOML"),
        ("columns = 5\n", "columns: This must be a table"),
        ('currency = "EURO"\n[columns."request.amount"]\nfrom = "Amount"\n', "currency: 'EURO' is no ISO 4217 code"),
    ],
)
def test_a_wrong_mapping_names_file_and_key(
    workspace: StoredWorkspace, readers: Readers, files: Path, toml: str, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        bring(workspace, readers, put(files / "t.csv", TABLE), mapping=put(files / "m.toml", toml))
    assert message in str(caught.value)
    assert caught.value.file
    assert nothing_left(workspace)


@pytest.mark.parametrize("moment", [1, 4, 8, "storing"])
def test_cancel_leaves_nothing(workspace: StoredWorkspace, readers: Readers, files: Path, moment: int | str) -> None:
    rows = "".join(f"A{n},{n % 900 + 1},12,2500,owner\n" for n in range(60_000))
    path = put(files / "t.csv", f"Id,Amount,Term,Income,Home\n{rows}")
    calls: list[str] = []
    asked: list[float] = []

    def cancel(_: int, __: int | None, what: str) -> None:
        calls.append(what)
        if what == moment or len(calls) == moment:
            asked.append(time.monotonic())
            raise Cancelled

    with pytest.raises(Cancelled):
        bring(workspace, readers, path, progress=cancel)
    assert time.monotonic() - asked[0] < 2  # the bound of 200 ms is measured in bench/, on a quiet machine
    assert nothing_left(workspace)
    assert bring(workspace, readers, path).rows == 60_000


def test_rejects_are_written_mended_and_taken_in(workspace: StoredWorkspace, readers: Readers, files: Path) -> None:
    bad = TABLE + "A4,=1+1,12,100,owner\n=A5,700,12,100,castle\n"
    bring(workspace, readers, put(files / "t.csv", bad))
    out = export_rejects(workspace, files / "rejects.csv")
    text = out.read_text(encoding="utf-8-sig")
    assert '"\'=A5,700,12,100,castle"' in text  # no spreadsheet runs it
    mended = text.replace("A3,oops", "A3,4000").replace("100,castle", "100,hut")
    out.write_text(mended, encoding="utf-8-sig")
    result = repair_rejects(out, workspace, readers, person="me", clock=CLOCK)
    assert (result.rows, result.rejected) == (1, 1)
    with workspace.read() as stores:
        case = stores.cases.get("A3")
        assert case.amount == Decimal(4000)
        assert stores.facts.current(case.id)[0].source.row == 4
        assert sorted(reject.line or 0 for reject in stores.rejects.all()) == [5, 6]
        assert any(reject.raw == "=A5,700,12,100,hut" for reject in stores.rejects.all())
    with pytest.raises(InputError, match="no list of rejected rows"):
        repair_rejects(put(files / "x.csv", "a,b\n"), workspace, readers, clock=CLOCK)
    with pytest.raises(InputError, match="no rejected row 99"):
        repair_rejects(put(files / "x.csv", "id,raw\n99,b\n"), workspace, readers, clock=CLOCK)


def test_rejects_beside_an_unwritable_place(workspace: StoredWorkspace, files: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        export_rejects(workspace, files / "none" / "r.csv")


def test_a_proposal_for_the_real_table(workspace: StoredWorkspace, readers: Readers, root: Path) -> None:
    """The shipped mapping names the same columns, apart from the scale no proposal can know."""
    proposal = propose_mapping(root / "data" / "samples" / "credit_data.csv", readers, workspace)
    assert proposal.confident
    assert proposal.mapping is not None
    got = {column.source: column.fact for column in proposal.mapping.columns}
    assert got["Home"] == "applicant.housing"
    assert got["Amount"] == "request.amount"
    assert got["Records"] == "history.adverse_records"
    assert proposal.mapping.reference == "rownames"
    home = next(column for column in proposal.mapping.columns if column.source == "Home")
    assert dict(home.values) == {"priv": "private", "ignore": "other"}
    assert "Status" not in got
    assert "# not mapped: Status" in proposal.to_toml()


def test_the_sample_folders_come_whole(workspace: StoredWorkspace, readers: Readers, root: Path) -> None:
    result = bring(workspace, readers, root / "data" / "samples" / "folders")
    assert (result.cases, result.rejected) == (6, 0)
    with workspace.read() as stores:
        chinese = stores.cases.get("chinese")
        assert (chinese.language, chinese.applicant) == ("zh", "王小雨")


def test_a_file_that_changes_under_way_is_not_taken(
    workspace: StoredWorkspace, readers: Readers, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.errors import EnvironmentFault

    path = put(files / "t.csv", TABLE)
    whole = readers.profile_table

    def changing(*given: Any, **named: Any) -> Any:
        found = whole(*given, **named)
        shutil.copyfile(put(files / "other.csv", TABLE.replace("12000", "13000")), path)
        return found

    monkeypatch.setattr(readers, "profile_table", changing)
    with pytest.raises(EnvironmentFault, match="changed while it was being read"):
        bring(workspace, readers, path)
    assert nothing_left(workspace)


def test_a_table_without_rows_is_said(workspace: StoredWorkspace, readers: Readers, files: Path) -> None:
    result = bring(workspace, readers, put(files / "t.csv", TABLE.splitlines()[0] + "\n"))
    assert (result.cases, result.rejected) == (0, 0)
    assert any("no rows under it" in note for note in result.notes)


def test_a_csv_with_an_unknown_delimiter_is_no_transcript(
    workspace: StoredWorkspace, readers: Readers, files: Path
) -> None:
    with pytest.raises(InputError, match="No delimiter divides"):
        bring(
            workspace,
            readers,
            put(files / "t.csv", TABLE.replace("Home", "Home of the applicant" * 4).replace(",", "~")),
        )
    assert nothing_left(workspace)


def test_a_folder_that_cannot_be_opened_is_said(
    workspace: StoredWorkspace, readers: Readers, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(files / "f" / "application.json", FORM)
    put(files / "f" / "locked" / "call.txt", "Officer: Good morning.\n")
    listed = os.scandir

    def scandir(path: Any) -> Any:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    result = bring(workspace, readers, files / "f")
    assert (result.cases, result.documents) == (1, 1)
    assert any("locked: the folder cannot be opened" in note for note in result.notes)


def test_keys_that_are_no_fact_are_said(workspace: StoredWorkspace, readers: Readers, files: Path) -> None:
    form = {"applicant": {"fullName": "Bo"}, "loan": {"requestedAmount": 900, "colour": "red"}}
    result = bring(workspace, readers, put(files / "form.json", form | {"income": {"netMonthly": "4k"}}))
    assert result.notes == ["form.json: kept but not read, being no known field: $.loan.colour."]
    assert [(reject.column, reject.raw) for reject in result.rejects] == [("$.income.netMonthly", "4k")]


def test_short_dates_are_read_by_a_proposal(workspace: StoredWorkspace, readers: Readers, files: Path) -> None:
    table = "loan_id;date;amount;duration\n1;930705;96396;12\n2;981208;5000;24\n"
    assert bring(workspace, readers, put(files / "t.asc", table)).rows == 2
    with workspace.read() as stores:
        assert [str(stores.cases.get(each).received_on) for each in stores.cases.ids()] == ["1993-07-05", "1998-12-08"]


def test_what_a_proposal_takes_for_granted_is_said(workspace: StoredWorkspace, readers: Readers, files: Path) -> None:
    table = "Id,Loan amount,Term,Application date\n1,$100,12,05/06/2026\n2,$200,24,06/07/2026\n"
    result = bring(workspace, readers, put(files / "t.csv", table))
    assert result.rows == 2
    for part in ("money in USD", "dates read as %d/%m/%Y", "reference: Id"):
        assert part in result.notes[0]
