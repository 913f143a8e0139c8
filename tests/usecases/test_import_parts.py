"""Importing mails and archives: each document inside is a document of the case."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from app.errors import InputError
from app.usecases.import_files import ImportFiles, import_files
from data.readers.client import Readers
from data.workspace import StoredWorkspace
from tests.doubles import FixedClock
from tests.usecases.test_import_files import FORM, STATEMENT, TABLE, readers, workspace

__all__ = ["readers", "workspace"]  # fixtures

CLOCK = FixedClock()


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
    (case_id,) = tally.case_ids
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
