"""Originals: whole or not at all, unreadable from outside, and never silently changed."""

from __future__ import annotations

import errno
import hashlib
import os
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.adapters.cipher import AesGcmCipher
from app.errors import EnvironmentFault
from data import originals as module
from data.originals import Originals

SECRET = b"Zinaida Quistgaard owes 1,234.56 EUR\n"


@pytest.fixture
def originals(tmp_path: Path) -> Originals:
    (tmp_path / "tmp").mkdir()
    return Originals(tmp_path / "originals", tmp_path / "tmp", AesGcmCipher(bytes(range(32))))


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(size=st.integers(0, 40), seed=st.binary(min_size=1, max_size=3))
def test_what_goes_in_comes_out(originals: Originals, size: int, seed: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CHUNK", 8)  # so that a few bytes make several records, whole and partial
        content = (seed * 40)[:size]
        originals.put(sha256(content), content)
        assert originals.read(sha256(content)) == content
        assert b"".join(originals.chunks(sha256(content))) == content


def test_the_second_time_is_known(originals: Originals) -> None:
    assert originals.put(sha256(SECRET), SECRET) is True
    before = originals.path(sha256(SECRET)).read_bytes()
    assert originals.put(sha256(SECRET), SECRET) is False
    assert originals.path(sha256(SECRET)).read_bytes() == before


def test_neither_the_file_nor_its_name_shows_the_content(originals: Originals, tmp_path: Path) -> None:
    originals.put(sha256(SECRET * 100), SECRET * 100)
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or SECRET[:8] not in path.read_bytes()


def test_a_large_file_takes_little_memory_to_keep(originals: Originals, tmp_path: Path) -> None:
    source = tmp_path / "large.bin"
    size = 64 * 2**20
    digest = hashlib.sha256()
    with source.open("wb") as file:
        for number in range(size // 2**20):
            block = number.to_bytes(8, "big") * 2**17
            digest.update(block)
            file.write(block)
    tracemalloc.start()
    originals.put(digest.hexdigest(), source)
    _, put_peak = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    assert sum(map(len, originals.chunks(digest.hexdigest()))) == size
    _, chunks_peak = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    assert len(originals.read(digest.hexdigest())) == size
    _, read_peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert put_peak < 16 * 2**20
    assert chunks_peak < 16 * 2**20
    assert read_peak < 1.5 * size


def test_a_flipped_byte_anywhere_is_found(originals: Originals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 16)
    originals.put(sha256(SECRET), SECRET)
    path = originals.path(sha256(SECRET))
    good = path.read_bytes()
    for place in range(len(good)):
        path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        with pytest.raises(EnvironmentFault, match="damaged") as caught:
            originals.read(sha256(SECRET))
        assert caught.value.remedy
    path.write_bytes(good)
    assert originals.read(sha256(SECRET)) == SECRET


def test_a_file_cut_off_anywhere_is_found(originals: Originals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 16)
    originals.put(sha256(SECRET), SECRET)
    path = originals.path(sha256(SECRET))
    good = path.read_bytes()
    for length in range(len(good)):
        path.write_bytes(good[:length])
        with pytest.raises(EnvironmentFault, match="damaged"):
            originals.read(sha256(SECRET))


def test_one_original_cannot_stand_in_for_another(originals: Originals) -> None:
    first, second = b"approved", b"declined"
    originals.put(sha256(first), first)
    originals.put(sha256(second), second)
    originals.path(sha256(second)).write_bytes(originals.path(sha256(first)).read_bytes())
    with pytest.raises(EnvironmentFault, match="damaged"):
        originals.read(sha256(second))


def test_another_workspaces_key_opens_nothing(originals: Originals, tmp_path: Path) -> None:
    originals.put(sha256(SECRET), SECRET)
    stranger = Originals(tmp_path / "originals", tmp_path / "tmp", AesGcmCipher(bytes(32)))
    with pytest.raises(EnvironmentFault, match="another workspace"):
        stranger.read(sha256(SECRET))


def test_a_missing_original_is_told(originals: Originals) -> None:
    with pytest.raises(EnvironmentFault, match="missing") as caught:
        originals.read(sha256(SECRET))
    assert "backup" in caught.value.remedy


def test_a_file_that_changed_while_it_was_read_is_not_kept(originals: Originals, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="changed while"):
        originals.put(sha256(b"what was hashed"), b"what was read")
    assert not originals.path(sha256(b"what was hashed")).exists()
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_full_disk_leaves_nothing_half_written(
    originals: Originals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EnvironmentFault, match="full"):
        originals.put(sha256(SECRET), SECRET)
    assert not originals.path(sha256(SECRET)).exists()
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_file_without_read_permission_is_told(originals: Originals, tmp_path: Path) -> None:
    missing = tmp_path / "gone.pdf"
    with pytest.raises(EnvironmentFault, match="could not be kept"):
        originals.put(sha256(SECRET), missing)
