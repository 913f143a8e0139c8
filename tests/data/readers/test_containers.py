"""Mails and archives: every document inside is read on its own, and what does harm is refused."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest

from app.errors import InputError
from data.readers.client import Readers, result_from_json
from data.readers.containers import MOST_DEPTH, MOST_PARTS, content_of, held_part, mail_text, parts_of
from data.readers.detect import form_of_file
from tests.data.readers.test_documents import BUREAU, FORM

Write = Callable[..., Path]


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def mail(**attachments: bytes) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "anna@example.org", "desk@example.org", "My documents"
    message["Date"] = "Wed, 28 Oct 2026 10:00:00 +0100"
    message.set_content("Dear desk,\n\nhere are my documents.\n")
    message.add_alternative("<p>Dear desk,</p>", subtype="html")
    for name, content in attachments.items():
        message.add_attachment(content, "application", "octet-stream", filename=name.replace("_", "."))
    return message.as_bytes()


FORM_BYTES, BUREAU_BYTES = json.dumps(FORM).encode(), json.dumps(BUREAU).encode()


def test_files_of_an_archive_are_documents(write: Write, readers: Readers) -> None:
    path = write(
        "x.bin", zipped({"form.json": FORM_BYTES, "sub/bureau.json": BUREAU_BYTES, "__MACOSX/._form.json": b"x"})
    )
    found = readers.read_file(path)
    assert (found.kind, found.problems) == ("archive", ())
    assert [(part.name, part.found.kind) for part in found.parts] == [
        ("form.json", "application_form"),
        ("bureau.json", "credit_report"),
    ]
    assert readers.part_content(path, found.parts[1].at) == BUREAU_BYTES
    assert result_from_json(found.to_json()) == found


def test_attachments_of_a_mail_are_documents(write: Write, readers: Readers) -> None:
    path = write("m.txt", mail(form_json=FORM_BYTES, broken_pdf=b"%PDF-1.4 broken"))
    assert form_of_file(path).name == "mail"
    found = readers.read_file(path)
    assert [(part.name, part.found.kind) for part in found.parts] == [("form.json", "application_form")]
    assert [(problem.column, "damaged" in problem.reason) for problem in found.problems] == [("broken.pdf", True)]
    assert mail_text(path).splitlines()[:4] == [
        "From: anna@example.org",
        "To: desk@example.org",
        "Date: Wed, 28 Oct 2026 10:00:00 +0100",
        "Subject: My documents",
    ]
    assert "here are my documents." in mail_text(path)


def test_an_archive_in_a_mail(write: Write, readers: Readers) -> None:
    path = write("m.eml", mail(all_zip=zipped({"form.json": FORM_BYTES})))
    (inner,) = readers.read_file(path).parts
    assert inner.found.kind == "archive"
    assert [(part.name, len(part.at)) for part in inner.found.parts] == [("form.json", 2)]
    assert readers.part_content(path, inner.found.parts[0].at) == FORM_BYTES


def test_archives_are_opened_three_deep(write: Write, readers: Readers) -> None:
    content = FORM_BYTES
    for _ in range(MOST_DEPTH + 2):
        content = zipped({"inner.zip" if content.startswith(b"PK") else "form.json": content})
    found = readers.read_file(write("deep.zip", content))
    for _ in range(MOST_DEPTH):
        (part,) = found.parts
        found = part.found
    assert found.parts == ()
    assert "3 are opened" in found.problems[0].reason


def test_a_mail_with_a_html_text_alone(write: Write) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@b.c", "d@e.f", "x"
    message.set_content("<table><tr><td>Net pay</td><td>3,450.00</td></tr></table>", subtype="html")
    assert mail_text(write("m.eml", message.as_bytes())).splitlines()[-1].split() == ["Net", "pay", "3,450.00"]


@pytest.mark.parametrize(
    "text",
    ["From: the caller\nTo: the desk\nHello.", "Subject: x\nDate: y\n", "Agent: Good morning\nCaller: Hello\n"],
)
def test_talk_is_no_mail(write: Write, text: str) -> None:
    assert form_of_file(write("t.txt", text.encode())).name == "text"


def test_a_protected_archive_says_so(write: Write) -> None:
    content = bytearray(zipped({"a.pdf": b"%PDF-1.4"}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(InputError, match="protected by a password"):
        parts_of(write("p.zip", bytes(content)), "zip")


def test_a_bomb_is_refused_before_it_is_unpacked(write: Write) -> None:
    path = write("b.zip", zipped({"a": b"\0" * (64 * 2**20)}))
    with pytest.raises(InputError, match="as only a damaging file does"):
        parts_of(path, "zip")


def test_a_part_that_lies_about_its_size_ends_there(write: Write) -> None:
    content = bytearray(zipped({"a.txt": b"A" * 100_000}))
    at = content.index(b"PK\x01\x02") + 24
    content[at : at + 4] = (10).to_bytes(4, "little")
    path = write("l.zip", bytes(content))
    try:
        assert len(content_of(path, "zip", 0)[1]) <= 11
    except InputError as exc:
        assert "cannot be unpacked" in exc.message  # noqa: PT017 - both ends are sound


def test_more_files_than_are_read_are_named(write: Write) -> None:
    parts, left_out = parts_of(write("m.zip", zipped({f"{at}.txt": b"x" for at in range(MOST_PARTS + 3)})), "zip")
    assert len(parts) == MOST_PARTS
    assert [name for name, _ in left_out] == ["200.txt", "201.txt", "202.txt"]


def test_names_hold_no_folders(write: Write) -> None:
    parts, _ = parts_of(write("n.zip", zipped({"../../etc/passwd": b"x", "a\\b\\c.txt": b"y"})), "zip")
    assert [part.name for part in parts] == ["passwd", "c.txt"]


def test_a_part_keeps_its_place_when_others_are_skipped(write: Write) -> None:
    path = write("s.zip", zipped({".DS_Store": b"x", "a.json": FORM_BYTES}))
    (part,), _ = parts_of(path, "zip")
    assert held_part(path, (part.at,)).read_bytes() == FORM_BYTES
