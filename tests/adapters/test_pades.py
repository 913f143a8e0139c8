"""PAdES signatures on the report: deterministic, over the whole file, refused after any change."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.adapters.pades import check_pdf
from app.adapters.signing_keys import PersonSigner, create_signer

AT = datetime(2026, 10, 28, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> PersonSigner:
    return create_signer(tmp_path_factory.mktemp("keys"), bytes(32), "Anna Bergström", "underwriter")


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    import typst

    source = b'#set document(title: "A decision", date: auto)\n= A decision'
    made = typst.Compiler(source, root=str(tmp_path_factory.mktemp("root"))).compile(
        format="pdf", pdf_standards=["a-2a"], timestamp=AT
    )
    assert isinstance(made, bytes)
    return made


@pytest.fixture(scope="module")
def signed(pdf: bytes, signer: PersonSigner) -> bytes:
    return signer.sign_pdf(pdf, at=AT, reason="approve")


def test_a_signature_names_its_person_and_key(signed: bytes, signer: PersonSigner) -> None:
    status = check_pdf(signed)
    assert status.intact
    assert status.valid
    assert (status.person, status.key, status.detail) == ("Anna Bergström", signer.key_id(), "")


def test_signing_twice_gives_the_same_bytes(pdf: bytes, signed: bytes, signer: PersonSigner) -> None:
    assert signer.sign_pdf(pdf, at=AT, reason="approve") == signed
    assert signer.sign_pdf(pdf, at=AT, reason="decline") != signed


def test_the_document_itself_is_left_as_it_was(pdf: bytes, signed: bytes) -> None:
    """An incremental update: same start, same version, same metadata."""
    assert signed.startswith(pdf)
    added = signed[len(pdf) :]
    assert added.startswith(b"\n")
    assert b"ETSI.CAdES.detached" in added
    assert b"/ModDate" not in added
    assert b"/Version" not in added


def test_no_changed_byte_verifies(signed: bytes) -> None:
    step = max(1, len(signed) // 60)
    for at in [*range(0, len(signed), step), len(signed) - 1]:
        status = check_pdf(signed[:at] + bytes([signed[at] ^ 0x20]) + signed[at + 1 :])
        assert not (status.intact and status.valid) or _only_padding(signed, at), f"byte {at} may be changed unseen"


def _only_padding(signed: bytes, at: int) -> bool:
    """The signature's own hexadecimal room lies outside the signed ranges; its package covers it."""
    start = signed.index(b"/Contents <") + len(b"/Contents <")
    return start <= at < signed.index(b">", start)


def test_added_bytes_do_not_verify(signed: bytes) -> None:
    assert not check_pdf(signed + b"\n").intact
    assert not check_pdf(b"\n" + signed).intact


def test_a_second_signature_does_not_verify(signed: bytes, signer: PersonSigner) -> None:
    from pyhanko.sign.general import SigningError

    with pytest.raises(SigningError):
        signer.sign_pdf(signed, at=AT, reason="again")


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"\0" * 1000, b"%PDF-1.7\n" + b"[" * 100_000])
def test_what_is_no_pdf_is_answered(content: bytes) -> None:
    status = check_pdf(content)
    assert not status.intact
    assert not status.valid
    assert status.detail


def test_an_unsigned_pdf_is_answered(pdf: bytes) -> None:
    assert check_pdf(pdf).detail == "the PDF carries 0 signatures instead of one"


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="needs poppler-utils")
def test_pdfsig_agrees(signed: bytes, tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(signed)
    printed = subprocess.run(["pdfsig", tmp_path / "report.pdf"], capture_output=True, check=False).stdout.decode()
    assert "Signature is Valid." in printed
    assert "Total document signed" in printed
    assert "ETSI.CAdES.detached" in printed
    assert "Anna Bergström" in printed
    broken = signed.replace(b"/Title", b"/Titel", 1)
    (tmp_path / "report.pdf").write_bytes(broken)
    printed = subprocess.run(["pdfsig", tmp_path / "report.pdf"], capture_output=True, check=False).stdout.decode()
    assert "Signature is Valid." not in printed
