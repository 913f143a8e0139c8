"""Files under a password, really encrypted: each is refused by name, in the child, and costs its neighbours nothing."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from pyhanko.pdf_utils.generic import DictionaryObject, pdf_name
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter

from app.errors import InputError
from data.readers.client import Readers

Write = Callable[..., Path]
SECRET = b"secret"


def encrypted_pdf() -> bytes:
    """AES-256, as Acrobat writes it: it opens with a password alone."""
    writer, out = PdfFileWriter(), io.BytesIO()
    from pyhanko.pdf_utils.generic import StreamObject

    content = writer.add_object(StreamObject(stream_data=b"BT /F1 12 Tf 50 700 Td (Net pay 3,450.00) Tj ET"))
    font = DictionaryObject({pdf_name("/Type"): pdf_name("/Font"), pdf_name("/Subtype"): pdf_name("/Type1")})
    font[pdf_name("/BaseFont")] = pdf_name("/Helvetica")
    fonts = DictionaryObject({pdf_name("/F1"): font})
    page = PageObject(
        contents=content, media_box=(0, 0, 595, 842), resources=DictionaryObject({pdf_name("/Font"): fonts})
    )
    writer.insert_page(page)
    writer.encrypt(owner_pass="owner", user_pass=SECRET.decode())
    writer.write(out)
    return out.getvalue()


def _table() -> list[int]:
    out = []
    for number in range(256):
        for _ in range(8):
            number = number >> 1 ^ 0xEDB88320 if number & 1 else number >> 1
        out.append(number)
    return out


class _Cipher:
    """The traditional encryption of ZIP (APPNOTE.TXT, 6.1)."""

    def __init__(self, password: bytes) -> None:
        self._table = _table()
        self._keys = [0x12345678, 0x23456789, 0x34567890]
        for byte in password:
            self._update(byte)

    def _update(self, byte: int) -> None:
        keys = self._keys
        keys[0] = keys[0] >> 8 ^ self._table[(keys[0] ^ byte) & 255]
        keys[1] = ((keys[1] + (keys[0] & 255)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = keys[2] >> 8 ^ self._table[(keys[2] ^ keys[1] >> 24) & 255]

    def encrypted(self, content: bytes) -> bytes:
        out = bytearray()
        for byte in content:
            two = self._keys[2] | 2
            out.append(byte ^ (two * (two ^ 1) >> 8 & 255))
            self._update(byte)
        return bytes(out)


def zip_of(files: dict[str, tuple[bytes, bool]]) -> bytes:
    """An archive; those marked are encrypted."""
    local, central = bytearray(), bytearray()
    for name, (content, secret) in files.items():
        check = zlib.crc32(content)
        body = _Cipher(SECRET).encrypted(bytes(11) + bytes([check >> 24]) + content) if secret else content
        told = (
            (20).to_bytes(2, "little") + int(secret).to_bytes(2, "little") + bytes(2) + bytes(4)
            + check.to_bytes(4, "little") + len(body).to_bytes(4, "little") + len(content).to_bytes(4, "little")
            + len(name).to_bytes(2, "little") + bytes(2)
        )  # fmt: skip
        at = len(local)
        local += b"PK\x03\x04" + told + name.encode() + body
        central += (
            b"PK\x01\x02" + (20).to_bytes(2, "little") + told + bytes(10) + at.to_bytes(4, "little") + name.encode()
        )
    count = len(files).to_bytes(2, "little")
    ends = len(central).to_bytes(4, "little") + len(local).to_bytes(4, "little")
    return bytes(local + central + b"PK\x05\x06" + bytes(4) + count + count + ends + bytes(2))


def test_the_cipher_is_that_of_zip() -> None:
    import zipfile

    archive = zipfile.ZipFile(io.BytesIO(zip_of({"a.txt": (b"Net pay 3,450.00", True)})))
    assert archive.read("a.txt", pwd=SECRET) == b"Net pay 3,450.00"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("slip.pdf", encrypted_pdf()),
        ("slip.xlsx", Path(__file__).with_name("protected.xlsx").read_bytes()),
        ("slips.zip", zip_of({"a.pdf": (encrypted_pdf(), True), "b.txt": (b"text", True)})),
    ],
)
def test_a_protected_file_says_so(readers: Readers, write: Write, name: str, content: bytes) -> None:
    """``protected.xlsx`` was encrypted as Excel does it (agile encryption); nothing here can write such a file."""
    with pytest.raises(InputError, match="protected by a password") as told:
        readers.read_file(write(name, content))
    assert told.value.file == name
    assert told.value.remedy


def test_one_protected_document_costs_the_others_nothing(readers: Readers, write: Write) -> None:
    talk = b"Officer: Good morning.\nApplicant: Good morning, this is Anna Berg.\n"
    workbook = Path(__file__).with_name("protected.xlsx").read_bytes()
    found = readers.read_file(
        write(
            "all.zip",
            zip_of(
                {
                    "secret.txt": (talk, True),
                    "slip.pdf": (encrypted_pdf(), False),
                    "pay.xlsx": (workbook, False),
                    "call.txt": (talk, False),
                }
            ),
        )
    )
    assert [part.name for part in found.parts] == ["call.txt"]
    assert {problem.column: "password" in problem.reason for problem in found.problems} == {
        "secret.txt": True,
        "slip.pdf": True,
        "pay.xlsx": True,
    }
