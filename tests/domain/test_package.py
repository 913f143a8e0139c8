"""The one byte form of a package, and the names in it."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.package import (
    CONTENTS,
    FILE_LIMIT,
    MANIFEST,
    PackageError,
    Signer,
    in_order,
    is_signature_name,
    manifest,
    pre_authentication_encoding,
    read_archive,
    write_archive,
)

KEY = "0123456789abcdef" * 4
names = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-./", min_size=1, max_size=40)
archives = st.dictionaries(names, st.binary(max_size=300), min_size=1, max_size=8)


@given(archives)
def test_what_is_written_is_read_back(files: dict[str, bytes]) -> None:
    assert read_archive(write_archive(files)) == files


@given(archives)
def test_the_archive_is_a_plain_zip_for_everybody(files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(write_archive(files))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == files
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@given(archives)
def test_the_order_of_the_files_given_does_not_matter(files: dict[str, bytes]) -> None:
    assert write_archive(dict(reversed(files.items()))) == write_archive(files)


@given(archives, st.data())
def test_a_changed_byte_is_told_by_writing_it_again(files: dict[str, bytes], data: st.DataObject) -> None:
    archive = bytearray(write_archive(files))
    at = data.draw(st.integers(0, len(archive) - 1))
    archive[at] ^= data.draw(st.integers(1, 255))
    try:
        found = read_archive(bytes(archive))
    except PackageError:
        return
    assert found != files or write_archive(found) != bytes(archive)


@given(st.binary(max_size=400))
def test_other_bytes_are_refused_or_read(data: bytes) -> None:
    for content in (data, b"PK\3\4" + data):
        try:
            files = read_archive(content)
        except PackageError:
            continue
        assert sum(map(len, files.values())) < len(content)


def test_a_name_twice_is_refused() -> None:
    one = write_archive({"a.json": b"x"})
    start = one.index(b"PK\1\2")
    with pytest.raises(PackageError, match="twice"):
        read_archive(one[:start] * 2 + one[start:])


def test_too_many_files_are_refused() -> None:
    with pytest.raises(PackageError, match="64"):
        write_archive({f"{number}": b"" for number in range(FILE_LIMIT + 1)})
    one = write_archive({"a": b""})
    entry = one[: one.index(b"PK\1\2")]
    many = b"".join(entry.replace(b"a", bytes([number])) for number in range(33, 33 + FILE_LIMIT + 1) if number != 80)
    with pytest.raises(PackageError):
        read_archive(many * 2)


def test_the_order_is_fixed() -> None:
    shuffled = {"signatures/b.pem", "zzz", *CONTENTS, "signatures/a.json", MANIFEST}
    assert in_order(shuffled) == [MANIFEST, *CONTENTS, "signatures/a.json", "signatures/b.pem", "zzz"]


def test_the_encoding_is_that_of_the_dsse_protocol() -> None:
    """Example of the DSSE v1.0 protocol document."""
    assert (
        pre_authentication_encoding(b"hello world", "http://example.com/HelloWorld")
        == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_a_manifest_lists_every_file_by_path() -> None:
    made = manifest("C-2026-000001", "2026-10-28T10:00:00+00:00", (Signer("A", "b", KEY),), {"b": b"", "a": b"abc"})
    assert made["files"] == [
        {"path": "a", "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "size": 3},
        {"path": "b", "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "size": 0},
    ]
    assert made["signers"] == [{"person": "A", "role": "b", "key": KEY}]


@pytest.mark.parametrize(
    ("person", "stem"),
    [
        ("Anna Bergström", "anna-bergstrom-01234567"),
        ("王小明", "01234567"),
        ("../../etc/passwd", "etc-passwd-01234567"),
        ("x" * 200, "x" * 60 + "-01234567"),
        ("", "01234567"),
    ],
)
def test_signature_files_have_plain_names(person: str, stem: str) -> None:
    assert Signer(person, "underwriter", KEY).stem == stem
    assert is_signature_name(f"signatures/{stem}.json")


@given(st.text())
def test_any_person_gives_a_plain_name(person: str) -> None:
    assert re.fullmatch(r"[a-z0-9-]{8,80}", Signer(person, "", KEY).stem)


@pytest.mark.parametrize(
    "name",
    ["signatures/../x.json", "signatures/a.exe", "signatures/a/b.json", "/signatures/a.json", "signatures/.json"],
)
def test_no_other_name_is_a_signature(name: str) -> None:
    assert not is_signature_name(name)
