"""A person's keys: made once, readable by this workspace alone, damage told apart from absence."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.adapters.package_checker import PackageChecker
from app.adapters.signing_keys import (
    PersonSigner,
    create_signer,
    ensure_signer,
    key_file,
    load_signer,
    trusted_keys,
)
from app.domain.package import PackageError, key_id
from app.errors import EnvironmentFault, InputError

KEY = bytes(range(32))
PERSON = "Anna Bergström"


def test_loaded_keys_sign_as_the_created_ones(tmp_path: Path) -> None:
    made = create_signer(tmp_path, KEY, PERSON, "underwriter")
    loaded = load_signer(tmp_path, KEY, PERSON, "senior underwriter")
    assert loaded.role == "senior underwriter"
    assert loaded.public_key_pem() == made.public_key_pem()
    assert loaded.sign(b"payload") == made.sign(b"payload")
    assert loaded.certificate_pem() == made.certificate_pem()
    assert PackageChecker().signature_holds(made.public_key_pem(), b"payload", loaded.sign(b"payload"))


def test_ensure_makes_keys_once(tmp_path: Path) -> None:
    first, again = (ensure_signer(tmp_path, KEY, PERSON, "underwriter") for _ in range(2))
    assert first.key_id() == again.key_id()
    assert len(list(tmp_path.iterdir())) == 1


def test_a_second_creation_is_refused(tmp_path: Path) -> None:
    create_signer(tmp_path, KEY, PERSON, "underwriter")
    before = key_file(tmp_path, PERSON).read_bytes()
    with pytest.raises(InputError, match="already"):
        create_signer(tmp_path, KEY, PERSON, "underwriter")
    assert key_file(tmp_path, PERSON).read_bytes() == before


@pytest.mark.parametrize("person", ["", "  "])
def test_a_nameless_person_gets_no_keys(tmp_path: Path, person: str) -> None:
    with pytest.raises(InputError):
        create_signer(tmp_path, KEY, person, "underwriter")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("person", ["../../etc/passwd", "王小明", "a" * 300, "x\0y", "Ĳ/\\:*?"])
def test_any_name_is_a_good_file_name(tmp_path: Path, person: str) -> None:
    create_signer(tmp_path / "keys", KEY, person, "underwriter")
    assert [path.parent for path in tmp_path.rglob("*.pem")] == [tmp_path / "keys"]
    assert load_signer(tmp_path / "keys", KEY, person, "underwriter").person == person


def test_the_file_is_encrypted_and_for_its_owner_only(tmp_path: Path) -> None:
    create_signer(tmp_path, KEY, PERSON, "underwriter")
    path = key_file(tmp_path, PERSON)
    assert path.read_bytes().count(b"BEGIN ENCRYPTED PRIVATE KEY") == 2
    assert b"BEGIN PRIVATE KEY" not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_another_workspace_cannot_read_them(tmp_path: Path) -> None:
    create_signer(tmp_path, KEY, PERSON, "underwriter")
    with pytest.raises(EnvironmentFault, match="another workspace"):
        load_signer(tmp_path, bytes(32), PERSON, "underwriter")


def test_another_persons_file_is_refused(tmp_path: Path) -> None:
    create_signer(tmp_path, KEY, PERSON, "underwriter")
    key_file(tmp_path, PERSON).rename(key_file(tmp_path, "Björn Ek"))
    with pytest.raises(EnvironmentFault, match="damaged"):
        load_signer(tmp_path, KEY, "Björn Ek", "underwriter")


def test_missing_keys_are_told(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="no signing keys") as caught:
        load_signer(tmp_path, KEY, PERSON, "underwriter")
    assert "backup" in caught.value.remedy


def test_any_damage_is_told(tmp_path: Path) -> None:
    """Flip a bit of every 7th byte; each time the keys are refused, or nothing that matters has changed."""
    made = create_signer(tmp_path, KEY, PERSON, "underwriter")
    path = key_file(tmp_path, PERSON)
    content = path.read_bytes()
    refused = 0
    for at in range(0, len(content), 7):
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        try:
            loaded = load_signer(tmp_path, KEY, PERSON, "underwriter")
        except EnvironmentFault:
            refused += 1
        else:
            assert loaded.public_key_pem() == made.public_key_pem()
    assert refused > len(content) / 7 * 0.6


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"-----BEGIN X-----\nAAAA\n-----END X-----\n" * 3])
def test_a_file_of_something_else_is_told(tmp_path: Path, content: bytes) -> None:
    key_file(tmp_path, PERSON).write_bytes(content)
    with pytest.raises(EnvironmentFault, match="damaged"):
        load_signer(tmp_path, KEY, PERSON, "underwriter")


def test_an_unwritable_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file where the folder should be")
    with pytest.raises(EnvironmentFault, match="could not be written"):
        create_signer(tmp_path / "keys", KEY, PERSON, "underwriter")


def test_a_certificate_names_the_person_and_the_other_key(tmp_path: Path) -> None:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    signer = create_signer(tmp_path, KEY, "王小明" * 30, "underwriter", at=datetime(2026, 10, 28, tzinfo=UTC))
    certificate = x509.load_pem_x509_certificate(signer.certificate_pem())
    (name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    (serial,) = certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    assert name.value == ("王小明" * 30)[:20] + "…"
    assert serial.value == signer.key_id()
    assert certificate.not_valid_before_utc < datetime(2026, 10, 28, tzinfo=UTC)


def exported(signer: PersonSigner, folder: Path) -> Path:
    """The signer's public key as a file of its own."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{signer.key_id()}.pem"
    path.write_bytes(signer.public_key_pem())
    return path


