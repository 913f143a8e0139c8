"""Model files taken in from anywhere, and given up again."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.errors import Cancelled, EnvironmentFault, InputError
from local_models.catalogue import BUNDLED_NAME, find_model, list_models, verify_model
from local_models.installing import CHUNK, InstallModel, inspect_file, install_model, remove_model
from tests.local_models.gguf_files import gguf, write


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    (tmp_path / "stick").mkdir()
    return tmp_path / "stick"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


def test_an_imported_model_is_copied_listed_and_may_word_nothing_yet(stick: Path, folder: Path) -> None:
    source = write(stick / "House Model.Q4_0.gguf")
    told: list[tuple[int, int | None]] = []
    spec = install_model(InstallModel(source), folder, lambda done, total, what: told.append((done, total)))
    assert (spec.name, spec.licence, spec.languages, spec.style) == ("house-model.q4-0", "apache-2.0", (), "frames")
    assert spec.chat
    assert spec.context == 4096
    assert spec.sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    assert spec.file.read_bytes() == source.read_bytes()
    verify_model(spec)
    assert told[0] == (0, source.stat().st_size)
    assert told[-1] == (source.stat().st_size, source.stat().st_size)
    assert sorted(path.name for path in folder.iterdir()) == ["house-model.q4-0.gguf", "models.toml"]


def test_what_the_person_says_goes_before_what_the_file_says(stick: Path, folder: Path) -> None:
    command = InstallModel(write(stick / "m.gguf"), name="ours", licence='House "own"', style="free")
    spec = install_model(command, folder)
    assert (spec.name, spec.licence, spec.style) == ("ours", 'House "own"', "free")


def test_a_list_written_by_hand_is_added_to_and_taken_from_without_touching_the_rest(stick: Path, folder: Path) -> None:
    folder.mkdir()
    by_hand = (
        f'# ours\n[[model]]\nname = "hand"\nfile = "/opt/h.gguf"\nsha256 = "{"a" * 64}"\nlicence = "MIT"  # paid\n'
    )
    (folder / "models.toml").write_text(by_hand, encoding="utf-8")
    install_model(InstallModel(write(stick / "one.gguf")), folder)
    install_model(InstallModel(write(stick / "two.gguf")), folder)
    assert [spec.name for spec in list_models(folder)] == [BUNDLED_NAME, "hand", "one", "two"]
    assert remove_model("one", folder).name == "one"
    assert [spec.name for spec in list_models(folder)] == [BUNDLED_NAME, "hand", "two"]
    assert not (folder / "one.gguf").exists()
    assert (folder / "two.gguf").exists()
    assert (folder / "models.toml").read_text(encoding="utf-8").startswith(by_hand.rstrip())


def test_a_file_outside_the_folder_is_taken_off_the_list_and_stays(stick: Path, folder: Path) -> None:
    folder.mkdir()
    kept = write(stick / "m.gguf")
    entry = f'[[model]]\nname = "out"\nfile = "{kept}"\nsha256 = "{"a" * 64}"\nlicence = "MIT"\n'
    (folder / "models.toml").write_text(entry, encoding="utf-8")
    remove_model("out", folder)
    assert kept.exists()
    assert [spec.name for spec in list_models(folder)] == [BUNDLED_NAME]


def test_the_bundled_model_stays(folder: Path) -> None:
    with pytest.raises(InputError, match="part of the desk"):
        remove_model(BUNDLED_NAME, folder)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (gguf({"general.license": None}), "under which licence"),
        (gguf({"general.type": "adapter"}), "of the kind 'adapter'"),
        (gguf({"split.count": 3}), "one of 3 parts"),
        (gguf({"llama.block_count": None}), "no layers"),
        (gguf({"general.architecture": None}), "no architecture"),
        (gguf(tensors=[]), "no tensors"),
        (gguf()[:500], "within its header"),
    ],
)
def test_a_file_that_cannot_be_used_leaves_nothing_behind(stick: Path, folder: Path, content: bytes, why: str) -> None:
    with pytest.raises(InputError, match=why):
        install_model(InstallModel(write(stick / "m.gguf", content)), folder)
    assert not folder.exists()


@pytest.mark.parametrize("name", ["../up", "A", "", "a/b", "none", BUNDLED_NAME])
def test_names_are_plain_and_free(stick: Path, folder: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"name|called"):
        install_model(InstallModel(write(stick / "m.gguf"), name=name), folder)


def test_the_same_name_does_not_go_over_what_is_there(stick: Path, folder: Path) -> None:
    install_model(InstallModel(write(stick / "m.gguf")), folder)
    with pytest.raises(InputError, match="already"):
        install_model(InstallModel(write(stick / "m.gguf")), folder)
    assert find_model("m", folder)


def test_cancelled_in_the_middle_of_the_copy_nothing_stays(stick: Path, folder: Path) -> None:
    source = write(stick / "m.gguf", gguf(tensors=[("token_embd.weight", (64, CHUNK // 64), 0)]))

    def progress(done: int, total: int | None, what: str) -> None:
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        install_model(InstallModel(source), folder, progress)
    assert list(folder.iterdir()) == []


def test_a_full_disk_is_named_with_what_is_missing(stick: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=1_000))
    with pytest.raises(EnvironmentFault, match=r"0\.0 GB free"):
        install_model(InstallModel(write(stick / "m.gguf")), folder)


def test_a_stick_whose_file_changes_while_it_is_copied_is_refused(stick: Path, folder: Path) -> None:
    source = write(stick / "m.gguf", gguf(tensors=[("token_embd.weight", (64, CHUNK // 64), 0)]))

    def progress(done: int, total: int | None, what: str) -> None:
        if done == 0:
            source.write_bytes(b"PK" + source.read_bytes()[2:])

    with pytest.raises(InputError, match="does not begin with GGUF"):
        install_model(InstallModel(source), folder, progress)
    assert list(folder.iterdir()) == []


def test_a_hostile_template_is_said_and_not_used(stick: Path, folder: Path) -> None:
    source = write(stick / "m.gguf", gguf({"tokenizer.chat_template": "{{ ''.__class__.__mro__ }}"}))
    assert "unsafe" in inspect_file(source).template_problem
    assert not install_model(InstallModel(source), folder).chat
