"""Importing mails and archives: each document inside is a document of the case."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import duckdb
import openpyxl
import pytest

from app.domain.mapping import ColumnMapping, TableMapping
from app.domain.reading import DocumentField, Part, ReadResult
from app.errors import InputError
from app.ports import Progress, no_progress
from app.usecases.import_files import ImportFiles, import_files
from data.readers.client import Readers
from data.workspace import StoredWorkspace
from tests.doubles import FixedClock
from tests.usecases.test_import_files import FORM, STATEMENT, TABLE, readers, workspace

__all__ = ["readers", "workspace"]  # fixtures

CLOCK = FixedClock()
MAPPING = TableMapping(
    (ColumnMapping("request.amount", "Amount"), ColumnMapping("request.term_months", "Term")), reference="Id"
)


def zipped(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_an_archive_becomes_the_documents_in_it(tmp_path: Path, workspace: StoredWorkspace, readers: Readers) -> None:
    path = tmp_path / "applicant.zip"
    path.write_bytes(
        zipped({"form.json": json.dumps(FORM), "statement.csv": STATEMENT, "table.csv": TABLE, "x.pdf": "%PDF-"})
    )
    tally = import_files(ImportFiles((path,)), workspace, readers, clock=CLOCK)
    (case_id,) = tally.folder_case_ids
    assert tally.rows == 2
    with workspace.read() as stores:
        documents = {each.name: each for each in stores.documents.of_case(case_id)}
        kept = stores.documents.content(documents["statement.csv"].sha256)
    assert set(documents) == {"form.json", "statement.csv"}
    assert kept == STATEMENT.encode()
    assert {reject.file for reject in tally.rejects} == {"table.csv", "x.pdf"}
    again = import_files(ImportFiles((path,)), workspace, readers, clock=CLOCK)
    assert again.documents == 0


def test_a_mail_is_kept_beside_its_attachments(tmp_path: Path, workspace: StoredWorkspace, readers: Readers) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "Statement"
    message.set_content("Here it is.")
    message.add_attachment(STATEMENT.encode(), "text", "csv", filename="statement.csv")
    path = tmp_path / "mail.eml"
    path.write_bytes(message.as_bytes())
    tally = import_files(ImportFiles((path,)), workspace, readers, clock=CLOCK)
    with workspace.read() as stores:
        documents = stores.documents.of_case(tally.case_ids[0])
    assert [(each.name, each.media_type) for each in documents] == [
        ("mail.eml", "message/rfc822"),
        ("statement.csv", "text/csv"),
    ]
    assert documents[0].sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_an_archive_of_nothing_is_an_error(tmp_path: Path, workspace: StoredWorkspace, readers: Readers) -> None:
    path = tmp_path / "empty.zip"
    path.write_bytes(zipped({".DS_Store": "x"}))
    with pytest.raises(InputError, match="holds no documents"):
        import_files(ImportFiles((path,)), workspace, readers, clock=CLOCK)


def _mail_with(files: dict[str, bytes]) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "Applications"
    message.set_content("Here they are.")
    for name, content in files.items():
        message.add_attachment(content, "application", "octet-stream", filename=name)
    return message.as_bytes()


def _archive_of(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def _workbook() -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    for line in TABLE.splitlines():
        book.active.append(line.split(","))
    book.save(out)
    return out.getvalue()


def _columns(folder: Path) -> bytes:
    duckdb.sql(f"COPY (SELECT * FROM (VALUES ('A1', 12000, 36), ('A2', 5000, 12)) AS t(Id, Amount, Term)) "
               f"TO '{folder / 't.parquet'}' (FORMAT parquet)")  # fmt: skip
    return (folder / "t.parquet").read_bytes()


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
@pytest.mark.parametrize("around", [_archive_of, _mail_with])
def test_a_table_in_a_file_is_imported_as_it_would_be_alone(
    around: Callable[[dict[str, bytes]], bytes],
    form: str,
    tmp_path: Path,
    workspace: StoredWorkspace,
    readers: Readers,
) -> None:
    content = {"csv": TABLE.encode(), "xlsx": _workbook(), "parquet": _columns(tmp_path)}[form]
    path = tmp_path / "sent.bin"
    inner = {f"applications.{form}": content}
    path.write_bytes(around(inner if around is _mail_with else {"inner.zip": _archive_of(inner)}))
    tally = import_files(ImportFiles((path,), MAPPING), workspace, readers, clock=CLOCK)
    assert tally.rows == 2
    assert [(reject.file, reject.line, reject.raw.split(",")[0]) for reject in tally.rejects] == (
        [] if form == "parquet" else [(f"applications.{form}", 4, "A3")]
    )
    with workspace.read() as stores:
        case = stores.cases.find_by_reference("A2")
        assert case is not None
        (document,) = stores.documents.of_case(case.id)
        assert stores.documents.content(document.sha256) == content
    assert (case.amount, case.term_months, document.name) == (Decimal(5000), 12, f"applications.{form}")
    again = import_files(ImportFiles((path,), MAPPING), workspace, readers, clock=CLOCK)
    assert (again.rows, again.documents) == (0, 0)


def test_a_table_in_a_file_that_nobody_can_map_says_so(
    tmp_path: Path, workspace: StoredWorkspace, readers: Readers
) -> None:
    path = tmp_path / "sent.zip"
    path.write_bytes(_archive_of({"odd.csv": b"alpha;beta;gamma\n1;2;3\n4;5;6\n", "call.txt": b"Hello: there.\n"}))
    tally = import_files(ImportFiles((path,)), workspace, readers, clock=CLOCK)
    (reject,) = tally.rejects
    assert reject.file == "odd.csv"
    assert "How its columns (alpha, beta, gamma) become facts is not known." in reject.reason
    assert "--mapping FILE.toml" in reject.remedy


class Listening:
    """Readers that hear the same in every recording, as the child tells it."""

    text = "Transcript of call.wav, 0:02, by speech recognition (base x). All doubtful.\n[0:00] My name is Anna Berg.\n"

    def read_file(self, path: Path, *, put_off: bool = False, progress: Progress = no_progress) -> ReadResult:
        progress(1, 2, "speech")
        content = self.text.encode()
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        name = DocumentField("holder", "Anna Berg", "Anna Berg", confidence=Decimal("0.75"))
        heard = ReadResult(
            hashlib.sha256(content).hexdigest(),
            len(content),
            "call_transcript",
            "text/plain",
            details=(name,),
            extra={"content": self.text, "of": digest},
        )
        size = path.stat().st_size
        parts = (Part(f"{path.name}.txt", (0,), heard),)
        return ReadResult(digest, size, "call_transcript", "audio/wav", note="0:02 · 1 line", parts=parts)


def test_a_recording_and_its_transcript_are_two_documents(tmp_path: Path, workspace: StoredWorkspace) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(b"RIFF....WAVE")
    listening = cast("Readers", Listening())
    told: list[str] = []
    command = ImportFiles((path,), person="Vera")
    tally = import_files(command, workspace, listening, clock=CLOCK, progress=lambda *each: told.append(each[2]))
    (case_id,) = tally.case_ids
    with workspace.read() as stores:
        documents = {each.name: each for each in stores.documents.of_case(case_id)}
        kept = stores.documents.content(documents["call.wav.txt"].sha256)
        (fact,) = [each for each in stores.facts.current(case_id) if each.name == "document.call_transcript.holder"]
    assert (documents["call.wav"].media_type, documents["call.wav.txt"].media_type) == ("audio/wav", "text/plain")
    assert kept.decode() == Listening.text
    assert (fact.source.document, fact.confidence) == (documents["call.wav.txt"].sha256, Decimal("0.75"))
    assert "call.wav · 50 %" in told
    Listening.text += "[0:02] And this was heard otherwise the second time.\n"
    again = import_files(command, workspace, listening, clock=CLOCK)
    assert again.documents == 0
    with workspace.read() as stores:
        assert len(stores.documents.of_case(case_id)) == 2, (
            "a recording is known by its own bytes, not by what is heard"
        )
