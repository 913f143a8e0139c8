"""Packages for graphics processors are loaded only where all of them is as listed; a refusal says why."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local_models.backends import BackendError, checked, ended, packages, runtime, system
from local_models.hardware import ask_child, look_at_machine


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package whose library is none."""
    folder = tmp_path / "backends" / "vulkan"
    folder.mkdir(parents=True)
    (folder / "libggml-vulkan.so").write_bytes(b"no library")
    listed(folder)
    return folder


def listed(folder: Path, **changed: Any) -> None:
    files = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.iterdir()
        if file.name != "libraries.json"
    }
    known = {"name": "vulkan", "runtime": runtime(), "platform": system(), "files": files}
    (folder / "libraries.json").write_text(json.dumps(known | changed), encoding="utf-8")
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755)


def refusal(folder: Path) -> tuple[str, str]:
    with pytest.raises(BackendError) as met:
        checked(folder)
    assert str(met.value)
    return met.value.reason, met.value.detail


def test_a_package_as_listed_gives_its_library(package: Path) -> None:
    assert checked(package) == package / "libggml-vulkan.so"


@pytest.mark.parametrize("text", ["", "[]", "{", '{"files": {}}', '{"name": 1, "files": ["a"]}', "\x00"])
def test_a_list_that_is_none_is_refused(package: Path, text: str) -> None:
    (package / "libraries.json").write_text(text, encoding="utf-8")
    assert refusal(package)[0] == "unreadable"


def test_a_package_of_another_version_is_refused_unread(package: Path) -> None:
    listed(package, runtime="llama-cpp-python 0.3.1")
    assert refusal(package) == ("other_runtime", "llama-cpp-python 0.3.1")


def test_a_package_of_another_system_is_refused(package: Path) -> None:
    listed(package, platform="win32-x86_64")
    assert refusal(package) == ("other_system", "win32-x86_64")


def test_one_changed_byte_is_refused(package: Path) -> None:
    (package / "libggml-vulkan.so").write_bytes(b"no librarz")
    assert refusal(package) == ("changed", "libggml-vulkan.so")


def test_a_file_that_is_not_listed_is_refused(package: Path) -> None:
    (package / "libextra.so").write_bytes(b"x")
    assert refusal(package) == ("unlisted", "libextra.so")


def test_a_listed_file_outside_the_package_is_refused(package: Path) -> None:
    shutil.copy(package / "libggml-vulkan.so", package.parent / "libggml-vulkan.so")
    digest = hashlib.sha256(b"no library").hexdigest()
    listed(package, files={"libggml-vulkan.so": digest, "../libggml-vulkan.so": digest})
    assert refusal(package) == ("changed", "../libggml-vulkan.so")


def test_a_link_is_refused(package: Path) -> None:
    moved = package.parent / "elsewhere.so"
    (package / "libggml-vulkan.so").rename(moved)
    (package / "libggml-vulkan.so").symlink_to(moved)
    assert refusal(package) == ("changed", "libggml-vulkan.so")


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_what_others_may_change_is_refused(package: Path) -> None:
    (package / "libggml-vulkan.so").chmod(0o666)
    assert refusal(package) == ("open", "libggml-vulkan.so")
    (package / "libggml-vulkan.so").chmod(0o644)
    package.chmod(0o777)
    assert refusal(package) == ("open", "vulkan")


def test_folders_without_packages_have_none(package: Path, tmp_path: Path) -> None:
    (package.parent / "not-one").mkdir()
    assert list(packages([tmp_path / "nowhere", package.parent])) == [package]


def test_the_runtime_refuses_a_file_that_is_no_library_and_the_machine_says_so(package: Path) -> None:
    machine = look_at_machine(backends=[package.parent])
    (found,) = machine.packages
    assert (found.name, found.reason) == ("vulkan", "refused")
    assert "libggml-vulkan.so" in found.problem
    assert machine.problem == ""


@pytest.mark.skipif(shutil.which("gcc") is None or os.name != "posix", reason="compiles a small library")
def test_a_library_that_the_machine_lacks_is_named(package: Path, tmp_path: Path) -> None:
    for name in ("driver", "main"):
        (tmp_path / f"{name}.c").write_text(f"int {name}_(void) {{ return 1; }}\n")
    library = package / "libggml-vulkan.so"
    driver = tmp_path / "libdriver.so.7"
    build = ["gcc", "-shared", "-fPIC", "-Wl,--no-as-needed"]
    subprocess.run([*build, "-Wl,-soname,libdriver.so.7", "-o", driver, tmp_path / "driver.c"], check=True)
    subprocess.run([*build, "-o", library, tmp_path / "main.c", driver], check=True)
    driver.unlink()
    listed(package)
    (found,) = look_at_machine(backends=[package.parent]).packages
    assert (found.reason, found.detail) == ("needs", "libdriver.so.7")


@pytest.mark.skipif(shutil.which("gcc") is None or os.name != "posix", reason="compiles a small library")
def test_a_backend_of_another_interface_is_refused_by_its_number(package: Path, tmp_path: Path) -> None:
    source = "static struct { int version; void *rest[16]; } reg = {1};\nvoid *ggml_backend_init(void) { return &reg; }"
    (tmp_path / "old.c").write_text(f"{source}\n")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", package / "libggml-vulkan.so", tmp_path / "old.c"], check=True)
    listed(package)
    (found,) = look_at_machine(backends=[package.parent]).packages
    assert found.reason == "refused"
    assert "incompatible API version (backend: 1" in found.detail


def test_a_library_named_by_the_environment_is_not_loaded(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GGML_BACKEND_PATH", str(package / "libggml-vulkan.so"))
    code = "import os; from local_models.backends import start; start(); assert 'GGML_BACKEND_PATH' not in os.environ"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("code", [-signal.SIGILL, 0xC000001D])
def test_a_processor_without_the_instructions_is_told_in_words(code: int) -> None:
    why, remedy = ended(code)
    assert "AVX2" in why
    assert "installer" in remedy
    assert ended(-signal.SIGSEGV) == ("its process ended with code -11", "")


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_child_that_meets_an_unknown_instruction_costs_the_child_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\nkill -ILL $$\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    answer = ask_child({"look": {}}, 30)
    assert "this processor does not have" in answer["problem"]