def test_exported_keys_become_trusted_ones(tmp_path: Path) -> None:
    signers = [create_signer(tmp_path / "keys", KEY, person, "underwriter") for person in (PERSON, "王小明")]
    paths = [exported(signer, tmp_path / "trusted") for signer in signers]
    assert trusted_keys(tmp_path / "trusted") == {signer.key_id() for signer in signers}
    assert trusted_keys(paths[0]) == {signers[0].key_id()}
    paths[0].write_bytes(paths[0].read_bytes().replace(b"\n", b"\r\n"))
    assert trusted_keys(paths[0]) == {signers[0].key_id()}


def test_a_list_of_trusted_keys_overlooks_nothing(tmp_path: Path) -> None:
    signer = create_signer(tmp_path / "keys", KEY, PERSON, "underwriter")
    folder = exported(signer, tmp_path / "trusted").parent
    (folder / "other.pem").write_bytes(signer.certificate_pem())
    with pytest.raises(InputError, match="not the public key"):
        trusted_keys(folder)
    with pytest.raises(InputError):
        trusted_keys(tmp_path / "none.pem")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"no \.pem"):
        trusted_keys(tmp_path / "empty")


def test_the_key_id_is_what_openssl_and_sha256sum_make_of_the_file(tmp_path: Path) -> None:
    import subprocess

    pem = exported(create_signer(tmp_path / "keys", KEY, PERSON, "underwriter"), tmp_path)
    der = subprocess.run(["openssl", "pkey", "-pubin", "-in", pem, "-outform", "DER"], capture_output=True, check=True)
    printed = subprocess.run(["sha256sum"], input=der.stdout, capture_output=True, check=True).stdout
    assert printed.split()[0].decode() == pem.stem


@pytest.mark.parametrize(
    "change",
    [
        lambda pem: pem[:-1],
        lambda pem: pem + b"\n",
        lambda pem: pem.replace(b"PUBLIC", b"PRIVATE"),
        lambda pem: pem.replace(b"MCow", b"MCox"),
        lambda pem: b"",
        lambda pem: b"-----BEGIN PUBLIC KEY-----\n\n-----END PUBLIC KEY-----\n",
    ],
)
def test_only_the_exact_pem_has_a_key_id(tmp_path: Path, change: object) -> None:
    assert callable(change)
    pem = create_signer(tmp_path, KEY, PERSON, "underwriter").public_key_pem()
    assert len(key_id(pem)) == 64
    with pytest.raises(PackageError):
        key_id(change(pem))


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
def test_leftovers_of_an_interrupted_creation_do_no_harm(tmp_path: Path) -> None:
    key_file(tmp_path, PERSON).with_suffix(".part").write_bytes(b"half")
    create_signer(tmp_path, KEY, PERSON, "underwriter")
    assert [path.suffix for path in tmp_path.iterdir()] == [".pem"]
