"""The list of models, and files that are not what they should be."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from app.errors import EnvironmentFault, InputError
from local_models.catalogue import (
    BUNDLED,
    ModelSpec,
    find_model,
    list_models,
    memory_limit,
    pointing_model,
    verify_adapter,
    verify_model,
    with_sound_adapter,
)


def a_model(folder: Path, content: bytes = b"GGUF" + b"\0" * 60, sha256: str | None = None) -> ModelSpec:
    path = folder / "m.gguf"
    path.write_bytes(content)
    return ModelSpec("m", path, sha256 or hashlib.sha256(content).hexdigest(), "MIT")


def listed(folder: Path, text: str) -> Path:
    (folder / "models.toml").write_text(text, encoding="utf-8")
    return folder


GOOD = f"""
[[model]]
name = "house-8b"
file = "house-8b.gguf"
sha256 = "{"a" * 64}"
licence = "Apache-2.0"
languages = ["en", "zh"]
context = 8192
ram_mb = 9000
"""


def test_the_bundled_model_comes_first_and_by_default(tmp_path: Path) -> None:
    models = list_models(listed(tmp_path, GOOD))
    assert [m.name for m in models] == [BUNDLED.name, "house-8b"]
    assert find_model(None, tmp_path) == BUNDLED
    assert find_model("none", tmp_path) is None
    found = find_model("house-8b", tmp_path)
    assert found is not None
    assert found.file == tmp_path / "house-8b.gguf"
    assert (found.languages, found.style, found.context) == (("en", "zh"), "free", 8192)
    assert memory_limit(found) == 9000 << 20


def test_a_folder_without_a_list_has_the_bundled_model_only(tmp_path: Path) -> None:
    assert list_models(tmp_path) == [BUNDLED]


def test_an_unknown_name_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no model called 'gpt'.*house-8b, none"):
        find_model("gpt", listed(tmp_path, GOOD))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[model]\n", "Expected"),
        ('[model]\nname = "x"', r"\[\[model\]\]"),
        ('[[model]]\nname = "x"', "lacks file, sha256, licence"),
        (GOOD.replace("a" * 64, "A" * 64), "64 hexadecimal"),
        (GOOD.replace("house-8b", "none"), "is taken"),
        (GOOD + 'style = "poetry"\n', "style"),
    ],
)
def test_a_broken_list_names_its_file_and_fault(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(InputError, match=why) as caught:
        list_models(listed(tmp_path, text))
    assert caught.value.file == str(tmp_path / "models.toml")


def test_the_right_file_is_accepted_and_its_digest_kept_while_it_stays_the_same(tmp_path: Path) -> None:
    spec = a_model(tmp_path)
    verify_model(spec)
    verify_model(spec)
    spec.file.write_bytes(b"GGUF" + b"\1" * 60)
    os.utime(spec.file, ns=(1, 1))
    with pytest.raises(EnvironmentFault, match="not the one expected"):
        verify_model(spec)


@pytest.mark.parametrize(
    ("content", "sha256", "why"),
    [
        (b"GGUF" + b"\0" * 60, "b" * 64, "not the one expected"),
        (b"GGUF", hashlib.sha256(b"GGUF" + b"\0" * 60).hexdigest(), "not the one expected"),
        (b"PK\3\4" + b"\0" * 60, None, "not a GGUF"),
        (b"", None, "not a GGUF"),
    ],
)
def test_a_wrong_truncated_or_foreign_file_is_refused(
    tmp_path: Path, content: bytes, sha256: str | None, why: str
) -> None:
    with pytest.raises(EnvironmentFault, match=why) as caught:
        verify_model(a_model(tmp_path, content, sha256))
    assert "--model none" in caught.value.remedy


def test_a_missing_file_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="is not at"):
        verify_model(ModelSpec("m", tmp_path / "no.gguf", "a" * 64, "MIT"))


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="cannot be read"):
        verify_model(ModelSpec("m", tmp_path, "a" * 64, "MIT"))


def test_a_model_points_where_it_is_qualified_or_named(tmp_path: Path) -> None:
    assert pointing_model(None, tmp_path) is None
    assert pointing_model(None, listed(tmp_path, GOOD)) is None
    named = pointing_model("house-8b", tmp_path)
    assert named is not None
    assert not named.points
    found = pointing_model(None, listed(tmp_path, GOOD + "points = true\n"))
    assert found is not None
    assert (found.name, found.points) == ("house-8b", True)
    assert pointing_model("none", tmp_path) is None


def test_points_is_true_or_false(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="points of house-8b is neither true nor false"):
        list_models(listed(tmp_path, GOOD + 'points = "yes"\n'))


def an_adapter(folder: Path, content: bytes = b"GGUF" + b"\1" * 60) -> ModelSpec:
    path = folder / "adapter.gguf"
    path.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    return replace(a_model(folder), style="taught", adapter=path, adapter_sha256=sha256)


def test_a_sound_adapter_is_kept(tmp_path: Path) -> None:
    spec = an_adapter(tmp_path)
    assert with_sound_adapter(spec) == (spec, None)
    assert with_sound_adapter(a_model(tmp_path))[1] is None


def test_without_its_adapter_a_model_words_in_frames_and_the_reason_is_told(tmp_path: Path) -> None:
    spec = an_adapter(tmp_path)
    assert spec.adapter is not None
    spec.adapter.write_bytes(b"GGUF" + b"\2" * 60)
    usable, fault = with_sound_adapter(spec)
    assert (usable.style, usable.adapter, usable.adapter_sha256) == ("frames", None, "")
    assert fault is not None
    assert str(spec.adapter) in fault.message
    assert spec.adapter_sha256 in fault.message
    spec.adapter.unlink()
    with pytest.raises(EnvironmentFault, match="is not at"):
        verify_adapter(spec)
    verify_model(spec)  # the model itself is whole
    assert with_sound_adapter(spec)[0] == usable


def test_the_adapter_that_ships_is_whole() -> None:
    verify_adapter(BUNDLED)
    assert BUNDLED.adapter is not None


def test_thresholds_of_closed_questions_are_read_from_the_list(tmp_path: Path) -> None:
    spec = list_models(listed(tmp_path, GOOD + "closed = { en = 0.57 }\n"))[1]
    assert spec.closed == (("en", 0.57),)
    for wrong in ("{ en = 57 }", "{ en = 1.5 }", "{ fr = 0.5 }", '"yes"'):
        with pytest.raises(InputError, match="closed of house-8b"):
            list_models(listed(tmp_path, GOOD + f"closed = {wrong}\n"))
